//! Whether the chain of the audit log is whole, and whether it continues a head that was written down.

use std::collections::BTreeMap;

use super::audit_chain::{BEGINNING, Content, EntryHash, Head};

/// So many faults are named; more are counted.
const MAX_FAULTS: usize = 50;
/// Of so many entries that do not fit it is looked at whether they stood elsewhere.
const MAX_SUSPECTS: usize = 200;
/// So many numbers that are missing between two entries are tried for that.
const MAX_GAP: i64 = 50;

/// An entry with what ties it to the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub content: Content,
    pub previous: Option<EntryHash>,
    pub hash: Option<EntryHash>,
}

/// What is wrong, with the numbers of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// What the entry says is not what it said.
    Changed(i64),
    /// At `place` stands what was the entry `entry`.
    Moved { place: i64, entry: i64 },
    /// Between two entries others were deleted, or the first of them was replaced together with its hash.
    Missing { after: i64, before: i64 },
    /// The entry was replaced together with its hash: the next one follows another.
    Replaced(i64),
    /// The entry was put in without a hash.
    NotChained(i64),
    /// The last entry is `last`, the end of the chain is `end`.
    CutOff { last: i64, end: i64 },
    /// Entries from this number on were put in past the end of the chain.
    PastEnd(i64),
}

impl Fault {
    /// The end of its text's id, and its numbers.
    pub const fn name_and_numbers(self) -> (&'static str, i64, i64) {
        match self {
            Self::Changed(entry) => ("changed", entry, 0),
            Self::Moved { place, entry } => ("moved", place, entry),
            Self::Missing { after, before } => ("missing", after, before),
            Self::Replaced(entry) => ("replaced", entry, 0),
            Self::NotChained(entry) => ("not-chained", entry, 0),
            Self::CutOff { last, end } => ("cut-off", last, end),
            Self::PastEnd(entry) => ("past-end", entry, 0),
        }
    }

    /// Where it is.
    const fn place(self) -> i64 {
        self.name_and_numbers().1
    }
}

/// How the log goes with a head that was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// The entry is the one that was written down.
    Continues,
    /// The log ends before it.
    CutOff,
    /// There is no entry with this number.
    Deleted,
    /// The entry with this number is another one: the log was rewritten at or before it.
    Rewritten,
}

impl Compared {
    /// The end of its text's id.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Continues => "continues",
            Self::CutOff => "cut-off",
            Self::Deleted => "deleted",
            Self::Rewritten => "rewritten",
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Entries looked at.
    pub entries: u64,
    /// The end of the chain; none while nothing was logged.
    pub head: Option<Head>,
    pub faults: Vec<Fault>,
    /// Faults that are not among them.
    pub more: usize,
    /// The head that was asked about, and what came of it.
    pub compared: Option<(Head, Compared)>,
}

impl Report {
    /// Whether the chain is whole and continues the head that was asked about, if one was.
    pub fn is_good(&self) -> bool {
        let continues = self.compared.is_none_or(|(_, found)| found == Compared::Continues);
        self.faults.is_empty() && continues
    }
}

/// Looks at the entries one by one.
#[derive(Debug)]
pub struct Check {
    asked: Option<Head>,
    found: Option<Compared>,
    /// Number and hash of the last chained entry.
    last: (i64, EntryHash),
    entries: u64,
    faults: Vec<Fault>,
    more: usize,
    /// Entries that do not fit their hashes, and numbers that may have been theirs.
    suspects: BTreeMap<i64, Link>,
    free: Vec<i64>,
}

impl Check {
    /// Of a log that is to continue `asked`.
    pub fn new(asked: Option<Head>) -> Self {
        Self {
            asked,
            found: None,
            last: (0, BEGINNING),
            entries: 0,
            faults: Vec::new(),
            more: 0,
            suspects: BTreeMap::new(),
            free: Vec::new(),
        }
    }

    /// The next entry, in the order of their numbers.
    pub fn take(&mut self, link: Link) {
        let entry = link.content.entry;
        self.entries += 1;
        if let Some(asked) = self.asked.filter(|asked| asked.entry == entry) {
            let is_it = link.hash == Some(asked.hash);
            self.found = Some(if is_it { Compared::Continues } else { Compared::Rewritten });
        }
        let (Some(previous), Some(hash)) = (link.previous, link.hash) else {
            self.note(Fault::NotChained(entry));
            return;
        };
        let (after, expected) = self.last;
        if previous != expected {
            let gap = entry - after - 1;
            self.free
                .extend((after + 1..entry).take(usize::try_from(gap.min(MAX_GAP)).unwrap_or(0)));
            self.note(match gap {
                0 if after > 0 => Fault::Replaced(after),
                _ => Fault::Missing { after, before: entry },
            });
        }
        if link.content.hash(&previous) != hash {
            self.note(Fault::Changed(entry));
            if self.suspects.len() < MAX_SUSPECTS {
                self.suspects.insert(entry, link);
            }
        }
        self.last = (entry, hash);
    }

    fn note(&mut self, fault: Fault) {
        // Room for those that say the same in other words.
        if self.faults.len() < 4 * MAX_FAULTS { self.faults.push(fault) } else { self.more += 1 }
    }

    /// All entries were taken. `head` is the end of the chain, `past_end` the first entry after it.
    pub fn end(mut self, head: Option<Head>, past_end: Option<i64>) -> Report {
        let end = head.map_or((0, BEGINNING), |head| (head.entry, head.hash));
        if self.last.0 < end.0 {
            self.note(Fault::CutOff { last: self.last.0, end: end.0 });
        } else if self.last.1 != end.1 {
            self.note(Fault::Replaced(self.last.0));
        }
        if let Some(entry) = past_end {
            self.note(Fault::PastEnd(entry));
        }
        let compared = self.asked.map(|asked| {
            let missing =
                if asked.entry > self.last.0 { Compared::CutOff } else { Compared::Deleted };
            (asked, self.found.unwrap_or(missing))
        });
        self.name_moved();
        self.faults.sort();
        self.faults.sort_by_key(|fault| fault.place());
        self.faults.dedup();
        let more = self.more + self.faults.len().saturating_sub(MAX_FAULTS);
        self.faults.truncate(MAX_FAULTS);
        Report { entries: self.entries, head, faults: self.faults, more, compared }
    }

    /// An entry that is whole but for its number was moved: that is said once, and not the broken links
    /// around it.
    fn name_moved(&mut self) {
        let mut numbers: Vec<i64> = self.suspects.keys().copied().collect();
        numbers.extend(&self.free);
        let mut moved = BTreeMap::new();
        for (place, link) in &self.suspects {
            let (Some(previous), Some(hash)) = (link.previous, link.hash) else { continue };
            let is_it = |number: &&i64| link.content.hash_at(**number, &previous) == hash;
            if let Some(entry) = numbers.iter().find(is_it) {
                moved.insert(*place, *entry);
            }
        }
        let places: Vec<i64> = moved.iter().flat_map(|(place, entry)| [*place, *entry]).collect();
        self.faults.retain(|fault| match fault {
            Fault::Changed(entry) => !moved.contains_key(entry),
            Fault::Missing { after, before } => {
                let is_explained = |number: &i64| after <= number && number <= before;
                !places.iter().any(is_explained)
            }
            Fault::Replaced(entry) => {
                !places.iter().any(|number| (*entry..=*entry + 1).contains(number))
            }
            _ => true,
        });
        let moved = moved.into_iter().map(|(place, entry)| Fault::Moved { place, entry });
        self.faults.extend(moved);
    }
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::interval::UnixTime;

    use super::*;

    /// A log of so many entries, chained.
    fn log(count: i64) -> Vec<Link> {
        let mut links = Vec::new();
        let mut previous = BEGINNING;
        for entry in 1..=count {
            let content = Content {
                entry,
                at: 1_630_476_000 + entry,
                account: (entry % 2 == 0).then_some(entry),
                actor: "minh".into(),
                action: "logged-in".into(),
                subject: format!("account {entry}"),
                detail: String::new(),
            };
            let hash = content.hash(&previous);
            links.push(Link { content, previous: Some(previous), hash: Some(hash) });
            previous = hash;
        }
        links
    }

    fn head_of(links: &[Link]) -> Option<Head> {
        links.last().map(|link| Head {
            entry: link.content.entry,
            at: UnixTime::from_secs(link.content.at.unsigned_abs()),
            hash: link.hash.unwrap_or_default(),
        })
    }

    /// Hashes entries again from the one with this index on, as somebody with the whole database can.
    fn rehash(links: &mut [Link], from: usize) {
        for at in from..links.len() {
            let previous = if at == 0 { BEGINNING } else { links[at - 1].hash.unwrap() };
            links[at].previous = Some(previous);
            links[at].hash = Some(links[at].content.hash(&previous));
        }
    }

    fn check(links: &[Link], head: Option<Head>, asked: Option<Head>) -> Report {
        let mut check = Check::new(asked);
        links.iter().cloned().for_each(|link| check.take(link));
        let end = head.map_or(0, |head| head.entry);
        let past = links.iter().map(|link| link.content.entry).find(|entry| *entry > end);
        check.end(head, past)
    }

    #[test]
    fn a_whole_log_continues_every_head_that_it_ever_had() {
        assert!(check(&[], None, None).is_good());
        let links = log(20);
        let head = head_of(&links);
        for count in 1..=20 {
            let report = check(&links, head, head_of(&links[..count]));
            assert!(report.is_good(), "{report:?}");
            assert_eq!((report.entries, report.head), (20, head));
        }
    }

    #[test]
    fn what_somebody_did_without_hashing_again_is_named() {
        let whole = log(10);
        let head = head_of(&whole);
        let faults = |change: fn(&mut Vec<Link>)| {
            let mut links = whole.clone();
            change(&mut links);
            let report = check(&links, head, None);
            assert!(!report.is_good() && report.more == 0);
            report.faults
        };
        let changed: [fn(&mut Vec<Link>); 4] = [
            |links| links[4].content.actor = "lan".into(),
            |links| links[4].content.at += 1,
            |links| links[4].content.account = Some(9),
            |links| links[4].content.detail = "x".into(),
        ];
        for change in changed {
            assert_eq!(faults(change), [Fault::Changed(5)]);
        }
        assert_eq!(faults(|links| drop(links.remove(4))), [Fault::Missing { after: 4, before: 6 }]);
        assert_eq!(
            faults(|links| drop(links.drain(..3))),
            [Fault::Missing { after: 0, before: 4 }]
        );
        assert_eq!(faults(|links| links.truncate(7)), [Fault::CutOff { last: 7, end: 10 }]);
        assert_eq!(faults(Vec::clear), [Fault::CutOff { last: 0, end: 10 }]);
        let swapped = faults(|links| {
            links.swap(4, 5);
            (links[4].content.entry, links[5].content.entry) = (5, 6);
        });
        let expected = [Fault::Moved { place: 5, entry: 6 }, Fault::Moved { place: 6, entry: 5 }];
        assert_eq!(swapped, expected);
        let to_the_end = faults(|links| {
            let mut moved = links.remove(2);
            moved.content.entry = 11;
            links.push(moved);
        });
        assert!(to_the_end.contains(&Fault::Moved { place: 11, entry: 3 }), "{to_the_end:?}");
        let unchained = faults(|links| {
            let mut new = links[9].clone();
            (new.content.entry, new.previous, new.hash) = (11, None, None);
            links.push(new);
        });
        assert_eq!(unchained, [Fault::NotChained(11), Fault::PastEnd(11)]);
    }

    #[test]
    fn an_entry_that_was_hashed_again_does_not_fit_the_next_one() {
        let whole = log(10);
        let mut links = whole.clone();
        links[4].content.actor = "lan".into();
        links[4].hash = Some(links[4].content.hash(&links[4].previous.unwrap()));
        let report = check(&links, head_of(&whole), None);
        assert_eq!(report.faults, [Fault::Replaced(5)]);
        let mut links = whole.clone();
        links[9].content.actor = "lan".into();
        links[9].hash = Some(links[9].content.hash(&links[9].previous.unwrap()));
        let report = check(&links, head_of(&whole), None);
        assert_eq!(report.faults, [Fault::Replaced(10)]);
    }

    #[test]
    fn a_log_that_was_rewritten_as_a_whole_is_found_by_a_head_that_is_kept_elsewhere() {
        let whole = log(10);
        let kept = head_of(&whole[..8]);
        let asked = |links: &[Link]| {
            let report = check(links, head_of(links), kept);
            (report.faults.len(), report.compared.unwrap().1)
        };
        assert_eq!(asked(&whole), (0, Compared::Continues));
        let mut links = whole.clone();
        links[4].content.actor = "lan".into();
        rehash(&mut links, 4);
        assert_eq!(asked(&links), (0, Compared::Rewritten));
        assert_eq!(asked(&whole[..7]), (0, Compared::CutOff));
        let mut links = whole.clone();
        links.remove(7);
        rehash(&mut links, 7);
        assert_eq!(asked(&links), (0, Compared::Deleted));
        // What came after the head that is kept can be rewritten unnoticed.
        let mut links = whole.clone();
        links[8].content.actor = "lan".into();
        rehash(&mut links, 8);
        assert_eq!(asked(&links), (0, Compared::Continues));
    }

    #[test]
    fn a_thousand_faults_are_counted_and_fifty_named() {
        let whole = log(1_000);
        let mut links = whole.clone();
        links.iter_mut().for_each(|link| link.content.detail = "x".into());
        let report = check(&links, head_of(&whole), None);
        assert_eq!((report.faults.len(), report.more), (MAX_FAULTS, 950));
    }
}
