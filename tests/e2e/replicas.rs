//! Several servers of one authority: whatever is killed or stopped, nothing is lost and nothing is twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rand::RngExt;
use vungxanh_tests::harness::stage::{ACTING, DemoError};

use crate::replica_set::{
    Database, PERIOD, Publications, Publishers, Reader, ReplicaSet, await_published, index,
    keys_of, period_of,
};
use crate::town::{TestResult, eventually, executable};

const REPLICAS: usize = 3;
const CLIENTS: usize = 4;
/// How many servers are killed, unless this variable says so.
const KILLS: usize = 10;
/// Each so many kills one server stands still.
const KILLS_FOR_A_STALL: usize = 20;
const KILLS_VARIABLE: &str = "VUNGXANH_KILLS";

/// Real time until the end of the running period, and a little more: when batches are being made.
fn until_batches_are_made(set: &ReplicaSet) -> Duration {
    let left = PERIOD - set.stage.now().as_secs() % PERIOD;
    let scaled = Duration::from_millis(left * 1_000 / u64::from(ACTING));
    scaled + Duration::from_millis(rand::rng().random_range(0..250))
}

/// Everything that was acknowledged is published once, files and lists are whole, no period is left out.
async fn check(set: &ReplicaSet, publications: &Publications) -> TestResult {
    let folder = set.published("exports");
    let names = index(&folder).unwrap();
    let mut times: BTreeMap<[u8; 16], u64> = BTreeMap::new();
    for name in &names {
        for key in keys_of(&folder.join(name)) {
            *times.entry(key).or_default() += 1;
        }
    }
    assert_eq!(times.values().filter(|times| **times != 1).count(), 0, "keys twice");
    let published: BTreeSet<[u8; 16]> = times.into_keys().collect();
    let known = ["200", "400", "503", "cut off", "refused", "timeout"];
    let kinds: Vec<&String> = publications.outcomes.keys().collect();
    assert!(kinds.iter().all(|kind| known.contains(&kind.as_str())), "{kinds:?}");
    let lost = publications.acknowledged.difference(&published).count();
    assert_eq!(lost, 0, "of {} keys acknowledged", publications.acknowledged.len());
    assert!(published.is_subset(&publications.sent), "keys that no one sent");

    let on_disk = set.authority.batches()?;
    let on_disk: BTreeSet<String> =
        on_disk.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(on_disk, names, "files and the list");
    let totals = set.authority.statistics().await?;
    assert_eq!(totals["batches"], names.len() as u64, "files and the database");
    assert_eq!(totals["keys_published"], published.len() as u64);
    check_periods(&names, false);
    // There is a batch of warnings in each period, warnings or not.
    check_periods(&index(&set.published("warnings")).unwrap(), true);
    Ok(())
}

/// Periods follow each other, without a gap where each has a file; the files of one are numbered from 1 on.
fn check_periods(names: &BTreeSet<String>, each_has_a_file: bool) {
    assert!(!names.is_empty());
    let mut files: Vec<_> = names.iter().map(|name| period_of(name)).collect();
    files.sort_unstable();
    for pair in files.windows(2) {
        let [(start, end, number), (next_start, next_end, next_number)] = pair else {
            unreachable!()
        };
        assert!(start < end);
        if (start, end) == (next_start, next_end) {
            assert_eq!(*next_number, number + 1, "{names:?}");
        } else {
            assert_eq!(*next_number, 1, "{names:?}");
            let follows = if each_has_a_file { next_start == end } else { next_start >= end };
            assert!(follows, "{names:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs minutes: VUNGXANH_KILLS servers are killed, or ten"]
async fn servers_killed_at_random_while_people_publish_lose_nothing_and_repeat_nothing()
-> TestResult {
    kill_at_random(Database::Sqlite).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and minutes: VUNGXANH_KILLS servers are killed, or ten"]
async fn servers_on_postgresql_killed_at_random_lose_nothing_and_repeat_nothing() -> TestResult {
    kill_at_random(Database::Postgres).await
}

async fn kill_at_random(database: Database) -> TestResult {
    let kills = std::env::var(KILLS_VARIABLE).map_or(KILLS, |kills| kills.parse().unwrap());
    let mut set = ReplicaSet::start(REPLICAS, database).await?;
    let publishers = Publishers::start(&set, CLIENTS);
    let readers = ["exports", "warnings"].map(|kind| Reader::start(&set.published(kind)));
    let (mut killed, mut stalls, mut next_stall) = (0, 0, KILLS / 2);
    while killed < kills {
        // Every second time while batches are made, otherwise at any moment.
        let pause = match rand::rng().random_bool(0.5) {
            true => until_batches_are_made(&set),
            false => Duration::from_millis(rand::rng().random_range(0..1_500)),
        };
        tokio::time::sleep(pause).await;
        if killed >= next_stall {
            // While batches are made: the others take over, and it comes back to what they did.
            tokio::time::sleep(until_batches_are_made(&set)).await;
            set.stall(rand::rng().random_range(0..REPLICAS)).await;
            (stalls, next_stall) = (stalls + 1, killed + KILLS_FOR_A_STALL);
        }
        let at_once = [1, 1, 1, 1, 1, 1, 2, 2, 3][rand::rng().random_range(0..9)];
        let first = rand::rng().random_range(0..REPLICAS);
        for number in first..first + at_once.min(kills - killed) {
            set.kill(number % REPLICAS);
            killed += 1;
        }
        set.start_stopped().await?;
    }
    let publications = publishers.finish().await;
    assert!(await_published(&set.published("exports"), &publications.acknowledged).await, "lost");
    let reads = readers.map(|reader| reader.finish().unwrap());
    check(&set, &publications).await?;
    assert_eq!(panics(&set), Vec::<String>::new());
    println!(
        "{killed} kills on {database:?}, {stalls} stalls: {} keys acknowledged of {} sent, in {} files; requests: {:?}; lists read \
         {reads:?} times",
        publications.acknowledged.len(),
        publications.sent.len(),
        set.authority.batches()?.len(),
        publications.outcomes,
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_restarted_one_after_another_lose_nothing_and_repeat_nothing() -> TestResult {
    restart_the_same(Database::Sqlite).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn servers_on_postgresql_restarted_one_after_another_lose_nothing() -> TestResult {
    restart_the_same(Database::Postgres).await
}

/// Lines of the servers' logs about panics, each with the one after it.
fn panics(set: &ReplicaSet) -> Vec<String> {
    let logs = set.logs();
    let lines: Vec<&str> = logs.lines().collect();
    let at = |(number, line): (usize, &&str)| {
        line.contains("panicked").then(|| lines[number..].iter().take(2).copied().collect())
    };
    lines.iter().enumerate().filter_map(at).collect()
}

/// The program `demo` of an older commit.
const OLDER_PROGRAM: &str = "VUNGXANH_OLDER_PROGRAM";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the program demo of an older commit in VUNGXANH_OLDER_PROGRAM"]
async fn older_program_servers_are_upgraded_one_after_another() -> TestResult {
    upgrade_one_after_another(Database::Sqlite).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and the program demo of an older commit in VUNGXANH_OLDER_PROGRAM"]
async fn older_program_servers_on_postgresql_are_upgraded_one_after_another() -> TestResult {
    upgrade_one_after_another(Database::Postgres).await
}

async fn upgrade_one_after_another(database: Database) -> TestResult {
    let older =
        std::env::var_os(OLDER_PROGRAM).unwrap_or_else(|| panic!("{OLDER_PROGRAM} is not set"));
    let mut set = ReplicaSet::start_of(older.into(), REPLICAS, database).await?;
    set.upgrade_to(executable());
    // While the new program adds columns, statements of the older ones fail once: on PostgreSQL they ask to come
    // again, on SQLite the connection breaks, because sqlx's thread ends. Nothing is lost or repeated.
    restart_one_after_another(set).await?;
    Ok(())
}

async fn restart_the_same(database: Database) -> TestResult {
    let set = ReplicaSet::start(REPLICAS, database).await?;
    let set = restart_one_after_another(set).await?;
    assert_eq!(panics(&set), Vec::<String>::new());
    Ok(())
}

/// Clients see refused connections; now and then one that the system had taken for a server that stops just then is
/// cut off, and where the machine is busy a server asks to come again. Whoever tries again is answered.
async fn restart_one_after_another(mut set: ReplicaSet) -> Result<ReplicaSet, DemoError> {
    let publishers = Publishers::start(&set, CLIENTS);
    let readers = ["exports", "warnings"].map(|kind| Reader::start(&set.published(kind)));
    for number in 0..set.count() {
        let before = publishers.acknowledged();
        eventually("people to publish", async || Ok(publishers.acknowledged() > before)).await?;
        assert!(set.stop(number).await?, "replica {number} ended well");
        let without = publishers.acknowledged();
        let files = index(&set.published("exports")).map_or(0, |names| names.len());
        let goes_on = async || {
            let made = index(&set.published("exports")).map_or(0, |names| names.len());
            Ok::<_, DemoError>(publishers.acknowledged() > without && made > files)
        };
        eventually("the other two to take keys and to make a batch", goes_on).await?;
        set.start_stopped().await?;
    }
    let publications = publishers.finish().await;
    let count = |outcome: &str| publications.outcomes.get(outcome).copied().unwrap_or_default();
    let (outcomes, panics) = (&publications.outcomes, panics(&set));
    let other = count("503") + count("cut off");
    assert!(other * 10 <= count("200"), "{outcomes:?} {panics:?}");
    assert_eq!(publications.acknowledged, publications.sent);
    assert!(await_published(&set.published("exports"), &publications.acknowledged).await, "lost");
    for reader in readers {
        assert!(reader.finish().unwrap() > 0);
    }
    check(&set, &publications).await?;
    Ok(set)
}
