//! An authority's folder, opened: what every command and every handler works with.

use std::path::Path;
use std::sync::Arc;

use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

use super::health_state::Readiness;
use super::key_writer::KeyWriter;
use super::metrics::Metrics;
use super::password_hashing::PasswordHashing;
use super::published_files;
use super::published_keys::PublishedCache;
use super::response_timing::ResponseTiming;
use super::sms::{InTurn, LogSms, NoSms, Sms, SmsError, Webhook};
use crate::authority::config::{Config, Delivery, read_profile};
use crate::authority::database::Database;
use crate::authority::disease_profile::Profile;
use crate::authority::document;
use crate::authority::emblem::Emblem;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::keys::{ServerKeys, read_webhook_secret};
use crate::authority::venue_keys::{AuthorityVenueKey, VenueKeys};
use crate::domain::certificate::Parties;
use crate::domain::posters::{Issuer, PosterSigner};
use crate::domain::release::ReleaseRule;
use crate::domain::throttle::{Budgets, Limits};
use crate::domain::upload_shape::UploadShapes;
use crate::publication::batcher::Batcher;
use crate::publication::object_store::{ObjectStore, StoreHealth};
use crate::publication::signer::Disclosure;
use crate::publication::warnings::WarningBatcher;
use crate::storage::{Store, StoreError};

/// Why an authority's folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// One of its files.
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its way to send messages.
    #[error(transparent)]
    Messages(#[from] SmsError),
}

/// An authority's folder, opened.
pub struct App {
    pub folder: Folder,
    pub config: Config,
    /// What stands for the authority on its pages.
    pub emblem: Option<Emblem>,
    pub profile: Profile,
    pub keys: ServerKeys,
    /// Keys for venues: those that the signed document names are used.
    pub venue_keys: VenueKeys,
    pub store: Arc<Store>,
    /// Stores the keys of uploads.
    pub key_writer: KeyWriter,
    pub files: ObjectStore,
    /// Published batches of warnings about venues.
    pub warning_files: ObjectStore,
    pub clock: Arc<dyn Clock>,
    /// How long real requests took lately.
    pub timing: ResponseTiming,
    /// Sends messages to telephones.
    pub sms: Box<dyn Sms>,
    pub limits: Limits,
    /// Hashes passwords in turns.
    pub passwords: PasswordHashing,
    /// The keys of declarations and passes.
    pub published: PublishedCache,
    /// What is counted for monitoring.
    pub metrics: Metrics,
    /// Whether it can do its work.
    pub readiness: Readiness,
    /// The serial of the signed document whose terms this process works by.
    pub document_serial: u64,
    pub document_expires_at: UnixTime,
    /// Whether the signed document asks for a telephone code with declarations.
    pub asks_phone_code: bool,
}

impl App {
    /// Opens the folder that `init` made.
    pub async fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let folder = Folder::new(dir);
        let config = Config::read(&folder)?;
        let emblem = Emblem::read(&folder, &config)?;
        let profile = read_profile(&folder)?;
        let mut keys = ServerKeys::read(&folder, &mut rand::rng())?;
        let document = document::read(&folder)?.document;
        keys.export = keys.export.named_by(&document);
        let venue_keys = VenueKeys::read(&folder)?.named_by(&document);
        let store = Store::connect(&Database::of(&folder, &config)?).await?;
        let [files, warning_files] = published_files::open(&folder, &config)?;
        let sms = sms(&folder, &config)?;
        let budgets = Budgets {
            short_codes: config.server.failed_codes_per_window,
            registrations: config.messages.per_hour,
            notices: config.messages.notices_per_hour,
            case_codes: config.messages.case_codes_per_hour,
            declarations: config.declarations.per_hour,
            declaration_codes: config.declarations.codes_per_hour,
        };
        let limits = Limits::new(budgets, keys.attempt_hash.clone());
        let store = Arc::new(store);
        let release = release_rule(&config, &profile);
        let key_writer = KeyWriter::start(store.clone(), release, clock.clone());
        Ok(Self {
            folder,
            config,
            emblem,
            profile,
            keys,
            venue_keys,
            store,
            key_writer,
            files,
            warning_files,
            clock,
            timing: ResponseTiming::default(),
            sms,
            limits,
            passwords: PasswordHashing::default(),
            published: PublishedCache::default(),
            metrics: Metrics::default(),
            readiness: Readiness::default(),
            document_serial: document.serial,
            document_expires_at: document.expires_at,
            asks_phone_code: document.declarations.is_some_and(|rules| rules.phone_code),
        })
    }

    /// How the stores of exports and of warnings do.
    pub fn store_health(&self) -> [StoreHealth; 2] {
        [self.files.health(), self.warning_files.health()]
    }

    /// The keys that new posters are sealed to and signed by; none in an authority without keys
    /// for venues.
    pub fn poster_key(&self) -> Option<&AuthorityVenueKey> {
        self.venue_keys.newest(self.clock.now())
    }

    /// How posters are issued now; `None` without a valid key for venues.
    pub fn issuer(&self) -> Option<Issuer> {
        let key = self.poster_key()?;
        let signer = PosterSigner {
            key_id: key.public.id,
            key: key.poster.clone(),
            not_after: key.public.not_after,
        };
        Some(Issuer { signer, days: self.config.venues.poster_days })
    }

    /// Whose certificates are taken, and for whom: this server makes and takes them.
    pub fn parties(&self) -> Parties {
        Parties {
            issuer: self.config.authority.id.clone(),
            audience: self.config.authority.url.clone(),
        }
    }

    /// When keys may be published.
    pub const fn release_rule(&self) -> ReleaseRule {
        release_rule(&self.config, &self.profile)
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
            release: self.release_rule(),
            retention_days: tracing.retention_days,
        }
    }

    /// What makes this authority's batches of warnings about venues.
    pub fn warning_batcher(&self) -> WarningBatcher {
        WarningBatcher {
            store: self.store.clone(),
            files: self.warning_files.clone(),
            folder: self.folder.clone(),
            clock: self.clock.clone(),
            keys: self.venue_keys.clone(),
            region: self.config.authority.region.clone(),
            period_seconds: self.config.warnings.period_seconds,
            retention_days: self.profile.tracing.retention_days,
        }
    }
}

const fn release_rule(config: &Config, profile: &Profile) -> ReleaseRule {
    ReleaseRule::new(config.publication.period_seconds, profile.tracing.plain_gaen)
}

fn sms(folder: &Folder, config: &Config) -> Result<Box<dyn Sms>, OpenError> {
    Ok(match config.messages.send {
        Delivery::None => Box::new(NoSms),
        Delivery::Log => Box::new(LogSms),
        Delivery::Webhook => {
            let url = config.messages.webhook.clone();
            let webhook = Webhook::new(url, read_webhook_secret(folder)?);
            Box::new(InTurn::new(webhook?))
        }
    })
}
