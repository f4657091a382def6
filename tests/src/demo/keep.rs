//! `--keep`: everything goes on at real speed, and the person is shown what to try.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::company::Company;
use super::market;
use super::story::CAST;
use super::teller::Teller;
use crate::harness::authority::Authority;
use crate::harness::process::Program;
use crate::harness::stage::DemoError;
use crate::scaled_clock::CLOCK_FILE_VARIABLE;

/// Lets time pass at its own pace and says what can be opened or typed.
pub(super) fn open_house(company: &mut Company, teller: &Teller) -> Result<(), DemoError> {
    company.stage.set_rate(1)?;
    let folder = company.stage.folder().to_owned();
    for person in &company.people {
        let options = format!("--profile {}", quoted(person.profile()));
        write_command(company, person.id(), Program::Daemon, &options)?;
    }
    write_command(company, "authority-command", Program::Server, "")?;
    let authority = company.authority()?;
    teller.print("");
    teller.line("keep-title", &[("folder", folder.display().to_string().into())]);
    let command = |name: &str, words: &str| {
        teller.print(&format!("  {} {words}", quoted(&folder.join(name))));
    };
    for (text, name, words) in [
        ("keep-told", "minh", "exposures"),
        ("keep-warned", "binh", "exposures"),
        ("keep-passed", "dung", "exposures"),
        ("keep-pass", "dung", "pass --once"),
        ("keep-status", CAST[0].id, "status"),
        ("keep-history", "hoa", "history"),
    ] {
        teller.line(text, &[]);
        command(name, words);
    }
    let dir = quoted(authority.folder());
    teller.line("keep-authority", &[]);
    command("authority-command", &format!("statistics --dir {dir}"));
    command("authority-command", &format!("issue-code --dir {dir}"));
    teller.line("keep-report", &[]);
    command("an", "report CODE");
    open_pages(company, authority, teller)?;
    teller.line("keep-end", &[]);
    Ok(())
}

/// What is worth opening in a browser, in the language of the story.
fn open_pages(company: &Company, authority: &Authority, teller: &Teller) -> Result<(), DemoError> {
    let language = company.stage.host().language;
    let page = |path: &str| format!("  {}/{path}?lang={language}", authority.url());
    let market = company.market.as_ref().ok_or_else(|| DemoError::InVain("a market".into()))?;
    for (text, login, path) in [
        ("keep-staff", market::OFFICERS_LOGIN, "staff/login"),
        ("keep-venue", market::MANAGERS_LOGIN, "venue/login"),
    ] {
        teller.line(text, &[("login", login.0.into()), ("password", login.1.into())]);
        teller.print(&page(path));
    }
    teller.line("keep-poster", &[]);
    teller.print(&format!("  {}", quoted(&market.poster)));
    teller.line("keep-card", &[]);
    teller.print(&format!("  {}", quoted(&company.stage.folder().join("card-sau.png"))));
    teller.line("keep-checkin", &[]);
    // As the poster has it, so that "vungxanh checkin" takes it, too: the page itself chooses the language.
    teller.print(&format!("  {}/v#{}", authority.url(), market.poster_code()));
    teller.line("keep-open", &[]);
    for path in ["v1/authority", "v1/exports/VN/index.txt"] {
        teller.print(&format!("  {}/{path}", authority.url()));
    }
    Ok(())
}

/// A small script, so that a command is short to type, runs on the demo's clock, and speaks the
/// language of the story.
fn write_command(
    company: &Company,
    name: &str,
    program: Program,
    options: &str,
) -> Result<(), DemoError> {
    let host = company.stage.host();
    let program = format!("{} {}", quoted(&host.executable), program.hidden_argument());
    let script = script(host.language, host.clock_file.as_deref(), &program, options);
    let write = || {
        let mut options = std::fs::OpenOptions::new();
        let path = company.stage.folder().join(name);
        options.write(true).create_new(true).mode(0o700).open(path)?.write_all(script.as_bytes())
    };
    write().map_err(DemoError::files("cannot write a command"))
}

fn script(language: &str, clock: Option<&Path>, program: &str, options: &str) -> String {
    let clock = clock.map(quoted).unwrap_or_default();
    let settings = format!("TZ=Asia/Ho_Chi_Minh LC_ALL={language} {CLOCK_FILE_VARIABLE}={clock}");
    format!("#!/bin/sh\nexec env {settings} {program} \"$@\" {options}\n")
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_command_speaks_the_language_of_the_story() {
        for language in ["vi", "en"] {
            let clock = Path::new("/tmp/a clock");
            let script = script(language, Some(clock), "printenv", "LC_ALL VUNGXANH_DEMO_CLOCK");
            let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            assert_eq!(printed, format!("{language}\n/tmp/a clock\n"));
        }
    }
}
