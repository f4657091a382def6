//! Numbers of papers. They have no check digits: only their shape can be judged, and what they say of
//! sex and year of birth compared.

use super::form::Gender;

/// What the number of a citizen card (CCCD) says: Decree 137/2015, article 13; Circular
/// 07/2016/TT-BCA. Its first three digits are of the place of birth, not of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CitizenNumber {
    /// Male or female, by the fourth digit.
    pub gender: Gender,
    /// Year of birth, by the fourth to sixth digit.
    pub born: u16,
}

impl CitizenNumber {
    /// Reads 12 digits; none where it is something else, or of a century that is not given out.
    pub fn read(number: &str) -> Option<Self> {
        let digits = <[u8; 12]>::try_from(number.as_bytes()).ok()?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let digit = |at: usize| u16::from(digits[at] - b'0');
        let century = digit(3);
        let gender = if century % 2 == 0 { Gender::Male } else { Gender::Female };
        Some(Self { gender, born: 1_900 + century / 2 * 100 + digit(4) * 10 + digit(5) })
    }
}

/// A social insurance number of 10 digits, or that of a health insurance card: two letters, a level
/// 1 to 5, two digits of the province and the 10 digits.
pub fn is_insurance_number(number: &str) -> bool {
    let bytes = number.as_bytes();
    match bytes.len() {
        10 => bytes.iter().all(u8::is_ascii_digit),
        15 => {
            bytes[..2].iter().all(u8::is_ascii_uppercase)
                && matches!(bytes[2], b'1'..=b'5')
                && bytes[3..].iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citizen_number_says_sex_and_year() {
        let read = |number| CitizenNumber::read(number).map(|read| (read.gender, read.born));
        assert_eq!(read("001085000001"), Some((Gender::Male, 1_985)));
        assert_eq!(read("079185000001"), Some((Gender::Female, 1_985)));
        assert_eq!(read("001204000001"), Some((Gender::Male, 2_004)));
        assert_eq!(read("001304000001"), Some((Gender::Female, 2_004)));
        for wrong in ["", "00108500000", "0010850000011", "00108500000x", "０01085000001"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn insurance_numbers_have_two_shapes() {
        for right in ["0123456789", "GD4790123456789"] {
            assert!(is_insurance_number(right), "{right}");
        }
        for wrong in ["", "012345678", "GD6790123456789", "gd4790123456789", "GD479012345678"] {
            assert!(!is_insurance_number(wrong), "{wrong}");
        }
    }
}
