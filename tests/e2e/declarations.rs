//! Health declarations from the person's program to the officer's, and the passes in return.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::declaration::Form;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{PassKeys, Verdict, read_code};
use vungxanh_tests::harness::code_picture::codes_by_zbar;
use vungxanh_tests::harness::person::Person;
use vungxanh_tests::harness::process::Program;
use vungxanh_tests::harness::stage::{ACTING, DemoError};
use vungxanh_tests::harness::widest::widest_form;
use vungxanh_tests::scaled_clock::CLOCK_FILE_VARIABLE;

use crate::town::{ONSET, TestResult, Town, error_id, eventually};

/// An officer with a key on their own computer, whom the authority has admitted; keys for the days to come.
pub struct Officer {
    folder: PathBuf,
    passphrase: PathBuf,
}

impl Officer {
    pub async fn admitted(town: &Town) -> Result<Self, DemoError> {
        let folder = town.stage.folder().join("officer");
        std::fs::create_dir(&folder).unwrap();
        let officer = Self { passphrase: folder.join("passphrase"), folder };
        std::fs::write(&officer.passphrase, "tre xanh bên sông\n").unwrap();
        let (key, passphrase) = (text(&officer.key()), text(&officer.passphrase));
        let keygen = ["intake", "keygen", "--out", &key, "--passphrase-file", &passphrase];
        let made = town.stage.host().run(Program::Server, &keygen).await?.expect_code(0)?;
        let public = made.stdout.lines().map(str::trim).find(|line| line.len() == 64).unwrap();
        let options = ["--name", "Bác sĩ Hoa", "--key", public];
        town.authority.command(&["officer", "add"], &options).await?.expect_code(0)?;
        let days = ["--days", "3"];
        town.authority.command(&["intake-key", "new"], &days).await?.expect_code(0)?;
        Ok(officer)
    }

    fn key(&self) -> PathBuf {
        self.folder.join("key.json")
    }

    /// The forms of the first day, as the officer reads them.
    pub async fn reads(&self, town: &Town, list: &str) -> Result<Vec<Value>, DemoError> {
        let list = text(&self.folder.join(list));
        let options = ["--day", ONSET, "--officer", "1", "--out", &list];
        town.authority.command(&["intake", "export"], &options).await?.expect_code(0)?;
        let (key, passphrase) = (text(&self.key()), text(&self.passphrase));
        let open =
            ["intake", "open", "--json", "--key", &key, "--passphrase-file", &passphrase, &list];
        let opened: Value =
            town.stage.host().run(Program::Server, &open).await?.expect_code(0)?.json()?;
        assert_eq!(opened["unreadable"], 0, "{opened}");
        Ok(opened["forms"].as_array().unwrap().clone())
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A form as a person types it: letters composed otherwise, blanks, a picture.
fn form(name: &str) -> Value {
    json!({
        "kind": "population", "name": name, "born": 1990, "gender": "male", "nationality": "VN",
        "paperKind": "citizen_card", "paper": "001 090 012 345", "ward": 4,
        "address": "12 ngo\u{303} Tra\u{300}ng Tie\u{302}\u{300}n  \u{1f3e0}",
        "phone": "0912 345 678", "travelled": false, "symptoms": ["cough", "fever"], "contacts": [],
    })
}

async fn declare(person: &Person, form: &Value) -> Result<Value, DemoError> {
    let file = person.profile().with_extension("form.json");
    std::fs::write(&file, form.to_string()).unwrap();
    let args = ["declare", "--file", &text(&file), "--yes", "--json"];
    person.command(&args).await?.expect_code(0)?.json().map_err(DemoError::from)
}

/// What an officer should read: the form as it is normalised, of that day, with the consent that was given.
fn expected(form: &Value, read: &Value) -> Value {
    let mut form = form.clone();
    form["day"] = read["day"].clone();
    form["consent"] = 1.into();
    let form: Form = serde_json::from_value(form).unwrap();
    serde_json::to_value(form.normalised()).unwrap()
}

pub async fn states(person: &Person) -> Result<Vec<String>, DemoError> {
    let list: Value = person.command(&["declarations", "--json"]).await?.expect_code(0)?.json()?;
    let states = list["declarations"].as_array().unwrap().iter();
    Ok(states.map(|one| one["state"].as_str().unwrap().to_owned()).collect())
}

pub async fn pass(person: &Person, options: &[&str]) -> Result<String, DemoError> {
    let args = [&["pass", "--json"], options].concat();
    let shown: Value = person.command(&args).await?.expect_code(0)?.json()?;
    Ok(shown["code"].as_str().unwrap().to_owned())
}

/// What a door with the authority's published keys says.
pub fn verdict(town: &Town, code: &str, now: UnixTime) -> Verdict {
    let folder = town.authority.folder();
    let document = std::fs::read(folder.join("authority.signed")).unwrap();
    let authority = VerifiedAuthority::first_contact(&document, now).unwrap();
    let keys = std::fs::read(folder.join("declarations").join("pass-keys.signed")).unwrap();
    let keys = PassKeys::read(&keys, authority.root_key(), None).unwrap();
    keys.judge(&read_code(code).unwrap(), now)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_declared_is_read_by_the_officer_and_answered_with_passes() -> TestResult {
    let mut town = Town::found().await;
    let [dung] = town.people(["dung"]).await?;
    town.stage.set_rate(1)?;
    let file = text(&dung.profile().with_extension("form.json"));
    let form = form("Nguye\u{302}\u{303}n Va\u{306}n Du\u{303}ng");
    std::fs::write(&file, form.to_string()).unwrap();
    let early = dung.command(&["declare", "--file", &file, "--yes", "--json"]).await?;
    assert_eq!(error_id(&early.expect_code(1)?), "failure-declare-not-taken");
    let officer = Officer::admitted(&town).await?;
    let without_consent = dung.command(&["declare", "--file", &file, "--json"]).await?;
    assert_eq!(error_id(&without_consent.expect_code(2)?), "failure-declare-needs-yes");
    let declared = declare(&dung, &form).await?;
    assert_eq!(declared["state"], "sent", "{declared}");
    assert_eq!((&declared["live_passes"], &declared["printed_passes"]), (&12.into(), &12.into()));
    let read = officer.reads(&town, "first").await?;
    assert_eq!(read, [expected(&form, &read[0])]);
    assert_eq!(read[0]["name"], "Nguyễn Văn Dũng");

    let (first, again) = (pass(&dung, &[]).await?, pass(&dung, &[]).await?);
    let other = pass(&dung, &["--next"]).await?;
    let now = town.stage.now();
    let holder = |code: &str| match verdict(&town, code, now) {
        Verdict::Valid(content) => content.holder().to_bytes(),
        other => panic!("{other:?}"),
    };
    assert_eq!(holder(&first), holder(&again));
    assert_ne!(holder(&first), holder(&other), "doors cannot connect them");
    let late = town.stage.now().plus(7_200);
    assert!(matches!(verdict(&town, &first, late), Verdict::TooOld(_)));

    // Corrected: the new one takes its place, the passes stay.
    let submission = declared["submission"].as_str().unwrap();
    let mut better = form.clone();
    better["born"] = 1991.into();
    std::fs::write(&file, better.to_string()).unwrap();
    let args = ["declare", "--file", &file, "--yes", "--json", "--replace", &submission[..8]];
    let corrected: Value = dung.command(&args).await?.expect_code(0)?.json()?;
    assert_eq!(corrected["state"], "sent", "{corrected}");
    assert_eq!(states(&dung).await?, ["sent", "replaced"]);
    let read = officer.reads(&town, "corrected").await?;
    assert_eq!(read, [expected(&better, &read[0])]);
    assert!(matches!(
        verdict(&town, &pass(&dung, &[]).await?, town.stage.now()),
        Verdict::Valid(_)
    ));

    let submission = corrected["submission"].as_str().unwrap();
    let args = ["declarations", "withdraw", &submission[..8], "--yes"];
    dung.command(&args).await?.expect_code(0)?;
    assert!(states(&dung).await?.contains(&"withdrawn".to_owned()));
    assert!(officer.reads(&town, "second").await?.is_empty());
    assert!(matches!(
        verdict(&town, &pass(&dung, &[]).await?, town.stage.now()),
        Verdict::Valid(_)
    ));
    dung.command(&["forget", "--all", "--yes"]).await?.expect_code(0)?;
    assert!(states(&dung).await?.is_empty());
    dung.command(&["pass"]).await?.expect_code(1)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declaration_survives_a_dead_server_and_a_killed_daemon() -> TestResult {
    let mut town = Town::found().await;
    let [mut dung] = town.people(["dung"]).await?;
    let officer = Officer::admitted(&town).await?;
    town.stage.set_rate(1)?;
    let own = widest_form(120);
    assert_eq!(declare(&dung, &own).await?["state"], "sent");
    town.authority.take_server().unwrap().kill();
    let mut mothers = form("Bà Sáu");
    mothers["byName"] = "Dũng".into();
    mothers["byPhone"] = "0912345678".into();
    mothers["byRelation"] = "family".into();
    let waiting = declare(&dung, &mothers).await?;
    assert_eq!(waiting["state"], "waiting", "{waiting}");
    dung.take_daemon().unwrap().kill();
    dung.start().await?;
    let again: Value = dung.command(&["declarations", "--json"]).await?.expect_code(0)?.json()?;
    assert_eq!(again["declarations"][0]["submission"], waiting["submission"]);
    town.authority.serve().await?;
    town.stage.set_rate(ACTING)?;
    eventually("it to be sent", async || Ok(states(&dung).await? == ["sent", "sent"])).await?;
    let read = officer.reads(&town, "list").await?;
    assert_eq!(read.len(), 2, "each once");
    for sent in [&mothers, &own] {
        assert!(read.contains(&expected(sent, &read[0])), "{sent}\n{read:?}");
    }
    town.stage.set_rate(1)?;
    let hers = pass(&dung, &["--for", "ba sau"]).await?;
    assert!(matches!(verdict(&town, &hers, town.stage.now()), Verdict::Valid(_)));
    Ok(())
}

/// `declare --file` whose code comes from standard input: `code` writes it, or nobody.
async fn declare_with_code(
    town: &Town,
    person: &Person,
    form: &Value,
    code: Option<&str>,
) -> (i32, Value) {
    let host = town.stage.host();
    let file = person.profile().with_extension("form.json");
    std::fs::write(&file, form.to_string()).unwrap();
    let mut program = Command::new(&host.executable);
    program
        .arg(Program::Daemon.hidden_argument())
        .args(["declare", "--yes", "--json", "--lang", "en", "--code-from-stdin"])
        .args(["--file", &text(&file), "--profile", &text(person.profile())])
        .env(CLOCK_FILE_VARIABLE, host.clock_file.as_ref().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = program.spawn().unwrap();
    let mut input = running.stdin.take().unwrap();
    if let Some(code) = code {
        input.write_all(format!("{code}\n").as_bytes()).await.unwrap();
    }
    drop(input);
    let ended = running.wait_with_output().await.unwrap();
    let written = if ended.status.success() { &ended.stdout } else { &ended.stderr };
    let written = String::from_utf8_lossy(written);
    let json = written.find('{').map_or(Value::Null, |at| {
        serde_json::from_str(&written[at..]).unwrap_or_else(|_| panic!("{written}"))
    });
    (ended.status.code().unwrap(), json)
}

/// Files below `folder` in which this text stands.
fn files_with(folder: &Path, words: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, words));
        } else if std::fs::read(&path)
            .unwrap()
            .windows(words.len())
            .any(|part| part == words.as_bytes())
        {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_code_is_asked_it_proves_the_number_to_the_officer_and_says_it_to_nobody()
-> TestResult {
    let mut town = Town::found().await;
    let [mut dung] = town.people(["dung"]).await?;
    let officer = Officer::admitted(&town).await?;
    town.stage.set_rate(1)?;
    town.authority.take_server().unwrap().kill();
    town.authority.ask_phone_codes().await?;
    town.authority.serve().await?;

    let own = form("Dũng");
    let file = text(&dung.profile().with_extension("form.json"));
    std::fs::write(&file, own.to_string()).unwrap();
    let nobody = dung.command(&["declare", "--file", &file, "--yes", "--json"]).await?;
    assert_eq!(error_id(&nobody.expect_code(2)?), "failure-declare-code-cannot-ask");
    assert_eq!(town.authority.last_text_code()?, None, "nothing was sent for it");
    let (exit, stopped) = declare_with_code(&town, &dung, &own, None).await;
    assert_eq!((exit, &stopped["error"]), (1, &json!("failure-declare-code-stopped")));
    eventually("a message", async || Ok(town.authority.last_text_code()?.is_some())).await?;
    dung.take_daemon().unwrap().kill();
    dung.start().await?;
    let code = town.authority.last_text_code()?.unwrap();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let (exit, refused) = declare_with_code(&town, &dung, &own, Some(wrong)).await;
    assert_eq!((exit, &refused["error"]), (1, &json!("failure-declare-code-stopped")));
    let (exit, sent) = declare_with_code(&town, &dung, &own, Some(&code)).await;
    assert_eq!((exit, &sent["state"]), (0, &json!("sent")), "{sent}");
    assert_eq!(town.authority.last_text_code()?, Some(code), "one message");
    let mut mothers = form("Bà Sáu");
    mothers["byName"] = "Dũng".into();
    mothers["byPhone"] = "0912345678".into();
    mothers["byRelation"] = "family".into();
    mothers["phone"] = "0987654321".into();
    let (exit, sent) = declare_with_code(&town, &dung, &mothers, None).await;
    assert_eq!((exit, &sent["state"]), (0, &json!("sent")), "no second code: {sent}");

    let read = officer.reads(&town, "list").await?;
    assert_eq!(read.len(), 2);
    assert!(read.iter().all(|form| form["provenPhone"] == "+84912345678"), "{read:?}");
    let number = "912345678";
    assert_eq!(files_with(town.authority.folder(), number), Vec::<PathBuf>::new());
    // The gateway of tests is the log; nothing else there names the number.
    for log in files_with(&town.stage.host().logs, number) {
        let log = std::fs::read_to_string(&log).unwrap();
        let mut naming = log.lines().filter(|line| line.contains(number));
        assert!(naming.all(|line| line.contains("a message is logged, not sent")));
    }
    Ok(())
}

/// What a person types at a terminal, line by line, and what they see; the exit code. The input ends after it.
async fn typed(town: &Town, person: &Person, words: &str, lines: &[&str]) -> (String, i32) {
    let host = town.stage.host();
    let (program, profile) = (host.executable.display(), person.profile().display());
    let hidden = Program::Daemon.hidden_argument();
    let command = format!("'{program}' {hidden} {words} --profile '{profile}' --lang en");
    let mut terminal = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .env(CLOCK_FILE_VARIABLE, host.clock_file.as_ref().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = terminal.stdin.take().unwrap();
    for line in lines {
        keyboard.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }
    drop(keyboard);
    let ended = terminal.wait_with_output().await.unwrap();
    (String::from_utf8(ended.stdout).unwrap(), ended.status.code().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs script"]
async fn a_person_answers_question_by_question_and_a_closed_terminal_loses_nothing() -> TestResult {
    let mut town = Town::found().await;
    let [mut dung] = town.people(["dung"]).await?;
    let officer = Officer::admitted(&town).await?;
    town.stage.set_rate(1)?;
    let begun = ["Nguye\u{302}\u{303}n Va\u{306}n Du\u{303}ng", "1890", "1990", "9", "1", "vn"];
    let (seen, code) = typed(&town, &dung, "declare", &begun).await;
    assert_eq!(code, 1, "{seen}");
    assert!(
        seen.contains("that is not possible") && seen.contains("kept on this device"),
        "{seen}"
    );
    dung.take_daemon().unwrap().kill();
    dung.start().await?;
    let rest = [
        "y",
        "",
        "hoan kiem",
        "1",
        "12 ng\u{f5}",
        "12",
        "0912345678",
        "",
        "",
        "no",
        "1 2",
        "0",
        "",
    ];
    let lines = [&rest[..], &["yes"]].concat();
    let (seen, code) = typed(&town, &dung, "declare", &lines).await;
    assert_eq!(code, 0, "{seen}");
    for words in ["1900 9095", "21 days", "Health department", "has arrived"] {
        assert!(seen.contains(words), "{words} is not in\n{seen}");
    }
    let summary = &seen[seen.find("Your answers").unwrap()..];
    assert!(summary.find("Full name") < summary.find("Year of birth"), "as asked\n{summary}");
    let (seen, code) = typed(&town, &dung, "symptoms", &["3", "38,5", "", "yes"]).await;
    assert_eq!(code, 0, "{seen}");
    assert_eq!(seen.matches("call 115").count(), 1, "said once, at once: {seen}");
    let read = officer.reads(&town, "list").await?;
    let of_kind = |kind: &str| read.iter().find(|form| form["kind"] == kind).unwrap();
    let (own, daily) = (of_kind("population"), of_kind("daily"));
    assert_eq!((&own["name"], &own["born"]), (&"Nguyễn Văn Dũng".into(), &1990.into()));
    assert_eq!(own["symptoms"], json!(["fever", "cough"]));
    assert_eq!((&daily["name"], &daily["phone"]), (&own["name"], &own["phone"]));
    assert_eq!((&daily["temperature"], &daily["ward"]), (&385.into(), &own["ward"]));
    let (seen, code) = typed(&town, &dung, "declare --again", &["no", "0", "0", "", "no"]).await;
    assert_eq!(code, 1, "{seen}");
    assert!(seen.contains("Without your consent nothing was sent"), "{seen}");
    assert_eq!(officer.reads(&town, "again").await?.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs zbarimg and pdftoppm"]
async fn passes_are_read_from_a_picture_and_from_paper() -> TestResult {
    let mut town = Town::found().await;
    let [dung] = town.people(["dung"]).await?;
    Officer::admitted(&town).await?;
    town.stage.set_rate(1)?;
    declare(&dung, &form("Dũng")).await?;
    let folder = dung.profile().parent().unwrap().to_owned();
    let (picture, sheet) = (text(&folder.join("pass.png")), text(&folder.join("passes.pdf")));
    dung.command(&["pass", "--png", &picture]).await?.expect_code(0)?;
    dung.command(&["pass", "--sheet", &sheet]).await?.expect_code(0)?;
    dung.command(&["pass", "--sheet", &sheet]).await?.expect_code(3)?;
    let drawn = text(&folder.join("passes"));
    let mut draw = Command::new("pdftoppm");
    draw.args(["-r", "300", "-png", "-singlefile", &sheet, &drawn]);
    assert!(draw.status().await.unwrap().success());
    for (file, count) in [(picture, 1), (format!("{drawn}.png"), 12)] {
        let codes = codes_by_zbar(Path::new(&file), count)?;
        assert_eq!(codes.len(), count, "{file}");
        for code in codes {
            let said = verdict(&town, &code, town.stage.now());
            assert!(matches!(said, Verdict::Valid(_)), "{file}: {said:?}");
        }
    }
    Ok(())
}
