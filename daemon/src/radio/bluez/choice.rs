//! Which adapter a person means: `bluez`, `bluez:hci1`, `bluez:AA:BB:CC:DD:EE:FF`.

use super::bus::AdapterInfo;

/// The adapter that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdapterChoice {
    /// The first that can advertise, one that is switched on before one that is off.
    Any,
    /// By name, for example `hci1`. Names follow the order of plugging in.
    Name(String),
    /// By address, upper case with colons. Stays the adapter's own.
    Address(String),
}

impl AdapterChoice {
    /// Reads what stands after `bluez`: nothing, or a colon and a name or address.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Ok(Self::Any);
        }
        let adapter = text.strip_prefix(':').ok_or("write bluez, bluez:hci0 or bluez:ADDRESS")?;
        if is_address(adapter) {
            return Ok(Self::Address(adapter.to_uppercase()));
        }
        let number = adapter.strip_prefix("hci").unwrap_or_default();
        if (1..=3).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit()) {
            return Ok(Self::Name(adapter.to_owned()));
        }
        Err("an adapter is named hci0, hci1, ... or by its address AA:BB:CC:DD:EE:FF")
    }

    /// The one of `adapters` that is meant, if it is there. If any is: that with the address `used` for as
    /// long as it is there, so that switching it off does not move the broadcast to another.
    pub(super) fn choose_again<'a>(
        &self,
        adapters: &'a [AdapterInfo],
        used: &str,
    ) -> Option<&'a AdapterInfo> {
        let used = adapters.iter().find(|adapter| *self == Self::Any && adapter.address == used);
        used.or_else(|| self.choose(adapters))
    }

    /// The one of `adapters` that is meant, if it is there.
    pub fn choose<'a>(&self, adapters: &'a [AdapterInfo]) -> Option<&'a AdapterInfo> {
        match self {
            Self::Any => adapters
                .iter()
                .min_by_key(|adapter| (adapter.advertising.is_none(), !adapter.powered)),
            Self::Name(name) => adapters.iter().find(|adapter| adapter.name == *name),
            Self::Address(address) => adapters.iter().find(|adapter| adapter.address == *address),
        }
    }
}

impl std::fmt::Display for AdapterChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("bluez"),
            Self::Name(adapter) | Self::Address(adapter) => write!(f, "bluez:{adapter}"),
        }
    }
}

fn is_address(text: &str) -> bool {
    text.len() == 17
        && text.bytes().enumerate().all(|(i, byte)| match i % 3 {
            2 => byte == b':',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::super::bus::{AdvertisingInfo, MonitorInfo};
    use super::*;

    fn adapter(name: &str, powered: bool, advertises: bool) -> AdapterInfo {
        AdapterInfo {
            name: name.into(),
            address: format!("00:AA:01:00:00:0{}", name.len()),
            address_type: "public".into(),
            powered,
            discovering: false,
            discoverable: false,
            discoverable_limit: None,
            connectable: None,
            roles: Vec::new(),
            advertising: advertises.then_some(AdvertisingInfo {
                active: 0,
                free: 5,
                hardware_offload: false,
            }),
            monitors: MonitorInfo::default(),
        }
    }

    #[test]
    fn names_and_addresses_are_told_apart() {
        assert_eq!(AdapterChoice::parse(""), Ok(AdapterChoice::Any));
        assert_eq!(AdapterChoice::parse(":hci1"), Ok(AdapterChoice::Name("hci1".into())));
        let address = AdapterChoice::parse(":00:aa:01:00:00:0f");
        assert_eq!(address, Ok(AdapterChoice::Address("00:AA:01:00:00:0F".into())));
        for wrong in ["hci1", ":", ":hci", ":hci1a", ":eth0", ":00:aa:01:00:00", ":../hci0"] {
            AdapterChoice::parse(wrong).unwrap_err();
        }
    }

    #[test]
    fn without_a_name_one_that_works_is_taken() {
        let adapters = [
            adapter("hci0", true, false),
            adapter("hci1", false, true),
            adapter("hci2", true, true),
            adapter("hci3", true, true),
        ];
        let any = AdapterChoice::Any;
        assert_eq!(any.choose(&adapters).unwrap().name, "hci2");
        assert_eq!(any.choose(&adapters[..2]).unwrap().name, "hci1");
        assert_eq!(any.choose(&adapters[..1]).unwrap().name, "hci0");
        assert_eq!(any.choose(&[]), None);
    }

    #[test]
    fn what_is_in_use_stays_in_use_while_it_is_there() {
        let mut adapters = [adapter("hci0", true, true), adapter("hci11", true, true)];
        let (any, used) = (AdapterChoice::Any, adapters[0].address.clone());
        adapters[0].powered = false;
        assert_eq!(any.choose_again(&adapters, &used).unwrap().name, "hci0");
        assert_eq!(any.choose_again(&adapters[1..], &used).unwrap().name, "hci11");
        assert_eq!(any.choose_again(&adapters, "").unwrap().name, "hci11");
        let named = AdapterChoice::Name("hci11".into());
        assert_eq!(named.choose_again(&adapters, &used).unwrap().name, "hci11");
    }
}
