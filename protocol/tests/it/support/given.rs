//! A generator whose bytes are given: what a vector's ephemeral key is derived from.

/// Gives its bytes once, all of them at a time.
pub struct Given(pub Vec<u8>);

impl rand::TryRng for Given {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        panic!("a vector's randomness is taken in bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        panic!("a vector's randomness is taken in bytes")
    }

    fn try_fill_bytes(&mut self, output: &mut [u8]) -> Result<(), Self::Error> {
        output.copy_from_slice(&self.0.split_off(self.0.len() - output.len()));
        Ok(())
    }
}

impl rand::TryCryptoRng for Given {}
