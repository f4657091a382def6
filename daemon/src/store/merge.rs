//! What an import adds to what is stored.

use vungxanh_protocol::own_keys::OwnKey;
use vungxanh_protocol::venue::warning::VenueMatch;

use super::ExposureRecord;

/// Adds the own keys of `more` that are not yet in `keys`; a key is retired if either says so, and
/// imported only if both do. Returns how many are new.
pub(crate) fn merge_own_keys(keys: &mut Vec<OwnKey>, more: Vec<OwnKey>) -> usize {
    let before = keys.len();
    for own in more {
        // The same key may be cut to what of its period had passed when it was imported.
        let same = |known: &&mut OwnKey| {
            known.key.key() == own.key.key() && known.key.rolling_start() == own.key.rolling_start()
        };
        match keys.iter_mut().find(same) {
            Some(known) => {
                known.retired |= own.retired;
                known.imported &= own.imported;
            }
            None => keys.push(own),
        }
    }
    keys.len() - before
}

/// Adds the windows of `more` that are not yet in `windows`, by start. Returns how many are new.
pub(crate) fn merge_windows(windows: &mut Vec<ExposureRecord>, more: Vec<ExposureRecord>) -> usize {
    let before = windows.len();
    for window in more {
        if !windows.contains(&window) {
            windows.push(window);
        }
    }
    windows.sort_by_key(|of_key| of_key.window.start);
    windows.len() - before
}

/// Adds the matches of `more` that are not yet in `matches`. Returns how many are new.
pub(crate) fn merge_venue_matches(
    venue_matches: &mut Vec<VenueMatch>,
    more: Vec<VenueMatch>,
) -> usize {
    let before = venue_matches.len();
    for venue_match in more {
        if !venue_matches.contains(&venue_match) {
            venue_matches.push(venue_match);
        }
    }
    venue_matches.len() - before
}
