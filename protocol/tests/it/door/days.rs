//! What a door remembers: in, out, used here; counts of people beside counts of scans.

use vungxanh_protocol::door::{DoorDay, Scan, Shown};
use vungxanh_protocol::pass::Presented;
use vungxanh_protocol::venue::slot::Hour;

use super::{HOUR, card, live_pass, minute, printed_pass, rng};

#[test]
fn the_first_scan_is_in_the_second_out_the_third_refused() {
    let mut day = DoorDay::new(&mut rng(1));
    let until = minute(120);
    assert_eq!(day.scan(&live_pass(), minute(0), until, 2), Scan::In);
    assert_eq!(day.scan(&printed_pass(), minute(1), until, 0), Scan::In);
    assert_eq!(day.scan(&Shown::Card(card()), minute(2), until, 0), Scan::In);
    assert_eq!(day.inside(minute(3)), 5);
    assert_eq!(day.scan(&live_pass(), minute(30), minute(200), 0), Scan::Out(until));
    assert_eq!(day.scan(&live_pass(), minute(31), until, 0), Scan::UsedHere);
    assert_eq!(day.inside(minute(31)), 2);
    assert_eq!(day.counts(HOUR), (5, 5));
    assert_eq!(day.counts(Hour::new(1)), (0, 0));
    // Someone who forgets to check out is not inside for ever.
    assert_eq!(day.inside(until), 0);
}

#[test]
fn a_live_pass_is_known_again_whenever_it_was_shown_and_only_today() {
    let Shown::Pass(presented) = live_pass() else { panic!("a pass") };
    let holder = vungxanh_protocol::pass::HolderKey::from_seed(
        &vungxanh_protocol::secret::SecretBytes::new([0x31; 32]),
    );
    let again = vungxanh_protocol::pass::LivePass::show(presented.pass(), &holder, minute(9));
    let again = Shown::Pass(Presented::Live(again.unwrap()));
    let mut day = DoorDay::new(&mut rng(1));
    assert_eq!(day.scan(&live_pass(), minute(0), minute(60), 0), Scan::In);
    assert_eq!(day.scan(&again, minute(9), minute(60), 0), Scan::Out(minute(60)));
    assert_eq!(DoorDay::new(&mut rng(2)).scan(&again, minute(9), minute(60), 0), Scan::In);
    assert_eq!(format!("{day:?}"), "DoorDay(..)");
}
