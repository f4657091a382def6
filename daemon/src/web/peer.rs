//! Which user of this machine has opened a connection: the kernel's table of connections says it.
//!
//! The token of `vungxanh open` stands on the command line of the browser, which every user of the machine can read, and
//! browsers send cookies of 127.0.0.1 to whatever listens there on another port. Neither is of use to another user, whose
//! connections are closed before a byte of them is read.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

/// Connections by IPv4, and those of programs that write an IPv4 address as one of IPv6.
const TABLES: [&str; 2] = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
/// `TCP_ESTABLISHED` (net/tcp_states.h). What is closed already may be listed without its user.
const ESTABLISHED: &str = "01";
/// The kernel hands the table out in pieces, between which it may change.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(10);

/// Whether the connection from `peer` to `here` was opened by the user of this process. What cannot be told is not.
pub(super) async fn is_own(peer: SocketAddr, here: SocketAddr) -> bool {
    let (SocketAddr::V4(peer), SocketAddr::V4(here)) = (peer, here) else { return false };
    let own = rustix::process::geteuid().as_raw();
    for _ in 0..ATTEMPTS {
        let looked = tokio::task::spawn_blocking(move || {
            TABLES.iter().find_map(|path| {
                owner(&std::fs::read_to_string(path).unwrap_or_default(), peer, here)
            })
        });
        if let Ok(Some(found)) = looked.await {
            return found == own;
        }
        tokio::time::sleep(PAUSE).await;
    }
    tracing::warn!("the kernel does not say who has opened a connection to the page; it is closed");
    false
}

/// The user number in `table` of the socket at `peer`'s end.
fn owner(table: &str, peer: SocketAddrV4, here: SocketAddrV4) -> Option<u32> {
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let (local, remote, state) = (fields.next()?, fields.next()?, fields.next()?);
        let found = is_address(local, peer) && is_address(remote, here) && state == ESTABLISHED;
        // tx_queue:rx_queue, tr:tm->when, retrnsmt, uid
        fields.nth(3).filter(|_| found)?.parse().ok()
    })
}

/// `0100007F:1F90`, in the byte order of the machine; by IPv6 with what stands before a mapped address.
fn is_address(text: &str, address: SocketAddrV4) -> bool {
    let Some((ip, port)) = text.split_once(':') else { return false };
    let word = |bytes: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(bytes));
    let short = word(address.ip().octets());
    let mapped = format!("{:032X}", 0);
    let mapped = format!("{}{}{short}", &mapped[..16], word([0, 0, 0xff, 0xff]));
    u16::from_str_radix(port, 16) == Ok(address.port()) && (ip == short || ip == mapped)
}

/// Where the page listens: this machine alone, at a port of the system's choice.
pub(super) const LOOPBACK: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 180 1
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 181 1
   2: 0100007F:C001 0100007F:1F90 01 00000000:00000000 00:00000000 00000000 65534        0 182 1
   3: 0100007F:C002 0100007F:1F90 06 00000000:00000000 03:00000D13 00000000     0        0 0 3
   4: 0100007F:C003 0200007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 183 1
";
    const TABLE6: &str = "\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0000000000000000FFFF00000100007F:C004 0000000000000000FFFF00000100007F:1F90 01 00000000:00000000 00:00000000 00000000   501        0 9 1
";

    fn at(port: u16) -> SocketAddrV4 {
        SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn the_callers_end_names_the_user() {
        let here = at(0x1f90);
        assert_eq!(owner(TABLE, at(0xc001), here), Some(65_534), "not that of our own end");
        assert_eq!(owner(TABLE, at(0xc002), here), None, "closed: its user is not known");
        assert_eq!(owner(TABLE, at(0xc003), here), None, "to another address");
        assert_eq!(owner(TABLE, at(0xc009), here), None);
        assert_eq!(owner(TABLE6, at(0xc004), here), Some(501));
        for bad in ["", "\n\n", "x\n 0: a b", "x\n 0: 0100007F:C001 0100007F:1F90 01 0 0"] {
            assert_eq!(owner(bad, at(0xc001), here), None, "{bad:?}");
        }
    }

    #[tokio::test]
    async fn ones_own_connection_is_known_as_such() {
        let listener = TcpListener::bind(LOOPBACK).await.unwrap();
        let here = listener.local_addr().unwrap();
        let connected = TcpStream::connect(here).await.unwrap();
        let (_stream, peer) = listener.accept().await.unwrap();
        assert_eq!(connected.local_addr().unwrap(), peer);
        assert!(is_own(peer, here).await);
        drop(connected);
        let nowhere = SocketAddr::V4(at(1));
        assert!(!is_own(nowhere, here).await);
    }
}
