//! Provinces and wards of Viet Nam, today's and by their old names, found without diacritics. The data
//! files in `protocol/data/` say by which decree they are, their licence, and how they are renewed.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

const UNITS: &str = include_str!("../data/vn-units.tsv");
const OLD_NAMES: &str = include_str!("../data/vn-old-names.tsv");
/// The longest text that is searched for, in characters; what follows is not looked at.
pub const MAX_QUERY_CHARS: usize = 64;

/// A province or municipality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Province {
    /// Two digits.
    pub code: u8,
    /// Full name in normal form C.
    pub name: &'static str,
}

/// A ward, commune or special zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ward {
    /// Five digits.
    pub code: u32,
    /// Its province's code.
    pub province: u8,
    /// Full name in normal form C.
    pub name: &'static str,
    folded: String,
    old: &'static str,
}

/// All units.
#[derive(Debug, Clone)]
pub struct Units {
    provinces: Vec<Province>,
    wards: Vec<Ward>,
}

impl Units {
    /// Those of Viet Nam. Takes a few milliseconds; made once and reused.
    pub fn of_viet_nam() -> Self {
        let old: BTreeMap<u32, &'static str> = lines(OLD_NAMES)
            .filter_map(|line| line.split_once('\t'))
            .filter_map(|(code, names)| Some((code.parse().ok()?, names)))
            .collect();
        let mut units = Self { provinces: Vec::new(), wards: Vec::new() };
        for line in lines(UNITS) {
            let mut fields = line.split('\t');
            let next = (fields.next(), fields.next(), fields.next(), fields.next());
            match next {
                (Some("P"), Some(code), _, Some(name)) => {
                    let code = code.parse();
                    units.provinces.extend(code.map(|code| Province { code, name }));
                }
                (Some("W"), Some(code), Some(province), Some(name)) => {
                    let (Ok(code), Ok(province)) = (code.parse::<u32>(), province.parse()) else {
                        continue;
                    };
                    let old = old.get(&code).copied().unwrap_or_default();
                    units.wards.push(Ward { code, province, name, folded: folded(name), old });
                }
                _ => {}
            }
        }
        units
    }

    /// The provinces, by code.
    pub fn provinces(&self) -> &[Province] {
        &self.provinces
    }

    /// The wards of a province, by code.
    pub fn wards_of(&self, province: u8) -> impl Iterator<Item = &Ward> {
        self.wards.iter().filter(move |ward| ward.province == province)
    }

    /// A province by its code.
    pub fn province(&self, code: u8) -> Option<&Province> {
        self.provinces.iter().find(|province| province.code == code)
    }

    /// A ward by its code.
    pub fn ward(&self, code: u32) -> Option<&Ward> {
        let index = self.wards.binary_search_by_key(&code, |ward| ward.code).ok()?;
        self.wards.get(index)
    }

    /// The ward of a province that is called so: by its whole name as it is written, or else, where only one is,
    /// [`folded`], with or without its kind.
    pub fn named(&self, text: &str, province: u8) -> Option<&Ward> {
        let name: String = text.nfc().collect();
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(ward) = self.wards_of(province).find(|ward| ward.name == name) {
            return Some(ward);
        }
        let wanted = folded(&name);
        let mut same =
            self.wards_of(province).filter(|ward| ward.folded == wanted || ward.short() == wanted);
        same.next().filter(|_| same.next().is_none())
    }

    /// The wards that somebody may mean, the likeliest first, at most `limit`: by today's name, with or
    /// without its kind, and by names from before July 2025. Of one province, or of all.
    pub fn search(&self, text: &str, province: Option<u8>, limit: usize) -> Vec<&Ward> {
        let query = folded(&text.chars().take(MAX_QUERY_CHARS).collect::<String>());
        let query = query.trim();
        if query.is_empty() {
            return Vec::new();
        }
        let squeezed: String = query.chars().filter(|letter| *letter != ' ').collect();
        let bare = without_kind(&squeezed);
        let mut found: Vec<_> = self
            .wards
            .iter()
            .filter(|ward| province.is_none_or(|code| ward.province == code))
            .filter_map(|ward| Some((ward.rank(query, bare)?, ward)))
            .collect();
        found.sort_by_key(|(rank, ward)| (*rank, ward.code));
        found.into_iter().take(limit).map(|(_, ward)| ward).collect()
    }
}

impl Ward {
    /// The names that it had before July 2025, [`folded`] and without blanks, separated by commas.
    pub const fn old_names(&self) -> &'static str {
        self.old
    }

    /// Its name without its kind, [`folded`].
    fn short(&self) -> &str {
        let kinds = ["phuong ", "dac khu ", "xa "];
        kinds.into_iter().find_map(|kind| self.folded.strip_prefix(kind)).unwrap_or(&self.folded)
    }

    /// 0, its whole name; 1, how its name begins; 2, an old name; 3, how an old name begins; 4,
    /// anywhere in its name.
    fn rank(&self, query: &str, bare: &str) -> Option<u8> {
        let name = self.short();
        let mut old = self.old.split(',').filter(|name| !name.is_empty());
        if name == query || self.folded == query {
            Some(0)
        } else if name.starts_with(query) || self.folded.starts_with(query) {
            Some(1)
        } else if old.clone().any(|name| name == bare) {
            Some(2)
        } else if old.any(|name| name.starts_with(bare)) {
            Some(3)
        } else {
            self.folded.contains(query).then_some(4)
        }
    }
}

/// A text for comparing: small letters without marks, `d` for `đ`, blanks single. Where the tone stands
/// (Hoà, Hòa) makes no difference then.
pub fn folded(text: &str) -> String {
    let plain = text.nfd().filter(|letter| !matches!(letter, '\u{300}'..='\u{36f}'));
    let plain = plain.map(|letter| if matches!(letter, 'đ' | 'Đ') { 'd' } else { letter });
    let plain: String = plain.flat_map(char::to_lowercase).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn without_kind(squeezed: &str) -> &str {
    let kinds = ["thitran", "dackhu", "phuong", "xa"];
    let bare = kinds.into_iter().find_map(|kind| squeezed.strip_prefix(kind));
    bare.filter(|bare| !bare.is_empty()).unwrap_or(squeezed)
}

fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use unicode_normalization::is_nfc;

    use super::*;

    #[test]
    fn there_are_as_many_of_each_kind_as_the_decrees_say() {
        let units = Units::of_viet_nam();
        let kind = |kind: &str| units.wards.iter().filter(|w| w.name.starts_with(kind)).count();
        assert_eq!(units.provinces.len(), 34);
        let cities = units.provinces.iter().filter(|p| p.name.starts_with("Thành phố "));
        assert_eq!(cities.count(), 8);
        assert_eq!((kind("Xã "), kind("Phường "), kind("Đặc khu ")), (2_599, 709, 13));
        assert_eq!(units.wards.len(), lines(UNITS).count() - 34);
        assert!(units.wards.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(units.wards.iter().all(|ward| units.province(ward.province).is_some()));
        assert!(units.wards.iter().all(|ward| is_nfc(ward.name)));
        let old = units.wards.iter().filter(|ward| !ward.old.is_empty()).count();
        assert_eq!(old, lines(OLD_NAMES).count());
        assert!(old > 3_000);
    }

    #[test]
    fn a_ward_is_named_by_what_leads_to_it_alone() {
        let units = Units::of_viet_nam();
        let named = |text: &str, province| units.named(text, province).map(|ward| ward.code);
        for text in
            ["Phường Hoàn Kiếm", " hoàn  kiếm ", "phuong hoan kiem", "hoa\u{300}n kiê\u{301}m"]
        {
            assert_eq!(named(text, 1), Some(70), "{text}");
        }
        for (text, province) in
            [("Hoàn Kiếm", 79), ("Hoàn", 1), ("Đồng Xuân", 1), ("", 1), ("70", 1)]
        {
            assert_eq!(named(text, province), None, "{text}");
        }
        // Every whole name leads to its ward, though some differ by a tone alone; without it both may be meant.
        for ward in &units.wards {
            assert_eq!(named(ward.name, ward.province), Some(ward.code), "{}", ward.name);
        }
        let both = units.wards.iter().filter(|ward| ward.folded == "xa ba to").count();
        assert_eq!((both, named("xã ba to", 51)), (2, None));
    }

    #[test]
    fn a_ward_is_found_without_diacritics_with_either_tone_and_in_its_province() {
        let units = Units::of_viet_nam();
        let first = |text: &str, province| {
            units.search(text, province, 5).first().map(|ward| (ward.name, ward.province))
        };
        for text in
            ["hoan kiem", "Hoàn Kiếm", "HOAN  KIEM", "phuong hoan kiem", "hoa\u{300}n kiê\u{301}m"]
        {
            assert_eq!(first(text, None), Some(("Phường Hoàn Kiếm", 1)), "{text}");
        }
        assert_eq!(folded("Hoà"), folded("Hòa"));
        assert_eq!(folded("Thuỷ Đông"), "thuy dong");
        assert!(units.search("tan", Some(79), 100).iter().all(|ward| ward.province == 79));
        assert_eq!(units.search("tan", None, 7).len(), 7);
        assert_eq!(units.ward(4).map(|ward| ward.name), Some("Phường Ba Đình"));
        assert_eq!(units.ward(1), None);
        assert_eq!(units.province(79).map(|province| province.name), Some("Thành phố Hồ Chí Minh"));
        assert!(units.wards_of(1).count() > 100);
    }

    #[test]
    fn a_ward_is_found_by_a_name_that_it_had() {
        let units = Units::of_viet_nam();
        // Hàng Bạc, Hàng Bồ and others became Hoàn Kiếm.
        for text in ["Hàng Bạc", "phường Hàng Bạc", "hang bac"] {
            let found = units.search(text, Some(1), 5);
            assert!(found.iter().any(|ward| ward.name == "Phường Hoàn Kiếm"), "{text}: {found:?}");
        }
    }

    #[test]
    fn nothing_and_too_much_are_looked_for_in_vain_and_quickly() {
        let units = Units::of_viet_nam();
        assert_eq!(units.search("", None, 5), Vec::<&Ward>::new());
        assert_eq!(units.search(" \u{301}", None, 5), Vec::<&Ward>::new());
        assert_eq!(units.search(&"đ".repeat(10_000_000), None, 5), Vec::<&Ward>::new());
        assert_eq!(units.search("xyzzy", None, 5), Vec::<&Ward>::new());
    }
}
