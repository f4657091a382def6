//! HTTP clients, all made here: one TLS provider for the whole process, no redirects, no
//! cookies, one constant `User-Agent`.

use std::iter;

use reqwest::redirect::Policy;
use reqwest::{Certificate, ClientBuilder};
use rustls::crypto::{CryptoProvider, ring};

/// The same from every device and every version, so that it distinguishes none.
const USER_AGENT: &str = "vungxanh";

/// For servers elsewhere: HTTPS only, certificates judged as the platform does, the system's
/// proxy settings followed.
pub fn remote_client() -> ClientBuilder {
    builder().https_only(true)
}

/// For this machine: loopback addresses and Unix sockets. Never through a proxy; needs no
/// certificates, so that it works on a machine that has none installed.
pub fn local_client() -> ClientBuilder {
    builder().no_proxy().tls_certs_only(iter::empty::<Certificate>())
}

fn builder() -> ClientBuilder {
    if CryptoProvider::get_default().is_none() {
        // Fails only if another thread was faster; then one is installed, too.
        let _ = ring::default_provider().install_default();
    }
    reqwest::Client::builder().user_agent(USER_AGENT).redirect(Policy::none()).referer(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_clients_need_no_preparation() {
        local_client().build().unwrap();
        local_client().unix_socket("/nowhere").build().unwrap();
    }
}
