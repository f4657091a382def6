//! A declaration with every text at its limit, as systems may hand it over: Vietnamese letters decomposed, pictures.

use serde_json::{Value, json};

/// A text of so many bytes when it is composed (NFC): decomposed letters, a picture, and what is left.
fn wide(bytes: usize) -> String {
    let letters = bytes.saturating_sub(4) / 3;
    let rest = bytes - 4 - 3 * letters;
    format!("{}\u{1f3e0}{}", "e\u{302}\u{303}".repeat(letters), "o".repeat(rest))
}

/// A form of who enters the country, declared by another person, as it is filled in. `place` is how many bytes of
/// text there are in place of a ward.
pub fn widest_form(place: usize) -> Value {
    json!({
        "kind": "entry", "name": wide(100), "born": 1990, "gender": "other", "nationality": "VN",
        "paperKind": "other", "paper": "P".repeat(24), "place": wide(place), "address": wide(120),
        "phone": "+123456789012345", "email": format!("{}@{}.vn", "m".repeat(40), "n".repeat(36)),
        "insurance": "GD4790123456789", "travelled": true, "travel": wide(200),
        "symptoms": [
            "fever", "cough", "breathing", "pneumonia", "sore_throat", "fatigue", "nausea", "diarrhoea",
        ],
        "contacts": ["case", "affected_country", "symptomatic", "animals"],
        "vehicle": "aeroplane", "number": "N".repeat(20), "seat": wide(8), "fromCountry": "DE",
        "fromGate": wide(60), "toGate": wide(60), "start": 1_772_377_200_u64,
        "passport": "Q".repeat(20), "note": wide(200), "byName": wide(100),
        "byPhone": "+123456789012345", "byRelation": "staff",
    })
}
