//! Looking for entries of the audit log.

use sqlx::AssertSqlSafe;
use vungxanh_protocol::interval::UnixTime;

use super::audit::{Action, AuditEntry, Subject, entry_of};
use super::{Store, StoreError, seconds};

/// Which entries are looked for: those that meet all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// From this moment on.
    pub from: Option<UnixTime>,
    /// Before this moment.
    pub until: Option<UnixTime>,
    /// A part of the login at the time, or of the account's name; empty: anybody.
    pub actor: String,
    pub action: Option<Action>,
    pub subject: Option<About>,
}

/// What entries are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Anything of a kind, by its name in the database.
    Kind(&'static str),
    One(Subject),
}

enum Value {
    Number(i64),
    Text(String),
}

impl AuditFilter {
    /// The conditions with their values, the first of which is `$1`.
    fn conditions(&self) -> (String, Vec<Value>) {
        let (mut sql, mut values) = (String::new(), Vec::new());
        let mut and = |condition: &str, value: Value| {
            values.push(value);
            sql += " AND ";
            sql += &condition.replace("$n", &format!("${}", values.len()));
        };
        if let Some(from) = self.from {
            and("at >= $n", Value::Number(seconds(from)));
        }
        if let Some(until) = self.until {
            and("at < $n", Value::Number(seconds(until)));
        }
        if !self.actor.is_empty() {
            let condition = "(LOWER(actor) LIKE $n ESCAPE '!' OR account IN \
                             (SELECT account FROM accounts WHERE LOWER(name) LIKE $n ESCAPE '!'))";
            and(condition, Value::Text(pattern(&self.actor)));
        }
        if let Some(action) = self.action {
            and("action = $n", Value::Text(action.name().into()));
        }
        match self.subject {
            Some(About::One(subject)) => and("subject = $n", Value::Text(subject.to_string())),
            Some(About::Kind(kind)) => {
                and("subject LIKE $n ESCAPE '!'", Value::Text(format!("{kind} %")));
            }
            None => {}
        }
        (sql, values)
    }
}

/// What contains these letters. Both databases make letters of ASCII small and leave others.
fn pattern(part: &str) -> String {
    let mut pattern = String::from("%");
    for letter in part.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter.to_ascii_lowercase());
    }
    pattern + "%"
}

impl Store {
    /// At most `count` entries before `before`, the newest first.
    pub async fn audit_entries(
        &self,
        before: Option<i64>,
        count: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        self.found_entries(&AuditFilter::default(), before, count).await
    }

    /// The same of those that meet `filter`.
    pub async fn found_entries(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        count: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let (conditions, values) = filter.conditions();
        let (number, limit) = (values.len() + 1, values.len() + 2);
        let sql = format!(
            "SELECT entry, at, account, actor, action, subject, detail FROM audit \
             WHERE 1 = 1{conditions} AND entry < ${number} ORDER BY entry DESC LIMIT ${limit}"
        );
        let mut query = sqlx::query::<sqlx::Any>(AssertSqlSafe(sql));
        for value in values {
            query = match value {
                Value::Number(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
            };
        }
        let query = query.bind(before.unwrap_or(i64::MAX)).bind(i64::from(count));
        query.fetch_all(&self.pool).await?.iter().map(entry_of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_bound_and_what_means_something_in_patterns_means_itself() {
        assert_eq!(pattern("Đỗ 50%_!"), "%Đỗ 50!%!_!!%");
        let (sql, values) = AuditFilter::default().conditions();
        assert!(sql.is_empty() && values.is_empty());
        let filter = AuditFilter {
            until: Some(UnixTime::from_secs(9)),
            actor: "' OR 1 = 1 --".into(),
            subject: Some(About::Kind("venue")),
            ..AuditFilter::default()
        };
        let (sql, values) = filter.conditions();
        assert!(
            sql.contains("at < $1") && sql.contains("LIKE $2") && sql.contains("subject LIKE $3")
        );
        assert!(!sql.contains("1 = 1") && values.len() == 3);
    }
}
