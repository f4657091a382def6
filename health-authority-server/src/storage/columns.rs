//! The columns that statements read, by table. A program that names them goes on when a later one adds columns: the
//! result of its statements does not change.

/// Columns with a prefix, separated by commas.
macro_rules! prefixed {
    ($prefix:literal $first:ident $($more:ident)*) => {
        concat!($prefix, stringify!($first) $(, ", ", $prefix, stringify!($more))*)
    };
}

/// The columns of a table: `columns!(venues)`, or `columns!("v." venues)` where the statement names the table `v`.
macro_rules! columns {
    ($prefix:literal accounts) => {
        $crate::storage::columns::prefixed!(
            $prefix account login name password one_time_until totp totp_step role venue created_at disabled_at last_login_day
        )
    };
    ($prefix:literal api_keys) => {
        $crate::storage::columns::prefixed!(
            $prefix api_key name key_hash from_file permissions created_at disabled_at last_used_day uses
        )
    };
    ($prefix:literal batches) => {
        $crate::storage::columns::prefixed!(
            $prefix batch region start_at end_at file_number state cut_version written_at key_count bytes
        )
    };
    ($prefix:literal codes) => {
        $crate::storage::columns::prefixed!(
            $prefix code_hash expires_at used test_type symptom_day test_day revoked issued_at
        )
    };
    ($prefix:literal declaration_codes) => {
        $crate::storage::columns::prefixed!(
            $prefix request phone day code expires_at attempts answered
        )
    };
    ($prefix:literal declarations) => {
        $crate::storage::columns::prefixed!(
            $prefix submission day intake_group key_id kind ward sealed receipt passes
        )
    };
    ($prefix:literal diagnosis_keys) => {
        $crate::storage::columns::prefixed!(
            $prefix key_data rolling_start rolling_period report_type days_since_onset transmission_risk received_window release_at batch revised_report_type revised_days revised_window revised_batch synthetic_person
        )
    };
    ($prefix:literal document_drafts) => {
        $crate::storage::columns::prefixed!(
            $prefix serial base_serial made_at actor document signed ended_at ended_as
        )
    };
    ($prefix:literal phone_codes) => {
        $crate::storage::columns::prefixed!(
            $prefix phone_hash code_hash expires_at attempts
        )
    };
    ($prefix:literal posters) => {
        $crate::storage::columns::prefixed!(
            $prefix poster unit fingerprint payload venue_key authority_key_id display_secret issued_at not_before_day expires_day ended_at ended_reason
        )
    };
    ($prefix:literal tokens) => {
        $crate::storage::columns::prefixed!(
            $prefix token_hash expires_at used test_type symptom_day test_day certified
        )
    };
    ($prefix:literal units) => {
        $crate::storage::columns::prefixed!(
            $prefix unit venue name default_stay display_key display_secret shares_in_advance created_at closed_at
        )
    };
    ($prefix:literal venue_changes) => {
        $crate::storage::columns::prefixed!(
            $prefix venue proposal name kind ward ward_name street registrant phone proposed_at actor state reason
        )
    };
    ($prefix:literal venues) => {
        $crate::storage::columns::prefixed!(
            $prefix venue name kind ward ward_name street registrant phone state state_reason registered_at decided_at public_key proof key_since
        )
    };
    ($prefix:literal work_runs) => {
        $crate::storage::columns::prefixed!(
            $prefix name holder done_at failed_at failure
        )
    };
    ($table:ident) => {
        $crate::storage::columns::columns!("" $table)
    };
}

pub(super) use {columns, prefixed};

#[cfg(test)]
mod tests {
    #[test]
    fn columns_stand_with_and_without_the_tables_name() {
        assert_eq!(columns!(work_runs), "name, holder, done_at, failed_at, failure");
        assert_eq!(
            columns!("v." phone_codes),
            "v.phone_hash, v.code_hash, v.expires_at, v.attempts"
        );
    }

    /// Statements that read all columns of a table break in a running program when another adds one.
    #[test]
    fn every_statement_names_its_columns() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/storage");
        let mut read = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() || path.ends_with("columns.rs") {
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            read += source.lines().count();
            for all in ["SELECT *", "RETURNING *", "SELECT a.*", "SELECT p.*", ".* FROM"] {
                assert!(!source.contains(all), "{}: {all}", path.display());
            }
        }
        assert!(read > 5_000);
    }
}
