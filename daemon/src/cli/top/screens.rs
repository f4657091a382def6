//! Whole screens, as they stand in `screens/`: compared cell by cell, in both languages.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::risk::RiskLevel;

use super::state::{Answers, Command, Pane, State};
use super::view::{Theme, draw};
use crate::control_api::{
    AuthorityStatus, History, HistoryInterval, Nearby, NearbyDevice, Occurrence, Problem,
    RadioStatus, RecentEvent, RecentEvents, Status, StoreStatus, SyncStatus, TimeSpan,
};
use crate::platform::i18n::{Language, Texts};
use crate::platform::time_format::{local_date, time_of_day};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_300);
const DAY: u64 = 86_400;

fn problem(id: &str, detail: &str) -> Problem {
    Problem { id: id.into(), detail: detail.into() }
}

fn status(tracing: bool, problems: Vec<Problem>) -> Status {
    Status {
        tracing,
        problems,
        version: "0.1.0".into(),
        pid: 1,
        now: NOW,
        authority: Some(AuthorityStatus {
            id: "yte".into(),
            name_vi: "Sở Y tế".into(),
            name_en: "Department of Health".into(),
            url: "https://yte.example".into(),
            fingerprint: "00".repeat(32),
            serial: 5,
            expires_at: NOW.plus(DAY),
        }),
        radio: RadioStatus {
            name: "hci0".into(),
            state: "ready".into(),
            last_scan: Some(NOW),
            heard_in_last_scan: 3,
            ..RadioStatus::default()
        },
        store: StoreStatus { scan_instances: 1_234, ..StoreStatus::default() },
        sync: SyncStatus { last_success: Some(NOW), ..SyncStatus::default() },
        level: RiskLevel::Low,
        visit: None,
    }
}

fn device(number: u8, rssi: i8) -> NearbyDevice {
    NearbyDevice {
        hash: format!("0a1b2c{number:02x}"),
        rssi,
        strongest_rssi: rssi,
        attenuation_db: 60,
        receptions: 3,
        since: NOW,
        last: NOW,
    }
}

fn nearby() -> Nearby {
    Nearby {
        now: NOW,
        tracing: true,
        problems: Vec::new(),
        last_scan: Some(NOW),
        devices: vec![device(1, -48), device(2, -61), device(3, -88)],
        by_nearness: [1, 1, 0, 1],
    }
}

fn history() -> History {
    let interval = |start, scan_instances| HistoryInterval { start, scan_instances, bytes: 9 };
    let intervals =
        vec![interval(NOW.minus(DAY), 30), interval(NOW, 100), interval(NOW.plus(600), 20)];
    History { intervals, own_keys: vec![NOW] }
}

fn log() -> RecentEvents {
    let radio = problem("problem-radio-off", "hci0");
    let days = TimeSpan { from: NOW.minus(DAY), until: NOW.minus(DAY - 1) };
    let happened = [
        Occurrence::Exposure { days, level: RiskLevel::High },
        Occurrence::Resolved(radio.clone()),
        Occurrence::Problem(radio),
        Occurrence::Tracing,
        Occurrence::Started { socket: "/run/vx.sock".into(), radio: "hci0".into() },
    ];
    RecentEvents { events: happened.map(|what| RecentEvent { at: NOW, what }).into() }
}

fn answers(status: Status) -> Answers {
    let (nearby, history, log) = (Some(nearby()), Some(history()), Some(log()));
    Answers { status, nearby, history, log, failure: None }
}

fn screen(
    state: &mut State,
    language: Language,
    (width, height): (u16, u16),
    colour: bool,
) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let texts = Texts::load(language);
    let mut drawn = state.drawn;
    terminal.draw(|frame| drawn = draw(frame, state, &texts, Theme { colour })).unwrap();
    state.was_drawn(drawn);
    terminal.backend().clone()
}

/// What stands on the screen, without blanks at the ends of lines; days and times as letters, since they are
/// those of this machine's time zone.
fn shown(backend: &TestBackend) -> String {
    let buffer = backend.buffer();
    let width = usize::from(buffer.area.width);
    let rows = buffer.content().chunks(width).map(|row| {
        let row: String = row.iter().map(|cell| cell.symbol()).collect();
        row.trim_end().to_owned()
    });
    let text = rows.collect::<Vec<_>>().join("\n");
    text.replace(&local_date(NOW), "YYYY-MM-DD")
        .replace(&local_date(NOW.minus(DAY)), "yyyy-mm-dd")
        .replace(&time_of_day(NOW), "hh:mm")
}

const WIDE: (u16, u16) = (80, 24);
const SMALL: (u16, u16) = (40, 12);

/// Every screen of `screens/<language>.txt`, one after the other.
fn all_screens(language: Language) -> String {
    let mut text = String::new();
    let mut add = |name: &str, state: &mut State, size| {
        let shown = shown(&screen(state, language, size, true));
        text += &format!("=== {name}\n{shown}\n");
    };
    add("before the first answer", &mut State::new(), SMALL);
    let mut state = State::new();
    state.not_answered(Texts::load(language).with(
        "failure-not-running",
        &[("socket", "/home/lan/.local/share/vungxanh/control.sock".into())],
    ));
    add("away from the beginning", &mut state, SMALL);
    let good = status(true, Vec::new());
    let problems =
        vec![problem("problem-radio-off", "hci0"), problem("problem-sync", "no route to host")];
    for (name, size) in [("wide", WIDE), ("small", SMALL)] {
        state = State::new();
        state.answered(answers(status(false, problems.clone())));
        add(&format!("{name}: problems come first"), &mut state, size);
        state.obey(Command::Last);
        add(&format!("{name}: the rest, scrolled"), &mut state, size);
        state.answered(answers(good.clone()));
        for pane in Pane::ALL {
            state.obey(Command::Show(pane));
            add(&format!("{name}: {pane:?}"), &mut state, size);
        }
        state.obey(Command::Help);
        add(&format!("{name}: help"), &mut state, size);
        state.obey(Command::Leave);
        state.not_answered("???".into());
        add(&format!("{name}: what was known when the daemon went away"), &mut state, size);
    }
    state = State::new();
    let mut nothing = answers(good);
    nothing.nearby = Some(Nearby { devices: Vec::new(), by_nearness: [0; 4], ..nearby() });
    nothing.history = Some(History { intervals: Vec::new(), own_keys: Vec::new() });
    nothing.log = Some(RecentEvents { events: Vec::new() });
    nothing.failure = Some("!!!".into());
    state.answered(nothing);
    for pane in [Pane::Nearby, Pane::History, Pane::Log] {
        state.obey(Command::Show(pane));
        add(&format!("nothing yet: {pane:?}"), &mut state, SMALL);
    }
    text
}

fn compare(language: Language, expected: &str) {
    let shown = all_screens(language);
    if shown != expected {
        let path = std::env::temp_dir().join(format!("vungxanh-top-{}.txt", language.tag()));
        std::fs::write(&path, &shown).unwrap();
        panic!("the screens are others; they stand in {}", path.display());
    }
}

#[test]
fn english_screens_are_these() {
    compare(Language::En, include_str!("screens/en.txt"));
}

#[test]
fn vietnamese_screens_are_these() {
    compare(Language::Vi, include_str!("screens/vi.txt"));
}

#[test]
fn colours_are_left_out_where_nobody_wants_them() {
    let mut state = State::new();
    state.answered(answers(status(false, vec![problem("problem-radio-off", "hci0")])));
    let colours = |state: &mut State, colour| {
        let backend = screen(state, Language::En, WIDE, colour);
        let cells = backend.buffer().content().iter();
        cells.filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset).count()
    };
    assert!(colours(&mut state, true) > 0);
    assert_eq!(colours(&mut state, false), 0);
}

#[test]
fn no_terminal_is_too_small_to_be_drawn_on() {
    let mut state = State::new();
    state.answered(answers(status(false, vec![problem("problem-radio-off", "hci0")])));
    for size in [(1, 1), (2, 3), (5, 40), (200, 2), (13, 7)] {
        for pane in Pane::ALL {
            state.obey(Command::Show(pane));
            screen(&mut state, Language::Vi, size, true);
            state.obey(Command::Last);
            screen(&mut state, Language::Vi, size, true);
        }
    }
}
