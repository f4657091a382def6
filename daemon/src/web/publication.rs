//! A publication under way: it takes up to a minute, and goes on when its page is closed. Where it stands is asked for by
//! the page. What an interruption leaves is in the engine's store.

use std::sync::{Arc, Mutex};

use crate::control_api::{ReportRequest, Reported};
use crate::engine::Engine;
use crate::failure::Failure;
use crate::platform::threads::lock;

/// What the person has asked for.
pub(super) enum Wanted {
    Begin(ReportRequest),
    /// With code and choice of the one that was interrupted.
    GoOn,
}

/// How it stands with the publication that was asked for last.
#[derive(Clone, Default)]
pub(super) enum Stage {
    /// None was, since the page was opened.
    #[default]
    None,
    UnderWay,
    Done(Reported),
    Failed(Failure),
}

#[derive(Clone, Default)]
pub(super) struct Publication(Arc<Mutex<Stage>>);

impl Publication {
    pub(super) fn stage(&self) -> Stage {
        lock(&self.0).clone()
    }

    /// How the last one went is forgotten; one that is under way goes on.
    pub(super) fn forget(&self) {
        let mut stage = lock(&self.0);
        if !matches!(*stage, Stage::UnderWay) {
            *stage = Stage::None;
        }
    }

    /// Begins, unless one is under way.
    pub(super) fn start(&self, engine: &Arc<Engine>, wanted: Wanted) {
        {
            let mut stage = lock(&self.0);
            if matches!(*stage, Stage::UnderWay) {
                return;
            }
            *stage = Stage::UnderWay;
        }
        let (engine, stage) = (Arc::clone(engine), Arc::clone(&self.0));
        // Of its own: who leaves the page must not break it off.
        tokio::spawn(async move {
            let reported = match wanted {
                Wanted::Begin(request) => engine.report(request).await,
                Wanted::GoOn => engine.resume_report().await,
            };
            *lock(&stage) = match reported {
                Ok(reported) => Stage::Done(reported),
                Err(error) => Stage::Failed(error.into()),
            };
        });
    }
}
