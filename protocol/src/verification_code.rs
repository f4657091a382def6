//! The form of a verification code, and how it is read from what a person typed or pasted.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Digits of a short code, to be said and typed.
pub const SHORT_CODE_DIGITS: usize = 8;
/// Letters and digits of a long code, to be sent as a link or QR.
pub const LONG_CODE_CHARACTERS: usize = 16;
/// The longest text in which a code is looked for, in bytes.
pub const MAX_TYPED_BYTES: usize = 256;

/// Which of the two kinds of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeForm {
    /// [`SHORT_CODE_DIGITS`] digits.
    Short,
    /// [`LONG_CODE_CHARACTERS`] small letters and digits.
    Long,
}

/// Reads what a person typed or pasted: everything but letters and digits is passed over (blanks,
/// hyphens and dashes, dots, what cannot be seen), digits and letters of full width are taken as plain
/// ones, capitals as small letters. `None` when it has not the form of a code.
///
/// ```
/// use vungxanh_protocol::verification_code::{CodeForm, read_code};
///
/// let (form, code) = read_code("1234 – 5678.").unwrap();
/// assert_eq!((form, code.as_str()), (CodeForm::Short, "12345678"));
/// assert!(read_code("1234567").is_none());
/// ```
pub fn read_code(typed: &str) -> Option<(CodeForm, Zeroizing<String>)> {
    if typed.len() > MAX_TYPED_BYTES {
        return None;
    }
    let mut code = Zeroizing::new(String::with_capacity(LONG_CODE_CHARACTERS));
    for c in typed.nfkc().filter(|c| c.is_alphanumeric()) {
        if !c.is_ascii() || code.len() == LONG_CODE_CHARACTERS {
            return None;
        }
        code.push(c.to_ascii_lowercase());
    }
    let form = match code.len() {
        SHORT_CODE_DIGITS if code.bytes().all(|byte| byte.is_ascii_digit()) => CodeForm::Short,
        LONG_CODE_CHARACTERS => CodeForm::Long,
        _ => return None,
    };
    Some((form, code))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(typed: &str) -> Option<String> {
        read_code(typed).map(|(_, code)| code.to_string())
    }

    #[test]
    fn codes_are_read_as_they_are_pasted() {
        for typed in [
            "12345678",
            " 1234-5678\r\n",
            "1234–5678",
            "1234\u{2011}5678",
            "12.34.56.78.",
            "1234\u{200b}5678\u{feff}",
            "\u{202a}12345678\u{202c}",
            "１２３４５６７８",
            "1234\u{a0}5678",
            "“1234 5678”",
            "(1234) 5678!",
        ] {
            assert_eq!(code(typed).as_deref(), Some("12345678"), "{typed:?}");
        }
        assert_eq!(code("ABCD-efgh-2345-6789,").as_deref(), Some("abcdefgh23456789"));
        assert_eq!(code("ａｂｃｄ－efgh－2345－6789").as_deref(), Some("abcdefgh23456789"));
    }

    #[test]
    fn what_has_not_the_form_of_a_code() {
        for typed in [
            "",
            "-",
            "1234567",
            "123456789",
            "1234567a",
            "Mã 12345678",
            "12345678901234567",
            "abcdefghijklmnoé",
            "١٢٣٤٥٦٧٨",
        ] {
            assert_eq!(code(typed), None, "{typed:?}");
        }
        assert_eq!(code(&format!("12345678{}", " ".repeat(MAX_TYPED_BYTES))), None);
    }

    proptest! {
        #[test]
        fn what_is_read_is_read_the_same_again(typed in any::<String>()) {
            if let Some(read) = code(&typed) {
                prop_assert_eq!(code(&read), Some(read));
            }
        }
    }
}
