//! Transmit power and RSSI correction of this machine's model, from a table.
//!
//! The table `assets/calibration.toml` is built in. A file `calibration.toml` of the same form in
//! the profile goes before it. A model that ends in `*` stands for all that begin so; the first row
//! that fits counts.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use vungxanh_protocol::metadata::{CalibrationConfidence, Metadata, VALID_TX_POWER};

const BUILT_IN: &str = include_str!("../../assets/calibration.toml");
/// Rows that a file may have.
const MOST_ROWS: usize = 10_000;
/// Bytes that a file may have.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// What is known of this machine's radio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calibration {
    /// What the system calls the machine.
    pub model: String,
    /// Radiated power in dBm.
    pub tx_power: i8,
    /// Decibels to add to every measured RSSI.
    pub rssi_correction: i8,
    /// How well both are known; [`CalibrationConfidence::Lowest`] where they were not measured.
    pub confidence: CalibrationConfidence,
    /// Where the numbers come from.
    pub source: String,
}

/// Why a calibration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// It cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// It is no such file.
    #[error("the calibration file is wrong: {0}")]
    Malformed(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default, rename = "device")]
    devices: Vec<Row>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    model: String,
    tx_power: i8,
    rssi_correction: i8,
    confidence: CalibrationConfidence,
    source: String,
}

impl Calibration {
    /// For this machine; `own` is the person's own file, which may be absent.
    pub fn of_this_machine(own: &Path) -> Result<Self, CalibrationError> {
        let own = match std::fs::metadata(own).map(|metadata| metadata.len()) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Ok(bytes) if bytes > MOST_BYTES => {
                return Err(CalibrationError::Malformed("it is larger than 4 MiB".into()));
            }
            _ => std::fs::read_to_string(own)
                .map_err(|error| CalibrationError::Unreadable(own.to_owned(), error))?,
        };
        Self::find(&model(), &own)
    }

    /// For the machine called `model`: the person's own table, then the built-in one.
    fn find(model: &str, own: &str) -> Result<Self, CalibrationError> {
        let own = read(own)?;
        let built_in = read(BUILT_IN)?;
        let row = own.iter().chain(&built_in).find(|row| row.is_for(model));
        let row = row.ok_or_else(|| CalibrationError::Malformed("it lacks a row *".into()))?;
        Ok(Self {
            model: model.to_owned(),
            tx_power: row.tx_power,
            rssi_correction: row.rssi_correction,
            confidence: row.confidence,
            source: row.source.clone(),
        })
    }

    /// What the device says of itself on the air.
    pub const fn metadata(&self) -> Metadata {
        Metadata { confidence: self.confidence, tx_power: self.tx_power }
    }

    /// Whether this model was measured.
    pub fn is_known(&self) -> bool {
        self.confidence != CalibrationConfidence::Lowest
    }
}

impl Row {
    fn is_for(&self, model: &str) -> bool {
        let (this, model) = (self.model.to_lowercase(), model.to_lowercase());
        this.strip_suffix('*').map_or(this == model, |beginning| model.starts_with(beginning))
    }
}

fn read(text: &str) -> Result<Vec<Row>, CalibrationError> {
    let table: Table =
        toml::from_str(text).map_err(|error| CalibrationError::Malformed(error.to_string()))?;
    let wrong = |what: String| Err(CalibrationError::Malformed(what));
    if table.devices.len() > MOST_ROWS {
        return wrong(format!("it has more than {MOST_ROWS} devices"));
    }
    for row in &table.devices {
        if row.source.trim().is_empty() {
            return wrong(format!("{:?} names no source", row.model));
        }
        if !VALID_TX_POWER.contains(&row.tx_power) {
            return wrong(format!("{:?}: tx_power must be from -50 to 20", row.model));
        }
        if !(-50..=50).contains(&row.rssi_correction) {
            return wrong(format!("{:?}: rssi_correction must be from -50 to 50", row.model));
        }
    }
    Ok(table.devices)
}

/// The machine's model: the device tree's name of it, or DMI's vendor and product.
fn model() -> String {
    let read = |path: &str| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
    };
    let from_device_tree = read("/proc/device-tree/model");
    if !from_device_tree.is_empty() {
        return from_device_tree;
    }
    let dmi = |name: &str| read(&format!("/sys/class/dmi/id/{name}"));
    format!("{} {}", dmi("sys_vendor"), dmi("product_name")).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(model: &str, own: &str) -> Calibration {
        Calibration::find(model, own).unwrap()
    }

    fn row(model: &str, tx_power: i16) -> String {
        format!(
            "[[device]]\nmodel = {model:?}\ntx_power = {tx_power}\nrssi_correction = 1\n\
             confidence = \"high\"\nsource = \"measured here\"\n"
        )
    }

    #[test]
    fn a_model_in_the_table_gets_the_numbers_of_its_source() {
        let found = find("Raspberry Pi 3 Model B Rev 1.2", "");
        assert_eq!((found.tx_power, found.rssi_correction), (12, 0));
        assert!(found.source.contains("NIST"), "{}", found.source);
    }

    #[test]
    fn what_is_assumed_has_the_lowest_confidence() {
        for row in read(BUILT_IN).unwrap() {
            let assumed = row.source.contains("assumed") || row.source.contains("as if");
            assert_eq!(assumed, row.confidence == CalibrationConfidence::Lowest, "{}", row.model);
        }
    }

    #[test]
    fn unknown_hardware_says_so_in_the_confidence_bits() {
        let found = find("Acme Toaster", "");
        assert!(!found.is_known());
        assert_eq!(found.metadata().confidence, CalibrationConfidence::Lowest);
        assert!(found.source.starts_with("unknown hardware"));
    }

    #[test]
    fn the_persons_own_numbers_go_first() {
        let own = row("acme toaster", -12) + &row("*", -7);
        assert_eq!(find("Acme Toaster", &own).tx_power, -12);
        assert_eq!(find("Raspberry Pi 3 Model B Rev 1.2", &own).tx_power, -7);
        assert_eq!(find("Acme Toaster", &own).confidence, CalibrationConfidence::High);
    }

    #[test]
    fn every_built_in_model_has_one_row_and_a_source() {
        let rows = read(BUILT_IN).unwrap();
        let models: std::collections::BTreeSet<_> = rows.iter().map(|row| &row.model).collect();
        assert_eq!(models.len(), rows.len());
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in [
            row("*", 21),
            row("*", -51),
            row("*", -10).replace("measured here", " "),
            row("*", -10).replace("high", "certain"),
            row("*", -10) + "extra = 1\n",
            "device = 3".to_owned(),
        ] {
            Calibration::find("x", &wrong).unwrap_err();
        }
    }
}
