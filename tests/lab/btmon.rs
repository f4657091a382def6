//! What `btmon`, a decoder that is not ours, says that controllers heard.

/// One advertisement in one adapter's ears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
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
}

/// The advertisements in `btmon`'s text, in order. One report an event, as the emulator sends them.
pub fn heard(text: &str) -> Vec<Heard> {
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

fn read_event(lines: &[&str]) -> Option<Heard> {
    let (header, details) = lines.split_first()?;
    let is_report = details.first()?.contains("Advertising Report");
    if !header.starts_with("> HCI Event: LE Meta Event") || !is_report {
        return None;
    }
    let (_, place) = header.split_once("[hci")?;
    let (listener, seconds) = place.split_once(']')?;
    let field = |name: &str| details.iter().find_map(|line| line.trim().strip_prefix(name));
    let service_data = details
        .iter()
        .position(|line| line.contains("Service Data: ") && line.ends_with("(0xfd6f)"));
    Some(Heard {
        listener: listener.parse().unwrap(),
        milliseconds: (seconds.trim().parse::<f64>().unwrap() * 1_000.0).round() as u64,
        address: first_word(field("Address: ")?),
        address_type: first_word(field("Address type: ")?),
        rssi: first_word(field("RSSI: ")?).parse().unwrap(),
        service_data: service_data
            .map(|at| details[at + 1].trim().strip_prefix("Data: ").unwrap().to_owned()),
    })
}

fn first_word(text: &str) -> String {
    text.split(' ').next().unwrap_or_default().to_owned()
}
