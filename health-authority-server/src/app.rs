//! An authority's folder, opened: what every command and every handler works with.

use std::path::Path;
use std::sync::Arc;

use vungxanh_protocol::clock::Clock;

use crate::config::{Config, read_profile};
use crate::document;
use crate::domain::certificate::Parties;
use crate::domain::guess_limit::GuessLimit;
use crate::domain::upload_shape::UploadShapes;
use crate::error::Error;
use crate::folder::Folder;
use crate::http::reply::Pace;
use crate::keys::ServerKeys;
use crate::profiles::Profile;
use crate::publication::batcher::Batcher;
use crate::publication::object_store::ObjectStore;
use crate::publication::signer::Disclosure;
use crate::publication::warnings::WarningBatcher;
use crate::storage::Store;
use crate::venue_keys::{AuthorityVenueKey, VenueKeys};

/// An authority's folder, opened.
pub struct App {
    /// Where everything is.
    pub folder: Folder,
    /// The configuration.
    pub config: Config,
    /// The outbreak's parameters.
    pub profile: Profile,
    /// Secret keys.
    pub keys: ServerKeys,
    /// Keys for venues: those that the signed document names are used.
    pub venue_keys: VenueKeys,
    /// The database.
    pub store: Arc<Store>,
    /// Published files.
    pub files: ObjectStore,
    /// Published batches of warnings about venues.
    pub warning_files: ObjectStore,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Counts wrong short codes.
    pub guesses: GuessLimit,
    /// How long real requests took lately.
    pub pace: Pace,
}

impl App {
    /// Opens the folder that `init` made.
    pub async fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let folder = Folder::new(dir);
        let config = Config::read(&folder)?;
        let profile = read_profile(&folder)?;
        let keys = ServerKeys::read(&folder, &mut rand::rng())?;
        let document = document::read(&folder)?.document;
        let venue_keys = VenueKeys::read(&folder)?.named_by(&document);
        let store = Store::open(&folder.resolve(&config.storage.database)).await?;
        let exports = folder.resolve(&config.storage.exports);
        let files = ObjectStore::open(&exports).map_err(Error::file(&exports))?;
        let warnings = folder.resolve(&config.storage.warnings);
        let warning_files = ObjectStore::open(&warnings).map_err(Error::file(&warnings))?;
        let guesses = GuessLimit::new(config.server.failed_codes_per_window);
        let (store, pace) = (Arc::new(store), Pace::default());
        Ok(Self {
            folder,
            config,
            profile,
            keys,
            venue_keys,
            store,
            files,
            warning_files,
            clock,
            guesses,
            pace,
        })
    }

    /// The keys that new posters are sealed to and signed by; none in an authority without keys
    /// for venues.
    pub fn poster_key(&self) -> Option<&AuthorityVenueKey> {
        self.venue_keys.newest(self.clock.now())
    }

    /// Whose certificates are taken, and for whom: this server makes and takes them.
    pub fn parties(&self) -> Parties {
        Parties {
            issuer: self.config.authority.id.clone(),
            audience: self.config.authority.url.clone(),
        }
    }

    /// What makes this authority's batches.
    pub fn batcher(&self) -> Batcher {
        let tracing = &self.profile.tracing;
        Batcher {
            store: self.store.clone(),
            files: self.files.clone(),
            clock: self.clock.clone(),
            signer: self.keys.export.clone(),
            key_id: self.config.authority.id.clone(),
            region: self.config.authority.region.clone(),
            settings: self.config.publication.clone(),
            disclosure: Disclosure::new(self.profile.risk.clone(), tracing.plain_gaen),
            prior: UploadShapes::prior(tracing),
            largest_tolerance: self.profile.largest_tolerance(),
            retention_days: tracing.retention_days,
        }
    }

    /// What makes this authority's batches of warnings about venues.
    pub fn warning_batcher(&self) -> WarningBatcher {
        WarningBatcher {
            store: self.store.clone(),
            files: self.warning_files.clone(),
            clock: self.clock.clone(),
            keys: self.venue_keys.clone(),
            region: self.config.authority.region.clone(),
            period_seconds: self.config.warnings.period_seconds,
            retention_days: self.profile.tracing.retention_days,
        }
    }
}
