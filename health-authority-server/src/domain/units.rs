//! Provinces and wards of Viet Nam, read once in a process.

use std::sync::LazyLock;

use vungxanh_protocol::units::Units;

static UNITS: LazyLock<Units> = LazyLock::new(Units::of_viet_nam);

/// All of them.
pub fn units() -> &'static Units {
    &UNITS
}
