//! What officers noted about a day and group, as the server sees it: one of few sizes and nothing else.

/// Bytes of a register, with nonce and tag: its notes are filled up to the next one.
pub const REGISTER_BYTES: [usize; 4] = [16 << 10, 128 << 10, 1 << 20, 4 << 20];
/// The longest one.
pub const MAX_REGISTER_BYTES: usize = 4 << 20;

/// Whether something of this length can be one.
pub fn is_register(bytes: usize) -> bool {
    REGISTER_BYTES.contains(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_few_sizes_are_registers() {
        assert_eq!(REGISTER_BYTES.last(), Some(&MAX_REGISTER_BYTES));
        for bytes in REGISTER_BYTES {
            assert!(is_register(bytes) && !is_register(bytes - 1) && !is_register(bytes + 1));
        }
        assert!(!is_register(0));
    }
}
