//! `vungxanh top` in a real pseudo-terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::support::person::Person;

/// Begins and ends the use of the other screen; shows the cursor again.
const ENTER: &str = "\u{1b}[?1049h";
const LEAVE: &str = "\u{1b}[?1049l";
const SHOW_CURSOR: &str = "\u{1b}[?25h";
const ROWS: u16 = 24;
const COLUMNS: u16 = 100;
/// Real time after which a test gives up.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The program on a terminal of its own.
struct OnTerminal {
    program: Child,
    keyboard: File,
    terminal: OwnedFd,
    output: Receiver<Vec<u8>>,
    /// All that it has written.
    written: Vec<u8>,
}

impl Drop for OnTerminal {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl OnTerminal {
    fn start(mut command: Command) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        let terminal = rustix::fs::open(name.as_c_str(), flags, Mode::empty()).unwrap();
        let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal, size).unwrap();
        let end = || Stdio::from(terminal.try_clone().unwrap());
        command.stdin(end()).stdout(end()).stderr(end());
        let program = command.env("TERM", "xterm-256color").spawn().unwrap();
        let keyboard = File::from(master.try_clone().unwrap());
        let mut screen = File::from(master);
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(length @ 1..) = screen.read(&mut bytes) {
                if sender.send(bytes[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { program, keyboard, terminal, output, written: Vec::new() }
    }

    /// Waits until the text stands on the screen; it may run over several lines.
    fn sees(&mut self, text: &str) {
        self.waits_for(text, |written| {
            let rows = rows(written);
            let rows: Vec<_> = rows.iter().map(|row| row.trim()).collect();
            rows.join(" ").contains(text)
        });
    }

    fn waits_for(&mut self, what: &str, is_there: impl Fn(&str) -> bool) {
        let until = Instant::now() + TIMEOUT;
        while !is_there(&String::from_utf8_lossy(&self.written)) {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.output.recv_timeout(left) else {
                let written = String::from_utf8_lossy(&self.written);
                panic!("no {what:?} on\n{}\n{written:?}", rows(&written).join("\n"));
            };
            self.written.extend(bytes);
        }
    }

    fn types(&mut self, keys: &[u8]) {
        self.keyboard.write_all(keys).unwrap();
    }

    fn is_raw(&self) -> bool {
        !tcgetattr(&self.terminal).unwrap().local_modes.contains(LocalModes::ICANON)
    }

    fn kill(&self, signal: &str) {
        let pid = self.program.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// It ends by itself, and the terminal is as it was.
    fn has_left(mut self) {
        // The other screen is left, the cursor shown.
        self.waits_for(LEAVE, |written| written.contains(LEAVE) && written.contains(SHOW_CURSOR));
        let code = self.program.wait().unwrap().code();
        assert_eq!(code, Some(0));
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO), "{modes:?}");
    }
}

/// What stands on the screen: characters, and where the cursor was set to.
fn rows(written: &str) -> Vec<String> {
    let blank = vec![vec![' '; usize::from(COLUMNS)]; usize::from(ROWS)];
    let mut screen = blank.clone();
    let (mut row, mut column) = (0, 0);
    let mut rest = written.chars();
    while let Some(character) = rest.next() {
        if character != '\u{1b}' {
            if let Some(cell) = screen.get_mut(row).and_then(|row: &mut Vec<_>| row.get_mut(column))
            {
                *cell = character;
            }
            column += 1;
            continue;
        }
        // CSI, parameters, a letter (ECMA-48).
        assert_eq!(rest.next().unwrap_or('['), '[');
        let mut parameters = String::new();
        let end = rest.find(|c| {
            parameters.push(*c);
            c.is_ascii_alphabetic()
        });
        let numbers = parameters.trim_end_matches(char::is_alphabetic).split(';');
        let numbers: Vec<usize> = numbers.map(|number| number.parse().unwrap_or(1)).collect();
        match end {
            Some('H') => {
                row = numbers.first().map_or(0, |row| row - 1);
                column = numbers.get(1).map_or(0, |column| column - 1);
            }
            Some('J') => screen.clone_from(&blank),
            _ => {}
        }
    }
    screen.into_iter().map(|row| row.into_iter().collect()).collect()
}

fn top(person: &Person, language: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vungxanh"));
    command.args(["--lang", language, "--profile"]).arg(person.profile.root()).arg("top");
    command
}

#[test]
fn it_shows_what_the_daemon_says_and_leaves_the_terminal_as_it_was() {
    let mut person = Person::new();
    let mut terminal = OnTerminal::start(top(&person, "en"));
    terminal.waits_for(ENTER, |written| written.contains(ENTER));
    terminal.sees("The daemon does not answer.");
    terminal.sees("vungxanh run");
    assert!(terminal.is_raw());
    // It is asked again, and found once it is there.
    let _events = person.start(&[]);
    terminal.sees("Tracing does not work.");
    terminal.sees("No health authority is chosen.");
    terminal.types(b"4");
    terminal.sees("Vung Xanh is running.");
    terminal.types(b"?");
    terminal.sees("this help");
    terminal.types(b"\t\t");
    terminal.sees("Last scan: never");
    terminal.types(b"q");
    terminal.has_left();
}

#[test]
fn it_ends_by_ctrl_c_and_by_signals_and_puts_the_terminal_in_order() {
    let person = Person::new();
    let start = || {
        let mut terminal = OnTerminal::start(top(&person, "vi"));
        terminal.sees("Dịch vụ nền không trả lời.");
        assert!(terminal.is_raw());
        terminal
    };
    let mut terminal = start();
    terminal.types(b"\x03");
    terminal.has_left();
    for signal in ["-TERM", "-HUP", "-INT"] {
        let terminal = start();
        terminal.kill(signal);
        terminal.has_left();
    }
}

#[test]
fn colours_are_written_only_where_somebody_wants_them() {
    let person = Person::new();
    for (name, value, coloured) in [("NO_COLOR", "1", false), ("NO_COLOR", "", true)] {
        let mut command = top(&person, "en");
        command.env(name, value);
        let mut terminal = OnTerminal::start(command);
        terminal.sees("The daemon does not answer.");
        let written = String::from_utf8_lossy(&terminal.written).into_owned();
        // Red, by its number in the palette.
        assert_eq!(written.contains("38;5;1"), coloured, "{written:?}");
        terminal.types(b"q");
        terminal.has_left();
    }
}

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    let person = Person::new();
    for arguments in [&["top"][..], &["top", "--json"]] {
        let output = person.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(output.stdout, b"");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("vungxanh status") && text.contains("--json"), "{text}");
    }
}
