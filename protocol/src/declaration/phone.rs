//! Telephone numbers. Viet Nam's are checked by the plan of libphonenumber 9.0; others by E.164.

/// The number with the country's in front (`+84912345678`); none where it is no number that can be
/// called. Without a country it is one of Viet Nam, with its first zero.
pub fn normalised_phone(text: &str) -> Option<String> {
    let mut digits = String::new();
    for letter in text.chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            '+' if digits.is_empty() => digits.push(letter),
            '-' | '.' | '(' | ')' => {}
            blank if super::text::is_blank(blank) => {}
            _ => return None,
        }
        if digits.len() > 18 {
            return None;
        }
    }
    let national = digits
        .strip_prefix("+84")
        .or_else(|| digits.strip_prefix("0084"))
        .or_else(|| digits.strip_prefix('0').filter(|rest| !rest.starts_with('0')))
        .or_else(|| digits.strip_prefix("84").filter(|rest| matches!(rest.len(), 9 | 10)));
    if let Some(national) = national {
        // Some write the zero although the country's number stands in front.
        let national = national.strip_prefix('0').unwrap_or(national);
        return is_vietnamese(national).then(|| format!("+84{national}"));
    }
    let abroad = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00"))?;
    ((7..=15).contains(&abroad.len()) && !abroad.starts_with('0') && !abroad.contains('+'))
        .then(|| format!("+{abroad}"))
}

/// Mobile numbers have nine digits, those of a place ten and begin with 2.
fn is_vietnamese(national: &str) -> bool {
    let digits = national.as_bytes();
    let [first, second, third, ..] = digits else { return false };
    let mobile = match (*first, *second) {
        (b'3', _) => true,
        (b'7', second) => matches!(second, b'0' | b'6'..=b'9'),
        (b'5', b'1' | b'6' | b'8' | b'9') => true,
        (b'5', b'2') => matches!(third, b'2' | b'3' | b'8'),
        (b'5', b'5') => *third == b'9',
        (b'8', b'1'..=b'8') => true,
        (b'8', b'9') => matches!(third, b'6'..=b'9'),
        (b'9', b'0'..=b'8') => true,
        (b'9', b'9') => matches!(third, b'0' | b'1' | b'3'..=b'9'),
        _ => false,
    };
    (mobile && digits.len() == 9) || (*first == b'2' && digits.len() == 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_however_it_is_written() {
        for text in [
            "0912345678",
            "091 234 56 78",
            "+84912345678",
            "84912345678",
            "0084 912 345 678",
            "+84 (0)912-345-678",
            "0912.345.678",
        ] {
            assert_eq!(normalised_phone(text).as_deref(), Some("+84912345678"), "{text}");
        }
        assert_eq!(normalised_phone("024 3733 4567").as_deref(), Some("+842437334567"));
        assert_eq!(normalised_phone("+1 (212) 555-0100").as_deref(), Some("+12125550100"));
        assert_eq!(normalised_phone("00 33 1 44 55 66 77").as_deref(), Some("+33144556677"));
    }

    #[test]
    fn what_nobody_can_call_is_none() {
        for text in [
            "",
            "+",
            "0",
            "091234567",
            "09123456789",
            "0112345678",
            "0992345678",
            "0552345678",
            "912345678",
            "+84112345678",
            "+0123456789",
            "+123456",
            "+1234567890123456",
            "1900 9095",
            "0912a45678",
            "09123+45678",
            "++84912345678",
            "٠٩١٢٣٤٥٦٧٨",
        ] {
            assert_eq!(normalised_phone(text), None, "{text}");
        }
        assert_eq!(normalised_phone(&"0".repeat(1_000_000)), None);
    }
}
