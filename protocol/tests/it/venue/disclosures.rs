//! Disclosed visits: one line for an officer, and nothing else is taken for one.

use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::disclosure::{
    DisclosedVisit, MAX_VISIT_TEXT_BYTES, PosterFingerprint,
};
use vungxanh_protocol::venue::disclosure_code::{
    MAX_CODE_VISITS, read_visits, visits_from_code, visits_to_code,
};

use super::{World, minute};

const LINE: &str = "vx-visit:1:000102030405060708090a0b0c0d0e0f:1784160000:1784163600";

fn reason(text: &str) -> String {
    text.parse::<DisclosedVisit>().unwrap_err().to_string()
}

/// The fingerprint computed by `sha256sum`.
#[test]
fn the_fingerprint_is_half_of_the_sha_256_of_the_payload() {
    let fingerprint = PosterFingerprint::of_payload(b"abc");
    assert_eq!(fingerprint.to_string(), "ba7816bf8f01cfea414140de5dae2223");
    assert_eq!("BA7816BF8F01CFEA414140DE5DAE2223".parse(), Ok(fingerprint));
    assert_eq!(PosterFingerprint::from_bytes(*fingerprint.as_bytes()), fingerprint);
    let (one, two) = (World::new(1), World::new(2));
    let of = |world: &World| PosterFingerprint::of_payload(&world.payload);
    assert!(of(&one) != of(&two));
}

#[test]
fn a_line_says_poster_and_times() {
    let visit: DisclosedVisit = LINE.parse().unwrap();
    assert_eq!(visit.poster().as_bytes(), &std::array::from_fn(|index| index as u8));
    assert_eq!(visit.from().as_secs(), 1_784_160_000);
    assert_eq!(visit.until().as_secs(), 1_784_163_600);
    assert_eq!(visit.to_string(), LINE);
    assert_eq!(format!("\t{LINE} \r\n").parse(), Ok(visit));
}

#[test]
fn everything_else_is_refused_with_its_reason() {
    let changed = |from: &str, to: &str| reason(&LINE.replace(from, to));
    assert!(changed("vx-visit", "visit").contains("does not begin with 'vx-visit:'"));
    assert!(changed(":1:0", ":2:0").contains("has version 2; this program reads version 1"));
    assert!(changed(":1:0", ":999:0").contains("has version 255"));
    assert!(changed(":1:0", ":x:0").contains("no version"));
    assert!(changed("0f:", "0:").contains("not 32 hexadecimal digits"));
    assert!(changed("0f:", "0g:").contains("not 32 hexadecimal digits"));
    assert!(changed(":1784163600", "").contains("no two numbers"));
    assert!(changed(":1784163600", ":+1784163600").contains("no two numbers"));
    assert!(changed("1784163600", "1784163600:1").contains("something follows"));
    assert!(changed("1784163600", "1784160000").contains("ends before it begins"));
    assert!(changed("1784163600", "1784246401").contains("longer than a day"));
    assert!(changed("1784163600", "99999999999999999999").contains("no two numbers"));
    assert!(reason("").contains("does not begin"));
    let long = format!("{LINE}{}", "0".repeat(MAX_VISIT_TEXT_BYTES));
    assert!(matches!(
        long.parse::<DisclosedVisit>(),
        Err(VenueError::Length { what: "the visit", .. })
    ));
    let late = UnixTime::from_secs(1 << 32);
    let fingerprint = PosterFingerprint::from_bytes([0; 16]);
    assert!(DisclosedVisit::new(fingerprint, late.minus(1), late).is_err());
    assert!(DisclosedVisit::new(fingerprint, late.minus(2), late.minus(1)).is_ok());
    assert!(DisclosedVisit::new(fingerprint, minute(0), minute(24 * 60)).is_ok());
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        poster in any::<[u8; 16]>(),
        from in 0u64..u64::from(u32::MAX) - 86_400,
        stay in 1u64..=86_400,
    ) {
        let from = UnixTime::from_secs(from);
        let poster = PosterFingerprint::from_bytes(poster);
        let visit = DisclosedVisit::new(poster, from, from.plus(stay)).unwrap();
        let text = visit.to_string();
        prop_assert!(text.len() <= MAX_VISIT_TEXT_BYTES);
        prop_assert_eq!(text.parse::<DisclosedVisit>(), Ok(visit));
        prop_assert_eq!(text.to_uppercase().replace("VX-VISIT", "vx-visit").parse(), Ok(visit));
    }

    #[test]
    fn nothing_that_is_read_panics_or_reads_as_two_things(text in ".{0,100}") {
        if let Ok(visit) = text.parse::<DisclosedVisit>() {
            prop_assert_eq!(visit.to_string().parse(), Ok(visit));
        }
    }

    #[test]
    fn altered_lines_are_refused_or_read_as_they_stand(index in 0..LINE.len(), byte in 32u8..127) {
        let mut bytes = LINE.as_bytes().to_vec();
        bytes[index] = byte;
        let text = String::from_utf8(bytes).unwrap();
        if let Ok(visit) = text.parse::<DisclosedVisit>() {
            prop_assert_eq!(visit.to_string(), text.trim().to_lowercase());
        }
    }
}

#[derive(Deserialize)]
struct Vectors {
    codes: Vec<Code>,
    refused: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
    lines: Vec<String>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../test-vectors/disclosure.json")).unwrap()
}

#[test]
fn codes_of_visits_are_those_of_another_implementation() {
    for Code { code, lines } in vectors().codes {
        let visits: Vec<DisclosedVisit> = lines.iter().map(|line| line.parse().unwrap()).collect();
        assert_eq!(visits_to_code(&visits).unwrap(), code);
        assert_eq!(visits_from_code(&format!(" {code}\r\n")).unwrap(), visits);
    }
    let refused = vectors().refused;
    assert_eq!(refused.len(), 10);
    for (what, code) in refused {
        assert!(visits_from_code(&code).is_err(), "{what}");
    }
}

#[test]
fn a_code_holds_one_to_ten_visits() {
    let visit: DisclosedVisit = LINE.parse().unwrap();
    for count in [0, MAX_CODE_VISITS + 1, 256, 300] {
        assert!(matches!(visits_to_code(&vec![visit; count]), Err(VenueError::Length { .. })));
    }
    assert_eq!(visits_from_code(&visits_to_code(&[visit; 10]).unwrap()).unwrap().len(), 10);
}

#[test]
fn a_text_may_hold_lines_and_codes_and_every_wrong_line_is_named() {
    let Code { code, lines } = vectors().codes.remove(1);
    let all: Vec<DisclosedVisit> = lines.iter().map(|line| line.parse().unwrap()).collect();
    let own: DisclosedVisit = LINE.parse().unwrap();
    let text = format!("\n {LINE}\r\n\n{code}\n{}\n", lines[0]);
    assert_eq!(read_visits(&text).unwrap(), [vec![own], all].concat(), "each once");
    assert_eq!(read_visits(" \n").unwrap(), []);
    let wrong = read_visits(&format!("x\n\n{LINE}\nVXV1:9\n")).unwrap_err();
    let numbers: Vec<usize> = wrong.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [1, 4]);
}

proptest! {
    #[test]
    fn no_code_panics(code in "(VXV1:)?[0-9]{0,620}") {
        if let Ok(visits) = visits_from_code(&code) {
            prop_assert_eq!(visits_to_code(&visits).unwrap(), code);
        }
    }
}
