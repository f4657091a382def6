//! Cards and contacts: numbers that officers alone can read.

use proptest::prelude::*;
use vungxanh_protocol::door::{Card, CardIssuer, CardUse, Contact, DoorError, SealedContact};
use vungxanh_protocol::intake::IntakeKey;
use vungxanh_protocol::sealed_box::{BoxError, OpeningKey};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::text::is_plain;

use super::{AUTHORITY, VECTORS, array, card, card_key, contact, rng, text};
use crate::support::given::Given;

fn opening(value: &serde_json::Value) -> OpeningKey {
    OpeningKey::from_bytes(SecretBytes::new(array(value)))
}

fn issuer() -> CardIssuer {
    CardIssuer::from_seed(SecretBytes::new(array(&VECTORS["card"]["issuer_seed"])))
}

fn holder() -> Contact {
    let vector = &VECTORS["card"];
    Contact { name: text(&vector["name"]).into(), phone: text(&vector["phone"]).into() }
}

#[test]
fn a_card_is_that_of_another_implementation() {
    let vector = &VECTORS["card"];
    let key = card_key();
    assert_eq!(issuer().card_key(4, (key.first_day, key.last_day), key.sealing), key);
    assert!(issuer().is_of(&key) && !CardIssuer::generate(&mut rng(1)).is_of(&key));
    let last_day = card().last_day;
    let mut given = Given(hex::decode(text(&vector["ikm"])).unwrap());
    let made = issuer().make(&key, CardUse::Lasting, last_day, &holder(), AUTHORITY, &mut given);
    let made = made.unwrap();
    assert_eq!(hex::encode(made.as_bytes()), text(&vector["card"]));
    assert_eq!(made.code(), text(&vector["code"]));
    assert_eq!(Card::read_code(text(&vector["code"])), Ok(made));
    assert_eq!(made.verify(&key, last_day), Ok(()));
    assert!(made.open(&opening(&vector["sealing_secret"]), AUTHORITY) == Ok(holder()));
}

#[test]
fn a_card_of_strangers_expired_or_altered_is_none() {
    let (key, made) = (card_key(), card());
    assert_eq!(made.verify(&key, made.last_day + 1), Err(DoorError::NotACard));
    // Somebody seals a stranger's number with a secret of their own.
    let own = CardIssuer::generate(&mut rng(1));
    let forged = own.make(&key, CardUse::Lasting, made.last_day, &holder(), AUTHORITY, &mut rng(2));
    assert_eq!(forged.unwrap().verify(&key, 20_786), Err(DoorError::NotACard));
    for index in 0..made.as_bytes().len() {
        let mut altered = *made.as_bytes();
        altered[index] ^= 1;
        let verdict = Card::from_bytes(&altered).and_then(|card| card.verify(&key, 20_786));
        assert!(verdict.is_err(), "byte {index}");
    }
    let mut signature = *made.as_bytes();
    signature[117..].copy_from_slice(&array::<48>(&super::PASSES["refused"]["g1_order_three"]));
    assert!(matches!(Card::from_bytes(&signature), Err(DoorError::Pass(_))));
}

#[test]
fn a_card_opens_for_officers_of_its_authority_alone() {
    let half = opening(&VECTORS["card"]["sealing_secret"]);
    assert_eq!(card().open(&half, "vn.hue"), Err(DoorError::Box(BoxError::Closed)));
    let other = OpeningKey::generate(&mut rng(1));
    assert_eq!(card().open(&other, AUTHORITY), Err(DoorError::Box(BoxError::Closed)));
    assert!(!format!("{:?} {:?}", card(), holder()).contains("849"));
}

#[test]
fn a_card_ends_with_its_key() {
    let key = card_key();
    let make = |key: &_, last_day| {
        issuer().make(key, CardUse::Lasting, last_day, &holder(), AUTHORITY, &mut rng(1)).unwrap()
    };
    assert_eq!(make(&key, u16::MAX).last_day, key.last_day);
    // Somebody with the secret signs for longer than officers can open it.
    let mut longer = key;
    longer.last_day = u16::MAX;
    let long = make(&longer, key.last_day + 1);
    assert_eq!(long.verify(&key, key.last_day), Err(DoorError::NotACard));
}

#[test]
fn a_single_card_says_so_and_a_card_without_a_number_is_not_made() {
    let make = |card_use, phone: &str| {
        let number = Contact { phone: phone.into(), ..holder() };
        issuer().make(&card_key(), card_use, 20_900, &number, AUTHORITY, &mut rng(1))
    };
    assert_eq!(make(CardUse::Single, "+84912000006").unwrap().card_use, CardUse::Single);
    assert!(make(CardUse::Single, "").is_err());
    assert!(make(CardUse::Single, "+12345678901234567").is_err());
}

#[test]
fn a_contact_opens_with_the_key_of_its_day_alone() {
    let vector = &VECTORS["contact"];
    let half = opening(&vector["secret"]);
    let key = IntakeKey { id: 11, day: 20_786, group: 0, key: half.public_key() };
    let person =
        Contact { name: text(&vector["name"]).into(), phone: text(&vector["phone"]).into() };
    let mut given = Given(hex::decode(text(&vector["ikm"])).unwrap());
    let sealed = SealedContact::seal(&person, &key, AUTHORITY, &mut given).unwrap();
    assert!(sealed == contact());
    assert_eq!(sealed.key_id(), 11);
    assert!(sealed.open(&key, AUTHORITY, &half) == Ok(person.clone()));
    for (key, authority) in [
        (IntakeKey { id: 12, ..key }, AUTHORITY),
        (IntakeKey { day: 20_787, ..key }, AUTHORITY),
        (key, "vn.hue"),
    ] {
        assert!(sealed.open(&key, authority, &half) == Err(DoorError::Box(BoxError::Closed)));
    }
    let long = Contact { phone: "1".repeat(17), ..person };
    assert!(SealedContact::seal(&long, &key, AUTHORITY, &mut rng(1)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_a_card_or_refused(code in "VXC1:[0-9]{0,420}|\\PC{0,60}") {
        if let Ok(card) = Card::read_code(&code) {
            prop_assert_eq!(card.code(), code.trim());
        }
    }

    #[test]
    fn any_name_is_shortened_between_characters(
        // In others, blanks stand for what is not plain.
        name in "\\PC{0,80}".prop_filter("plain", |name| is_plain(name)),
    ) {
        let number = Contact { name: name.clone(), ..holder() };
        let half = opening(&VECTORS["card"]["sealing_secret"]);
        let made = issuer().make(&card_key(), CardUse::Lasting, 1, &number, AUTHORITY, &mut rng(1));
        let opened = made.unwrap().open(&half, AUTHORITY).unwrap();
        prop_assert!(name.starts_with(&opened.name) && opened.name.len() <= 46);
    }
}
