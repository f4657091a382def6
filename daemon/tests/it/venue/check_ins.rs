//! Checking in and out as time passes, restarts and reboots.

use vungxanh_daemon::venue::{CheckInError, ClosedVisit, TimedEvent};
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::cells::CELLS_PER_HOUR;
use vungxanh_protocol::venue::slot::Hour;

use super::{Device, NOON, Parties, day_of, minute, times};

fn hour(later: u32) -> Hour {
    Hour::new(NOON.number() + later)
}

#[test]
fn a_visit_is_found_by_the_warning_about_its_hours_and_no_other() {
    let device = Device::new();
    device.scan("Phở Thìn", 10);
    device.check_ins.extend(Some(60), minute(20)).unwrap();
    let closed = device.check_ins.check_out(minute(95)).unwrap();
    assert_eq!(closed, ClosedVisit { since: minute(10), until: minute(95), automatic: false });
    assert!(device.check_ins.open_visit(minute(95)).is_none());
    device.rewrite(180);
    let found = |later| {
        let found = device.venue_matches("Phở Thìn", hour(later), 180);
        found.iter().map(times).collect::<Vec<_>>()
    };
    assert_eq!((found(0), found(1), found(2)), (vec![(10, 60)], vec![(60, 95)], vec![]));
    assert!(device.venue_matches("Bún Chả", NOON, 180).is_empty());
}

#[test]
fn the_stay_ends_by_itself_after_a_reminder() {
    let device = Device::new();
    assert_eq!(device.scan("Phở Thìn", 10).visit.until(), minute(70));
    assert_eq!(device.check_ins.next_moment(minute(10)), minute(60), "the reminder");
    assert_eq!(device.check_ins.pass_time(minute(59)).unwrap(), []);
    let soon = TimedEvent::EndsSoon { until: minute(70) };
    assert_eq!(device.check_ins.pass_time(minute(60)).unwrap(), [soon]);
    assert_eq!(device.check_ins.pass_time(minute(61)).unwrap(), [], "once");
    assert_eq!(device.check_ins.next_moment(minute(61)), minute(70));
    assert!(device.check_ins.open_visit(minute(70)).is_none(), "before time was looked at, too");
    let closed = ClosedVisit { since: minute(10), until: minute(70), automatic: true };
    assert_eq!(device.check_ins.pass_time(minute(85)).unwrap(), [TimedEvent::CheckedOut(closed)]);
    assert!(matches!(device.check_ins.check_out(minute(86)), Err(CheckInError::NoVisit)));
    assert!(matches!(device.check_ins.extend(None, minute(86)), Err(CheckInError::NoVisit)));
    device.rewrite(120);
    assert_eq!(times(&device.venue_matches("Phở Thìn", hour(1), 120)[0]), (60, 70));
}

#[test]
fn an_extension_moves_end_and_reminder_up_to_a_day() {
    let device = Device::new();
    device.scan("Phở Thìn", 0);
    device.check_ins.pass_time(minute(50)).unwrap();
    let extended = device.check_ins.extend(None, minute(50)).unwrap();
    assert_eq!(extended.until(), minute(120), "once more the poster's stay");
    let soon = TimedEvent::EndsSoon { until: minute(120) };
    assert_eq!(device.check_ins.pass_time(minute(110)).unwrap(), [soon]);
    let extended = device.check_ins.extend(Some(5_000), minute(111)).unwrap();
    assert_eq!(extended.until(), minute(24 * 60));
    let refused = device.check_ins.extend(Some(1), minute(112));
    assert!(matches!(refused, Err(CheckInError::LongestStay)));
    assert_eq!(device.check_ins.open_visit(minute(113)).unwrap().until(), minute(24 * 60));
}

#[test]
fn a_second_scan_prolongs_and_makes_no_second_visit() {
    let device = Device::new();
    let keys = [device.parties.key()];
    let poster = device.parties.poster("Phở Thìn");
    let first = device.check_ins.check_in(&poster, Some(3), &keys, minute(5)).unwrap();
    assert!(!first.extended && first.closed.is_none());
    let second = device.check_ins.check_in(&poster, None, &keys, minute(6)).unwrap();
    assert!(second.extended && second.closed.is_none());
    assert_eq!((second.visit.since(), second.visit.until()), (minute(5), minute(66)));
    assert_eq!(second.visit.companions(), 3, "as before");
    let third = device.check_ins.check_in(&poster, Some(1), &keys, minute(7)).unwrap();
    assert_eq!(third.visit.companions(), 1);
    device.check_ins.check_out(minute(40)).unwrap();
    device.rewrite(60);
    let found = device.venue_matches("Phở Thìn", NOON, 60);
    assert_eq!((found.len(), times(&found[0]), found[0].companions), (1, (5, 40), 1));
}

#[test]
fn another_poster_ends_the_visit() {
    let device = Device::new();
    device.scan("Phở Thìn", 0);
    let second = device.scan("Bún Chả", 30);
    let closed = ClosedVisit { since: minute(0), until: minute(30), automatic: false };
    assert_eq!((second.closed, second.extended), (Some(closed), false));
    assert_eq!(device.check_ins.open_visit(minute(31)).unwrap().status().venue, "Bún Chả");
    device.rewrite(60);
    assert_eq!(times(&device.venue_matches("Phở Thìn", NOON, 60)[0]), (0, 30));
    assert_eq!(times(&device.venue_matches("Bún Chả", NOON, 60)[0]), (30, 60), "its hour is over");
}

#[test]
fn a_fifth_visit_in_an_hour_is_refused_and_the_fourth_goes_on() {
    let mut device = Device::new();
    for (at, name) in ["A", "B", "C", "D"].into_iter().enumerate() {
        device.scan(name, at as u64 * 5);
    }
    let full = |device: &Device, at| {
        matches!(
            device.try_scan("E", at),
            Err(CheckInError::Venue(VenueError::HourFull { cells: CELLS_PER_HOUR }))
        )
    };
    assert!(full(&device, 20));
    device.restart(21);
    assert!(full(&device, 22), "a restart does not forget what is taken");
    assert_eq!(device.check_ins.open_visit(minute(23)).unwrap().status().venue, "D");
    device.check_ins.check_out(minute(30)).unwrap();
    assert!(full(&device, 31), "checked out, the four are still there");
    assert!(!device.scan("E", 60).extended, "the next hour has room");
    device.rewrite(60);
    for name in ["A", "B", "C", "D"] {
        assert_eq!(device.venue_matches(name, NOON, 60).len(), 1, "{name}");
    }
}

#[test]
fn a_restart_loses_nothing_and_a_reboot_only_the_last_hour_of_an_open_visit() {
    let mut device = Device::new();
    device.scan("Phở Thìn", 10);
    device.check_ins.extend(Some(120), minute(11)).unwrap();
    assert!(!device.restart(20).began_anew);
    let open = device.check_ins.open_visit(minute(20)).unwrap();
    assert_eq!((open.since(), open.until()), (minute(10), minute(190)));
    device.rewrite(60);
    device.rewrite(120);
    assert!(device.reboot(130).began_anew, "which is told");
    assert!(device.check_ins.open_visit(minute(130)).is_none());
    device.rewrite(180);
    assert_eq!(times(&device.venue_matches("Phở Thìn", NOON, 180)[0]), (10, 60));
    assert_eq!(times(&device.venue_matches("Phở Thìn", hour(1), 180)[0]), (60, 120));
    assert!(device.venue_matches("Phở Thìn", hour(2), 180).is_empty());
}

#[test]
fn the_end_of_the_daemon_keeps_closed_visits_of_the_running_hour() {
    let mut device = Device::new();
    device.scan("Phở Thìn", 10);
    device.check_ins.check_out(minute(20)).unwrap();
    device.check_ins.rewrite(minute(25), Some(14), true).unwrap();
    device.reboot(30);
    device.rewrite(30);
    assert_eq!(device.venue_matches("Phở Thìn", NOON, 61).len(), 1);
    // Until its hour is over, warnings about it are for later.
    assert_eq!(device.check_ins.cells(minute(31)).1, Hour::new(NOON.number() - 1));
    assert_eq!(device.check_ins.cells(minute(61)).1, NOON);
}

#[test]
fn a_kill_between_the_two_files_doubles_nothing() {
    let mut device = Device::new();
    device.scan("Phở Thìn", 10);
    device.check_ins.check_out(minute(20)).unwrap();
    let runtime = device.folder.path().join("runtime/check-ins");
    let before = std::fs::read(&runtime).unwrap();
    device.rewrite(60);
    std::fs::write(&runtime, before).unwrap();
    device.restart(61);
    device.rewrite(61);
    assert_eq!(device.venue_matches("Phở Thìn", NOON, 61).len(), 1);
}

#[test]
fn under_an_untrusted_clock_nothing_is_dropped_and_visits_wait() {
    let device = Device::new();
    device.scan("Phở Thìn", 10);
    device.check_ins.check_out(minute(20)).unwrap();
    device.rewrite(60);
    // Somebody sets the clock a month ahead.
    let ahead = 30 * 24 * 60;
    device.check_ins.rewrite(minute(ahead), None, false).unwrap();
    assert_eq!(device.venue_matches("Phở Thìn", NOON, 61).len(), 1);
    device.scan("Bún Chả", ahead);
    device.check_ins.check_out(minute(ahead + 9)).unwrap();
    device.check_ins.rewrite(minute(ahead + 60), None, false).unwrap();
    let then = Hour::at(minute(ahead));
    assert!(device.venue_matches("Bún Chả", then, ahead + 60).is_empty());
    // It was right after all: the authority's time says so.
    device.rewrite(ahead + 61);
    assert_eq!(device.venue_matches("Bún Chả", then, ahead + 61).len(), 1);
    assert!(device.venue_matches("Phở Thìn", NOON, ahead + 61).is_empty(), "expired");
}

#[test]
fn under_an_untrusted_clock_it_is_not_forgotten_which_cells_are_taken() {
    let device = Device::new();
    for (at, name) in ["A", "B", "C", "D"].into_iter().enumerate() {
        device.scan(name, at as u64 * 5);
    }
    device.check_ins.check_out(minute(20)).unwrap();
    device.check_ins.rewrite(minute(21), Some(14), true).unwrap();
    // The clock is a day ahead for a while: a fifth visit would take the cell of one of the four.
    device.check_ins.rewrite(minute(24 * 60), None, false).unwrap();
    assert!(device.try_scan("E", 30).is_err());
}

#[test]
fn a_clock_set_back_does_not_stop_check_ins() {
    let device = Device::new();
    device.rewrite(600);
    device.scan("Phở Thìn", 60);
    assert_eq!(device.check_ins.pass_time(minute(10)).unwrap(), []);
    device.check_ins.check_out(minute(50)).unwrap();
    device.scan("Phở Thìn", 70);
    device.check_ins.check_out(minute(80)).unwrap();
    device.rewrite(120);
    assert_eq!(device.venue_matches("Phở Thìn", hour(1), 120).len(), 1);
}

#[test]
fn a_changed_retention_keeps_what_it_still_covers() {
    let device = Device::new();
    device.scan("Phở Thìn", 10);
    device.check_ins.check_out(minute(20)).unwrap();
    device.rewrite(60);
    device.check_ins.rewrite(minute(61), Some(21), false).unwrap();
    assert_eq!(device.check_ins.retention_days(), 21);
    device.check_ins.rewrite(minute(62), Some(1), false).unwrap();
    assert_eq!(device.venue_matches("Phở Thìn", NOON, 62).len(), 1);
    let tomorrow = 25 * 60;
    device.check_ins.rewrite(minute(tomorrow), Some(1), false).unwrap();
    assert!(device.venue_matches("Phở Thìn", NOON, tomorrow).is_empty());
}

#[test]
fn forgetting_a_day_or_everything() {
    let device = Device::new();
    let fill = || {
        device.scan("Phở Thìn", 10);
        device.check_ins.check_out(minute(20)).unwrap();
        device.rewrite(60);
        device.scan("Bún Chả", 70);
        device.check_ins.check_out(minute(80)).unwrap();
        device.scan("Chợ Hôm", 81);
    };
    fill();
    device.check_ins.forget(Some(day_of(NOON.start().minus(86_400)))).unwrap();
    assert_eq!(device.venue_matches("Phở Thìn", NOON, 60).len(), 1, "another day");
    device.check_ins.forget(Some(day_of(NOON.start()))).unwrap();
    assert!(device.check_ins.is_due(minute(85)));
    device.rewrite(120);
    assert!(device.venue_matches("Phở Thìn", NOON, 120).is_empty());
    assert!(device.venue_matches("Bún Chả", hour(1), 120).is_empty());
    assert_eq!(device.venue_matches("Chợ Hôm", hour(1), 120).len(), 1, "was open, and still is");
    device.check_ins.forget(None).unwrap();
    assert!(device.check_ins.open_visit(minute(121)).is_none());
    device.rewrite(180);
    assert!(device.venue_matches("Chợ Hôm", hour(1), 180).is_empty());
}

#[test]
fn codes_that_nobody_vouches_for_change_nothing() {
    let device = Device::new();
    device.scan("Phở Thìn", 10);
    let keys = [device.parties.key()];
    let mut altered = device.parties.poster("Bún Chả");
    let last = altered.len() - 1;
    altered[last] ^= 1;
    let other =
        Parties { poster_key: ed25519_dalek::SigningKey::from_bytes(&[9; 32]), ..Parties::new() };
    let mut expired = device.parties.content("Bún Chả");
    expired.expires = minute(0).day();
    let refused = |code: &[u8]| match device.check_ins.check_in(code, None, &keys, minute(11)) {
        Err(CheckInError::Venue(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&altered), VenueError::PosterForged);
    assert_eq!(refused(&other.poster("Bún Chả")), VenueError::PosterForged);
    let expired = expired.sign(&device.parties.poster_key).unwrap();
    assert_eq!(refused(&expired), VenueError::PosterExpired);
    assert!(matches!(refused(b"no poster"), VenueError::UnknownVersion { .. }));
    let unknown = device.check_ins.check_in(&device.parties.poster("B"), None, &[], minute(11));
    assert!(matches!(unknown, Err(CheckInError::Venue(VenueError::UnknownKey(7)))));
    assert_eq!(device.check_ins.open_visit(minute(12)).unwrap().status().venue, "Phở Thìn");
}
