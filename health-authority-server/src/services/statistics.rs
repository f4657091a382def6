//! The statistics that staff see: figures by day and by class, with small numbers of people protected.

use std::collections::BTreeMap;

use vungxanh_protocol::interval::UtcDay;

use super::app::App;
use crate::domain::classes::{DELAYS, KINDS, MAX_DAYS, USE_TIMES};
use crate::domain::suppression::{Joined, Shown, by_size, exact, protected};
use crate::domain::throttle::Limit;
use crate::domain::units::units;
use crate::domain::usual_range::{DAYS, Usual};
use crate::storage::StoreError;
use crate::storage::statistics::{Counter, DayTotal, Figure};

/// UTC days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    from: UtcDay,
    until: UtcDay,
}

impl Days {
    /// None in the wrong order, or of too many.
    pub fn new(from: UtcDay, until: UtcDay) -> Option<Self> {
        let days = until.number().checked_sub(from.number())?;
        (days < MAX_DAYS).then_some(Self { from, until })
    }

    /// So many days, the last of which is `until`.
    pub const fn last(count: u32, until: UtcDay) -> Self {
        Self { from: until.minus(count - 1), until }
    }

    pub const fn from(self) -> UtcDay {
        self.from
    }

    pub const fn until(self) -> UtcDay {
        self.until
    }

    pub const fn count(self) -> u32 {
        self.until.number() - self.from.number() + 1
    }

    fn iter(self) -> impl Iterator<Item = UtcDay> {
        (self.from.number()..=self.until.number()).map(UtcDay::new)
    }
}

/// What belongs together on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Codes,
    Publications,
    LookAlikes,
    Declarations,
    Venues,
    Messages,
    Limits,
}

impl Section {
    pub const ALL: [Self; 7] = [
        Self::Codes,
        Self::Publications,
        Self::LookAlikes,
        Self::Declarations,
        Self::Venues,
        Self::Messages,
        Self::Limits,
    ];

    /// The end of its text's id.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Codes => "codes",
            Self::Publications => "publications",
            Self::LookAlikes => "look-alikes",
            Self::Declarations => "declarations",
            Self::Venues => "venues",
            Self::Messages => "messages",
            Self::Limits => "limits",
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Source {
    Day(Counter),
    UseTime,
    OnsetDelay,
    TestDelay,
    Kind,
    Ward,
    Limit,
}

/// What is shown, in this order, and whether it is about people: then small numbers are protected.
const SHOWN: [(Section, Source, bool); 23] = [
    (Section::Codes, Source::Day(Counter::CodesIssued), true),
    (Section::Codes, Source::Day(Counter::CodesRedeemed), true),
    (Section::Codes, Source::UseTime, true),
    (Section::Codes, Source::Day(Counter::CodesExpired), true),
    (Section::Codes, Source::Day(Counter::CodesUsedBefore), true),
    (Section::Codes, Source::Day(Counter::CodesWrong), false),
    (Section::Publications, Source::Day(Counter::Publications), true),
    (Section::Publications, Source::OnsetDelay, true),
    (Section::Publications, Source::TestDelay, true),
    (Section::Publications, Source::Day(Counter::KeysPublished), false),
    (Section::Publications, Source::Day(Counter::Batches), false),
    (Section::Publications, Source::Day(Counter::SyntheticPersons), false),
    (Section::LookAlikes, Source::Day(Counter::DummyRequests), false),
    (Section::LookAlikes, Source::Day(Counter::DummyPublications), false),
    (Section::Declarations, Source::Day(Counter::Declarations), true),
    (Section::Declarations, Source::Kind, true),
    (Section::Declarations, Source::Ward, true),
    (Section::Venues, Source::Day(Counter::VisitsCounted), true),
    (Section::Venues, Source::Day(Counter::DoorUploads), false),
    (Section::Venues, Source::Day(Counter::DoorHoursOpened), true),
    (Section::Messages, Source::Day(Counter::MessagesSent), true),
    (Section::Messages, Source::Day(Counter::MessagesFailed), false),
    (Section::Limits, Source::Limit, false),
];

/// What a warning is given about.
const WATCHED: [(Counter, bool); 9] = [
    (Counter::CodesIssued, true),
    (Counter::CodesRedeemed, true),
    (Counter::CodesWrong, false),
    (Counter::Publications, true),
    (Counter::DummyPublications, false),
    (Counter::Declarations, true),
    (Counter::VisitsCounted, true),
    (Counter::MessagesSent, true),
    (Counter::MessagesFailed, false),
];

/// What a number is of. Several where numbers were joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// Days from one to another, both included.
    Days(UtcDay, UtcDay),
    /// Classes by their names.
    Classes(Vec<&'static str>),
    /// A ward; 0: none of Viet Nam's.
    Ward(u32),
    /// All wards of a province; none: of no ward of Viet Nam.
    Province(Option<u8>),
    AllWards,
}

/// A figure in the days asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub section: Section,
    /// Its name for programs.
    pub id: &'static str,
    pub about_people: bool,
    pub rows: Vec<(Of, Shown)>,
    pub total: Shown,
}

impl Table {
    /// Whether its rows are days.
    pub fn is_by_day(&self) -> bool {
        self.rows.iter().all(|(of, _)| matches!(of, Of::Days(..)))
    }
}

impl Source {
    const fn id(self) -> &'static str {
        match self {
            Self::Day(counter) => counter.name(),
            Self::UseTime => "code_use_time",
            Self::OnsetDelay => "onset_delay",
            Self::TestDelay => "test_delay",
            Self::Kind => "declaration_kind",
            Self::Ward => "declaration_ward",
            Self::Limit => "limits",
        }
    }

    /// The classes, each with the figure that is counted.
    fn classes(self) -> Vec<(&'static str, Figure)> {
        let delays = || DELAYS.iter().map(|(name, _)| *name);
        match self {
            Self::UseTime => USE_TIMES.iter().map(|(n, _)| (*n, Figure::UseTime(n))).collect(),
            Self::OnsetDelay => delays().map(|name| (name, Figure::OnsetDelay(name))).collect(),
            Self::TestDelay => delays().map(|name| (name, Figure::TestDelay(name))).collect(),
            Self::Kind => {
                KINDS.iter().map(|(n, kind)| (*n, Figure::DeclarationKind(*kind))).collect()
            }
            Self::Limit => {
                let limits = Limit::ALL.into_iter();
                limits.map(|limit| (limit.name(), Counter::of_limit(limit).into())).collect()
            }
            Self::Day(_) | Self::Ward => Vec::new(),
        }
    }
}

/// All figures in these days.
pub async fn tables(app: &App, days: Days) -> Result<Vec<Table>, StoreError> {
    let counted = Counted::read(app, days).await?;
    let wards = app.store.declarations_by_ward(days.from, days.until).await?;
    let table = |(section, source, about_people): (Section, Source, bool)| {
        let (rows, total) = match source {
            Source::Day(counter) => by_day(&counted, days, counter, about_people),
            Source::Ward => by_ward(&wards),
            _ => by_class(&counted, &source.classes(), about_people),
        };
        Table { section, id: source.id(), about_people, rows, total }
    };
    Ok(SHOWN.into_iter().map(table).collect())
}

type Rows = (Vec<(Of, Shown)>, Shown);

fn by_day(counted: &Counted, days: Days, counter: Counter, about_people: bool) -> Rows {
    let all: Vec<UtcDay> = days.iter().collect();
    let numbers: Vec<u64> = all.iter().map(|day| counted.on(counter, *day)).collect();
    let steps = [1, 7, 28].map(|size| by_size(numbers.len(), size));
    let joined = if about_people { protected(&numbers, &steps) } else { exact(&numbers) };
    rows(joined, |first, last| Of::Days(all[first], all[last]))
}

fn by_class(counted: &Counted, classes: &[(&'static str, Figure)], about_people: bool) -> Rows {
    let numbers: Vec<u64> = classes.iter().map(|(_, figure)| counted.in_all(*figure)).collect();
    let steps = [1, 2, 4].map(|size| by_size(numbers.len(), size));
    let joined = if about_people { protected(&numbers, &steps) } else { exact(&numbers) };
    rows(joined, |first, last| {
        Of::Classes(classes[first..=last].iter().map(|(name, _)| *name).collect())
    })
}

/// Wards are joined to provinces. Those without a declaration are not named.
fn by_ward(wards: &[(u32, u64)]) -> Rows {
    let province = |code: u32| units().ward(code).map(|ward| ward.province);
    let mut wards: Vec<(u32, u64)> =
        wards.iter().copied().filter(|(_, count)| *count > 0).collect();
    wards.sort_by_key(|(code, _)| (province(*code), *code));
    let numbers: Vec<u64> = wards.iter().map(|(_, count)| *count).collect();
    let provinces = wards.iter().map(|(code, _)| province(*code).map_or(0, usize::from));
    let steps = [by_size(numbers.len(), 1), provinces.collect()];
    let joined = protected(&numbers, &steps);
    let is_by_ward = joined.rows.len() == numbers.len();
    rows(joined, |first, last| {
        let (one, other) = (wards[first].0, wards[last].0);
        match is_by_ward {
            true => Of::Ward(one),
            false if province(one) == province(other) => Of::Province(province(one)),
            false => Of::AllWards,
        }
    })
}

fn rows(joined: Joined, of: impl Fn(usize, usize) -> Of) -> Rows {
    let named = joined.rows.iter().map(|(first, last)| of(*first, *last));
    (named.zip(joined.shown).collect(), joined.total)
}

/// What was counted, by name and day.
struct Counted(BTreeMap<(String, UtcDay), u64>);

impl Counted {
    async fn read(app: &App, days: Days) -> Result<Self, StoreError> {
        let counted = app.store.statistics_by_day(days.from, days.until).await?;
        let pair = |DayTotal { name, day, total }| ((name, day), total);
        Ok(Self(counted.into_iter().map(pair).collect()))
    }

    fn on(&self, counter: Counter, day: UtcDay) -> u64 {
        self.0.get(&(counter.name().to_owned(), day)).copied().unwrap_or(0)
    }

    fn in_all(&self, figure: Figure) -> u64 {
        let name = figure.name();
        let of_it = self.0.iter().filter(|((counted, _), _)| *counted == name);
        of_it.map(|(_, total)| total).sum()
    }
}

/// A figure that left its usual range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unusual {
    pub counter: Counter,
    pub day: UtcDay,
    pub figure: Shown,
    pub usual: Usual,
}

/// Figures of today that are above what is usual, or else of yesterday that are out of it: today is not over.
pub async fn unusual(app: &App) -> Result<Vec<Unusual>, StoreError> {
    let today = app.clock.now().day();
    let Some(first) = app.store.first_counted_day().await? else { return Ok(Vec::new()) };
    let before = u32::try_from(DAYS).unwrap_or(u32::MAX);
    let counted = Counted::read(app, Days::last(before + 2, today)).await?;
    let mut found = Vec::new();
    for (counter, about_people) in WATCHED {
        let of = |day: UtcDay| {
            // The first day was not a whole one.
            let days = (day.number().saturating_sub(before)..day.number()).map(UtcDay::new);
            let days: Vec<u64> =
                days.filter(|day| *day > first).map(|day| counted.on(counter, day)).collect();
            Usual::of(&days).map(|usual| (counted.on(counter, day), usual))
        };
        let above = of(today).filter(|(figure, usual)| *figure > usual.to).map(|of| (today, of));
        let yesterday = today.minus(1);
        let outside =
            || of(yesterday).filter(|(f, usual)| !usual.holds(*f)).map(|of| (yesterday, of));
        if let Some((day, (figure, usual))) = above.or_else(outside) {
            let figure = if about_people { Shown::of(figure) } else { Shown::Exact(figure) };
            found.push(Unusual { counter, day, figure, usual });
        }
    }
    Ok(found)
}
