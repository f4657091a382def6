//! Codes, tokens and the ids of staff requests.

use sqlx::AnyConnection;
use sqlx::Row;
use sqlx::any::AnyRow;
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::seal::{SealKey, open, seal};

use super::audit::{Action, Actor, Subject};
use super::columns::columns;
use super::limits::{count_one, counts, note_reached};
use super::statistics::{Counter, Figure, count, count_all};
use super::{Store, StoreError, integer, nullable, seconds};
use crate::domain::classes::{delay, use_time};
use crate::domain::codes::{KeyedHash, log_number};
use crate::domain::diagnosis::{Diagnosis, TestType};
use crate::domain::throttle::{Counts, Tried};
use crate::domain::upload_check::UploadKind;

/// Purpose of what a used token's row keeps.
const CERTIFIED_LABEL: &str = "VX-CERTIFIED";

/// A code to be stored.
#[derive(Debug, Clone)]
pub struct NewCode {
    /// Keyed hash of the code.
    pub code_hash: KeyedHash,
    /// Keyed hash of the staff request's id.
    pub request_hash: KeyedHash,
    /// What staff say of the case.
    pub diagnosis: Diagnosis,
    pub expires_at: UnixTime,
    /// Until when a request with the same id issues no second code.
    pub remembered_until: UnixTime,
}

/// Whether a code could be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issued {
    /// It is valid now.
    Yes,
    /// Another code has the same characters: draw again.
    CodeTaken,
    /// A request with this id issued a code already.
    RequestRepeated,
}

/// What came of using a code or a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// It was valid and is used now.
    Now(Diagnosis),
    /// No such code or token.
    Unknown,
    Before,
    Expired,
    /// Too many guesses were wrong: no code was looked for.
    Stopped {
        /// It is the first that was refused for this.
        is_first: bool,
    },
    /// Not a type of test that the client takes; it stays unused.
    Unsupported,
}

/// A code that is being exchanged for a token.
#[derive(Debug, Clone)]
pub struct Redemption<'a> {
    /// Keyed hash of the code.
    pub code_hash: KeyedHash,
    /// Keyed hash of the token to be given.
    pub token_hash: KeyedHash,
    /// End of the token's validity.
    pub token_expires_at: UnixTime,
    /// Types of test that the client takes.
    pub accepted: &'a [TestType],
    /// How a wrong code is counted; none of those that cannot be guessed.
    pub guess: Option<Tried>,
    pub kind: UploadKind,
}

const USE_TOKEN: &str = "UPDATE tokens SET used = 1, test_type = NULL, symptom_day = NULL, \
                         test_day = NULL, certified = $2 WHERE token_hash = $1";
/// What a dummy upload does instead: another row is written as it is, so that as much reaches the disk.
/// A dummy upload has no row of its own; without this its answer came 30 to 50 microseconds earlier.
const REWRITE_A_TOKEN: &str = "UPDATE tokens SET used = used, test_type = test_type, \
                               symptom_day = symptom_day, test_day = test_day, \
                               certified = CASE WHEN $2 IS NULL THEN $2 ELSE certified END \
                               WHERE token_hash = (SELECT token_hash FROM tokens \
                               WHERE token_hash >= $1 ORDER BY token_hash LIMIT 1)";

impl Store {
    /// Stores a new code.
    pub async fn issue_code(
        &self,
        code: &NewCode,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<Issued, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let request = sqlx::query(
            "INSERT INTO request_ids (id_hash, expires_at, code_hash) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING",
        )
        .bind(code.request_hash.to_vec())
        .bind(seconds(code.remembered_until))
        .bind(code.code_hash.to_vec())
        .execute(&mut *connection)
        .await?;
        if request.rows_affected() == 0 {
            return Ok(Issued::RequestRepeated);
        }
        let inserted = sqlx::query(
            "INSERT INTO codes (code_hash, expires_at, issued_at, test_type, symptom_day, test_day) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(code.code_hash.to_vec())
        .bind(seconds(code.expires_at))
        .bind(seconds(now))
        .bind(code.diagnosis.test_type.name())
        .bind(code.diagnosis.symptom_day.map(|day| i64::from(day.number())))
        .bind(code.diagnosis.test_day.map(|day| i64::from(day.number())))
        .execute(&mut *connection)
        .await?;
        if inserted.rows_affected() == 0 {
            return Ok(Issued::CodeTaken);
        }
        count(connection, Counter::CodesIssued, 1, now).await?;
        let subject = Subject::Code(log_number(&code.request_hash));
        write.commit_audited(actor.did(Action::CodeIssued, subject, ""), now).await?;
        Ok(Issued::Yes)
    }

    /// Takes back a code that was not given to anyone, with the id of its request.
    pub async fn withdraw_code(
        &self,
        code_hash: &KeyedHash,
        request_hash: &KeyedHash,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let code = sqlx::query("DELETE FROM codes WHERE code_hash = $1").bind(code_hash.to_vec());
        write.execute(code).await?;
        let request = sqlx::query("DELETE FROM request_ids WHERE id_hash = $1");
        write.execute(request.bind(request_hash.to_vec())).await?;
        let subject = Subject::Code(log_number(request_hash));
        write.commit_audited(actor.did(Action::CodeNotSent, subject, ""), now).await
    }

    /// Exchanges a code for a token: the code's row is reduced to "used", what it said moves to
    /// the token, and nothing leads from one to the other.
    pub async fn redeem_code(
        &self,
        redemption: &Redemption<'_>,
        now: UnixTime,
    ) -> Result<Used, StoreError> {
        let mut write = self.write().await?;
        write.savepoint().await?;
        let real = redemption.kind == UploadKind::Real;
        let connection = write.connection()?;
        // Of a dummy upload as well: it takes as long.
        let guesses = match &redemption.guess {
            Some(guess) => counts(connection, guess).await?,
            None => Counts::default(),
        };
        let guess = redemption.guess.as_ref().filter(|_| real);
        if let Some(guess) = guess
            && guess.rule.part(guesses.all) == 0
        {
            let is_first = note_reached(connection, guess, now).await?;
            write.commit().await?;
            return Ok(Used::Stopped { is_first });
        }
        let row =
            sqlx::query(concat!("SELECT ", columns!(codes), " FROM codes WHERE code_hash = $1"))
                .bind(redemption.code_hash.to_vec())
                .fetch_optional(&mut *connection)
                .await?;
        let used = usable(row.as_ref(), real, redemption.accepted, now)?;
        let waited = waited(row.as_ref(), now)?;
        if used == Used::Before {
            // The same client again, whose reply was lost: its token is there and not used yet.
            let token = find_token(connection, redemption.token_hash).await?;
            let again = usable(token.as_ref(), real, redemption.accepted, now)?;
            if matches!(again, Used::Now(_)) {
                return Ok(again);
            }
        }
        if let (Used::Unknown, Some(guess)) = (used, guess) {
            count_one(connection, guess, guesses).await?;
        }
        if let Some(refused) = refused_code(used) {
            count(connection, refused, 1, now).await?;
            write.commit().await?;
            return Ok(used);
        }
        if let Used::Now(diagnosis) = used {
            sqlx::query(
                "UPDATE codes SET used = 1, issued_at = NULL, test_type = NULL, symptom_day = NULL, \
                 test_day = NULL WHERE code_hash = $1",
            )
            .bind(redemption.code_hash.to_vec())
            .execute(&mut *connection)
            .await?;
            insert_token(connection, redemption, diagnosis).await?;
        }
        // Of a dummy upload as many rows, so that it takes as long.
        let (counter, one) = match real {
            true => (Counter::CodesRedeemed, 1),
            false => (Counter::DummyRequests, 0),
        };
        let figures = [(Figure::Counter(counter), 1), (Figure::UseTime(use_time(waited)), one)];
        write.finish(used, real, &figures, now).await
    }

    /// Uses a token for a certificate: its row is reduced to "used", and what it said is stored
    /// sealed under `repeat`, so that the same request gets the same answer until the token expires.
    pub async fn use_token(
        &self,
        token_hash: KeyedHash,
        repeat: &SealKey,
        kind: UploadKind,
        now: UnixTime,
    ) -> Result<Used, StoreError> {
        let mut write = self.write().await?;
        write.savepoint().await?;
        let real = kind == UploadKind::Real;
        let connection = write.connection()?;
        let row = find_token(connection, token_hash).await?;
        let all = [TestType::Confirmed, TestType::Likely, TestType::Negative];
        let used = usable(row.as_ref(), real, &all, now)?;
        if used == Used::Before {
            return certified_before(row.as_ref(), repeat, now);
        }
        if let Used::Now(diagnosis) = used {
            let said = diagnosis.to_text();
            let sealed = seal(repeat, CERTIFIED_LABEL, b"", said.as_bytes(), &mut rand::rng());
            let sql = if real { USE_TOKEN } else { REWRITE_A_TOKEN };
            let update = sqlx::query(sql).bind(token_hash.to_vec()).bind(sealed);
            update.execute(&mut *connection).await?;
        }
        let (counter, one) = match real {
            true => (Counter::Certificates, 1),
            false => (Counter::DummyRequests, 0),
        };
        let (onset, test) = match used {
            Used::Now(diagnosis) => (diagnosis.symptom_day, diagnosis.test_day),
            _ => (None, None),
        };
        let figures = [
            (Figure::Counter(counter), 1),
            (Figure::OnsetDelay(delay(onset, now.day())), one),
            (Figure::TestDelay(delay(test, now.day())), one),
        ];
        // What a dummy upload rewrote says what it said before, and need not be taken back.
        write.finish(used, true, &figures, now).await
    }
}

impl super::Write {
    async fn finish(
        mut self,
        used: Used,
        keep: bool,
        figures: &[(Figure, usize)],
        now: UnixTime,
    ) -> Result<Used, StoreError> {
        let done = matches!(used, Used::Now(_));
        self.settle(keep && done).await?;
        if done {
            count_all(self.connection()?, figures, now).await?;
        }
        self.commit().await?;
        Ok(used)
    }
}

/// Judges a row of `codes` or `tokens`. A dummy upload has no row and goes the way of a valid one.
fn usable(
    row: Option<&AnyRow>,
    real: bool,
    accepted: &[TestType],
    now: UnixTime,
) -> Result<Used, StoreError> {
    let Some(row) = row.filter(|_| real) else {
        let diagnosis =
            Diagnosis { test_type: TestType::Confirmed, symptom_day: None, test_day: None };
        return Ok(if real { Used::Unknown } else { Used::Now(diagnosis) });
    };
    if integer::<i64>(row, "used")? != 0 {
        return Ok(Used::Before);
    }
    if now.as_secs() >= integer(row, "expires_at")? {
        return Ok(Used::Expired);
    }
    let name: Option<String> = row.try_get("test_type")?;
    let test_type =
        name.and_then(|name| TestType::from_name(&name)).ok_or(StoreError::Corrupt("test_type"))?;
    if !accepted.contains(&test_type) {
        return Ok(Used::Unsupported);
    }
    Ok(Used::Now(Diagnosis {
        test_type,
        symptom_day: nullable(row, "symptom_day")?.map(UtcDay::new),
        test_day: nullable(row, "test_day")?.map(UtcDay::new),
    }))
}

/// What counts a code that was refused.
const fn refused_code(used: Used) -> Option<Counter> {
    match used {
        Used::Unknown => Some(Counter::CodesWrong),
        Used::Before => Some(Counter::CodesUsedBefore),
        Used::Expired => Some(Counter::CodesExpired),
        Used::Now(_) | Used::Unsupported | Used::Stopped { .. } => None,
    }
}

/// Seconds since a code was issued, if that is known.
fn waited(code: Option<&AnyRow>, now: UnixTime) -> Result<Option<u64>, StoreError> {
    let Some(row) = code else { return Ok(None) };
    let issued_at = nullable::<u64>(row, "issued_at")?.map(UnixTime::from_secs);
    Ok(issued_at.map(|issued_at| now.since(issued_at)))
}

async fn find_token(
    connection: &mut AnyConnection,
    token_hash: KeyedHash,
) -> Result<Option<AnyRow>, StoreError> {
    let row =
        sqlx::query(concat!("SELECT ", columns!(tokens), " FROM tokens WHERE token_hash = $1"))
            .bind(token_hash.to_vec())
            .fetch_optional(connection)
            .await?;
    Ok(row)
}

/// A used token: what its certificate said, if the same is asked for again in time.
fn certified_before(
    row: Option<&AnyRow>,
    repeat: &SealKey,
    now: UnixTime,
) -> Result<Used, StoreError> {
    let Some(row) = row else { return Ok(Used::Before) };
    let in_time = now.as_secs() < integer(row, "expires_at")?;
    let sealed: Option<Vec<u8>> = row.try_get("certified")?;
    let said = sealed
        .filter(|_| in_time)
        .and_then(|sealed| open(repeat, CERTIFIED_LABEL, b"", &sealed).ok())
        .and_then(|text| String::from_utf8(text).ok());
    Ok(said.and_then(|text| Diagnosis::from_text(&text)).map_or(Used::Before, Used::Now))
}

async fn insert_token(
    connection: &mut AnyConnection,
    redemption: &Redemption<'_>,
    diagnosis: Diagnosis,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO tokens (token_hash, expires_at, test_type, symptom_day, test_day) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(redemption.token_hash.to_vec())
    .bind(seconds(redemption.token_expires_at))
    .bind(diagnosis.test_type.name())
    .bind(diagnosis.symptom_day.map(|day| i64::from(day.number())))
    .bind(diagnosis.test_day.map(|day| i64::from(day.number())))
    .execute(connection)
    .await?;
    Ok(())
}
