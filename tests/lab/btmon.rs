//! What `btmon`, a decoder that is not ours, says that controllers heard.

use std::collections::BTreeMap;

use crate::guest::Controller;

/// One advertisement in one adapter's ears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardAdvertisement {
    /// Number of the adapter that heard it.
    pub listener: u32,
    /// Since the record began, in milliseconds.
    pub milliseconds: u64,
    /// The sender's address as shown.
    pub address: String,
    /// `Random` or `Public`.
    pub address_type: String,
    /// Signal strength in dBm.
    pub rssi: i32,
    /// Service data under 0xFD6F in hexadecimal, if there are any.
    pub service_data: Option<String>,
    /// All that was sent beside the address.
    pub content: Content,
}

/// An advertisement without its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The kind of packet: `ADV_NONCONN_IND` is neither connectable nor asked for more.
    pub packet: String,
    /// Bytes of the fields, with their headers.
    pub length: usize,
    /// The fields in order, as decoded.
    pub fields: Vec<String>,
}

impl Content {
    /// What a controller sends of an advertisement of ours, and nothing beside it. The kernel puts flags
    /// before it on an adapter with Low Energy alone, as the lab's legacy controllers are.
    pub fn of_service(data: &str, controller: Controller) -> Self {
        const SERVICE: &str = "Apple, Inc. (0xfd6f)";
        let flags = match controller {
            Controller::Extended => None,
            Controller::Legacy => Some("Flags: 0x04; BR/EDR Not Supported".to_owned()),
        };
        let services = format!("16-bit Service UUIDs (complete): 1 entry; {SERVICE}");
        let service_data = format!("Service Data: {SERVICE}; Data: {data}");
        Self {
            packet: "ADV_NONCONN_IND".to_owned(),
            // Each field has two bytes of header, a UUID two.
            length: flags.as_ref().map_or(0, |_| 2 + 1) + (2 + 2) + (2 + 2 + data.len() / 2),
            fields: flags.into_iter().chain([services, service_data]).collect(),
        }
    }
}

/// A time for which a controller was set to scan, in milliseconds since the record began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    /// Number of the adapter.
    pub adapter: u32,
    pub begin_ms: u64,
    pub end_ms: u64,
}

impl Scan {
    /// One that only changes the address of scan requests: no window.
    pub const fn is_momentary(&self) -> bool {
        self.end_ms - self.begin_ms < 1_000
    }
}

const SET_EXTENDED_SCAN_ENABLE: &str = "(0x08|0x0042)";

/// The scans in `btmon`'s text that have ended, in the order of their ends. For controllers with
/// extended advertising.
pub fn scans(text: &str) -> Vec<Scan> {
    let mut running = BTreeMap::new();
    let mut scans = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with("< HCI Command") || !line.contains(SET_EXTENDED_SCAN_ENABLE) {
            continue;
        }
        let Some((adapter, now)) = place(line) else { continue };
        let enabled = lines.peek().is_some_and(|next| next.contains("Enabled"));
        if enabled {
            running.entry(adapter).or_insert(now);
        } else if let Some(begin_ms) = running.remove(&adapter) {
            scans.push(Scan { adapter, begin_ms, end_ms: now });
        }
    }
    scans
}

/// What the kernel sent a controller about addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HciCommand {
    /// Another random address, for scan requests.
    ScanAddress,
    /// The address of an advertisement that comes.
    AdvertisementAddress,
    Scan,
}

/// What the kernel sent the controller of `adapter`, in order. For controllers with extended advertising.
pub fn hci_commands(text: &str, adapter: u32) -> Vec<HciCommand> {
    let mut lines = text.lines().peekable();
    let mut hci_commands = Vec::new();
    while let Some(line) = lines.next() {
        if !line.starts_with("< HCI Command") || place(line).map(|(of, _)| of) != Some(adapter) {
            continue;
        }
        if line.contains("(0x08|0x0005)") {
            hci_commands.push(HciCommand::ScanAddress);
        } else if line.contains("(0x08|0x0035)") {
            hci_commands.push(HciCommand::AdvertisementAddress);
        } else if line.contains(SET_EXTENDED_SCAN_ENABLE)
            && lines.peek().is_some_and(|next| next.contains("Enabled"))
        {
            hci_commands.push(HciCommand::Scan);
        }
    }
    hci_commands
}

/// Adapter and milliseconds of a header line: `... [hci2] 12.345678`.
fn place(header: &str) -> Option<(u32, u64)> {
    let (_, place) = header.split_once("[hci")?;
    let (adapter, seconds) = place.split_once(']')?;
    let seconds: f64 = seconds.trim().parse().ok()?;
    Some((adapter.parse().ok()?, (seconds * 1_000.0).round() as u64))
}

/// The advertisements in `btmon`'s text, in order. One report an event, as the emulator sends them.
pub fn heard(text: &str) -> Vec<HeardAdvertisement> {
    let mut heard = Vec::new();
    let mut event: Vec<&str> = Vec::new();
    for line in text.lines().chain(["> end"]) {
        if line.starts_with(' ') {
            event.push(line);
        } else {
            heard.extend(read_event(&event));
            event = vec![line];
        }
    }
    heard
}

fn read_event(lines: &[&str]) -> Option<HeardAdvertisement> {
    let (header, details) = lines.split_first()?;
    let is_report = details.first()?.contains("Advertising Report");
    if !header.starts_with("> HCI Event: LE Meta Event") || !is_report {
        return None;
    }
    let (listener, milliseconds) = place(header)?;
    let field = |name: &str| details.iter().find_map(|line| line.trim().strip_prefix(name));
    let service_data = details
        .iter()
        .position(|line| line.contains("Service Data: ") && line.ends_with("(0xfd6f)"));
    Some(HeardAdvertisement {
        listener,
        milliseconds,
        address: first_word(field("Address: ")?),
        address_type: first_word(field("Address type: ")?),
        rssi: first_word(field("RSSI: ")?).parse().unwrap(),
        service_data: service_data
            .map(|at| details[at + 1].trim().strip_prefix("Data: ").unwrap().to_owned()),
        content: read_content(details),
    })
}

/// Indentation of a field of the advertisement; what belongs to a field stands further in.
const FIELD: &str = "        ";

fn read_content(details: &[&str]) -> Content {
    let packets = ["Legacy PDU Type: ", "Event type: "];
    let packet = packets
        .iter()
        .find_map(|name| details.iter().find_map(|line| line.trim().strip_prefix(name)))
        .unwrap();
    let at = details.iter().position(|line| line.trim().starts_with("Data length: ")).unwrap();
    let length = number(details[at].trim().strip_prefix("Data length: ").unwrap());
    let mut fields: Vec<String> = Vec::new();
    for line in &details[at + 1..] {
        let line = line.strip_prefix(FIELD).unwrap();
        if let Some(part) = line.strip_prefix(' ') {
            let field = fields.last_mut().unwrap();
            *field = format!("{field}; {}", part.trim());
        } else if !line.starts_with("RSSI: ") && !is_dump(line) {
            fields.push(line.trim().to_owned());
        }
    }
    Content { packet: packet_name(packet), length, fields }
}

/// A line of the bytes themselves, which `btmon` shows before what they mean: `03 03 6f fd`.
fn is_dump(line: &str) -> bool {
    line.split(' ').next().is_some_and(|word| word.len() == 2 && hex::decode(word).is_ok())
}

/// Decimal, or hexadecimal with `0x`.
fn number(text: &str) -> usize {
    text.strip_prefix("0x")
        .map_or_else(|| text.parse(), |digits| usize::from_str_radix(digits, 16))
        .unwrap()
}

/// `ADV_NONCONN_IND` of `Non connectable undirected - ADV_NONCONN_IND (0x03)`.
fn packet_name(text: &str) -> String {
    first_word(text.rsplit(" - ").next().unwrap_or_default())
}

fn first_word(text: &str) -> String {
    text.split(' ').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "\
> HCI Event: LE Meta Event (0x3e) plen 54 #1 [hci1] 6.519798
      LE Extended Advertising Report (0x0d)
        Num reports: 1
        Entry 0
          Event type: 0x0010
          Legacy PDU Type: ADV_NONCONN_IND (0x0010)
          Address type: Random (0x01)
          Address: 0A:07:E8:02:01:AF (Non-Resolvable)
          RSSI: -58 dBm (0xc6)
          Data length: 0x0a
        03 03 6f fd 05 16 6f fd 01 23                    ..o...o..#
        16-bit Service UUIDs (complete): 1 entry
          Apple, Inc. (0xfd6f)
        Service Data: Apple, Inc. (0xfd6f)
          Data: 0123
";

    fn content(text: &str) -> Content {
        let heard = heard(text);
        assert_eq!(heard.len(), 1);
        heard[0].content.clone()
    }

    #[test]
    fn nothing_beside_the_service_is_overlooked() {
        let expected = Content::of_service("0123", Controller::Extended);
        assert_eq!(content(REPORT), expected);
        let name = format!("{REPORT}        Name (complete): guest\n");
        for other in [
            name.as_str(),
            &REPORT.replace("ADV_NONCONN_IND (0x0010)", "ADV_IND (0x0013)"),
            &REPORT.replace("Data length: 0x0a", "Data length: 0x0d"),
            &REPORT.replace("1 entry\n", "2 entries\n          Google (0xfe9f)\n"),
            &REPORT.replace("Data: 0123", "Data: 012345"),
        ] {
            assert_ne!(content(other), expected, "{other}");
        }
    }
}
