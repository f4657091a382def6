use super::*;
use crate::control_api::TimeSpan;

/// 2026-03-10T12:00:00Z
const NOON: UnixTime = UnixTime::from_secs(1_773_144_000);

/// The state of notifications, their time, and a service that does what it is asked.
struct Screen {
    notification_state: NotificationState,
    uptime: u64,
    ids: u32,
}

impl Screen {
    fn new() -> Self {
        let mut notification_state = NotificationState::default();
        notification_state.pass(Duration::ZERO, NOON);
        Self { notification_state, uptime: 0, ids: 0 }
    }

    fn now(&self) -> UnixTime {
        NOON.plus(self.uptime)
    }

    /// Time passes as it does when the worker looks, and everything is done.
    fn wait(&mut self, seconds: u64) -> Vec<Step> {
        let end = self.uptime + seconds;
        let mut steps = self.work();
        while self.uptime < end {
            let next = self
                .notification_state
                .next_look()
                .map_or(end, |look| self.uptime + look.as_secs());
            self.uptime = next.min(end);
            self.notification_state.pass(Duration::from_secs(self.uptime), self.now());
            steps.extend(self.work());
        }
        steps
    }

    fn sleep(&mut self, seconds: u64) {
        self.uptime += seconds;
        self.notification_state.pass(Duration::from_secs(self.uptime), self.now());
    }

    fn emit(&mut self, event: Event) -> Vec<Step> {
        self.notification_state.pass(Duration::from_secs(self.uptime), self.now());
        self.notification_state.emit(&event);
        self.work()
    }

    fn work(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some(step) = self.notification_state.next_step() {
            match step.clone() {
                Step::Show { content, replaces } => {
                    self.ids += 1;
                    self.notification_state
                        .shown(content, if replaces == 0 { self.ids } else { replaces });
                }
                Step::Close { topic, .. } => self.notification_state.closed(topic),
            }
            steps.push(step);
        }
        steps
    }

    fn exposure(&mut self, days_ago: u32, level: RiskLevel) -> Vec<Step> {
        let (day, at) = (NOON.day().minus(days_ago), self.now());
        let times = TimeSpan { from: day.start(), until: day.plus(1).start() };
        self.emit(Event::Exposure { day, level, times, at })
    }
}

fn show(content: Content, replaces: u32) -> Step {
    Step::Show { content, replaces }
}

fn problem(kind: ProblemKind) -> Event {
    Event::Problem { kind, detail: "detail".into() }
}

fn exposures(days: &[(u32, RiskLevel)]) -> Content {
    Content::Exposure(days.iter().map(|&(ago, level)| (NOON.day().minus(ago), level)).collect())
}

fn notice(days_ago: u32, level: RiskLevel) -> ExposureNotice {
    ExposureNotice { day: NOON.day().minus(days_ago), level }
}

#[test]
fn an_exposure_is_shown_at_once_and_a_further_one_in_its_place() {
    let mut screen = Screen::new();
    assert_eq!(screen.exposure(2, RiskLevel::Low), [show(exposures(&[(2, RiskLevel::Low)]), 0)]);
    assert_eq!(screen.wait(86_400), []);
    let both = exposures(&[(2, RiskLevel::Low), (3, RiskLevel::High)]);
    assert_eq!(screen.exposure(3, RiskLevel::High), [show(both, 1)]);
    // Reported again, as after a kill: no news.
    assert_eq!(screen.exposure(2, RiskLevel::Low), []);
}

#[test]
fn an_exposure_that_nobody_took_waits_for_as_long_as_it_takes() {
    let mut notification_state = NotificationState::default();
    notification_state.expose(notice(2, RiskLevel::High));
    let step = show(exposures(&[(2, RiskLevel::High)]), 0);
    for hours in 0..100 {
        notification_state.pass(Duration::from_secs(3_600 * hours), NOON.plus(3_600 * hours));
        assert_eq!(notification_state.next_step(), Some(step.clone()));
    }
}

#[test]
fn who_dismisses_an_exposure_has_noted_what_it_was_about_and_no_more() {
    let mut screen = Screen::new();
    screen.exposure(2, RiskLevel::Low);
    // A further one, which the service has not shown when the person takes the first away.
    screen.notification_state.expose(notice(3, RiskLevel::Low));
    screen.notification_state.expose(notice(2, RiskLevel::High));
    assert_eq!(screen.notification_state.left(1, true), [notice(2, RiskLevel::Low)]);
    let rest = exposures(&[(2, RiskLevel::High), (3, RiskLevel::Low)]);
    assert_eq!(screen.work(), [show(rest, 0)]);
    assert_eq!(screen.notification_state.left(2, true).len(), 2);
    assert_eq!(screen.wait(86_400), []);
}

#[test]
fn an_exposure_that_left_by_itself_is_not_noted_and_comes_back_with_another_service() {
    let mut screen = Screen::new();
    screen.exposure(2, RiskLevel::Low);
    assert_eq!(screen.notification_state.left(1, false), []);
    assert_eq!(screen.wait(86_400), [], "not again and again");
    screen.notification_state.lost();
    assert_eq!(screen.work(), [show(exposures(&[(2, RiskLevel::Low)]), 0)]);
}

#[test]
fn looking_at_exposures_closes_their_notification() {
    let mut screen = Screen::new();
    screen.exposure(2, RiskLevel::High);
    screen
        .notification_state
        .acknowledged(&[notice(3, RiskLevel::High), notice(2, RiskLevel::Low)]);
    assert_eq!(screen.work(), [], "it was looked at before the level rose");
    screen.notification_state.acknowledged(&[notice(2, RiskLevel::High)]);
    assert_eq!(screen.work(), [Step::Close { topic: Topic::Exposure, id: 1 }]);
    // Dismissed and looked at: there is nothing to close.
    screen.exposure(1, RiskLevel::Low);
    screen.notification_state.left(2, true);
    screen.notification_state.acknowledged(&[notice(1, RiskLevel::Low)]);
    assert_eq!(screen.work(), []);
}

#[test]
fn a_problem_is_shown_when_it_has_lasted_and_closed_when_it_is_mended() {
    let mut screen = Screen::new();
    assert_eq!(screen.emit(problem(ProblemKind::RadioOff)), []);
    assert_eq!(screen.wait(240), []);
    assert_eq!(screen.wait(60), [show(Content::Problem(ProblemKind::RadioOff), 0)]);
    assert_eq!(screen.wait(86_400), [], "once");
    let close = Step::Close { topic: Topic::Problem(ProblemKind::RadioOff), id: 1 };
    assert_eq!(
        screen.emit(Event::Resolved { kind: ProblemKind::RadioOff, detail: String::new() }),
        [close]
    );
}

#[test]
fn neither_a_restart_of_bluetoothd_nor_a_suspend_nags() {
    let mut screen = Screen::new();
    screen.emit(problem(ProblemKind::RadioMissing));
    assert_eq!(screen.wait(90), []);
    screen.emit(Event::Resolved { kind: ProblemKind::RadioMissing, detail: String::new() });
    screen.emit(problem(ProblemKind::RadioMissing));
    screen.sleep(8 * 3_600);
    assert_eq!(screen.work(), []);
    assert_eq!(screen.wait(60), []);
    assert_eq!(
        screen.emit(Event::Resolved { kind: ProblemKind::RadioMissing, detail: String::new() }),
        []
    );
    assert_eq!(screen.notification_state.next_look(), None, "nothing to wake up for");
}

#[test]
fn a_problem_that_comes_and_goes_is_shown_once_an_hour() {
    let mut screen = Screen::new();
    let mut shown = 0;
    for _ in 0..36 {
        screen.emit(problem(ProblemKind::BroadcastFailed));
        let steps = screen.wait(540);
        shown += steps.iter().filter(|step| matches!(step, Step::Show { .. })).count();
        screen.emit(Event::Resolved { kind: ProblemKind::BroadcastFailed, detail: String::new() });
        assert_eq!(screen.wait(60), []);
    }
    assert_eq!(shown, 6, "in six hours");
}

#[test]
fn a_problem_that_lasts_is_shown_at_once_by_another_service() {
    let mut screen = Screen::new();
    screen.emit(problem(ProblemKind::RadioOff));
    assert_eq!(screen.wait(300), [show(Content::Problem(ProblemKind::RadioOff), 0)]);
    screen.notification_state.lost();
    assert_eq!(screen.work(), [show(Content::Problem(ProblemKind::RadioOff), 0)]);
    assert_eq!(screen.wait(86_400), [], "once");
}

#[test]
fn each_kind_has_its_patience() {
    for (kind, seconds) in [
        (ProblemKind::RadioOff, Some(300)),
        (ProblemKind::RadioMissing, Some(300)),
        (ProblemKind::BroadcastFailed, Some(300)),
        (ProblemKind::ScanFailed, Some(300)),
        (ProblemKind::ScanStopped, Some(300)),
        (ProblemKind::Store, Some(300)),
        (ProblemKind::CheckIns, Some(300)),
        (ProblemKind::NotEnrolled, Some(300)),
        (ProblemKind::AuthorityExpired, Some(3_600)),
        (ProblemKind::Clock, Some(3_600)),
        (ProblemKind::Sync, Some(86_400)),
        (ProblemKind::ReportPending, None),
        (ProblemKind::StoreDamaged, None),
        (ProblemKind::CheckInsDamaged, None),
        (ProblemKind::DiaryDamaged, None),
    ] {
        assert!(!kind.stops_tracing() || seconds.is_some(), "{kind:?} would go unnoticed");
        let mut screen = Screen::new();
        screen.emit(problem(kind));
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
    screen.emit(problem(ProblemKind::RadioOff));
    screen.wait(300);
    screen.notification_state.left(1, true);
    assert_eq!(screen.wait(86_400), []);
    assert_eq!(
        screen.emit(Event::Resolved { kind: ProblemKind::RadioOff, detail: String::new() }),
        [],
        "nothing is there to close"
    );
    screen.emit(problem(ProblemKind::RadioOff));
    assert_eq!(screen.wait(300), [show(Content::Problem(ProblemKind::RadioOff), 0)]);
}

#[test]
fn a_visit_is_reminded_of_until_its_end_takes_its_place() {
    let mut screen = Screen::new();
    let until = NOON.plus(600);
    let soon = Event::VisitEndsSoon { until };
    assert_eq!(screen.emit(soon), [show(Content::VisitEndsSoon(until), 0)]);
    assert_eq!(screen.wait(600), []);
    let ended = Event::CheckedOut { until, automatic: true };
    assert_eq!(screen.emit(ended), [show(Content::VisitEnded(until), 1)]);
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
        screen.emit(Event::VisitEndsSoon { until: NOON.plus(600) });
        assert_eq!(screen.emit(event), [Step::Close { topic: Topic::Visit, id: 1 }]);
        assert_eq!(screen.wait(86_400), []);
    }
}

#[test]
fn a_visit_that_ended_while_the_machine_slept_is_no_news() {
    let mut screen = Screen::new();
    screen.sleep(7_200);
    assert_eq!(screen.emit(Event::CheckedOut { until: NOON.plus(600), automatic: true }), []);
}

#[test]
fn what_stays_when_the_daemon_stops_is_the_exposure() {
    let mut screen = Screen::new();
    screen.exposure(2, RiskLevel::Low);
    screen.emit(problem(ProblemKind::Store));
    screen.wait(300);
    screen.emit(Event::VisitEndsSoon { until: screen.now().plus(600) });
    let closed = [
        Step::Close { topic: Topic::Problem(ProblemKind::Store), id: 2 },
        Step::Close { topic: Topic::Visit, id: 3 },
    ];
    assert_eq!(screen.emit(Event::Stopped), closed);
}

#[test]
fn numbers_of_other_programs_are_not_ours() {
    let mut screen = Screen::new();
    screen.exposure(2, RiskLevel::Low);
    assert_eq!(screen.notification_state.left(7, true), []);
    assert_eq!(screen.notification_state.left(0, true), []);
    assert_eq!(screen.work(), []);
    // A new service counts from the beginning: what it calls 1 may be another program's.
    screen.notification_state.lost();
    assert_eq!(screen.exposure(2, RiskLevel::High), [show(exposures(&[(2, RiskLevel::High)]), 0)]);
}

#[test]
fn a_declaration_that_was_not_delivered_is_shown_until_another_one_is() {
    let mut screen = Screen::new();
    let event = |state| Event::Declaration { state };
    assert_eq!(screen.emit(event(DeclarationState::Sent)), []);
    assert_eq!(screen.emit(event(DeclarationState::TooLate)), [show(Content::NotDelivered(1), 0)]);
    assert_eq!(screen.wait(86_400), [], "once");
    assert_eq!(screen.notification_state.left(1, true), [], "dismissed");
    assert_eq!(screen.wait(86_400), []);
    let again = screen.emit(event(DeclarationState::Refused));
    assert_eq!(again, [show(Content::NotDelivered(2), 0)], "one more is said again");
    assert_eq!(screen.emit(event(DeclarationState::Withdrawn)), [], "of another one");
    // A daemon that stops leaves it on the screen: it stays true.
    assert_eq!(screen.emit(Event::Stopped), []);
    let close = Step::Close { topic: Topic::Declarations, id: 2 };
    assert_eq!(screen.emit(event(DeclarationState::Sent)), [close]);
}
