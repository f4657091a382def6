//! What the control interface asks of the private diary.

use vungxanh_protocol::venue::disclosure::DisclosedVisit;
use zeroize::Zeroizing;

use super::{Engine, EngineError};
use crate::control_api::{
    Diary, DiaryOnRequest, DiaryRemoveRequest, DiaryRemoved, DiaryShowRequest, DiaryVisit,
    DiaryVisits, DisclosingRequest,
};
use crate::venue::DiaryEntry;

impl Engine {
    /// Whether there is a diary.
    pub fn diary(&self) -> Diary {
        let (kept, on) = self.check_ins.diary();
        Diary { kept, on }
    }

    /// From now on, visits that end go into the diary.
    pub async fn diary_on(&self, request: DiaryOnRequest) -> Result<Diary, EngineError> {
        let passphrase = Zeroizing::new(request.passphrase);
        self.on_check_ins(move |check_ins| check_ins.begin_diary(&passphrase)).await?;
        Ok(self.diary())
    }

    /// From now on, they do not.
    pub async fn diary_off(&self) -> Result<Diary, EngineError> {
        self.on_check_ins(|check_ins| check_ins.end_diary()).await?;
        Ok(self.diary())
    }

    /// The visits in the diary.
    pub async fn diary_show(&self, request: DiaryShowRequest) -> Result<DiaryVisits, EngineError> {
        let passphrase = Zeroizing::new(request.passphrase);
        let entries = self.on_check_ins(move |check_ins| check_ins.read_diary(&passphrase)).await?;
        Ok(DiaryVisits { visits: entries.into_iter().filter_map(visit).collect() })
    }

    /// Takes note of the visits that the person is about to disclose.
    pub async fn diary_disclosing(&self, request: DisclosingRequest) -> Result<Diary, EngineError> {
        self.sync.disclosing(visits_of(&request.lines)?).await?;
        Ok(self.diary())
    }

    /// Removes visits from the diary, from its file, too.
    pub async fn diary_remove(
        &self,
        request: DiaryRemoveRequest,
    ) -> Result<DiaryRemoved, EngineError> {
        let passphrase = Zeroizing::new(request.passphrase);
        let visits = visits_of(&request.lines)?;
        let is_wanted = move |entry: &DiaryEntry| {
            DisclosedVisit::new(entry.poster, entry.from, entry.until)
                .is_ok_and(|visit| visits.contains(&visit))
        };
        let removed = self
            .on_check_ins(move |check_ins| check_ins.remove_from_diary(&passphrase, is_wanted))
            .await?;
        Ok(DiaryRemoved { removed })
    }

    pub async fn diary_forget(&self) -> Result<Diary, EngineError> {
        self.on_check_ins(|check_ins| check_ins.destroy_diary()).await?;
        Ok(self.diary())
    }
}

/// The visits that lines name ([`DiaryVisit::line`]).
fn visits_of(lines: &[String]) -> Result<Vec<DisclosedVisit>, EngineError> {
    let visits: Result<Vec<DisclosedVisit>, _> = lines.iter().map(|line| line.parse()).collect();
    visits.map_err(EngineError::DisclosureLine)
}

fn visit(entry: DiaryEntry) -> Option<DiaryVisit> {
    let line = DisclosedVisit::new(entry.poster, entry.from, entry.until).ok()?;
    Some(DiaryVisit {
        line: line.to_string(),
        venue: entry.venue,
        unit: entry.unit,
        from: entry.from,
        until: entry.until,
        companions: entry.companions,
    })
}
