//! Desktop notifications against a fake `org.freedesktop.Notifications` on a private bus.

mod fake;
mod program;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dbus::arg::ArgType;
use vungxanh_daemon::control_api::{ExposureNotice, TimeSpan};
use vungxanh_daemon::desktop::{Desktop, Settings};
use vungxanh_daemon::engine::events::{Event, EventSink};
use vungxanh_daemon::engine::problems::ProblemKind;
use vungxanh_daemon::platform::i18n::{Language, Texts};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::diagnosis_key::ReportType::ConfirmedTest;
use vungxanh_protocol::interval::UtcDay;
use vungxanh_protocol::risk::RiskLevel;

use self::fake::{FakeService, Notified};
use crate::support::fixture::{Bench, NOW, case, diagnosis, export};
use crate::support::private_bus::PrivateBus;

/// Notifications of the device of `bench`, which waits for a slow machine's answers.
fn desktop(bus: &PrivateBus, bench: &Bench) -> Desktop {
    desktop_with(bus, bench, Duration::from_secs(30))
}

fn desktop_with(bus: &PrivateBus, bench: &Bench, timeout: Duration) -> Desktop {
    let settings = Settings {
        bus: Some(bus.address()),
        timeout,
        first_retry: Duration::from_millis(50),
        texts: Arc::new(Texts::load(Language::Vi)),
        clock: bench.clock.clone(),
    };
    Desktop::start(settings, bench.sync.notices()).unwrap()
}

fn exposure() -> Event {
    let day = yesterday();
    let times = TimeSpan { from: day.start(), until: day.plus(1).start() };
    Event::Exposure { day, level: RiskLevel::Low, times, at: NOW }
}

fn yesterday() -> UtcDay {
    case(1).rolling_start().day()
}

/// What a service is asked to show of an exposure.
fn shown_exposure(id: u32) -> Notified {
    Notified {
        program: "Vùng Xanh".into(),
        replaces: 0,
        icon: "dialog-warning".into(),
        summary: "Vùng Xanh: có thể bạn đã bị phơi nhiễm".into(),
        body:
            "Để biết chi tiết và việc cần làm, hãy mở cửa sổ dòng lệnh và chạy: vungxanh exposures"
                .into(),
        actions: Vec::new(),
        hints: BTreeMap::from([("urgency".into(), (ArgType::Byte, 2))]),
        expires: 0,
        id,
    }
}

/// A device that has found an exposure and notified the person.
async fn exposed() -> (Bench, ExposureNotice) {
    let bench = Bench::enrolled().await;
    bench.meet(&case(1), 6);
    bench.list(&[("1.zip", export(1, (1, 1), &[diagnosis(&case(1), ConfirmedTest)], 2))]);
    let notices = bench.fetch_all().await.notices;
    bench.sync.notices().mark_notified(&notices).await.unwrap();
    let [notice] = notices[..] else { panic!("{notices:?}") };
    (bench, notice)
}

/// Waits until the store holds that nothing is left to look at.
async fn all_seen(bench: &Bench) {
    for _ in 0..6_000 {
        if bench.sync.notices().unacknowledged().await.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", bench.sync.notices().unacknowledged().await);
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn an_exposure_arrives_word_for_word_and_stays_until_it_is_dismissed() {
    let (bus, (mut bench, notice)) = (PrivateBus::start(), exposed().await);
    let service = FakeService::start(&bus, 5).await;
    let shown = desktop(&bus, &bench);
    assert_eq!(service.notified(1).await, shown_exposure(5));
    shown.sink().emit(Event::Stopped);
    shown.end().await;
    assert_eq!(service.asked().closed, [0; 0], "it outlasts the daemon");

    // The person has not dismissed it: the next run shows it again.
    bench.restart();
    let shown = desktop(&bus, &bench);
    let again = service.notified(2).await;
    assert_eq!(bench.sync.notices().unacknowledged().await.unwrap(), [notice]);
    service.dismiss(again.id);
    all_seen(&bench).await;
    shown.sink().emit(Event::Stopped);
    shown.end().await;
    bench.restart();
    assert_eq!(bench.sync.notices().unacknowledged().await.unwrap(), []);
    assert_eq!(service.asked().notified.len(), 2);
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn looking_at_exposures_takes_the_notification_away() {
    let (bus, (bench, notice)) = (PrivateBus::start(), exposed().await);
    let service = FakeService::start(&bus, 1).await;
    let shown = desktop(&bus, &bench);
    service.notified(1).await;
    shown.sink().acknowledged(&[notice]);
    assert_eq!(service.until(|asked| !asked.closed.is_empty()).await.closed, [1]);
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn a_service_that_comes_later_shows_what_happened_before() {
    let (bus, bench) = (PrivateBus::start(), Bench::start().await);
    let shown = desktop(&bus, &bench);
    shown.sink().emit(exposure());
    let service = FakeService::start(&bus, 1).await;
    assert_eq!(service.notified(1).await, shown_exposure(1));
    // The next one, after a new login: it has shown nothing yet, and its numbers are its own.
    service.stop().await;
    let service = FakeService::start(&bus, 8).await;
    assert_eq!(service.notified(1).await, shown_exposure(8));
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn a_bus_that_is_restarted_is_found_again() {
    let (mut bus, bench) = (PrivateBus::start(), Bench::start().await);
    let service = FakeService::start(&bus, 1).await;
    let shown = desktop(&bus, &bench);
    shown.sink().emit(exposure());
    service.notified(1).await;
    bus.restart();
    let service = FakeService::start(&bus, 1).await;
    assert_eq!(service.notified(1).await, shown_exposure(1));
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn a_service_that_hangs_holds_nothing_up_and_is_asked_to_show_a_thing_once() {
    let (bus, bench) = (PrivateBus::start(), Bench::start().await);
    let service = FakeService::start(&bus, 1).await;
    service.hang();
    let shown = desktop_with(&bus, &bench, Duration::from_secs(1));
    shown.sink().emit(exposure());
    // It was given up and tried again, without being asked to show anything.
    let asked = service.until(|asked| asked.introduced >= 2).await;
    assert_eq!(asked.notified, []);
    service.go_on();
    assert_eq!(service.notified(1).await, shown_exposure(1));
    service.hang();
    shown.sink().emit(Event::VisitEndsSoon { until: NOW.plus(600) });
    shown.sink().emit(Event::Stopped);
    shown.end().await;
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn a_problem_that_lasts_is_shown_and_closed_when_it_is_mended() {
    let (bus, bench) = (PrivateBus::start(), Bench::start().await);
    let service = FakeService::start(&bus, 1).await;
    let shown = desktop(&bus, &bench);
    let sink = shown.sink();
    sink.emit(Event::Problem { kind: ProblemKind::RadioOff, detail: String::new() });
    let passes = async {
        loop {
            bench.clock.set(bench.clock.now().plus(20));
            sink.emit(Event::DummyUploadSent);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let seen = tokio::select! {
        seen = service.notified(1) => seen,
        () = passes => unreachable!(),
    };
    assert!(bench.clock.now() >= NOW.plus(300), "not before it has lasted");
    let expected = Notified {
        summary: "Vùng Xanh: truy vết hiện không hoạt động".into(),
        body: "Bluetooth đang tắt. Hãy bật lại.".into(),
        hints: BTreeMap::from([("urgency".into(), (ArgType::Byte, 1))]),
        ..shown_exposure(1)
    };
    assert_eq!(seen, expected);
    sink.emit(Event::Resolved { kind: ProblemKind::RadioOff, detail: String::new() });
    assert_eq!(service.until(|asked| !asked.closed.is_empty()).await.closed, [1]);
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn the_end_of_a_visit_is_announced_for_now_only_and_without_a_name() {
    let (bus, bench) = (PrivateBus::start(), Bench::start().await);
    let service = FakeService::start(&bus, 1).await;
    let shown = desktop(&bus, &bench);
    shown.sink().emit(Event::VisitEndsSoon { until: NOW.plus(600) });
    let soon = service.notified(1).await;
    let hints =
        [("urgency".into(), (ArgType::Byte, 1)), ("transient".into(), (ArgType::Boolean, 1))];
    assert_eq!((soon.hints, soon.expires), (BTreeMap::from(hints), 0));
    assert!(soon.summary.starts_with("Vùng Xanh: lượt đến tự kết thúc lúc "), "{}", soon.summary);
    assert_eq!(soon.body, "Bạn còn ở lại? Hãy quét mã lần nữa, hoặc chạy: vungxanh extend");
    bench.clock.set(NOW.plus(600));
    shown.sink().emit(Event::CheckedOut { until: NOW.plus(600), automatic: true });
    let ended = service.notified(2).await;
    assert_eq!((ended.replaces, ended.expires), (1, -1));
    assert!(
        ended.summary.starts_with("Vùng Xanh: lượt đến đã tự kết thúc lúc "),
        "{}",
        ended.summary
    );
    // With the daemon goes what it said about a visit, even if its end waits no longer.
    shown.sink().emit(Event::Stopped);
    shown.end().await;
    assert_eq!(service.until(|asked| !asked.closed.is_empty()).await.closed, [1]);
}
