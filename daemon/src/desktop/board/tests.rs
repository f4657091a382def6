use super::*;

/// 2026-03-10T12:00:00Z
const NOON: UnixTime = UnixTime::from_secs(1_773_144_000);

/// A board, its time, and a service that does what it is asked.
struct Screen {
    board: Board,
    uptime: u64,
    ids: u32,
}

impl Screen {
    fn new() -> Self {
        let mut board = Board::default();
        board.pass(Duration::ZERO, NOON);
        Self { board, uptime: 0, ids: 0 }
    }

    fn now(&self) -> UnixTime {
        NOON.plus(self.uptime)
    }

    /// Time passes as it does when the worker looks, and everything is done.
    fn wait(&mut self, seconds: u64) -> Vec<Step> {
        let end = self.uptime + seconds;
        let mut steps = self.work();
        while self.uptime < end {
            let next = self.board.next_look().map_or(end, |look| self.uptime + look.as_secs());
            self.uptime = next.min(end);
            self.board.pass(Duration::from_secs(self.uptime), self.now());
            steps.extend(self.work());
        }
        steps
    }

    /// The machine sleeps.
    fn sleep(&mut self, seconds: u64) {
        self.uptime += seconds;
        self.board.pass(Duration::from_secs(self.uptime), self.now());
    }

    fn tell(&mut self, event: Event) -> Vec<Step> {
        self.board.pass(Duration::from_secs(self.uptime), self.now());
        self.board.tell(&event);
        self.work()
    }

    fn work(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some(step) = self.board.next_step() {
            match step.clone() {
                Step::Show { content, replaces } => {
                    self.ids += 1;
                    self.board.shown(content, if replaces == 0 { self.ids } else { replaces });
                }
                Step::Close { topic, .. } => self.board.closed(topic),
            }
            steps.push(step);
        }
        steps
    }

    fn exposure(&mut self, days_ago: u32, level: RiskLevel) -> Vec<Step> {
        let (day, at) = (NOON.day().minus(days_ago), self.now());
        self.tell(Event::Exposure { day, level, at })
    }
}

fn show(content: Content, replaces: u32) -> Step {
    Step::Show { content, replaces }
}

fn problem(kind: Kind) -> Event {
    Event::Problem { kind, detail: "detail".into() }
}

fn exposures(days: &[(u32, RiskLevel)]) -> Content {
    Content::Exposure(days.iter().map(|&(ago, level)| (NOON.day().minus(ago), level)).collect())
}

fn notice(days_ago: u32, level: RiskLevel) -> Notice {
    Notice { day: NOON.day().minus(days_ago), level }
}

#[test]
fn an_exposure_is_shown_at_once_and_a_further_one_in_its_place() {
    let mut screen = Screen::new();
    assert_eq!(screen.exposure(2, RiskLevel::Low), [show(exposures(&[(2, RiskLevel::Low)]), 0)]);
    assert_eq!(screen.wait(86_400), []);
    let both = exposures(&[(2, RiskLevel::Low), (3, RiskLevel::High)]);
    assert_eq!(screen.exposure(3, RiskLevel::High), [show(both, 1)]);
    // Told again, as after a kill: no news.
    assert_eq!(screen.exposure(2, RiskLevel::Low), []);
}

#[test]
fn an_exposure_that_nobody_took_waits_for_as_long_as_it_takes() {
    let mut board = Board::default();
    board.expose(notice(2, RiskLevel::High));
    let step = show(exposures(&[(2, RiskLevel::High)]), 0);
    for hours in 0..100 {
        board.pass(Duration::from_secs(3_600 * hours), NOON.plus(3_600 * hours));
        assert_eq!(board.next_step(), Some(step.clone()));
    }
}

#[test]
fn who_dismisses_an_exposure_has_noted_what_it_was_about_and_no_more() {
    let mut screen = Screen::new();
    screen.exposure(2, RiskLevel::Low);
    // A further one, which the service has not shown when the person takes the first away.
    screen.board.expose(notice(3, RiskLevel::Low));
    screen.board.expose(notice(2, RiskLevel::High));
    assert_eq!(screen.board.left(1, true), [notice(2, RiskLevel::Low)]);
    let rest = exposures(&[(2, RiskLevel::High), (3, RiskLevel::Low)]);
    assert_eq!(screen.work(), [show(rest, 0)]);
    assert_eq!(screen.board.left(2, true).len(), 2);
    assert_eq!(screen.wait(86_400), []);
}

#[test]
fn an_exposure_that_left_by_itself_is_not_noted_and_comes_back_with_another_service() {
    let mut screen = Screen::new();
    screen.exposure(2, RiskLevel::Low);
    assert_eq!(screen.board.left(1, false), []);
    assert_eq!(screen.wait(86_400), [], "not again and again");
    screen.board.lost();
    assert_eq!(screen.work(), [show(exposures(&[(2, RiskLevel::Low)]), 0)]);
}

#[test]
fn looking_at_exposures_closes_their_notification() {
    let mut screen = Screen::new();
    screen.exposure(2, RiskLevel::High);
    screen.board.acknowledged(&[notice(3, RiskLevel::High), notice(2, RiskLevel::Low)]);
    assert_eq!(screen.work(), [], "it was looked at before the level rose");
    screen.board.acknowledged(&[notice(2, RiskLevel::High)]);
    assert_eq!(screen.work(), [Step::Close { topic: Topic::Exposure, id: 1 }]);
    // Dismissed and looked at: there is nothing to close.
    screen.exposure(1, RiskLevel::Low);
    screen.board.left(2, true);
    screen.board.acknowledged(&[notice(1, RiskLevel::Low)]);
    assert_eq!(screen.work(), []);
}

#[test]
fn a_problem_is_shown_when_it_has_lasted_and_closed_when_it_is_mended() {
    let mut screen = Screen::new();
    assert_eq!(screen.tell(problem(Kind::RadioOff)), []);
    assert_eq!(screen.wait(240), []);
    assert_eq!(screen.wait(60), [show(Content::Problem(Kind::RadioOff), 0)]);
    assert_eq!(screen.wait(86_400), [], "once");
    let close = Step::Close { topic: Topic::Problem(Kind::RadioOff), id: 1 };
    assert_eq!(screen.tell(Event::Mended { kind: Kind::RadioOff, detail: String::new() }), [close]);
}

#[test]
fn neither_a_restart_of_bluetoothd_nor_a_suspend_nags() {
    let mut screen = Screen::new();
    screen.tell(problem(Kind::RadioMissing));
    assert_eq!(screen.wait(90), []);
    screen.tell(Event::Mended { kind: Kind::RadioMissing, detail: String::new() });
    screen.tell(problem(Kind::RadioMissing));
    screen.sleep(8 * 3_600);
    assert_eq!(screen.work(), []);
    assert_eq!(screen.wait(60), []);
    assert_eq!(screen.tell(Event::Mended { kind: Kind::RadioMissing, detail: String::new() }), []);
    assert_eq!(screen.board.next_look(), None, "nothing to wake up for");
}

#[test]
fn a_problem_that_comes_and_goes_is_shown_once_an_hour() {
    let mut screen = Screen::new();
    let mut shown = 0;
    for _ in 0..36 {
        screen.tell(problem(Kind::BroadcastFailed));
        let steps = screen.wait(540);
        shown += steps.iter().filter(|step| matches!(step, Step::Show { .. })).count();
        screen.tell(Event::Mended { kind: Kind::BroadcastFailed, detail: String::new() });
        assert_eq!(screen.wait(60), []);
    }
    assert_eq!(shown, 6, "in six hours");
}

#[test]
fn a_problem_that_lasts_is_shown_at_once_by_another_service() {
    let mut screen = Screen::new();
    screen.tell(problem(Kind::RadioOff));
    assert_eq!(screen.wait(300), [show(Content::Problem(Kind::RadioOff), 0)]);
    screen.board.lost();
    assert_eq!(screen.work(), [show(Content::Problem(Kind::RadioOff), 0)]);
    assert_eq!(screen.wait(86_400), [], "once");
}

#[test]
fn each_kind_has_its_patience() {
    for (kind, seconds) in [
        (Kind::RadioOff, Some(300)),
        (Kind::RadioMissing, Some(300)),
        (Kind::BroadcastFailed, Some(300)),
        (Kind::ScanFailed, Some(300)),
        (Kind::ScanStopped, Some(300)),
        (Kind::Store, Some(300)),
        (Kind::CheckIns, Some(300)),
        (Kind::NotEnrolled, Some(300)),
        (Kind::AuthorityExpired, Some(3_600)),
        (Kind::Clock, Some(3_600)),
        (Kind::Sync, Some(86_400)),
        (Kind::ReportPending, None),
        (Kind::StoreDamaged, None),
        (Kind::CheckInsDamaged, None),
        (Kind::DiaryDamaged, None),
    ] {
        assert!(!kind.stops_tracing() || seconds.is_some(), "{kind:?} would go unnoticed");
        let mut screen = Screen::new();
        screen.tell(problem(kind));
        let Some(seconds) = seconds else {
            assert_eq!(screen.wait(30 * 86_400), [], "{kind:?}");
            continue;
        };
        assert_eq!(screen.wait(seconds - 60), [], "{kind:?}");
        assert_eq!(screen.wait(60), [show(Content::Problem(kind), 0)]);
    }
}

#[test]
fn a_dismissed_problem_stays_away_until_it_comes_anew() {
    let mut screen = Screen::new();
    screen.tell(problem(Kind::RadioOff));
    screen.wait(300);
    screen.board.left(1, true);
    assert_eq!(screen.wait(86_400), []);
    assert_eq!(
        screen.tell(Event::Mended { kind: Kind::RadioOff, detail: String::new() }),
        [],
        "nothing is there to close"
    );
    screen.tell(problem(Kind::RadioOff));
    assert_eq!(screen.wait(300), [show(Content::Problem(Kind::RadioOff), 0)]);
}

#[test]
fn a_visit_is_reminded_of_until_its_end_takes_its_place() {
    let mut screen = Screen::new();
    let until = NOON.plus(600);
    let soon = Event::VisitEndsSoon { until };
    assert_eq!(screen.tell(soon), [show(Content::VisitEndsSoon(until), 0)]);
    assert_eq!(screen.wait(600), []);
    let ended = Event::CheckedOut { until, automatic: true };
    assert_eq!(screen.tell(ended), [show(Content::VisitEnded(until), 1)]);
    let steps = screen.wait(1_800);
    assert_eq!(steps, [Step::Close { topic: Topic::Visit, id: 1 }], "no trace stays");
}

#[test]
fn who_extends_or_leaves_is_not_reminded_any_more() {
    for event in [
        Event::CheckedIn { until: NOON.plus(7_200), extended: true },
        Event::CheckedOut { until: NOON.plus(60), automatic: false },
    ] {
        let mut screen = Screen::new();
        screen.tell(Event::VisitEndsSoon { until: NOON.plus(600) });
        assert_eq!(screen.tell(event), [Step::Close { topic: Topic::Visit, id: 1 }]);
        assert_eq!(screen.wait(86_400), []);
    }
}

#[test]
fn a_visit_that_ended_while_the_machine_slept_is_no_news() {
    let mut screen = Screen::new();
    screen.sleep(7_200);
    assert_eq!(screen.tell(Event::CheckedOut { until: NOON.plus(600), automatic: true }), []);
}

#[test]
fn what_stays_when_the_daemon_stops_is_the_exposure() {
    let mut screen = Screen::new();
    screen.exposure(2, RiskLevel::Low);
    screen.tell(problem(Kind::Store));
    screen.wait(300);
    screen.tell(Event::VisitEndsSoon { until: screen.now().plus(600) });
    let closed = [
        Step::Close { topic: Topic::Problem(Kind::Store), id: 2 },
        Step::Close { topic: Topic::Visit, id: 3 },
    ];
    assert_eq!(screen.tell(Event::Stopped), closed);
}

#[test]
fn numbers_of_other_programs_are_not_ours() {
    let mut screen = Screen::new();
    screen.exposure(2, RiskLevel::Low);
    assert_eq!(screen.board.left(7, true), []);
    assert_eq!(screen.board.left(0, true), []);
    assert_eq!(screen.work(), []);
    // A new service counts from the beginning: what it calls 1 may be another program's.
    screen.board.lost();
    assert_eq!(screen.exposure(2, RiskLevel::High), [show(exposures(&[(2, RiskLevel::High)]), 0)]);
}
