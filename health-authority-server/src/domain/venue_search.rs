//! Looking for a venue as officers do: by words of its name or address, by its telephone, by the characters
//! on one of its posters; in a state, a province, a ward.

use vungxanh_protocol::units::folded;

use super::phone::Phone;
use super::place_search::PlaceQuery;
use super::posters::PosterCharacters;
use super::units::units;
use super::venues::{Registration, VenueId, VenueState};

/// Fewer digits are no part of a telephone number that anybody looks for.
const LEAST_DIGITS: usize = 3;

/// What a venue has to be. Nothing: all venues.
#[derive(Debug, Default)]
pub struct VenueSearch {
    pub state: Option<VenueState>,
    /// Code of a province.
    pub province: Option<u8>,
    ward: Option<WardQuery>,
    text: Option<TextQuery>,
}

#[derive(Debug)]
enum WardQuery {
    Code(u32),
    /// No ward of that province has this name: whose names hold it.
    Named(String),
}

#[derive(Debug)]
struct TextQuery {
    words: Option<PlaceQuery>,
    /// Digits that the telephone holds, as its E.164 form has them.
    digits: Option<String>,
    poster: Option<PosterCharacters>,
    /// Those with such a poster.
    venues: Vec<VenueId>,
}

impl VenueSearch {
    /// Reads what was typed. A text that is too long finds nothing.
    pub fn read(state: Option<VenueState>, text: &str, province: &str, ward: &str) -> Self {
        let province = province.parse().ok().filter(|code| units().province(*code).is_some());
        let ward = match ward.trim() {
            "" => None,
            name => Some(match province.and_then(|code| units().named(name, code)) {
                Some(ward) => WardQuery::Code(ward.code),
                None => WardQuery::Named(folded(name)),
            }),
        };
        let text = match text.trim() {
            "" => None,
            text => Some(TextQuery {
                words: PlaceQuery::new(text),
                digits: digits(text),
                poster: PosterCharacters::read(text),
                venues: Vec::new(),
            }),
        };
        Self { state, province, ward, text }
    }

    /// The characters of a poster that are looked for.
    pub fn poster(&self) -> Option<PosterCharacters> {
        self.text.as_ref()?.poster
    }

    /// Says which venues have a poster with those characters.
    pub fn found_posters_of(&mut self, venues: Vec<VenueId>) {
        if let Some(text) = &mut self.text {
            text.venues = venues;
        }
    }

    /// Whether a venue, in whatever state, is looked for.
    pub fn matches(&self, venue: VenueId, registration: &Registration, phone: &str) -> bool {
        let ward = &registration.ward;
        let province = |code| units().ward(ward.code).is_some_and(|ward| ward.province == code);
        if !self.province.is_none_or(province) {
            return false;
        }
        let is_of_ward = match &self.ward {
            None => true,
            Some(WardQuery::Code(code)) => ward.code == *code,
            Some(WardQuery::Named(name)) => folded(&ward.name).contains(name.as_str()),
        };
        is_of_ward && self.text.as_ref().is_none_or(|text| text.matches(venue, registration, phone))
    }
}

impl TextQuery {
    fn matches(&self, venue: VenueId, registration: &Registration, phone: &str) -> bool {
        let Registration { name, street, registrant, ward, .. } = registration;
        let texts = [name.as_str(), street, &ward.name, registrant];
        self.words.as_ref().is_some_and(|words| words.matches(&texts))
            || self.digits.as_ref().is_some_and(|digits| phone.contains(digits.as_str()))
            || self.venues.contains(&venue)
    }
}

/// A telephone, or part of one, as numbers are stored.
fn digits(text: &str) -> Option<String> {
    if let Ok(phone) = text.parse::<Phone>() {
        return Some(phone.as_str().to_owned());
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = text.chars().all(|c| c.is_ascii_digit() || " +-.()".contains(c));
    let part = digits.trim_start_matches('0');
    (is_number && part.len() >= LEAST_DIGITS).then(|| part.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::venues::{Kind, Ward};

    #[test]
    fn a_venue_is_found_by_what_people_know_of_it() {
        let ward = units().search("Hoàn Kiếm", Some(1), 1)[0];
        let registration = Registration {
            name: "Chợ Đồng Xuân".into(),
            kind: Kind::Market,
            ward: Ward { code: ward.code, name: ward.name.into() },
            street: "15 Cầu Đông".into(),
            registrant: "Nguyễn Thị Lan".into(),
        };
        let found = |text: &str, province: &str, ward: &str| {
            let search = VenueSearch::read(None, text, province, ward);
            search.matches(7, &registration, "+84912345678")
        };
        for text in
            ["", "dong xuan", "CAU DONG chợ", "lan", "0912 345 678", "345678", "+84912345678"]
        {
            assert!(found(text, "", ""), "{text}");
        }
        for text in ["dong xuan 2", "0912 345 679", "12", "x".repeat(101).as_str()] {
            assert!(!found(text, "", ""), "{text}");
        }
        assert!(found("", "1", "") && found("", "1", "hoan kiem") && found("", "", "kiem"));
        assert!(
            !found("", "79", "") && !found("", "1", "Ba Đình") && !found("lan", "1", "Ba Đình")
        );
        assert!(found("", "999", ""), "no such province: not looked at");
        let mut search = VenueSearch::read(None, "a0a1 A2A3", "", "");
        assert!(search.poster().is_some() && !search.matches(7, &registration, "+84912345678"));
        search.found_posters_of(vec![7]);
        assert!(search.matches(7, &registration, "+84912345678"));
    }
}
