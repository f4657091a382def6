//! How the screen looks: drawn from the state alone.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::lines::{Lines, Tone, cut, padded, pairs, width, wrapped};
use super::pane;
use super::state::{Drawn, Pane, State};
use crate::cli::status;
use crate::platform::i18n::Texts;
use crate::platform::time_format::time_of_day;

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Theme {
    pub(super) colour: bool,
}

impl Theme {
    fn style(self, tone: Tone) -> Style {
        let coloured = |style: Style, colour| if self.colour { style.fg(colour) } else { style };
        let bold = Style::new().add_modifier(Modifier::BOLD);
        match tone {
            Tone::Plain => Style::new(),
            Tone::Good => coloured(bold, Color::Green),
            Tone::Bad => coloured(bold, Color::Red),
            Tone::Heading => bold,
            Tone::Faint => Style::new().add_modifier(Modifier::DIM),
        }
    }
}

/// Draws everything, and says how much of the pane fits.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, texts: &Texts, theme: Theme) -> Drawn {
    let rows = [Constraint::Length(1), Constraint::Length(1), Constraint::Length(1)];
    let [head, tabs, rule] = rows;
    let [head, tabs, rule, body, keys] =
        Layout::vertical([head, tabs, rule, Constraint::Min(1), Constraint::Length(1)])
            .areas(frame.area());
    let room = usize::from(frame.area().width);
    frame.render_widget(headline(state, texts, theme, room), head);
    frame.render_widget(tab_line(state, texts, room), tabs);
    frame.render_widget(Line::styled("─".repeat(room), theme.style(Tone::Faint)), rule);
    frame.render_widget(Line::styled(key_line(texts, room), theme.style(Tone::Faint)), keys);

    let lines = if state.help { help(texts, room) } else { pane::lines(state, texts, room) };
    let page = usize::from(body.height);
    let furthest = lines.len().saturating_sub(page);
    let first = state.scrolled.min(furthest);
    for ((tone, line), row) in lines.into_iter().skip(first).zip(body.rows()) {
        frame.render_widget(Line::styled(line, theme.style(tone)), row);
    }
    Drawn { page, furthest }
}

/// Whether tracing works, and of when this is.
fn headline(state: &State, texts: &Texts, theme: Theme, room: usize) -> Line<'static> {
    let (tone, text) = match (&state.away, &state.status) {
        (Some(_), _) => (Tone::Bad, "top-no-answer"),
        (None, None) => (Tone::Plain, "top-asking"),
        (None, Some(status)) if status.tracing => (Tone::Good, status::headline(true)),
        (None, Some(_)) => (Tone::Bad, status::headline(false)),
    };
    let time = state.as_of().map(time_of_day).unwrap_or_default();
    let left = room.saturating_sub(width(&time) + 1);
    let text = padded(&cut(&texts.get(text), left), left);
    Line::from(vec![Span::styled(text, theme.style(tone)), Span::raw(format!(" {time}"))])
}

/// The panes with their keys; names are cut where all do not fit.
fn tab_line(state: &State, texts: &Texts, room: usize) -> Line<'static> {
    let name = |pane: Pane| {
        let count = state.nearby.as_ref().filter(|_| pane == Pane::Nearby);
        let count = count.map_or_else(String::new, |nearby| format!(" {}", nearby.devices.len()));
        (texts.get(pane.title()), count)
    };
    let tab = |(number, pane): (usize, Pane), most: usize| {
        let (title, count) = name(pane);
        format!(" {number} {}{count} ", cut(&title, most))
    };
    let numbered = || (1..).zip(Pane::ALL);
    let longest = Pane::ALL.into_iter().map(|pane| width(&name(pane).0)).max().unwrap_or(0);
    let fitting = (1..=longest)
        .rev()
        .find(|most| numbered().map(|pane| width(&tab(pane, *most))).sum::<usize>() <= room)
        .unwrap_or(1);
    let spans = numbered().map(|(number, pane)| {
        let is_shown = pane == state.pane && !state.help;
        let modifier = if is_shown { Modifier::REVERSED } else { Modifier::empty() };
        Span::styled(tab((number, pane), fitting), Style::new().add_modifier(modifier))
    });
    Line::from(spans.collect::<Vec<_>>())
}

fn key_line(texts: &Texts, room: usize) -> String {
    let long = texts.get("top-keys");
    if width(&long) <= room { long } else { cut(&texts.get("top-keys-short"), room) }
}

fn help(texts: &Texts, room: usize) -> Lines {
    let mut lines = vec![(Tone::Heading, texts.get("top-help-title"))];
    let rows: Vec<[String; 2]> = ["panes", "scroll", "refresh", "help", "quit"]
        .map(|id| [texts.get(&format!("top-help-{id}-keys")), texts.get(&format!("top-help-{id}"))])
        .into();
    lines.extend(pairs(&rows, room).into_iter().map(|line| (Tone::Plain, line)));
    lines.push((Tone::Plain, String::new()));
    let note = wrapped(&texts.get("top-help-note"), room, 0);
    lines.extend(note.into_iter().map(|line| (Tone::Faint, line)));
    lines
}
