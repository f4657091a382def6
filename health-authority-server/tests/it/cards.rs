//! Keys of cards: made on the root key's machine, opened by officers, gone with their quarter.

use health_authority_server::authority::folder::Folder;
use health_authority_server::authority::intake::{
    self, card_issuer, destroy_card_quarter, destroy_cards_before, make_card_keys,
    read_card_halves, read_card_keys, remove_card_officer,
};
use health_authority_server::domain::quarter::Quarter;
use vungxanh_protocol::door::{CardKey, CardKeys, CardUse, Contact, DoorError, open_card_half};
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::sealed_box::OpeningKey;

use crate::support::authority::Authority;

const LOCAL: LocalTime = LocalTime::VIET_NAM;

struct Cards {
    authority: Authority,
    folder: Folder,
    officers: Vec<(u16, OpeningKey)>,
}

impl Cards {
    /// An authority with two officers of the whole and one of a province.
    async fn start() -> Self {
        let authority = Authority::start().await;
        let folder = Folder::new(authority.dir());
        let officers = [("Hoa", 0), ("Bình", 0), ("Huế", 46)].map(|(name, group)| {
            let key = OpeningKey::generate(&mut rand::rng());
            let groups = [group].into();
            let now = authority.now();
            let added = intake::add_officer(&folder, name, key.public_key(), groups, now);
            (added.unwrap().id, key)
        });
        Self { authority, folder, officers: officers.into() }
    }

    fn make(&self, quarters: u8) -> usize {
        make_card_keys(&self.folder, quarters, LOCAL, self.authority.now()).unwrap().made
    }

    fn keys(&self) -> Vec<CardKey> {
        read_card_keys(&self.folder).unwrap().unwrap().list().keys.clone()
    }

    fn holders(&self, key: &CardKey) -> Vec<u16> {
        read_card_halves(&self.folder, key).unwrap().iter().map(|half| half.officer).collect()
    }

    fn today(&self) -> u16 {
        LOCAL.day(self.authority.now())
    }

    async fn fetched(&self) -> Result<CardKeys, DoorError> {
        let response = self.authority.get("v1/card-keys", &[]).await;
        assert_eq!(response.status(), 200);
        let root = health_authority_server::authority::document::read(&self.folder).unwrap();
        let root = root.document.root_key().unwrap();
        CardKeys::read(&response.bytes().await.unwrap(), &root, 0, self.authority.now())
    }

    /// Names of the files with secrets of cards.
    fn secrets(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.authority.dir().join("declarations")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> =
            names.filter(|name| name.starts_with("card-") && !name.contains("keys")).collect();
        names.sort();
        names
    }
}

#[tokio::test]
async fn keys_of_quarters_make_cards_that_officers_of_the_whole_authority_open() {
    let cards = Cards::start().await;
    assert_eq!(cards.authority.get("v1/card-keys", &[]).await.status(), 404);
    assert_eq!(cards.make(2), 2);
    assert_eq!(cards.make(2), 0);
    let published = cards.fetched().await.unwrap();
    assert_eq!(published.list().keys, cards.keys());
    let (today, quarter) = (cards.today(), Quarter::of_day(cards.today()));
    let key = *published.key_for(today).unwrap();
    assert_eq!((key.first_day, key.last_day), (quarter.first_day(), quarter.next().last_day()));
    assert_eq!(published.list().keys[1].first_day, quarter.next().first_day());

    let issuer = card_issuer(&cards.folder, &key).unwrap().unwrap();
    let number = Contact { name: "Cụ Sáu".into(), phone: "+84912000006".into() };
    let name = &cards.authority.app.config.authority.id;
    let card =
        issuer.make(&key, CardUse::Lasting, key.last_day, &number, name, &mut rand::rng()).unwrap();
    assert_eq!(published.verify(&card, today), Ok(()));
    let halves = read_card_halves(&cards.folder, &key).unwrap();
    assert_eq!(cards.holders(&key), [1, 2]);
    for (half, (id, secret)) in halves.iter().zip(&cards.officers) {
        let half = open_card_half(&half.half, *id, secret, &key, name).unwrap();
        assert!(card.open(&half, name) == Ok(number.clone()));
    }
    let (id, other) = &cards.officers[2];
    assert!(open_card_half(&halves[0].half, *id, other, &key, name).is_err());
}

#[tokio::test]
async fn a_destroyed_quarter_opens_nothing_and_its_cards_are_refused() {
    let cards = Cards::start().await;
    cards.make(2);
    let key = cards.keys()[0];
    let issuer = card_issuer(&cards.folder, &key).unwrap().unwrap();
    let number = Contact { name: String::new(), phone: "+84912000006".into() };
    let card = issuer.make(&key, CardUse::Single, u16::MAX, &number, "vn.demo", &mut rand::rng());
    let card = card.unwrap();
    let quarter = Quarter::of_day(cards.today());
    assert!(destroy_card_quarter(&cards.folder, quarter, cards.authority.now()).unwrap());
    assert!(!destroy_card_quarter(&cards.folder, quarter, cards.authority.now()).unwrap());
    assert_eq!(
        cards.fetched().await.unwrap().verify(&card, cards.today()),
        Err(DoorError::NotACard)
    );
    assert!(read_card_halves(&cards.folder, &key).unwrap().is_empty());
    assert!(card_issuer(&cards.folder, &key).unwrap().is_none());
    assert_eq!(cards.secrets().len(), 3, "those of the next quarter");
    // A new key has another id, so that an old card is none of its own.
    cards.make(1);
    assert_eq!(cards.keys().iter().map(|key| key.id).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(
        cards.fetched().await.unwrap().verify(&card, cards.today()),
        Err(DoorError::NotACard)
    );
}

#[tokio::test]
async fn what_makes_cards_ends_with_the_quarter_and_what_opens_them_with_the_last_card() {
    let cards = Cards::start().await;
    cards.make(1);
    let key = cards.keys()[0];
    let quarter = Quarter::of_day(cards.today());
    let expire = |oldest, today| destroy_cards_before(&cards.folder, oldest, today).unwrap();
    assert_eq!(expire(cards.today() - 14, quarter.last_day()), 0);
    assert_eq!(expire(key.last_day - 14, quarter.next().first_day()), 1);
    assert!(card_issuer(&cards.folder, &key).unwrap().is_none());
    assert_eq!(expire(key.last_day, u16::MAX), 0);
    assert_eq!(cards.holders(&key), [1, 2]);
    assert_eq!(expire(key.last_day + 1, u16::MAX), 2);
    assert!(cards.holders(&key).is_empty() && cards.secrets().is_empty());
}

#[tokio::test]
async fn an_officer_who_is_removed_opens_no_cards_of_quarters_to_come() {
    let cards = Cards::start().await;
    cards.make(2);
    let before = cards.keys();
    let now = cards.authority.now();
    let remove = |officer| {
        let order = intake::KeyOrder::new(&cards.authority.app.config, 0, now);
        intake::remove_officer(&cards.folder, officer, order, now).unwrap();
        remove_card_officer(&cards.folder, officer, LOCAL, now).unwrap();
    };
    remove(1);
    let after = cards.keys();
    assert_eq!(before[0], after[0]);
    assert_eq!(cards.holders(&after[0]), [2]);
    assert_ne!(before[1], after[1]);
    assert_eq!(cards.holders(&after[1]), [2]);
    // Nobody is left for the whole authority: there are no cards of quarters to come.
    remove(2);
    assert_eq!(cards.keys(), [after[0]]);
    assert!(make_card_keys(&cards.folder, 1, LOCAL, now).is_err());
}

#[tokio::test]
async fn a_backup_has_the_list_of_card_keys_and_no_secret_of_them() {
    let cards = Cards::start().await;
    cards.make(2);
    let kept = intake::kept_in_backups(&cards.folder);
    let names: Vec<_> =
        kept.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert!(names.contains(&"card-keys.signed") && names.contains(&"last-card-key"));
    assert_eq!(cards.secrets().len(), 6);
    assert!(!cards.secrets().iter().any(|secret| names.contains(&secret.as_str())));
}

/// `card make` as staff type it, on an authority in a folder.
#[tokio::test]
async fn staff_make_cards_at_true_size_and_the_number_is_nowhere_else() {
    use crate::program::{code, json, run};

    let cards = Cards::start().await;
    let (dir, out) = (cards.authority.dir(), tempfile::tempdir().unwrap());
    let (dir, file) = (dir.to_str().unwrap(), |name: &str| out.path().join(name));
    let make = |phone: &str, name: &str, options: &[&str]| {
        let out = file(name);
        let fixed = ["card", "make", "--dir", dir, "--phone", phone, "--hotline", "1900 9095"];
        run(&[&fixed, options, &["--out", out.to_str().unwrap()]].concat())
    };
    let refused = |phone: &str, name: &str, options: &[&str], expected: i32| {
        let output = make(phone, name, options);
        code(&output, expected);
        let said = [output.stdout, output.stderr].concat();
        let digits: String =
            String::from_utf8(said).unwrap().chars().filter(char::is_ascii_digit).collect();
        let number: String = phone.chars().filter(char::is_ascii_digit).collect();
        assert!(number.len() < 8 || !digits.contains(&number), "{digits}");
        assert!(!file(name).exists());
    };
    // The program goes by the real clock.
    let now = vungxanh_protocol::clock::Clock::now(
        &health_authority_server::platform::clock::SystemClock,
    );
    refused("0987654321", "card.pdf", &[], 1);
    make_card_keys(&cards.folder, 1, LOCAL, now).unwrap();
    for wrong in ["098765432", "09876543219999", "113", "abc", "+84 0", ""] {
        refused(wrong, "card.pdf", &[], 3);
    }
    refused("0987654321", "card.txt", &[], 3);
    refused("0987654321", "cu-sau-0987 654 321.pdf", &[], 3);
    refused("0987654321", "card.svg", &["--single", "11"], 3);
    refused("0987654321", "card.pdf", &["--until", "2020-01-01"], 3);
    refused("0987654321", "card.pdf", &["--until", "2149-01-01"], 3);
    for (name, options, count) in [
        ("card.pdf", &[][..], 1),
        ("card.svg", &[], 1),
        ("card.png", &[], 1),
        ("sheet.pdf", &["--single", "25"], 25),
    ] {
        let made = make("0987 654 321", name, &[options, &["--json"]].concat());
        code(&made, 0);
        assert_eq!(json(&made)["cards"], count, "{name}");
        let drawn = std::fs::read(file(name)).unwrap();
        for needle in ["987654321", "987 654 321"] {
            let has =
                |text: &[u8]| text.windows(needle.len()).any(|part| part == needle.as_bytes());
            assert!(!has(&drawn) && !has(&made.stdout) && !has(&made.stderr), "{name}");
        }
    }
    // A second one is not written over the first, and a machine without the secret makes none.
    code(&make("0987654321", "card.pdf", &[]), 3);
    let secret = cards.secrets().into_iter().find(|name| name.ends_with(".secret")).unwrap();
    std::fs::remove_file(cards.authority.dir().join("declarations").join(secret)).unwrap();
    refused("0987654321", "other.pdf", &[], 1);
    for entry in std::fs::read_dir(cards.authority.dir()).unwrap() {
        let path = entry.unwrap().path();
        let content = if path.is_file() { std::fs::read(path).unwrap() } else { Vec::new() };
        assert!(!content.windows(9).any(|part| part == b"987654321"));
    }
}
