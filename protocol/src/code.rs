//! The text of QR codes that hold bytes: a prefix and decimal digits.

use crate::read::FormatError;

/// `prefix` and the decimal digits of the bytes as one number, big-endian: QR codes hold digits in
/// 3 1/3 bits each. The first byte is a version and not zero, so the number of bytes comes back.
pub(crate) fn to_code(prefix: &str, bytes: &[u8]) -> String {
    // Digits, least significant first, in groups of nine.
    const GROUP: u64 = 1_000_000_000;
    let mut groups: Vec<u32> = vec![0];
    for byte in bytes {
        let mut carry = u64::from(*byte);
        for group in &mut groups {
            let value = u64::from(*group) * 256 + carry;
            *group = u32::try_from(value % GROUP).unwrap_or(0);
            carry = value / GROUP;
        }
        if carry > 0 {
            groups.push(u32::try_from(carry).unwrap_or(0));
        }
    }
    let mut code = prefix.to_owned();
    for (index, group) in groups.iter().rev().enumerate() {
        code += &if index == 0 { group.to_string() } else { format!("{group:09}") };
    }
    code
}

/// The bytes of a code with that prefix, of at most `limit` bytes. Blanks around it are taken;
/// leading zeros are refused, so that nothing has two codes.
pub(crate) fn from_code(
    what: &'static str,
    prefix: &str,
    code: &str,
    limit: usize,
) -> Result<Vec<u8>, FormatError> {
    let malformed = |reason| FormatError::Malformed { what, reason };
    let digits =
        code.trim().strip_prefix(prefix).ok_or(malformed("its code begins with something else"))?;
    // Four bytes have less than ten digits.
    if digits.is_empty() || digits.len() > limit * 10 / 4 || digits.starts_with('0') {
        return Err(malformed("its code has another number of digits"));
    }
    let mut bytes: Vec<u8> = Vec::new();
    for digit in digits.bytes() {
        if !digit.is_ascii_digit() {
            return Err(malformed("its code has something else than digits"));
        }
        let mut carry = u32::from(digit - b'0');
        for byte in &mut bytes {
            let value = u32::from(*byte) * 10 + carry;
            [_, _, _, *byte] = value.to_be_bytes();
            carry = value >> 8;
        }
        if carry > 0 {
            bytes.push(u8::try_from(carry).unwrap_or(0));
        }
    }
    bytes.reverse();
    if bytes.len() > limit { Err(malformed("its code is too long")) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_their_digits_and_other_digits_are_refused() {
        for length in 1..40 {
            for fill in [0, 1, 255] {
                let mut bytes = vec![fill; length];
                bytes[0] = 1;
                let code = to_code("X:", &bytes);
                assert!(code[2..].bytes().all(|digit| digit.is_ascii_digit()));
                assert_eq!(from_code("it", "X:", &code, 40).unwrap(), bytes);
                assert!(from_code("it", "X:", &code, length - 1).is_err());
            }
        }
        for code in ["", "X:", "X:01", "Y:1", "X:1a", "X:-1"] {
            assert!(from_code("it", "X:", code, 40).is_err(), "{code}");
        }
    }
}
