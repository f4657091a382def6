//! Whether the server can do its work: each thing that it needs, by name, with words for who runs it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};

use super::app::App;
use super::health_state::{Found, Report, State};
use super::password_hashing::MAX_WAITING;
use crate::authority::document;
use crate::authority::export_keys::ExportKeys;
use crate::i18n::Language;
use crate::storage::StoreError;

/// The database takes a write within this time.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// A report is given out again for so long, so that asking often costs nothing.
const FRESH: Duration = Duration::from_secs(1);
/// How often a running server looks by itself.
const EVERY: Duration = Duration::from_secs(15);
/// A batch may be so late, in seconds; not later than the next one.
const GRACE_SECONDS: u64 = 600;
/// For so long the store of published files may not work.
const STORE_GRACE: Duration = Duration::from_secs(60);
/// Less room than this is none, in bytes, or than a tenth of a small disk.
const LEAST_ROOM: u64 = 64 << 20;
/// Less room than this is little.
const LITTLE_ROOM: u64 = 1 << 30;
/// The document is to be signed again.
const FEW_DAYS: u64 = 14;

/// Looks at everything, at most once a second. What has changed is in the log.
pub async fn look(app: &Arc<App>) -> Report {
    let mut looking = app.readiness.looking.lock().await;
    let stopping = app.readiness.is_stopping();
    if let Some((at, report)) = &looking.last
        && at.elapsed() < FRESH
    {
        return Report { stopping, ..report.clone() };
    }
    let mut report = Report { stopping, ..Report::default() };
    let works = takes_a_write(app, &mut looking.write).await;
    report.checks.insert("database", Found::down_unless(works, "ready-database"));
    if works {
        // Without the database it is not known; that is said once.
        batches(app, &mut report).await;
    }
    let (folder, exports) = (app.folder.clone(), app.folder.resolve(&app.config.storage.exports));
    let now = app.clock.now();
    let files = tokio::task::spawn_blocking(move || {
        let keys = ExportKeys::read(&folder).is_ok();
        let until = document::read(&folder).ok().map(|signed| signed.document.expires_at);
        (keys, until, room([folder.path(), &exports]))
    });
    let (keys, until, room) = files.await.unwrap_or((false, None, Found::ok()));
    report.checks.insert("keys", Found::down_unless(keys, "ready-keys"));
    report.checks.insert("document", document_found(until, now));
    report.checks.insert("disk", room);
    report.checks.insert("queues", queues(app));
    report.document_until = until;
    log_changes(looking.last.as_ref().map(|(_, report)| report), &report);
    looking.last = Some((Instant::now(), report.clone()));
    report
}

/// A write that hangs is not begun a second time.
async fn takes_a_write(
    app: &Arc<App>,
    begun: &mut Option<JoinHandle<Result<(), StoreError>>>,
) -> bool {
    let mut write = begun.take().unwrap_or_else(|| {
        let app = Arc::clone(app);
        tokio::spawn(async move { app.store.try_write(app.clock.now()).await })
    });
    match tokio::time::timeout(WRITE_TIMEOUT, &mut write).await {
        Ok(ended) => matches!(ended, Ok(Ok(()))),
        Err(_) => {
            *begun = Some(write);
            false
        }
    }
}

/// Whether the batches that should be there are cut, and written.
async fn batches(app: &App, report: &mut Report) {
    let (store, region) = (&app.store, &app.config.authority.region);
    let period = app.config.publication.period_seconds;
    let due = |period: u64| app.clock.now().minus(GRACE_SECONDS.min(period)).floor_to(period);
    let (Ok(cut_until), Ok(unwritten)) =
        (store.cut_until(region).await, store.unfinished_batches(region).await)
    else {
        return;
    };
    let mut in_time = cut_until.is_some_and(|until| until >= due(period));
    let mut written = unwritten.iter().all(|batch| batch.end > due(period));
    if app.poster_key().is_some() {
        let period = app.config.warnings.period_seconds;
        let end = due(period);
        let waits = store.warning_period(region, end.minus(period), end).await;
        in_time &= !matches!(waits, Ok(Some(_)));
        let unwritten = store.unfinished_warning_batches(region).await.unwrap_or_default();
        written &= unwritten.iter().all(|batch| batch.end > end);
    }
    let fails = app.store_health().map(|store| store.failing_for.unwrap_or_default());
    written &= fails.iter().all(|time| *time < STORE_GRACE);
    report.cut_until = cut_until;
    report.checks.insert("batches", Found::down_unless(in_time, "ready-batches"));
    report.checks.insert("files", Found::down_unless(written, "ready-files"));
}

fn document_found(until: Option<UnixTime>, now: UnixTime) -> Found {
    match until.map(|until| until.since(now) / DAY_SECONDS) {
        None => Found::is(State::Down, "ready-document-unreadable", &[]),
        Some(_) if until.is_some_and(|until| until <= now) => {
            Found::is(State::Down, "ready-document-expired", &[])
        }
        Some(days) if days < FEW_DAYS => {
            Found::is(State::Warning, "ready-document-soon", &[("days", days.into())])
        }
        Some(_) => Found::ok(),
    }
}

/// The room where there is least. What is not there, or elsewhere than on a disk, does not count.
fn room(folders: [&Path; 2]) -> Found {
    let states = folders.into_iter().filter_map(|folder| {
        let disk = rustix::fs::statvfs(folder).ok()?;
        let (free, all) = (disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize);
        Some((room_state(free, all), free))
    });
    match states.max() {
        None | Some((State::Ok, _)) => Found::ok(),
        Some((state, free)) => {
            let id = if state == State::Down { "ready-disk-full" } else { "ready-disk-little" };
            Found::is(state, id, &[("megabytes", (free >> 20).into())])
        }
    }
}

fn room_state(free: u64, all: u64) -> State {
    match free {
        free if free < LEAST_ROOM.min(all / 10) => State::Down,
        free if free < LITTLE_ROOM.min(all / 5) => State::Warning,
        _ => State::Ok,
    }
}

fn queues(app: &App) -> Found {
    if app.key_writer.is_full() {
        return Found::is(State::Down, "ready-queue-uploads", &[]);
    }
    match app.passwords.waiting() >= MAX_WAITING {
        true => Found::is(State::Warning, "ready-queue-passwords", &[]),
        false => Found::ok(),
    }
}

/// Looks now and then until `stop` says true, so that the log says what has changed.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    loop {
        look(&app).await;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Writes into the log what is otherwise than before. That a new authority has no batch yet is no news, nor
/// that the first one comes.
fn log_changes(before: Option<&Report>, now: &Report) {
    let awaits_first = |report: &Report| report.cut_until.is_none();
    for (check, found) in &now.checks {
        let earlier = before.and_then(|report| report.checks.get(check));
        let has_come = found.state == State::Ok && earlier.is_some();
        if *check == "batches"
            && (awaits_first(now) || has_come && before.is_some_and(awaits_first))
        {
            continue;
        }
        if earlier.map_or(State::Ok, |earlier| earlier.state) != found.state {
            log(check, found);
        }
    }
}

fn log(check: &str, found: &Found) {
    let text = found.text.get(Language::En.tag()).map_or("", String::as_str);
    match found.state {
        State::Ok => tracing::info!(check, "works again"),
        State::Warning => tracing::warn!(check, text, "needs attention"),
        State::Down => tracing::error!(check, text, "does not work"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_full_by_bytes_or_where_it_is_small_by_its_share() {
        let (mib, gib) = (1 << 20, 1 << 30);
        assert_eq!(room_state(2 * gib, 100 * gib), State::Ok);
        assert_eq!(room_state(gib / 2, 100 * gib), State::Warning);
        assert_eq!(room_state(60 * mib, 100 * gib), State::Down);
        assert_eq!(room_state(5 * mib, 16 * mib), State::Ok, "a small one that is not full");
        assert_eq!(room_state(mib, 16 * mib), State::Down);
    }

    #[test]
    fn a_document_is_looked_at_before_it_expires() {
        let now = UnixTime::from_secs(1_000 * DAY_SECONDS);
        let after = |days: u64| document_found(Some(now.plus(days * DAY_SECONDS)), now).state;
        assert_eq!([after(30), after(13), after(0)], [State::Ok, State::Warning, State::Down]);
        assert_eq!(document_found(None, now).state, State::Down);
        let soon = document_found(Some(now.plus(13 * DAY_SECONDS)), now);
        assert!(soon.text["en"].contains("13") && soon.text["vi"].contains("13"), "{soon:?}");
    }
}
