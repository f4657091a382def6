//! Whether a new password is easily guessed: one judgement for every kind of account.
//!
//! What attackers try first counts as one character, however long it is: sequences, repetitions, the
//! commonest words. What is left must be long enough by itself.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

use super::accounts::{Login, MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARACTERS, Password};

/// Characters that must be left where a sequence or a common word counts as one.
const LEAST_LEFT: usize = 8;
const LEAST_DIFFERENT: usize = 5;
/// The shortest sequence that is taken for one.
const SEQUENCE: usize = 3;
/// A shorter name stands in too many words; it counts as a common word.
const SHORTEST_NAME: usize = 4;

/// Neighbours on keyboards and in the alphabet, forwards and backwards.
const ROWS: [&str; 6] = [
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];

/// The commonest words in passwords, in English and Vietnamese, in small letters without marks.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "motdepasse",
    "iloveyou",
    "loveyou",
    "welcome",
    "administrator",
    "admin",
    "letmein",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "master",
    "sunshine",
    "princess",
    "superman",
    "batman",
    "trustno",
    "whatever",
    "shadow",
    "login",
    "access",
    "hello",
    "freedom",
    "secret",
    "summer",
    "winter",
    "spring",
    "autumn",
    "pokemon",
    "starwars",
    "computer",
    "internet",
    "samsung",
    "iphone",
    "google",
    "facebook",
    "youtube",
    "tiktok",
    "zalo",
    "default",
    "changeme",
    "guest",
    "root",
    "user",
    "test",
    "temp",
    "office",
    "hospital",
    "doctor",
    "covid",
    "corona",
    "vaccine",
    "virus",
    "health",
    "michael",
    "charlie",
    "killer",
    "hunter",
    "flower",
    "lovely",
    "babygirl",
    "money",
    "january",
    "february",
    "october",
    "november",
    "december",
    "monday",
    "friday",
    "sunday",
    "matkhau",
    "mkhau",
    "anhyeuem",
    "emyeuanh",
    "yeuem",
    "yeuanh",
    "toiyeu",
    "vietnam",
    "vodich",
    "hanoi",
    "saigon",
    "danang",
    "haiphong",
    "cantho",
    "tphcm",
    "hochiminh",
    "bacho",
    "thanhpho",
    "khongbiet",
    "khongco",
    "quenmat",
    "giadinh",
    "hanhphuc",
    "maimai",
    "mattroi",
    "conyeu",
    "bome",
    "chame",
    "nguyen",
    "benhvien",
    "bacsi",
    "yte",
    "coquan",
    "truonghoc",
    "suckhoe",
    "dichbenh",
    "vungxanh",
    "khaibao",
    "diadiem",
    "canbo",
    "quanly",
    "quantri",
    "dangnhap",
    "xinchao",
];

/// Why a new password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakPassword {
    /// Fewer than [`MIN_PASSWORD_CHARACTERS`] characters.
    Short,
    /// More than [`MAX_PASSWORD_BYTES`] bytes.
    Long,
    /// Little more than sequences and repetitions.
    Simple,
    /// Little more than words that everybody tries.
    Common,
    /// It holds the login, the telephone number or a name of the account.
    Personal,
}

/// Whether `password` may protect an account with this login, of somebody or something with these
/// names.
pub fn check(
    password: &Password,
    login: Option<&Login>,
    names: &[&str],
) -> Result<(), WeakPassword> {
    let text = password.expose();
    if text.len() > MAX_PASSWORD_BYTES {
        return Err(WeakPassword::Long);
    }
    if text.chars().count() < MIN_PASSWORD_CHARACTERS {
        return Err(WeakPassword::Short);
    }
    let typed = Zeroizing::new(plain(text));
    let mut short_names = Vec::new();
    for name in login.map(Login::as_str).iter().chain(names) {
        let name = plain(name);
        if name.len() < SHORTEST_NAME {
            short_names.push(name);
        } else if holds(&typed, &name) {
            return Err(WeakPassword::Personal);
        }
    }
    if login.is_some_and(|login| holds_phone(text, login)) {
        return Err(WeakPassword::Personal);
    }
    judge(&typed, &short_names)
}

fn judge(typed: &[char], short_names: &[Vec<char>]) -> Result<(), WeakPassword> {
    let text = Zeroizing::new(once(typed));
    let mut different = Zeroizing::new(text.to_vec());
    different.sort_unstable();
    different.dedup();
    if different.len() < LEAST_DIFFERENT || is_interleaved(typed) {
        return Err(WeakPassword::Simple);
    }
    let mut parts = Parts { covered: vec![false; text.len()], count: 0 };
    let read = Zeroizing::new(text.iter().copied().map(letter).collect::<Vec<char>>());
    let mut words: Vec<Vec<char>> =
        COMMON.iter().map(|word| without_doubles(&plain(word))).collect();
    words.extend(short_names.iter().filter(|name| name.len() >= SEQUENCE).cloned());
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in &words {
        parts.cover_word(&read, word);
    }
    let has_words = parts.count > 0;
    parts.cover_sequences(&text);
    match parts.left() {
        left if left >= LEAST_LEFT => Ok(()),
        _ if has_words => Err(WeakPassword::Common),
        _ => Err(WeakPassword::Simple),
    }
}

/// What is guessed as a whole.
struct Parts {
    covered: Vec<bool>,
    count: usize,
}

impl Parts {
    fn left(&self) -> usize {
        self.count + self.covered.iter().filter(|covered| !**covered).count()
    }

    fn cover(&mut self, from: usize, length: usize) {
        self.covered[from..from + length].fill(true);
        self.count += 1;
    }

    fn cover_word(&mut self, text: &[char], word: &[char]) {
        for from in 0..(text.len() + 1).saturating_sub(word.len()) {
            let is_free = !self.covered[from..from + word.len()].contains(&true);
            if is_free && text[from..].starts_with(word) {
                self.cover(from, word.len());
            }
        }
    }

    fn cover_sequences(&mut self, text: &[char]) {
        let mut from = 0;
        while from < text.len() {
            let free = self.covered[from..].iter().take_while(|covered| !**covered).count();
            let length = sequence(&text[from..from + free]);
            if length >= SEQUENCE {
                self.cover(from, length);
            }
            from += length.max(1);
        }
    }
}

/// How many characters at the beginning follow each other with the same step.
fn sequence(text: &[char]) -> usize {
    let steps = |step: &dyn Fn(char, char) -> bool| {
        text.windows(2).take_while(|pair| step(pair[0], pair[1])).count()
    };
    let mut longest = 0;
    for by in [-2_i32, -1, 1, 2] {
        let digit = |c: char| c.to_digit(10).and_then(|digit| i32::try_from(digit).ok());
        longest = longest.max(steps(&|one, next| {
            digit(one).zip(digit(next)).is_some_and(|(one, next)| next - one == by)
        }));
    }
    for row in ROWS {
        let at = |c: char| row.chars().position(|known| known == c);
        longest = longest.max(steps(&|one, next| {
            at(one).zip(at(next)).is_some_and(|(one, next)| one + 1 == next)
        }));
        longest = longest.max(steps(&|one, next| {
            at(one).zip(at(next)).is_some_and(|(one, next)| next + 1 == one)
        }));
    }
    if longest == 0 { 0 } else { longest + 1 }
}

/// Whether every second character makes a sequence or repetition, and the others, too: `a1b2c3d4e5`.
fn is_interleaved(text: &[char]) -> bool {
    let every_second = |from: usize| text.iter().skip(from).step_by(2).copied().collect::<Vec<_>>();
    [0, 1].into_iter().all(|from| {
        let part = Zeroizing::new(every_second(from));
        let is_one = part.windows(2).all(|pair| pair[0] == pair[1]);
        part.len() >= SEQUENCE && (is_one || sequence(&part) == part.len())
    })
}

/// Small letters and other characters without marks and blanks.
fn plain(text: &str) -> Vec<char> {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c) && !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

/// Without what is only said again: neighbours that are equal, and `abcdabcd`.
fn once(text: &[char]) -> Vec<char> {
    let text = without_doubles(text);
    let repeats = |period: &usize| text.iter().skip(*period).eq(&text[..text.len() - period]);
    let period = (1..=text.len() / 2).find(repeats);
    text[..period.unwrap_or(text.len())].to_vec()
}

fn without_doubles(text: &[char]) -> Vec<char> {
    let mut text = text.to_vec();
    text.dedup();
    text
}

/// The letter that a digit or sign stands for: `p4$$w0rd`.
const fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c,
    }
}

fn holds(text: &[char], part: &[char]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Whether the digits of a telephone number stand in the text, however they are grouped.
fn holds_phone(text: &str, login: &Login) -> bool {
    /// As a number is dialled within the country, without the leading zero.
    const NATIONAL_DIGITS: usize = 9;
    if !login.is_phone() {
        return false;
    }
    let digits = Zeroizing::new(text.chars().filter(char::is_ascii_digit).collect::<String>());
    let number = login.as_str().trim_start_matches('+');
    digits.contains(&number[number.len().saturating_sub(NATIONAL_DIGITS)..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;

    use super::*;

    fn judged(text: &str) -> Result<(), WeakPassword> {
        let login = "0912345678".parse().unwrap();
        check(&Password::from(text.to_owned()), Some(&login), &["Chợ Đồng Xuân", "Lan"])
    }

    #[test]
    fn too_short_and_too_long() {
        assert_eq!(judged("ngắn quá"), Err(WeakPassword::Short));
        assert_eq!(judged(&"ab3d5".repeat(60)), Err(WeakPassword::Long));
    }

    #[test]
    fn sequences_and_repetitions() {
        for text in [
            "0123456789",
            "9876543210",
            "1357924680",
            "1234512345",
            "abcdefghij",
            "qwertyuiop",
            "poiuytrewq",
            "asdfghjkl;",
            "1qaz2wsx3edc",
            "aaaaaaaaaaaabbbb",
            "aabbccddee",
            "moch1moch1moch1",
            "a1b2c3d4e5",
            "0102030405",
            "abcde12345",
            "qwerty12345!",
            "11 22 33 44 55",
            "aaaaaaaaaab1!",
        ] {
            assert_eq!(judged(text), Err(WeakPassword::Simple), "{text}");
        }
    }

    #[test]
    fn the_commonest_words_however_they_are_written() {
        for text in [
            "password123",
            "P@ssw0rd2021",
            "PassWord!!",
            "Mật khẩu 123",
            "matkhau@2021",
            "iloveyou1234",
            "Anh Yêu Em 123",
            "admin admin 1",
            "vietnam2021",
            "welcome2021!",
            "passwordpassword",
        ] {
            assert_eq!(judged(text), Err(WeakPassword::Common), "{text}");
        }
    }

    #[test]
    fn what_others_know_of_the_account() {
        for text in [
            "0912345678",
            "+84912345678",
            "84 912 345 678",
            "so 0912.345.678 nhe",
            "chodongxuan",
            "CHỢ ĐỒNG XUÂN 15",
            "cho dong xuan cau dong",
        ] {
            assert_eq!(judged(text), Err(WeakPassword::Personal), "{text}");
        }
        let login = "lan.nguyen".parse().unwrap();
        let typed = Password::from("Lan.Nguyen cua toi".to_owned());
        assert_eq!(check(&typed, Some(&login), &[]), Err(WeakPassword::Personal));
    }

    #[test]
    fn words_that_belong_to_nobody_are_taken() {
        for text in [
            "tre xanh bên đình",
            "tre xanh 2021",
            "hàng rau tầng hai",
            "một tờ giấy cho mỗi chợ",
            "correct horse battery",
            "Phở gà lúc sáu giờ",
            "xe đạp lan can mưa",
            "k7#Qv9!mZ2",
        ] {
            assert_eq!(judged(text), Ok(()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn anything_is_judged_and_what_we_draw_is_good(text in "\\PC{0,60}", seed in any::<u64>()) {
            let _ = judged(&text);
            let mut rng = rand::rngs::StdRng::seed_from_u64(seed);
            prop_assert_eq!(check(&Password::generate(&mut rng), None, &[]), Ok(()));
        }
    }
}
