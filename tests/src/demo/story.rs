//! The story as data: who takes part, who meets whom when, and what must come of it.
//!
//! Times are Viet Nam's (UTC+7, no summer time). The authority's keys live six hours and begin at
//! 1, 7, 13 and 19 o'clock there.

use vungxanh_daemon::radio::air::{Point, Wall};
use vungxanh_protocol::risk::RiskLevel;

use crate::harness::moment::{Moment, at};

/// What must come of the story for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Tests positive and publishes.
    Publishes,
    /// Is notified of an exposure of this level.
    IsTold(RiskLevel),
    IsToldNothing,
}

/// Someone who takes part.
#[derive(Debug, Clone, Copy)]
pub struct Character {
    /// For files and the radio.
    pub id: &'static str,
    pub name: &'static str,
    /// Where they live, alone: no one else within radio range.
    pub home: Point,
    /// What must come of it.
    pub outcome: Outcome,
}

/// Time that people spend somewhere. Anyone not named is at home.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    pub text: &'static str,
    pub begins: Moment,
    pub ends: Moment,
    /// Scaled seconds for each real second.
    pub rate: u32,
    /// Who is where, by id.
    pub places: &'static [(&'static str, Point)],
}

const fn point(x: f64, y: f64) -> Point {
    Point { x, y }
}

const fn character(id: &'static str, name: &'static str, home: f64, outcome: Outcome) -> Character {
    Character { id, name, home: point(home, 1_000.0), outcome }
}

/// Someone's stay at the market, with a check-in and a check-out.
#[derive(Debug, Clone, Copy)]
pub struct MarketVisit {
    pub who: &'static str,
    /// The text when they check in.
    pub text: &'static str,
    /// When they check in.
    pub from: Moment,
    /// When they check out.
    pub until: Moment,
    pub place: Point,
}

/// The one who tests positive.
pub const CASE: &str = "lan";

/// Everyone. The homes are far beyond the simulated radio's range from each other.
pub const CAST: [Character; 8] = [
    character(CASE, "Lan", 0.0, Outcome::Publishes),
    character("minh", "Minh", 1_000.0, Outcome::IsTold(RiskLevel::High)),
    character("hoa", "Hoa", 2_000.0, Outcome::IsToldNothing),
    character("tuan", "Tuấn", 3_000.0, Outcome::IsToldNothing),
    character("mai", "Mai", 4_000.0, Outcome::IsToldNothing),
    character("an", "An", 5_000.0, Outcome::IsToldNothing),
    character("binh", "Bình", 7_000.0, Outcome::IsTold(RiskLevel::Low)),
    character(DECLARANT, "Dũng", 9_000.0, Outcome::IsTold(RiskLevel::Low)),
];

/// The wall between the café's two rooms.
pub const WALLS: [Wall; 1] = [Wall { from: point(8.0, -20.0), to: point(8.0, 20.0) }];

const LANS_CHAIR: Point = point(0.0, 0.0);
const MINHS_CHAIR: Point = point(0.8, 0.0);
const NEXT_ROOM: Point = point(15.0, 0.0);
const THE_STREET: Point = point(0.0, -6.0);
const HOAS_TABLE: Point = point(2_000.0, 1_001.0);
const MINHS_OFFICE: Point = point(6_000.0, 0.0);
const BESIDE_MINH: Point = point(6_001.0, 0.0);

/// Scaled seconds a second while people meet: a scan window each quarter of a second.
const MEETING: u32 = 300;

/// When everyone has begun.
pub const BEGINNING: Moment = at(0, 8, 0);

/// Who meets whom, in the order of time.
pub const SCENES: [Scene; 4] = [
    Scene {
        text: "scene-cafe",
        begins: at(0, 9, 0),
        ends: at(0, 9, 25),
        rate: MEETING,
        places: &[(CASE, LANS_CHAIR), ("minh", MINHS_CHAIR), ("mai", NEXT_ROOM)],
    },
    Scene {
        text: "scene-passing",
        begins: at(0, 9, 25),
        ends: at(0, 9, 26),
        rate: MEETING / 5,
        places: &[
            (CASE, LANS_CHAIR),
            ("minh", MINHS_CHAIR),
            ("mai", NEXT_ROOM),
            ("tuan", THE_STREET),
        ],
    },
    Scene {
        text: "scene-cafe-goes-on",
        begins: at(0, 9, 26),
        ends: at(0, 9, 45),
        rate: MEETING,
        places: &[(CASE, LANS_CHAIR), ("minh", MINHS_CHAIR), ("mai", NEXT_ROOM)],
    },
    Scene {
        text: "scene-afternoon",
        begins: at(0, 14, 0),
        ends: at(0, 14, 40),
        rate: MEETING,
        places: &[(CASE, HOAS_TABLE), ("minh", MINHS_OFFICE), ("an", BESIDE_MINH)],
    },
];

/// Who is at the market when, in the order of arrival; no one within another's radio range.
pub static MARKET_VISITS: [MarketVisit; 3] = [
    MarketVisit {
        who: CASE,
        text: "stay-case",
        from: at(0, 10, 30),
        until: at(0, 11, 10),
        place: point(8_000.0, 0.0),
    },
    MarketVisit {
        who: "binh",
        text: "stay-overlap",
        from: at(0, 10, 50),
        until: at(0, 11, 40),
        place: point(8_000.0, 300.0),
    },
    MarketVisit {
        who: "an",
        text: "stay-later",
        from: at(0, 12, 5),
        until: at(0, 12, 50),
        place: point(8_000.0, 0.0),
    },
];

/// The one who declares, and shows a pass at the market's door.
pub const DECLARANT: &str = "dung";

/// A card that staff print for somebody without a device.
#[derive(Debug, Clone, Copy)]
pub struct PrintedCard {
    /// For files.
    pub id: &'static str,
    pub name: &'static str,
    /// The number, as it is typed.
    pub phone: &'static str,
}

/// Who has a printed card.
pub const CARDS: [PrintedCard; 2] = [
    PrintedCard { id: "sau", name: "Cụ Sáu", phone: "0987654321" },
    PrintedCard { id: "tu", name: "Bà Tư Hậu", phone: "0976543210" },
];

/// Somebody whom the market's staff scan at its door, coming and going.
#[derive(Debug, Clone, Copy)]
pub struct DoorVisit {
    /// The declarant, or a card's id.
    pub who: &'static str,
    /// The text when they come.
    pub text: &'static str,
    pub from: Moment,
    pub until: Moment,
    /// Whether the case was there, too.
    pub with_case: bool,
}

/// Where the declarant's device is at the market: far from everybody else's.
pub const DECLARANTS_PLACE: Point = point(8_000.0, 600.0);

/// Who is scanned at the door when.
pub static DOOR_VISITS: [DoorVisit; 3] = [
    DoorVisit {
        who: "sau",
        text: "stay-card",
        from: at(0, 10, 40),
        until: at(0, 11, 30),
        with_case: true,
    },
    DoorVisit {
        who: DECLARANT,
        text: "stay-pass",
        from: at(0, 10, 45),
        until: at(0, 11, 20),
        with_case: true,
    },
    DoorVisit {
        who: "tu",
        text: "stay-card-later",
        from: at(0, 12, 15),
        until: at(0, 12, 45),
        with_case: false,
    },
];

/// When the case learns the test's result.
pub const RESULT: Moment = at(0, 20, 0);
/// The hour of the rolling period that the case leaves out: the one with Hoa, 13 to 19 o'clock.
pub const LEFT_OUT_HOUR: u64 = 14;
/// Rolling periods in which the case's device was on and that are not left out: 7 and 19 o'clock.
pub const PUBLISHED_PERIODS: usize = 2;
/// Rolling periods left out.
pub const LEFT_OUT_PERIODS: usize = 1;
/// From when on even the key that was running at the publication is public: it ends at 1 o'clock,
/// no reader believes it 40 minutes later, and keys are released at whole hours.
pub const EVERYTHING_RELEASED: Moment = at(1, 2, 0);

/// How long one identifier is shown at most, in seconds: from the middle of the interval before
/// its own to the end of its own; and five minutes more by a device that is held up, before the
/// radio falls silent by itself.
pub const LONGEST_SHOWN: u64 = 900 + 300;

/// The character of this id.
pub fn character_of(id: &str) -> Option<&'static Character> {
    CAST.iter().find(|character| character.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenes_follow_each_other_and_name_the_cast() {
        assert!(SCENES.is_sorted_by(|a, b| a.ends <= b.begins));
        assert!(SCENES[0].begins > BEGINNING);
        assert!(SCENES.iter().all(|scene| scene.begins < scene.ends && scene.ends < RESULT));
        for (id, _) in SCENES.iter().flat_map(|scene| scene.places) {
            assert!(character_of(id).is_some(), "{id}");
        }
    }

    #[test]
    fn only_one_stay_overlaps_with_that_of_the_case() {
        let case = MARKET_VISITS.iter().find(|stay| stay.who == CASE).unwrap();
        for stay in MARKET_VISITS.iter().filter(|stay| stay.who != CASE) {
            let overlaps = stay.from < case.until && case.from < stay.until;
            let outcome = character_of(stay.who).unwrap().outcome;
            assert_eq!(overlaps, outcome == Outcome::IsTold(RiskLevel::Low), "{}", stay.who);
            if overlaps {
                assert!(stay.place.distance_m(case.place) > 100.0);
            }
        }
        for stay in &MARKET_VISITS {
            let meets = |scene: &&Scene| scene.begins < stay.until && stay.from < scene.ends;
            assert!(SCENES.iter().find(meets).is_none(), "{}", stay.who);
        }
    }

    #[test]
    fn the_door_scans_two_who_were_there_with_the_case_and_one_who_was_not() {
        let case = MARKET_VISITS.iter().find(|stay| stay.who == CASE).unwrap();
        for visit in &DOOR_VISITS {
            let overlaps = visit.from < case.until && case.from < visit.until;
            assert_eq!(overlaps, visit.with_case, "{}", visit.who);
            let card = CARDS.iter().any(|card| card.id == visit.who);
            assert!(card || visit.who == DECLARANT, "{}", visit.who);
            let meets = |scene: &&Scene| scene.begins < visit.until && visit.from < scene.ends;
            assert!(SCENES.iter().find(meets).is_none(), "{}", visit.who);
        }
        for stay in &MARKET_VISITS {
            assert!(stay.place.distance_m(DECLARANTS_PLACE) > 100.0);
        }
    }

    #[test]
    fn the_case_meets_hoa_in_another_rolling_period_than_minh() {
        let period = |moment: Moment| moment.time().as_secs() / (6 * 3_600);
        let with = |id: &str| {
            SCENES
                .iter()
                .filter(move |scene| scene.text != "scene-passing")
                .filter(move |scene| {
                    let place = |who: &str| scene.places.iter().find(|(id, _)| *id == who);
                    let home = character_of(id).map(|character| character.home);
                    let other = place(id).map(|(_, place)| *place).or(home);
                    place(CASE).zip(other).is_some_and(|((_, a), b)| a.distance_m(b) < 2.0)
                })
                .collect::<Vec<_>>()
        };
        let (minh, hoa) = (with("minh"), with("hoa"));
        assert_eq!((minh.len(), hoa.len()), (2, 1));
        assert!(with("an").is_empty());
        let left_out = period(at(0, LEFT_OUT_HOUR, 0));
        assert_eq!(period(hoa[0].begins), left_out);
        assert_eq!(period(hoa[0].ends), left_out);
        assert!(minh.iter().all(|scene| period(scene.ends) != left_out));
        assert_ne!(period(RESULT), left_out);
    }
}
