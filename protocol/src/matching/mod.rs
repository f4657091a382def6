//! Matching: which diagnosis keys made identifiers that this device has heard.
//!
//! The interface is narrow on purpose: sightings in once, keys in as a stream, matches out.
//! [`Assessment`] goes one step further, from encounters and keys to believed scans:
//!
//! ```
//! use vungxanh_protocol::advertisement::Advertisement;
//! use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
//! use vungxanh_protocol::encounter::{ScanWindow, join};
//! use vungxanh_protocol::exposure_key::DerivedKeys;
//! use vungxanh_protocol::interval::{RollingPeriod, UnixTime};
//! use vungxanh_protocol::matching::Assessor;
//! use vungxanh_protocol::metadata::{CalibrationConfidence, Metadata};
//! use vungxanh_protocol::recently_heard::RecentlyHeard;
//!
//! // A key that a case has published, and one of a person who was never near.
//! let noon = UnixTime::from_secs(1_784_203_200);
//! let of_case = DiagnosisKey {
//!     key: [7; 16],
//!     rolling_start: noon.interval().period_start(RollingPeriod::SIX_HOURS),
//!     rolling_period: RollingPeriod::SIX_HOURS,
//!     report_type: ReportType::ConfirmedTest,
//!     days_since_onset: Some(1),
//!     transmission_risk: 0,
//! };
//! let of_stranger = DiagnosisKey { key: [8; 16], ..of_case };
//!
//! // At noon this device heard what the case's device broadcast, at -60 dBm.
//! let derived = DerivedKeys::from(&of_case);
//! let identifier = derived.identifiers.identifier(noon.interval());
//! let sent = Metadata { confidence: CalibrationConfidence::Medium, tx_power: -10 };
//! let metadata = derived.metadata.seal(&identifier, sent);
//! let mut window = ScanWindow::open(noon, None, true);
//! window.hear(Advertisement { identifier, metadata }, -60);
//! let encounters = join(window.close(&mut RecentlyHeard::default(), &mut rand::rng()));
//!
//! let (clock_tolerance, plain_gaen) = (1, false);
//! let mut assessor = Assessor::new(&encounters, clock_tolerance, plain_gaen);
//! assessor.take(&of_stranger);
//! assessor.take(&of_case);
//! let found = assessor.finish();
//! assert_eq!(found.matched.len(), 1);
//! assert_eq!(found.matched[0].key, of_case);
//! assert_eq!(found.matched[0].metadata, sent);
//! ```
//!
//! Inside, sightings are indexed by UTC day (`index`), keys are put together by day in batches and
//! dropped where nothing was heard near them (`batch`), the rest are derived and looked up on the
//! best instructions of the machine (`kernel`).

mod assessment;
mod batch;
mod index;
mod kernel;
mod matcher;

pub use assessment::{Admission, Assessment, Assessor, RefusedMatch};
pub use kernel::Kernel;
pub use matcher::{MAX_CLOCK_TOLERANCE, Match, Matcher, Sighting};
