//! Telling a program at an address that the user named. Nothing can be asked back.

use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde_json::Value;

use crate::address::is_loopback;
use crate::error::{ForgeError, NotDone};
use crate::web::cause;

/// Until it has answered.
const CALL_MAX: Duration = Duration::from_secs(30);
/// Until a connection stands.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// An address that is told things. It may hold a secret: nothing but its host is ever shown.
#[derive(Clone)]
pub struct Webhook {
    url: Url,
}

impl Webhook {
    /// The address that `variable` holds. Without encryption only on this machine.
    pub fn set_by(variable: &str, address: &str) -> Result<Webhook, ForgeError> {
        let wrong = || ForgeError::NotAnAddress {
            what: format!("${variable}"),
            value: "something else".to_owned(),
        };
        let url = Url::parse(address.trim()).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong());
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            let (variable, host) = (variable.to_owned(), host_of(&url));
            return Err(ForgeError::NotSecure { variable, host });
        }
        Ok(Webhook { url })
    }

    /// Whom it belongs to.
    pub fn host(&self) -> String {
        host_of(&self.url)
    }

    /// All of it, to recognise it by.
    pub fn address(&self) -> &str {
        self.url.as_str()
    }

    /// Tells it `body` once; `key` tells a repetition. No redirect is followed.
    pub fn call(&self, body: &Value, key: &str) -> Result<(), NotDone> {
        let machine = |detail: String| NotDone::NotSent(ForgeError::Machine { detail });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|err| machine(err.to_string()))?;
        let mut client = Client::builder()
            .connect_timeout(CONNECT_MAX)
            .timeout(CALL_MAX)
            .redirect(Policy::none())
            .referer(false)
            .user_agent(concat!("loki/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&self.url) {
            client = client.no_proxy();
        }
        if self.url.scheme() == "http" {
            client = client.tls_certs_only([]);
        }
        let client = client.build().map_err(|err| machine(cause(&err)))?;
        let request = client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(body.to_string());
        let begun = Instant::now();
        // The client's timers want to be made within the runtime.
        let status = match runtime.block_on(async { request.send().await }) {
            Ok(response) => response.status().as_u16(),
            Err(err) => {
                let host = self.host();
                let error = match err.is_timeout() {
                    true => ForgeError::TimedOut { host, seconds: begun.elapsed().as_secs() },
                    false => ForgeError::Unreachable { host, detail: cause(&err) },
                };
                return Err(match err.is_connect() || err.is_builder() {
                    true => NotDone::NotSent(error),
                    false => NotDone::Unclear(error),
                });
            }
        };
        match status {
            200..=299 => Ok(()),
            500..=599 => {
                Err(NotDone::Unclear(ForgeError::OutOfOrder { host: self.host(), status }))
            }
            status => Err(NotDone::Refused(ForgeError::NotChanged {
                host: self.host(),
                what: "anything".to_owned(),
                status,
                said: String::new(),
                login: "check the address".to_owned(),
            })),
        }
    }
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_with_encryption_or_on_this_machine_and_never_repeated() {
        for good in ["https://hooks.example/T/s3cret", "http://127.0.0.1:9/x", "http://localhost:9"]
        {
            assert!(Webhook::set_by("LOKI_WEBHOOK_URL", good).is_ok(), "{good}");
        }
        for bad in ["http://hooks.example/s3cret", "ftp://h/s3cret", "s3cret", "https://"] {
            let refused = Webhook::set_by("LOKI_WEBHOOK_URL", bad).err().unwrap();
            assert!(!refused.to_string().contains("s3cret"), "{refused}");
        }
        let hook = Webhook::set_by("X", "https://Hooks.example:8443/T/s3cret?a=b").unwrap();
        assert_eq!(hook.host(), "hooks.example:8443");
    }
}
