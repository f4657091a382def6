//! A venue's registration, an officer's decisions about it, and its key.

use vungxanh_protocol::venue::party::{
    PROOF_BYTES, PUBLIC_KEY_BYTES, Party, PartyKey, ProofOfPossession,
};

use super::app::App;
use crate::domain::venue_search::VenueSearch;
use crate::domain::venues::{Registration, VenueId, VenueState};
use crate::storage::StoreError;
use crate::storage::audit::Actor;
use crate::storage::units::MAX_OPEN_UNITS;
use crate::storage::venues::Venue;

/// So many venues stand on one page of the list for officers.
const SHOWN: usize = 50;

/// Why something was not done for a venue. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum VenueServiceError {
    #[error("there is no such venue, unit or phone")]
    NotFound,
    #[error("the venue is in another state by now")]
    OtherState,
    #[error("the key is not valid, or its proof does not hold")]
    InvalidKey,
    #[error("the authority has no valid key for venues")]
    NoVenueKey,
    #[error("the venue would have more than {MAX_OPEN_UNITS} units, or two of one name")]
    UnitsRefused,
    #[error("the venue has as many open phones as it may have")]
    TooManyPhones,
    #[error("a random login is taken")]
    LoginTaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A page of the venues that were looked for, and how many there are in each state.
pub struct VenueList {
    pub venues: Vec<Venue>,
    /// Whether there are more after these.
    pub has_more: bool,
    pub counts: Vec<(VenueState, u64)>,
}

pub async fn find(app: &App, venue: VenueId) -> Result<Venue, VenueServiceError> {
    app.store.venue(venue).await?.ok_or(VenueServiceError::NotFound)
}

/// The page of this number, from 0 on.
pub async fn search(
    app: &App,
    mut search: VenueSearch,
    page: u32,
) -> Result<VenueList, VenueServiceError> {
    if let Some(characters) = search.poster() {
        let posters = app.store.posters_with(characters).await?;
        search.found_posters_of(posters.into_iter().map(|poster| poster.venue).collect());
    }
    let skipped = usize::try_from(page).unwrap_or(usize::MAX).saturating_mul(SHOWN);
    let mut venues = app.store.find_venues(&search, skipped, SHOWN + 1).await?;
    let has_more = venues.len() > SHOWN;
    venues.truncate(SHOWN);
    let mut counts = Vec::with_capacity(VenueState::ALL.len());
    for each in VenueState::ALL {
        counts.push((each, app.store.venue_count(each).await?));
    }
    Ok(VenueList { venues, has_more, counts })
}

/// A venue that is not approved corrects its registration.
pub async fn correct(
    app: &App,
    venue: VenueId,
    registration: &Registration,
    actor: &Actor,
) -> Result<(), VenueServiceError> {
    let now = app.clock.now();
    let corrected = app.store.correct_venue(venue, registration, actor, now).await?;
    if corrected { Ok(()) } else { Err(VenueServiceError::OtherState) }
}

/// An officer approves, refuses or closes a venue. Posters of an approved one are issued, those of
/// a closed one end.
pub async fn decide(
    app: &App,
    venue: VenueId,
    next: VenueState,
    reason: &str,
    actor: &Actor,
) -> Result<(), VenueServiceError> {
    let (issuer, now) = (app.issuer(), app.clock.now());
    let decided = app.store.decide_venue(venue, next, reason, issuer.as_ref(), actor, now).await?;
    if decided { Ok(()) } else { Err(VenueServiceError::OtherState) }
}

/// Stores the public part of a venue's key, whose proof shows that the secret can be restored from
/// its recovery code.
pub async fn set_key(
    app: &App,
    venue: VenueId,
    public_key: &[u8; PUBLIC_KEY_BYTES],
    proof: [u8; PROOF_BYTES],
    actor: &Actor,
) -> Result<(), VenueServiceError> {
    let proof = ProofOfPossession(proof);
    let proven = PartyKey::from_bytes(public_key)
        .and_then(|key| key.proven(&proof, Party::Venue))
        .map_err(|_| VenueServiceError::InvalidKey)?;
    let (issuer, now) = (app.issuer(), app.clock.now());
    let set = app.store.set_venue_key(venue, &proven, &proof, issuer.as_ref(), actor, now).await?;
    if set { Ok(()) } else { Err(VenueServiceError::OtherState) }
}
