//! Key files and recovery codes: the vectors of other libraries, and everything that goes wrong.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use vungxanh_protocol::passphrase::{Cost, MAX_PASSPHRASE_BYTES, PassphraseError};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::key_file::{
    KeyFile, KeyFileError, MAX_FILE_BYTES, MIN_PASSPHRASE_CHARS,
};
use vungxanh_protocol::venue::party::PartySecret;
use vungxanh_protocol::venue::recovery::{RecoveryCode, RecoveryError, WrongBlocks};

use super::rng;
use super::vectors::hex;

static VECTORS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../test-vectors/venue-key-file.json")).unwrap()
});

fn cheap() -> Cost {
    Cost::new(8, 1).unwrap()
}

fn text(name: &str) -> &'static str {
    VECTORS[name].as_str().unwrap()
}

fn secret() -> PartySecret {
    PartySecret::from_bytes(&SecretBytes::new(hex(&VECTORS["secret"]))).unwrap()
}

fn read(file: &Value) -> Result<KeyFile, KeyFileError> {
    KeyFile::from_json(file.to_string().as_bytes())
}

/// The vector's file with one field changed.
fn altered(pointer: &str, value: Value) -> Value {
    let mut file = VECTORS["file"].clone();
    *file.pointer_mut(pointer).unwrap() = value;
    file
}

#[test]
fn the_file_of_other_libraries_opens_however_the_keyboard_composes() {
    let file = read(&VECTORS["file"]).unwrap();
    assert_ne!(text("passphrase"), text("passphrase_decomposed"));
    for passphrase in [text("passphrase"), text("passphrase_decomposed")] {
        assert_eq!(file.open(passphrase).unwrap().to_bytes(), secret().to_bytes());
    }
    assert_eq!(*file.public_key(), secret().public_key());
}

#[test]
fn what_is_written_is_read_back_and_differs_each_time() {
    let write = |seed| KeyFile::seal(&secret(), "mười chữ cái", cheap(), &mut rng(seed)).unwrap();
    let json = write(1).to_json();
    assert_ne!(json, write(2).to_json());
    assert!(json.len() < MAX_FILE_BYTES / 4);
    let file = KeyFile::from_json(json.as_bytes()).unwrap();
    assert_eq!(file.open("mười chữ cái").unwrap().to_bytes(), secret().to_bytes());
    assert_eq!(format!("{file:?}"), "KeyFile(..)");
}

#[test]
fn a_wrong_passphrase_and_altered_fields_stay_closed() {
    let file = read(&VECTORS["file"]).unwrap();
    for wrong in ["", "phở gà, bún chả, chả cá", &"x".repeat(MAX_PASSPHRASE_BYTES)] {
        assert_eq!(file.open(wrong).err(), Some(KeyFileError::WrongPassphrase));
    }
    let longer = "x".repeat(MAX_PASSPHRASE_BYTES + 1);
    assert_eq!(file.open(&longer).err(), Some(PassphraseError::Long.into()));
    let other = PartySecret::generate(&mut rng(5)).public_key().to_bytes();
    for (pointer, value) in [
        ("/public_key", json!(hex::encode(other))),
        ("/kdf/memory_kib", json!(264)),
        ("/kdf/passes", json!(3)),
        ("/kdf/salt", json!("ff".repeat(16))),
        ("/sealed", json!("00".repeat(72))),
    ] {
        let opened = read(&altered(pointer, value)).unwrap().open(text("passphrase"));
        assert_eq!(opened.err(), Some(KeyFileError::WrongPassphrase), "{pointer}");
    }
}

#[test]
fn short_passphrases_are_counted_as_people_count() {
    for short in ["", "123456789", "ở ở ở ở ở", "o\u{31b}\u{309} o\u{31b}\u{309} 12345"] {
        let sealed = KeyFile::seal(&secret(), short, cheap(), &mut rng(1));
        let refused = PassphraseError::Short { least: MIN_PASSPHRASE_CHARS };
        assert_eq!(sealed.err(), Some(refused.into()), "{short}");
    }
}

#[test]
fn files_that_are_none_are_refused_with_a_reason() {
    let whole = VECTORS["file"].to_string();
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        let cut = KeyFile::from_json(&whole.as_bytes()[..length]);
        assert!(matches!(cut, Err(KeyFileError::NotAKeyFile(_))), "{length}");
    }
    let huge = vec![b' '; MAX_FILE_BYTES + 1];
    assert_eq!(KeyFile::from_json(&huge), Err(KeyFileError::TooLong(MAX_FILE_BYTES + 1)));
    let asking = |pointer, value: u32| read(&altered(pointer, json!(value)));
    assert_eq!(asking("/kdf/memory_kib", 262_145), Err(PassphraseError::Excessive.into()));
    assert_eq!(asking("/kdf/passes", 17), Err(PassphraseError::Excessive.into()));
    for (pointer, value) in [("/kdf/memory_kib", 7), ("/kdf/passes", 0)] {
        assert_eq!(asking(pointer, value), Err(PassphraseError::NoCost.into()));
    }
    let newer = [("/format", "VX-VENUE-KEY-FILE-2"), ("/kdf/algorithm", "argon3")];
    for (pointer, value) in newer {
        assert_eq!(read(&altered(pointer, json!(value))), Err(KeyFileError::Newer));
    }
    for (pointer, value) in
        [("/format", json!("PNG")), ("/kdf/salt", json!("00")), ("/sealed", json!("0g".repeat(72)))]
    {
        let read = read(&altered(pointer, value));
        assert!(matches!(read, Err(KeyFileError::NotAKeyFile(_))), "{pointer}: {read:?}");
    }
    let bad_point = read(&altered("/public_key", json!("00".repeat(48))));
    assert!(matches!(bad_point, Err(KeyFileError::BadKey(_))), "{bad_point:?}");
}

#[test]
fn the_recovery_code_is_the_other_implementations_and_forgives_how_it_is_typed() {
    let code = RecoveryCode::of(&secret());
    assert_eq!(code.expose().as_str(), text("recovery_blocks"));
    assert_eq!(format!("{code:?}"), "RecoveryCode(..)");
    let in_fours: Vec<u8> = text("recovery_blocks").replace('-', "").into_bytes();
    let in_fours: Vec<&str> =
        in_fours.chunks(4).map(|four| str::from_utf8(four).unwrap()).collect();
    let typed = [
        text("recovery_blocks").to_lowercase(),
        text("recovery_blocks").replace('-', " \n"),
        text("recovery_blocks").replace('-', ""),
        text("recovery_blocks").replace('1', "l").replace('0', "O"),
        in_fours.join(" "),
        // Codes of earlier programs.
        text("recovery_code").to_owned(),
        text("recovery_code").to_lowercase().replace('-', ""),
    ];
    for typed in typed {
        assert_eq!(typed.parse::<RecoveryCode>(), Ok(code.clone()), "{typed}");
    }
    assert_eq!(code.secret().unwrap().to_bytes(), secret().to_bytes());
}

#[test]
fn every_single_wrong_character_and_every_swap_is_noticed_and_named_by_its_block() {
    for (name, is_old) in [("recovery_code", true), ("recovery_blocks", false)] {
        let right = text(name).replace('-', "");
        let parse = |typed: &[u8]| str::from_utf8(typed).unwrap().parse::<RecoveryCode>();
        let wrong = |blocks: &[usize]| match is_old {
            true => Err(RecoveryError::Checksum),
            false => Err(RecoveryError::Blocks(WrongBlocks(blocks.to_vec()))),
        };
        for index in 0..right.len() {
            for character in b"0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
                let mut typed = right.clone().into_bytes();
                typed[index] = *character;
                if typed != right.as_bytes() {
                    assert_eq!(parse(&typed), wrong(&[index / 5 + 1]), "{index} {character}");
                }
            }
            let next = (index + 1) % right.len();
            let mut swapped = right.clone().into_bytes();
            swapped.swap(index, next);
            if swapped != right.as_bytes() {
                let mut blocks = vec![index / 5 + 1, next / 5 + 1];
                blocks.sort_unstable();
                blocks.dedup();
                assert_eq!(parse(&swapped), wrong(&blocks), "{index}");
            }
        }
    }
}

#[test]
fn swapped_blocks_and_blocks_of_another_length_are_named() {
    let right = text("recovery_blocks");
    let blocks: Vec<&str> = right.split('-').collect();
    let parse = |blocks: &[&str]| blocks.join("-").parse::<RecoveryCode>();
    let wrong = |blocks: &[usize]| Err(RecoveryError::Blocks(WrongBlocks(blocks.to_vec())));
    for first in 0..blocks.len() {
        for second in first + 1..blocks.len() {
            let mut swapped = blocks.clone();
            swapped.swap(first, second);
            if swapped != blocks {
                assert_eq!(parse(&swapped), wrong(&[first + 1, second + 1]));
            }
        }
        let mut short = blocks.clone();
        short[first] = &short[first][..4];
        assert_eq!(parse(&short), wrong(&[first + 1]));
        let longer = format!("{}0", blocks[first]);
        let mut long = blocks.clone();
        long[first] = &longer;
        assert_eq!(parse(&long), wrong(&[first + 1]));
        short[(first + 1) % 14] = &longer;
        assert!(matches!(parse(&short), Err(RecoveryError::Blocks(_))));
    }
    let said = wrong(&[2, 11]).map(|_: RecoveryCode| ()).unwrap_err().to_string();
    assert_eq!(said, "the recovery code is mistyped in block 2, 11: compare it with the sheet");
}

#[test]
fn incomplete_and_foreign_codes_say_what_is_wrong() {
    let parse = |typed: &str| typed.parse::<RecoveryCode>();
    assert_eq!(parse(""), Err(RecoveryError::Length(0)));
    let old = text("recovery_code");
    assert_eq!(parse(&old[..old.len() - 3]), Err(RecoveryError::Length(56)));
    assert_eq!(parse(&format!("{old}0")), Err(RecoveryError::Length(59)));
    let right = text("recovery_blocks");
    assert_eq!(parse(&right[..right.len() - 6]), Err(RecoveryError::Length(65)));
    assert_eq!(parse(&format!("{right}-0")), Err(RecoveryError::Length(71)));
    assert_eq!(parse(&"0".repeat(257)), Err(RecoveryError::Length(257)));
    assert_eq!(parse(&old.replace('7', "ơ")), Err(RecoveryError::Character('ơ')));
    assert_eq!(parse(&old.replace('7', "U")), Err(RecoveryError::Character('U')));
    assert_eq!(parse(&"Z".repeat(58)), Err(RecoveryError::Checksum));
}

proptest! {
    #[test]
    fn no_input_is_mistaken_for_a_file_or_a_code(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        typed in "\\PC{0,80}",
    ) {
        prop_assert!(KeyFile::from_json(&bytes).is_err());
        prop_assert!(typed.parse::<RecoveryCode>().is_err());
    }

    #[test]
    fn any_key_comes_back_from_its_code(seed in any::<u64>()) {
        let secret = PartySecret::generate(&mut rng(seed));
        let code: RecoveryCode = RecoveryCode::of(&secret).expose().parse().unwrap();
        prop_assert_eq!(code.secret().unwrap().to_bytes(), secret.to_bytes());
    }
}
