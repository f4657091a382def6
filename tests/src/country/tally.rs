//! What was asked, what came back and how long it took.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Request {
    IssueCode,
    Verify,
    Certificate,
    Publish,
    DummyVerify,
    DummyCertificate,
    DummyPublish,
    Document,
    List,
    File,
    CheckInPage,
    Asset,
    DeclarePage,
    Declare,
    RegisterPage,
    Register,
    Confirm,
    LoginPage,
    LogIn,
    StaffPage,
    LogOut,
}

impl Request {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::IssueCode => "issue code",
            Self::Verify => "verify",
            Self::Certificate => "certificate",
            Self::Publish => "publish",
            Self::DummyVerify => "verify, dummy",
            Self::DummyCertificate => "certificate, dummy",
            Self::DummyPublish => "publish, dummy",
            Self::Document => "document",
            Self::List => "list of files",
            Self::File => "file",
            Self::CheckInPage => "check-in page",
            Self::Asset => "its files",
            Self::DeclarePage => "declaration's page",
            Self::Declare => "declare",
            Self::RegisterPage => "registration's page",
            Self::Register => "register",
            Self::Confirm => "confirm telephone",
            Self::LoginPage => "login page",
            Self::LogIn => "log in",
            Self::StaffPage => "staff's page",
            Self::LogOut => "log out",
        }
    }
}

/// Answers to one kind of request.
#[derive(Debug, Default)]
struct Answers {
    microseconds: Vec<u32>,
    statuses: BTreeMap<String, u64>,
    sent_bytes: u64,
    received_bytes: u64,
}

/// What the server should have counted, by the names of its statistics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) codes_issued: u64,
    pub(super) codes_redeemed: u64,
    pub(super) certificates: u64,
    pub(super) publications: u64,
    pub(super) keys_received: u64,
    pub(super) dummy_requests: u64,
    pub(super) dummy_publications: u64,
    pub(super) declarations: u64,
}

impl Done {
    pub(super) const fn by_name(&self) -> [(&'static str, u64); 8] {
        [
            ("codes_issued", self.codes_issued),
            ("codes_redeemed", self.codes_redeemed),
            ("certificates", self.certificates),
            ("publications", self.publications),
            ("keys_received", self.keys_received),
            ("look_alikes", self.dummy_requests),
            ("look_alike_publications", self.dummy_publications),
            ("declarations", self.declarations),
        ]
    }

    fn add(&mut self, other: &Self) {
        self.codes_issued += other.codes_issued;
        self.codes_redeemed += other.codes_redeemed;
        self.certificates += other.certificates;
        self.publications += other.publications;
        self.keys_received += other.keys_received;
        self.dummy_requests += other.dummy_requests;
        self.dummy_publications += other.dummy_publications;
        self.declarations += other.declarations;
    }
}

/// Of one client, or of all together.
#[derive(Debug, Default)]
pub(super) struct Tally {
    answers: BTreeMap<Request, Answers>,
    pub(super) done: Done,
    pub(super) acts: u64,
}

impl Tally {
    pub(super) fn answered(
        &mut self,
        request: Request,
        took: Duration,
        outcome: Result<(u16, usize), &str>,
        sent_bytes: usize,
    ) {
        let answers = self.answers.entry(request).or_default();
        answers.microseconds.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
        answers.sent_bytes += sent_bytes as u64;
        let status = match outcome {
            Ok((status, received)) => {
                answers.received_bytes += received as u64;
                status.to_string()
            }
            Err(label) => label.to_owned(),
        };
        *answers.statuses.entry(status).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: Self) {
        self.done.add(&other.done);
        self.acts += other.acts;
        for (request, more) in other.answers {
            let answers = self.answers.entry(request).or_default();
            answers.microseconds.extend(more.microseconds);
            answers.sent_bytes += more.sent_bytes;
            answers.received_bytes += more.received_bytes;
            for (status, count) in more.statuses {
                *answers.statuses.entry(status).or_default() += count;
            }
        }
    }

    /// A row for each kind of request, and one for all together.
    pub(super) fn rows(self, elapsed: Duration) -> Vec<Row> {
        let mut all = Answers::default();
        let mut rows = Vec::new();
        for (request, answers) in self.answers {
            all.sent_bytes += answers.sent_bytes;
            all.received_bytes += answers.received_bytes;
            all.microseconds.extend(&answers.microseconds);
            for (status, count) in &answers.statuses {
                *all.statuses.entry(status.clone()).or_default() += count;
            }
            rows.push(Row::new(request.name(), answers, elapsed));
        }
        rows.push(Row::new("all", all, elapsed));
        rows
    }
}

/// A row of the table.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub what: &'static str,
    pub requests: u64,
    pub per_second: f64,
    /// How often each HTTP status came, and each way in which none came.
    pub statuses: BTreeMap<String, u64>,
    pub p50_milliseconds: f64,
    pub p95_milliseconds: f64,
    pub p99_milliseconds: f64,
    pub longest_milliseconds: f64,
    pub sent_bytes: u64,
    pub received_bytes: u64,
}

impl Row {
    fn new(what: &'static str, mut answers: Answers, elapsed: Duration) -> Self {
        answers.microseconds.sort_unstable();
        let of = |share| percentile(&answers.microseconds, share);
        Self {
            what,
            requests: answers.microseconds.len() as u64,
            per_second: answers.microseconds.len() as f64 / elapsed.as_secs_f64(),
            p50_milliseconds: of(0.5),
            p95_milliseconds: of(0.95),
            p99_milliseconds: of(0.99),
            longest_milliseconds: of(1.0),
            statuses: answers.statuses,
            sent_bytes: answers.sent_bytes,
            received_bytes: answers.received_bytes,
        }
    }
}

/// The smallest of the values, in milliseconds, that at least this share does not exceed.
fn percentile(sorted: &[u32], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    let value = sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default();
    f64::from(value) / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let thousand: Vec<u32> = (1..=1_000).map(|ms| ms * 1_000).collect();
        let of = |share| percentile(&thousand, share);
        assert_eq!([of(0.5), of(0.95), of(0.99), of(1.0)], [500.0, 950.0, 990.0, 1_000.0]);
        assert_eq!([percentile(&[7_000], 0.5), percentile(&[7_000], 0.99)], [7.0, 7.0]);
        assert_eq!(percentile(&[], 0.99), 0.0);
    }

    #[test]
    fn tallies_of_clients_add_up() {
        let mut one = Tally::default();
        one.answered(Request::List, Duration::from_millis(1), Ok((200, 50)), 10);
        one.answered(Request::List, Duration::from_millis(3), Ok((304, 0)), 10);
        let mut other = Tally::default();
        other.answered(Request::List, Duration::from_millis(2), Err("late"), 10);
        other.answered(Request::File, Duration::from_millis(9), Ok((200, 7)), 10);
        other.done.publications = 2;
        one.add(other);
        assert_eq!(one.done.publications, 2);
        let rows = one.rows(Duration::from_secs(2));
        let [list, file, all] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!((list.requests, list.p50_milliseconds, list.received_bytes), (3, 2.0, 50));
        assert_eq!((file.what, all.what, all.requests), ("file", "all", 4));
        assert_eq!(
            all.statuses,
            [("200", 2), ("304", 1), ("late", 1)].map(|(s, n)| (s.into(), n)).into()
        );
        assert_eq!((all.per_second, all.longest_milliseconds), (2.0, 9.0));
    }
}
