//! What an account of the authority or an API key may do. Nobody gives more than they have.

use std::fmt;

/// One thing that somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Issue one verification code.
    CodesIssue,
    /// Issue many at once.
    CodesIssueBulk,
    /// See the state of a code whose id one knows.
    CodesRead,
    CodesRevoke,
    WarningsRead,
    /// Ask venues, and warn their visitors.
    WarningsWrite,
    VenuesRead,
    /// Approve, refuse, close and let in again.
    VenuesWrite,
    /// Fetch declarations, which only the officer's own key opens.
    IntakeRead,
    StatisticsRead,
    AccountsRead,
    /// Add, change, reset and close accounts.
    AccountsWrite,
    ApiKeysRead,
    ApiKeysWrite,
    SettingsRead,
    /// The authority's document, profile, messages and keys.
    SettingsWrite,
    AuditRead,
}

impl Permission {
    pub const ALL: [Self; 17] = [
        Self::CodesIssue,
        Self::CodesIssueBulk,
        Self::CodesRead,
        Self::CodesRevoke,
        Self::WarningsRead,
        Self::WarningsWrite,
        Self::VenuesRead,
        Self::VenuesWrite,
        Self::IntakeRead,
        Self::StatisticsRead,
        Self::AccountsRead,
        Self::AccountsWrite,
        Self::ApiKeysRead,
        Self::ApiKeysWrite,
        Self::SettingsRead,
        Self::SettingsWrite,
        Self::AuditRead,
    ];

    /// Those that an API key can have.
    pub const OF_API_KEYS: [Self; 5] = [
        Self::CodesIssue,
        Self::CodesIssueBulk,
        Self::CodesRead,
        Self::CodesRevoke,
        Self::StatisticsRead,
    ];

    /// Its name in the database, in forms and on the command line; `permission-NAME` is its text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodesIssue => "codes-issue",
            Self::CodesIssueBulk => "codes-issue-bulk",
            Self::CodesRead => "codes-read",
            Self::CodesRevoke => "codes-revoke",
            Self::WarningsRead => "warnings-read",
            Self::WarningsWrite => "warnings-write",
            Self::VenuesRead => "venues-read",
            Self::VenuesWrite => "venues-write",
            Self::IntakeRead => "intake-read",
            Self::StatisticsRead => "statistics-read",
            Self::AccountsRead => "accounts-read",
            Self::AccountsWrite => "accounts-write",
            Self::ApiKeysRead => "api-keys-read",
            Self::ApiKeysWrite => "api-keys-write",
            Self::SettingsRead => "settings-read",
            Self::SettingsWrite => "settings-write",
            Self::AuditRead => "audit-read",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.name() == name)
    }

    /// What comes with it: who may write may read, who may issue many may issue one.
    const fn implied(self) -> Option<Self> {
        match self {
            Self::CodesIssueBulk => Some(Self::CodesIssue),
            Self::CodesRevoke => Some(Self::CodesRead),
            Self::WarningsWrite => Some(Self::WarningsRead),
            Self::VenuesWrite => Some(Self::VenuesRead),
            Self::AccountsWrite => Some(Self::AccountsRead),
            Self::ApiKeysWrite => Some(Self::ApiKeysRead),
            Self::SettingsWrite => Some(Self::SettingsRead),
            _ => None,
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// A set of permissions; it always holds what its members imply.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Permissions(u32);

impl Permissions {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self::of(&Permission::ALL);

    /// These, and what they imply.
    pub const fn of(permissions: &[Permission]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < permissions.len() {
            bits |= permissions[at].bit();
            if let Some(implied) = permissions[at].implied() {
                bits |= implied.bit();
            }
            at += 1;
        }
        Self(bits)
    }

    pub const fn has(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether it holds all of `other`: who has it may give `other`.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// All but this one, and those that imply it.
    #[must_use]
    pub fn without(self, permission: Permission) -> Self {
        let kept = |one: &Permission| *one != permission && one.implied() != Some(permission);
        Self::of(&self.iter().filter(kept).collect::<Vec<_>>())
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.has(*permission))
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn from_names(names: &str) -> Option<Self> {
        let permissions: Option<Vec<_>> = names.split(' ').map(Permission::from_name).collect();
        permissions.map(|permissions| Self::of(&permissions))
    }
}

/// The names, with blanks between.
impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Permission::name).collect();
        f.write_str(&names.join(" "))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permissions({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_implies_reading_and_many_imply_one() {
        let of = |permission| Permissions::of(&[permission]).to_string();
        assert_eq!(of(Permission::VenuesRead), "venues-read");
        assert_eq!(of(Permission::VenuesWrite), "venues-read venues-write");
        assert_eq!(of(Permission::CodesIssueBulk), "codes-issue codes-issue-bulk");
        assert_eq!(of(Permission::CodesRevoke), "codes-read codes-revoke");
        for write in Permission::ALL {
            let Some(base) = write.name().strip_suffix("-write") else { continue };
            let read = Permission::from_name(&format!("{base}-read")).unwrap();
            assert!(Permissions::of(&[write]).has(read), "{}", write.name());
        }
    }

    #[test]
    fn nothing_is_left_that_implies_what_is_taken_away() {
        let some = Permissions::of(&[Permission::VenuesWrite, Permission::AuditRead]);
        assert_eq!(some.without(Permission::VenuesRead).to_string(), "audit-read");
        assert_eq!(some.without(Permission::VenuesWrite).to_string(), "venues-read audit-read");
    }

    #[test]
    fn who_has_more_may_give_less() {
        let some = Permissions::of(&[Permission::CodesIssueBulk, Permission::StatisticsRead]);
        assert!(some.contains(Permissions::of(&[Permission::CodesIssue])));
        assert!(some.contains(some) && some.contains(Permissions::NONE));
        assert!(!some.contains(Permissions::of(&[Permission::CodesIssue, Permission::CodesRead])));
        assert!(Permissions::ALL.contains(some) && !Permissions::NONE.contains(some));
    }

    #[test]
    fn names_are_read_back_and_nothing_else_is() {
        for permission in Permission::ALL {
            assert_eq!(Permission::from_name(permission.name()), Some(permission));
        }
        let all = Permissions::ALL;
        assert_eq!(Permissions::from_names(&all.to_string()), Some(all));
        for bad in ["", "codes", "codes-issue,codes-read", "codes-issue  codes-read"] {
            assert_eq!(Permissions::from_names(bad), None, "{bad}");
        }
    }
}
