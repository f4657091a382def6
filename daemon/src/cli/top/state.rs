//! What the screen shows, and what keys and the daemon's answers change in it: a state machine without a terminal.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use vungxanh_protocol::interval::UnixTime;

use crate::control_api::{History, Nearby, RecentEvents, Status};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pane {
    Status,
    Nearby,
    History,
    Log,
}

impl Pane {
    pub(super) const ALL: [Self; 4] = [Self::Status, Self::Nearby, Self::History, Self::Log];

    /// The text of its name.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Status => "top-pane-status",
            Self::Nearby => "top-pane-nearby",
            Self::History => "top-pane-history",
            Self::Log => "top-pane-log",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Status => Self::Nearby,
            Self::Nearby => Self::History,
            Self::History => Self::Log,
            Self::Log => Self::Status,
        }
    }

    const fn previous(self) -> Self {
        self.next().next().next()
    }
}

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Quit,
    /// Closes the help where it is open, else quits.
    Leave,
    Show(Pane),
    Next,
    Previous,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Help,
    Refresh,
}

/// None for keys that ask for nothing.
pub(super) fn command_of(key: &KeyEvent) -> Option<Command> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        let quits = key.modifiers == KeyModifiers::CONTROL && key.code == KeyCode::Char('c');
        return quits.then_some(Command::Quit);
    }
    Some(match key.code {
        KeyCode::Char('q' | 'Q') => Command::Quit,
        KeyCode::Esc => Command::Leave,
        KeyCode::Char('1') => Command::Show(Pane::Status),
        KeyCode::Char('2') => Command::Show(Pane::Nearby),
        KeyCode::Char('3') => Command::Show(Pane::History),
        KeyCode::Char('4') => Command::Show(Pane::Log),
        KeyCode::Tab | KeyCode::Right => Command::Next,
        KeyCode::BackTab | KeyCode::Left => Command::Previous,
        KeyCode::Up => Command::Up,
        KeyCode::Down => Command::Down,
        KeyCode::PageUp => Command::PageUp,
        KeyCode::PageDown | KeyCode::Char(' ') => Command::PageDown,
        KeyCode::Home => Command::First,
        KeyCode::End => Command::Last,
        KeyCode::Char('?' | 'h' | 'H') => Command::Help,
        KeyCode::Char('r' | 'R') => Command::Refresh,
        _ => return None,
    })
}

/// What the daemon answered. What was not asked for is none.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    pub(super) status: Status,
    pub(super) nearby: Option<Nearby>,
    pub(super) history: Option<History>,
    pub(super) log: Option<RecentEvents>,
    /// Why one of these could not be had although the daemon answers, in the person's language.
    pub(super) failure: Option<String>,
}

/// What is to be done after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    Quit,
    /// Ask the daemon at once.
    Ask,
}

/// How much fits on the screen, as it was drawn last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Drawn {
    /// Lines that fit.
    pub(super) page: usize,
    /// The furthest that can be scrolled.
    pub(super) furthest: usize,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) pane: Pane,
    pub(super) help: bool,
    /// First line shown of the pane, or of the help.
    pub(super) scrolled: usize,
    pub(super) drawn: Drawn,
    pub(super) status: Option<Status>,
    pub(super) nearby: Option<Nearby>,
    pub(super) history: Option<History>,
    pub(super) log: Option<RecentEvents>,
    /// Why the daemon does not answer, in the person's language.
    pub(super) away: Option<String>,
    pub(super) failure: Option<String>,
}

impl State {
    pub(super) const fn new() -> Self {
        Self {
            pane: Pane::Status,
            help: false,
            scrolled: 0,
            drawn: Drawn { page: 0, furthest: 0 },
            status: None,
            nearby: None,
            history: None,
            log: None,
            away: None,
            failure: None,
        }
    }

    /// The daemon's time when it answered last.
    pub(super) fn as_of(&self) -> Option<UnixTime> {
        self.status.as_ref().map(|status| status.now)
    }

    pub(super) fn answered(&mut self, answers: Answers) {
        self.away = None;
        self.failure = answers.failure;
        self.status = Some(answers.status);
        self.nearby = answers.nearby.or(self.nearby.take());
        self.history = answers.history.or(self.history.take());
        self.log = answers.log.or(self.log.take());
    }

    /// What was known stays, and is shown as old.
    pub(super) fn not_answered(&mut self, why: String) {
        self.away = Some(why);
    }

    pub(super) fn obey(&mut self, command: Command) -> Effect {
        match command {
            Command::Quit => return Effect::Quit,
            Command::Leave if !self.help => return Effect::Quit,
            Command::Leave => self.show_help(false),
            Command::Help => self.show_help(!self.help),
            Command::Refresh => return Effect::Ask,
            Command::Show(pane) => return self.show(pane),
            Command::Next => return self.show(self.pane.next()),
            Command::Previous => return self.show(self.pane.previous()),
            Command::Up => self.scroll_to(self.scrolled.saturating_sub(1)),
            Command::Down => self.scroll_to(self.scrolled.saturating_add(1)),
            Command::PageUp => self.scroll_to(self.scrolled.saturating_sub(self.drawn.page)),
            Command::PageDown => self.scroll_to(self.scrolled.saturating_add(self.drawn.page)),
            Command::First => self.scroll_to(0),
            Command::Last => self.scroll_to(self.drawn.furthest),
        }
        Effect::None
    }

    /// After drawing: a window that has grown shows no emptiness below the end.
    pub(super) fn was_drawn(&mut self, drawn: Drawn) {
        self.drawn = drawn;
        self.scroll_to(self.scrolled);
    }

    fn show(&mut self, pane: Pane) -> Effect {
        self.help = false;
        self.pane = pane;
        self.scrolled = 0;
        Effect::Ask
    }

    fn show_help(&mut self, shown: bool) {
        self.help = shown;
        self.scrolled = 0;
    }

    fn scroll_to(&mut self, line: usize) {
        self.scrolled = line.min(self.drawn.furthest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode) -> Option<Command> {
        command_of(&KeyEvent::from(code))
    }

    #[test]
    fn every_key_of_the_help_asks_for_what_it_says() {
        let expected = [
            (KeyCode::Char('q'), Command::Quit),
            (KeyCode::Esc, Command::Leave),
            (KeyCode::Char('2'), Command::Show(Pane::Nearby)),
            (KeyCode::Tab, Command::Next),
            (KeyCode::BackTab, Command::Previous),
            (KeyCode::Up, Command::Up),
            (KeyCode::PageDown, Command::PageDown),
            (KeyCode::End, Command::Last),
            (KeyCode::Char('?'), Command::Help),
            (KeyCode::Char('r'), Command::Refresh),
        ];
        for (key, command) in expected {
            assert_eq!(press(key), Some(command), "{key:?}");
        }
        for other in [KeyCode::Char('5'), KeyCode::Char('c'), KeyCode::Enter, KeyCode::F(1)] {
            assert_eq!(press(other), None, "{other:?}");
        }
    }

    #[test]
    fn ctrl_c_quits_and_keys_that_are_released_do_nothing() {
        let key = |code, modifiers| KeyEvent::new(KeyCode::Char(code), modifiers);
        assert_eq!(command_of(&key('c', KeyModifiers::CONTROL)), Some(Command::Quit));
        assert_eq!(command_of(&key('q', KeyModifiers::CONTROL)), None);
        assert_eq!(command_of(&key('r', KeyModifiers::ALT)), None);
        let mut released = key('q', KeyModifiers::NONE);
        released.kind = KeyEventKind::Release;
        assert_eq!(command_of(&released), None);
    }

    #[test]
    fn panes_are_a_ring_and_each_begins_at_its_top() {
        let mut state = State::new();
        state.was_drawn(Drawn { page: 5, furthest: 9 });
        let mut seen = Vec::new();
        for _ in 0..4 {
            state.obey(Command::Down);
            assert_eq!(state.scrolled, 1);
            assert_eq!(state.obey(Command::Next), Effect::Ask, "what it shows is fetched at once");
            assert_eq!(state.scrolled, 0);
            seen.push(state.pane);
        }
        assert_eq!(seen, [Pane::Nearby, Pane::History, Pane::Log, Pane::Status]);
        state.obey(Command::Previous);
        assert_eq!(state.pane, Pane::Log);
        state.obey(Command::Show(Pane::History));
        assert_eq!(state.pane, Pane::History);
    }

    #[test]
    fn scrolling_ends_at_both_ends() {
        let mut state = State::new();
        state.was_drawn(Drawn { page: 5, furthest: 9 });
        for (command, line) in [
            (Command::Up, 0),
            (Command::PageDown, 5),
            (Command::PageDown, 9),
            (Command::Down, 9),
            (Command::PageUp, 4),
            (Command::Last, 9),
            (Command::First, 0),
            (Command::Last, 9),
        ] {
            assert_eq!(state.obey(command), Effect::None);
            assert_eq!(state.scrolled, line, "{command:?}");
        }
        state.was_drawn(Drawn { page: 12, furthest: 2 });
        assert_eq!(state.scrolled, 2, "the window has grown");
    }

    #[test]
    fn escape_closes_the_help_first() {
        let mut state = State::new();
        assert_eq!(state.obey(Command::Help), Effect::None);
        assert!(state.help);
        assert_eq!(state.obey(Command::Leave), Effect::None);
        assert!(!state.help);
        assert_eq!(state.obey(Command::Leave), Effect::Quit);
        state.obey(Command::Help);
        assert_eq!(state.obey(Command::Quit), Effect::Quit);
        state.obey(Command::Show(Pane::Log));
        assert!(!state.help, "a pane that is asked for is shown");
    }
}
