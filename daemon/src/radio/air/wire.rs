//! What clients and hub of the simulated radio say to each other: JSON objects, one a line.
//!
//! A client first says `hello` with its device's name; control requests (`place`, `walls`,
//! `adapter`, `people`) work without. Each request has a number of the client's choice, which its
//! answer repeats. The hub also reports the state of the device's adapter whenever it changes:
//!
//! ```text
//! > {"id":1,"do":"hello","name":"lan"}
//! < {"is":"answer","id":1,"to":"done"}
//! < {"is":"state","state":"ready"}
//! > {"id":2,"do":"advertise","payload":"02011a...","address":"1b2f...","tx_power":0,"seconds":1200}
//! > {"id":3,"do":"scan","seconds":4}
//! < {"is":"answer","id":3,"to":"heard","receptions":[{"payload":"02...","address":"0c...","rssi":[-61,-60]}]}
//! > {"id":4,"do":"place","name":"minh","x":1.5,"y":0}
//! ```

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::space::{AirSighting, Person, Point, Wall};
use crate::radio::RadioState;

/// The longest line that a hub reads, in bytes.
pub const MAX_REQUEST_BYTES: usize = 64 * 1024;
/// The longest line that a client reads, in bytes.
pub const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The client's number for it.
    pub id: u64,
    #[serde(flatten)]
    pub wish: Command,
}

/// What a client can ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// To be the device of this name. The latest to say so is.
    Hello {
        /// See [`is_valid_name`].
        name: String,
    },
    Advertise {
        /// At most 31 bytes, hex.
        payload: String,
        /// The sender's address, 6 bytes, hex.
        address: String,
        /// Radiated power in dBm.
        tx_power: i8,
        /// For how long, in seconds of the hub's clock.
        seconds: u64,
    },
    /// To broadcast no more.
    Stop,
    Scan {
        /// For how long, in seconds of the hub's clock, 1 to 3600.
        seconds: u64,
    },
    /// To place or move a device, known already or not.
    Place {
        name: String,
        #[serde(flatten)]
        place: Point,
    },
    /// To put up these walls in place of those before.
    Walls { walls: Vec<Wall> },
    /// To switch a device's adapter.
    Adapter { name: String, on: bool },
    /// To know who is where.
    People,
}

/// What the hub says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum FromHub {
    /// The answer to a request.
    Answer {
        /// The request's number; 0 if it could not be read.
        id: u64,
        #[serde(flatten)]
        answer: HubAnswer,
    },
    /// The state of the device's adapter, sent after `hello` and whenever it changes.
    State {
        /// Ready or switched off.
        state: RadioState,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum HubAnswer {
    Done,
    /// What was heard in the scan window.
    #[serde(rename = "heard")]
    Sighting {
        receptions: Vec<AirSighting>,
    },
    People {
        people: Vec<Person>,
    },
    /// The device's adapter is off.
    SwitchedOff,
    /// It was not done.
    Refused {
        reason: String,
    },
}

/// Whether a device may be called so: 1 to 64 ASCII letters, digits or `-_.`.
pub fn is_valid_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Reads lines of limited length. [`Lines::next`] can be cancelled without loss.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: R,
    partial: Vec<u8>,
    limit: usize,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    pub fn new(reader: R, limit: usize) -> Self {
        Self { reader, partial: Vec::new(), limit }
    }

    /// The next line without its end; `None` at the end of the stream; an error of kind
    /// `InvalidData` for a line longer than the limit.
    pub async fn next(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        loop {
            let buffered = self.reader.fill_buf().await?;
            if buffered.is_empty() {
                return Ok(None);
            }
            let end = buffered.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(buffered.len());
            if self.partial.len() + taken > self.limit {
                return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "line too long"));
            }
            self.partial.extend_from_slice(&buffered[..taken]);
            self.reader.consume(taken + usize::from(end.is_some()));
            if end.is_some() {
                return Ok(Some(std::mem::take(&mut self.partial)));
            }
        }
    }
}

/// A message as the line that goes over the socket.
pub(super) fn to_line(message: &impl Serialize) -> Vec<u8> {
    // Plain structures of text and finite numbers always serialise.
    let mut line = serde_json::to_vec(message).unwrap_or_default();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_format_is_the_documented_one() {
        let request = |line: &str| serde_json::from_str::<Request>(line).unwrap();
        let wishes = [
            (r#"{"id":1,"do":"hello","name":"lan"}"#, Command::Hello { name: "lan".into() }),
            (r#"{"id":1,"do":"stop"}"#, Command::Stop),
            (r#"{"id":1,"do":"scan","seconds":4}"#, Command::Scan { seconds: 4 }),
            (
                r#"{"id":1,"do":"place","name":"minh","x":1.5,"y":0.0}"#,
                Command::Place { name: "minh".into(), place: Point { x: 1.5, y: 0.0 } },
            ),
            (
                r#"{"id":1,"do":"adapter","name":"minh","on":false}"#,
                Command::Adapter { name: "minh".into(), on: false },
            ),
            (r#"{"id":1,"do":"people"}"#, Command::People),
        ];
        for (line, wish) in wishes {
            assert_eq!(request(line), Request { id: 1, wish });
            assert_eq!(to_line(&request(line)), format!("{line}\n").as_bytes());
        }
        let answer = FromHub::Answer {
            id: 3,
            answer: HubAnswer::Sighting {
                receptions: vec![AirSighting {
                    payload: "02".into(),
                    address: "0c".into(),
                    rssi: vec![-61, -60],
                }],
            },
        };
        let line = r#"{"is":"answer","id":3,"to":"heard","receptions":[{"payload":"02","address":"0c","rssi":[-61,-60]}]}"#;
        assert_eq!(serde_json::to_string(&answer).unwrap(), line);
        assert_eq!(serde_json::from_str::<FromHub>(line).unwrap(), answer);
    }

    proptest! {
        /// Lines come out whole however the stream is cut, up to the limit and never beyond it.
        #[test]
        fn lines_survive_any_cutting(
            lines in prop::collection::vec("[a-z]{0,40}", 0..8),
            buffer in 1_usize..16,
            limit in 1_usize..50,
        ) {
            let stream: Vec<u8> = lines.iter().flat_map(|l| format!("{l}\n").into_bytes()).collect();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let reader = tokio::io::BufReader::with_capacity(buffer, stream.as_slice());
                let mut read = Lines::new(reader, limit);
                for line in &lines {
                    let next = read.next().await;
                    if line.len() > limit {
                        prop_assert!(next.is_err());
                        return Ok(());
                    }
                    prop_assert_eq!(next.unwrap().unwrap(), line.as_bytes());
                }
                prop_assert_eq!(read.next().await.unwrap(), None);
                Ok(())
            })?;
        }
    }
}
