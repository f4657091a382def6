//! The text of a QR code: digits, one text for each pass.

use proptest::prelude::*;
use vungxanh_protocol::pass::{LivePass, MAX_CODE_CHARS, PassKind, Presented, read_code};

use super::{NOW, Office};

#[test]
fn the_longest_code_is_that_of_a_live_pass() {
    let office = Office::new(1);
    let (pass, holder) = office.issue(PassKind::Live, 1);
    let live = LivePass::show(&pass, &holder, NOW).unwrap().code();
    assert!(live.len() <= 5 + 369 && live.len() <= MAX_CODE_CHARS, "{}", live.len());
    let printed = office.issue(PassKind::Printed, 1).0.code();
    assert!(printed.len() <= 5 + 205, "{}", printed.len());
}

#[test]
fn blanks_around_a_code_are_taken_and_other_texts_refused() {
    let code = Office::new(1).issue(PassKind::Printed, 1).0.code();
    assert!(read_code(&format!(" {code}\r\n")).is_ok());
    let (prefix, digits) = code.split_at(5);
    for wrong in [
        String::new(),
        prefix.to_owned(),
        digits.to_owned(),
        format!("VXP2:{digits}"),
        format!("{prefix}0{digits}"),
        format!("{prefix}{digits}0"),
        format!("{prefix}{}", &digits[..digits.len() - 1]),
        format!("{prefix}+{digits}"),
        format!("{prefix}{}", "9".repeat(1_000_000)),
        "https://yte.example.vn/v#AAAA".to_owned(),
    ] {
        assert!(read_code(&wrong).is_err(), "{}", &wrong[..wrong.len().min(40)]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_a_pass_or_refused(text in "\\PC{0,80}", digits in "VXP1:[0-9]{0,400}") {
        for text in [text, digits] {
            if let Ok(read) = read_code(&text) {
                // One code for each pass.
                let code = match read {
                    Presented::Live(live) => live.code(),
                    Presented::Printed(pass) => pass.code(),
                };
                prop_assert_eq!(code, text.trim());
            }
        }
    }

    #[test]
    fn any_bytes_are_a_pass_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(read) = Presented::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(), bytes);
        }
    }

    #[test]
    fn what_is_shown_is_read(seed: u64, live: bool) {
        let office = Office::new(1);
        let kind = if live { PassKind::Live } else { PassKind::Printed };
        let (pass, holder) = office.issue(kind, seed);
        let (code, shown) = if live {
            let shown = LivePass::show(&pass, &holder, NOW).unwrap();
            (shown.code(), Presented::Live(shown))
        } else {
            (pass.code(), Presented::Printed(pass))
        };
        prop_assert_eq!(read_code(&code).unwrap(), shown);
    }
}
