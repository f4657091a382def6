//! `vungxanh top`: status, who is near, history and events on one screen that is drawn again as they change.

mod lines;
mod pane;
mod state;
mod view;

#[cfg(test)]
mod screens;

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, KeyEvent};
use tokio::signal::unix::{SignalKind, signal};

use self::state::{Answers, Effect, Pane, State};
use self::view::Theme;
use super::Context;
use crate::control::client::Client;
use crate::control_api::{HistoryRequest, NearbyRequest, RecentEventsRequest, StatusRequest};
use crate::failure::{Exit, Failure};
use crate::platform::i18n::Texts;

/// How often the daemon is asked. It answers from what it has heard: asking makes it scan no more often.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// How long an answer may take before the daemon counts as away.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Arguments of `vungxanh top`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

/// What the screen waits for.
enum Message {
    Key(KeyEvent),
    /// The window has another size.
    Resized,
    Answered(Box<Answers>),
    /// Why the daemon does not answer.
    Away(String),
    /// A signal asks the program to end, or the terminal is gone.
    End,
}

/// A terminal that is put back in order when this is dropped. A panic puts it in order before its message is
/// written, by the hook that `ratatui` installs.
struct Screen(DefaultTerminal);

impl Screen {
    fn open() -> io::Result<Self> {
        ratatui::try_init().map(Self).inspect_err(|_| {
            let _ = ratatui::try_restore();
        })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.0.show_cursor();
        let _ = ratatui::try_restore();
    }
}

pub(super) fn run(_: &Arguments, context: &Context) -> Result<(), Failure> {
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let can_draw = std::env::var_os("TERM").is_none_or(|name| name != "dumb");
    if context.output.is_json() || !is_terminal || !can_draw {
        return Err(Failure::new(Exit::Usage, "failure-top-terminal"));
    }
    let client = Client::impatient(&context.profile()?.control_socket(), ANSWER_LIMIT)?;
    let texts = Arc::clone(context.output.texts());
    let (sender, messages) = mpsc::channel();
    let (ask, asked) = mpsc::channel();
    // Before the screen is opened, so that none is left behind by a signal.
    listen_for_signals(sender.clone())?;
    let mut screen = Screen::open().map_err(screen_failed)?;
    let keys = sender.clone();
    thread::spawn(move || read_keys(&keys));
    let language = Arc::clone(&texts);
    thread::spawn(move || ask_daemon(&client, &language, &asked, &sender));
    show(&mut screen, &messages, &ask, &texts)
}

fn screen_failed(error: io::Error) -> Failure {
    Failure::new(Exit::Usage, "failure-top-screen").because(error)
}

/// Draws until a key or a signal ends it.
fn show(
    screen: &mut Screen,
    messages: &Receiver<Message>,
    ask: &Sender<Pane>,
    texts: &Texts,
) -> Result<(), Failure> {
    // https://no-color.org: present and not empty.
    let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let theme = Theme { colour };
    let mut state = State::new();
    loop {
        let mut drawn = state.drawn;
        screen
            .0
            .draw(|frame| drawn = view::draw(frame, &state, texts, theme))
            .map_err(screen_failed)?;
        state.was_drawn(drawn);
        let effect = match messages.recv() {
            Ok(Message::Key(key)) => {
                state::command_of(&key).map_or(Effect::None, |command| state.obey(command))
            }
            Ok(Message::Answered(answers)) => {
                state.answered(*answers);
                Effect::None
            }
            Ok(Message::Away(why)) => {
                state.not_answered(why);
                Effect::None
            }
            Ok(Message::Resized) => Effect::None,
            Ok(Message::End) | Err(_) => Effect::Quit,
        };
        match effect {
            Effect::None => {}
            Effect::Quit => return Ok(()),
            Effect::Ask => {
                let _ = ask.send(state.pane);
            }
        }
    }
}

fn read_keys(sender: &Sender<Message>) {
    loop {
        let message = match event::read() {
            Ok(event::Event::Key(key)) => Message::Key(key),
            Ok(event::Event::Resize(..)) => Message::Resized,
            Ok(_) => continue,
            Err(_) => Message::End,
        };
        let is_end = matches!(message, Message::End);
        if sender.send(message).is_err() || is_end {
            return;
        }
    }
}

/// Asks at once and then every 2 seconds, and whenever a pane is shown or the person asks.
fn ask_daemon(client: &Client, texts: &Texts, asked: &Receiver<Pane>, sender: &Sender<Message>) {
    let mut pane = Pane::Status;
    loop {
        let message = match answers(client, pane, texts) {
            Ok(answers) => Message::Answered(Box::new(answers)),
            Err(failure) => Message::Away(text_of(&failure, texts)),
        };
        if sender.send(message).is_err() {
            return;
        }
        match asked.recv_timeout(ASK_EVERY) {
            // Of several keys in a row the last counts.
            Ok(wanted) => pane = asked.try_iter().last().unwrap_or(wanted),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// The status, how many are near, and what the pane shows besides.
fn answers(client: &Client, pane: Pane, texts: &Texts) -> Result<Answers, Failure> {
    let status = client.send(&StatusRequest)?;
    let mut failure = None;
    let mut note = |refused: Failure| failure = Some(text_of(&refused, texts));
    let nearby = client.send(&NearbyRequest).map_err(&mut note).ok();
    let (mut history, mut log) = (None, None);
    match pane {
        Pane::Status | Pane::Nearby => {}
        Pane::History => history = client.send(&HistoryRequest).map_err(&mut note).ok(),
        Pane::Log => log = client.send(&RecentEventsRequest).map_err(&mut note).ok(),
    }
    Ok(Answers { status, nearby, history, log, failure })
}

fn text_of(failure: &Failure, texts: &Texts) -> String {
    texts.with(failure.id(), failure.arguments())
}

/// Ends the screen when the program is asked to end, or its terminal is closed.
fn listen_for_signals(sender: Sender<Message>) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::new(Exit::Store, "failure-runtime").because(error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(failed)?;
    let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()];
    let [mut terminated, mut hung_up, mut interrupted] = {
        let _guard = runtime.enter();
        let [terminate, hang_up, interrupt] = kinds.map(signal);
        [terminate.map_err(failed)?, hang_up.map_err(failed)?, interrupt.map_err(failed)?]
    };
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = hung_up.recv() => {}
                _ = interrupted.recv() => {}
            }
        });
        let _ = sender.send(Message::End);
    });
    Ok(())
}
