//! Errors' English words in the reader's language.

use vungxanh_command_line::reason::localised;

use super::support::{Bundle, files, root};

/// Where errors of programs and of what they share say what they are.
const SOURCES: [&str; 5] = [
    "daemon/src",
    "protocol/src",
    "health-authority-server/src/publication",
    "health-authority-server/src/services/sms.rs",
    "health-authority-server/src/storage/mod.rs",
];

/// The formats in `#[error("...")]`, with `quote` around values that are printed by `{:?}`.
fn messages(source: &str, quote: char) -> Vec<String> {
    let mut messages = Vec::new();
    for rest in source.split("#[error(").skip(1) {
        let Some(format) = rest.trim_start().strip_prefix('"') else { continue };
        let mut message = String::new();
        let mut characters = format.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '"' => break,
                '\\' if characters.peek() == Some(&'\n') => {
                    while characters.next_if(|c| c.is_whitespace()).is_some() {}
                }
                '\\' => message.extend(characters.next()),
                '{' => {
                    let value: String = characters.by_ref().take_while(|c| *c != '}').collect();
                    match value.as_str() {
                        "action" => message.push_str("read"),
                        value if value.ends_with(":?") => {
                            message.extend([quote, 'X', quote]);
                        }
                        _ => message.push('X'),
                    }
                }
                c => message.push(c),
            }
        }
        messages.push(message);
    }
    messages
}

#[test]
fn every_error_that_reaches_a_person_has_vietnamese_words() {
    let vietnamese = Bundle::vietnamese();
    let mut found = 0;
    for place in SOURCES {
        let place = root().join(place);
        let files = if place.is_dir() { files(&place, ".rs") } else { vec![place] };
        for file in files {
            let source = std::fs::read_to_string(&file).unwrap();
            let both = messages(&source, '"').into_iter().zip(messages(&source, '\''));
            for (double, single) in both.filter(|(message, _)| message != "X") {
                let known = [&double, &single].iter().any(|m| localised(m, &vietnamese) != **m);
                let file = file.display();
                assert!(known, "{file}: a text reason-... is missing for: {double}");
                found += 1;
            }
        }
    }
    assert!(found > 100, "{found}");
}

/// Where a person's pasted or scanned text is read; each part of what is said of it is a text of its own.
const READERS: [&str; 5] = [
    "protocol/src/code.rs",
    "protocol/src/read.rs",
    "protocol/src/venue/disclosure.rs",
    "protocol/src/venue/disclosure_code.rs",
    "protocol/src/venue/poster.rs",
];

#[test]
fn what_is_wrong_with_a_pasted_code_is_said_whole_in_vietnamese() {
    let vietnamese = Bundle::vietnamese();
    let mut found = 0;
    for place in READERS {
        let source = std::fs::read_to_string(root().join(place)).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap();
        for begin in ["malformed(", "reason: ", "what: ", "const WHAT: &str = "] {
            for rest in source.split(begin).skip(1) {
                let Some(text) = rest.trim_start().strip_prefix('"') else { continue };
                let text = text.split('"').next().unwrap();
                let said = localised(text, &vietnamese);
                assert_ne!(said, text, "{place}: a text reason-... is missing");
                found += 1;
            }
        }
    }
    assert!(found > 20, "{found}");
    let said = localised(
        "the poster's URL cannot be read: it does not point to a check-in page (/v)",
        &vietnamese,
    );
    assert_eq!(
        said,
        "không đọc được địa chỉ trên áp phích: không dẫn đến trang ghi nhận lượt đến (/v)"
    );
}

#[test]
fn a_reason_within_a_reason_is_said_in_the_same_language() {
    let said = |english: &str| localised(english, &Bundle::vietnamese());
    assert_eq!(
        said("foo cannot be used: it is not a URL"),
        "không dùng được foo: đây không phải địa chỉ web"
    );
    let system = std::io::Error::from_raw_os_error(2);
    assert_eq!(
        said(&format!("cannot open /x/y: {system}")),
        "không mở được /x/y: không có tệp hoặc thư mục này"
    );
    assert_eq!(said("127 s off the authority's time"), "lệch 127 giây so với giờ của cơ quan y tế");
    assert_eq!(said("air:/tmp/a#lan (simulated)"), "air:/tmp/a#lan (mô phỏng)");
}

#[test]
fn what_is_not_known_stays_as_it_is() {
    for text in ["hci0", "", "org.bluez.Error.InProgress: busy", "áp phích"] {
        assert_eq!(localised(text, &Bundle::vietnamese()), text);
        assert_eq!(localised(text, &Bundle::english()), text);
    }
}

#[test]
fn english_reasons_are_not_changed() {
    for text in ["foo cannot be used: it is not a URL", "the poster is not valid yet"] {
        assert_eq!(localised(text, &Bundle::english()), text);
    }
}
