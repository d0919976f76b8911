//! Questions over HTTP, one after another, and what their statuses mean.
//!
//! Owns limits, redirects and the async runtime, none of which leaves this file
//! (`docs/decisions/0004-async-boundary.md`). Bodies are asked for without compression, so that
//! their limit is one of memory as well.

use std::error::Error as _;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::header::{ACCEPT, HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode, Url};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::address::Base;
use crate::error::{ForgeError, NotDone};
use crate::token::Credential;

/// Largest body of one answer, in bytes.
pub const RESPONSE_BYTES_MAX: usize = 5 << 20;
/// Documents in general.
pub(crate) const JSON: &str = "application/json";
/// Until all that belongs to one call is there; lists take a second more for each element.
pub const ASK_MAX: Duration = Duration::from_secs(120);
/// Until a connection stands.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Until an answer began, and between two parts of one.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// Redirects that are followed within the same host.
const REDIRECTS_MAX: usize = 5;
/// Kept of what a forge says is wrong.
const SAID_CHARS_MAX: usize = 300;
/// The furthest moment that is believed.
const RESET_SECONDS_MAX: i64 = 7 * 24 * 3600;

/// One forge, ready to be asked.
pub(crate) struct Site {
    pub(crate) base: Base,
    /// What it is taken for.
    pub(crate) forge: &'static str,
    credential: Option<Credential>,
    /// How to log in there.
    login: String,
    accept: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    client: Client,
    runtime: Runtime,
    deadline: Instant,
}

/// An answer with a good status.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A conversation that came to no end.
struct Broken {
    error: ForgeError,
    /// Whether all of the question may have been heard.
    sent: bool,
}

/// Whom to ask, and how.
pub(crate) struct Access {
    pub(crate) base: Base,
    pub(crate) forge: &'static str,
    pub(crate) credential: Option<Credential>,
    pub(crate) login: String,
}

impl Site {
    pub(crate) fn open(
        access: Access,
        accept: &'static str,
        headers: Vec<(&'static str, &'static str)>,
    ) -> Result<Site, ForgeError> {
        let machine = |detail: String| ForgeError::Machine { detail };
        // One provider for all of the process; that it was set before is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|err| machine(err.to_string()))?;
        let mut client = Client::builder()
            .connect_timeout(CONNECT_MAX)
            .read_timeout(SILENCE_MAX)
            // Followed by hand, since a token must not follow to another host.
            .redirect(Policy::none())
            .referer(false)
            // What is small on the wire must not be huge here, whatever else the library is built for.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .user_agent(concat!("loki/", env!("CARGO_PKG_VERSION")));
        if access.base.is_loopback() {
            client = client.no_proxy();
        }
        if !access.base.is_encrypted() {
            // Nobody shows a certificate there, and to read the system's takes a while.
            client = client.tls_certs_only([]);
        }
        let client = client.build().map_err(|err| machine(cause(&err)))?;
        let Access { base, forge, credential, login } = access;
        let deadline = Instant::now() + ASK_MAX;
        Ok(Site { base, forge, credential, login, accept, headers, client, runtime, deadline })
    }

    /// For lists: a second more for each element.
    pub(crate) fn for_many(mut self, elements: usize) -> Site {
        self.deadline += Duration::from_secs(elements as u64);
        self
    }

    /// Asks `url` for `what`, in the user's words.
    ///
    /// Errors: every status but those from 200 to 299, answers that are no JSON, and all that
    /// keeps an answer from coming. Nothing but `url`'s own host is ever asked.
    pub(crate) fn get(&self, url: Url, what: &str) -> Result<Reply, ForgeError> {
        self.ask(Method::GET, url, None, what)
    }

    /// The same with a document to go by.
    pub(crate) fn post(&self, url: Url, body: &Value, what: &str) -> Result<Reply, ForgeError> {
        self.ask(Method::POST, url, Some(body.to_string()), what)
    }

    fn ask(
        &self,
        method: Method,
        url: Url,
        body: Option<String>,
        what: &str,
    ) -> Result<Reply, ForgeError> {
        let told = self.exchange(method, url, body, what).map_err(|broken| broken.error)?;
        let (status, headers, bytes) = told;
        self.refused(status, &headers, what)?;
        let body = serde_json::from_slice(&bytes).map_err(|err| {
            let is_page = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
            self.odd(if is_page { "it sends a page".to_owned() } else { no_place(&err) })
        })?;
        Ok(Reply { headers, body })
    }

    /// Asks for a change: `body` to `url`, about `what`, in the user's words.
    ///
    /// Errors tell whether the forge may have done it. A redirect that would turn the question into another
    /// one is not followed.
    pub(crate) fn change(
        &self,
        method: Method,
        url: Url,
        body: &Value,
        what: &str,
    ) -> Result<Reply, NotDone> {
        let told = self.exchange(method, url, Some(body.to_string()), what);
        let (status, headers, bytes) = told.map_err(|broken| match broken.sent {
            true => NotDone::Unclear(broken.error),
            false => NotDone::NotSent(broken.error),
        })?;
        let body = serde_json::from_slice::<Value>(&bytes);
        let said = || message(body.as_ref().unwrap_or(&Value::Null));
        let (host, what, login) = (self.host(), what.to_owned(), self.login.clone());
        match status.as_u16() {
            203 => Err(NotDone::Refused(ForgeError::NotLoggedIn {
                host,
                had_token: self.credential.is_some(),
                login,
            })),
            200..=299 => match body {
                Ok(body) => Ok(Reply { headers, body }),
                Err(err) => Err(NotDone::Unclear(self.odd(no_place(&err)))),
            },
            code @ 500..=599 => {
                Err(NotDone::Unclear(ForgeError::OutOfOrder { host, status: code }))
            }
            403 if is_used_up(&headers) => match self.refused(status, &headers, &what) {
                Err(error) => Err(NotDone::Refused(error)),
                Ok(()) => Err(NotDone::Unclear(self.odd("status 403".to_owned()))),
            },
            status @ (400 | 403 | 404 | 405 | 409 | 415 | 422) => {
                Err(NotDone::Refused(ForgeError::NotChanged {
                    host,
                    what,
                    status,
                    said: said(),
                    login,
                }))
            }
            _ => Err(NotDone::Refused(match self.refused(status, &headers, &what) {
                Err(error) => error,
                Ok(()) => self.odd(format!("status {status}")),
            })),
        }
    }

    fn exchange(
        &self,
        method: Method,
        url: Url,
        body: Option<String>,
        what: &str,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), Broken> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let asked = self.follow(method, url, body, what);
        // The timer wants to be made within the runtime.
        let done = self.runtime.block_on(async { tokio::time::timeout(left, asked).await });
        done.unwrap_or_else(|_| {
            let error = ForgeError::TimedOut { host: self.host(), seconds: ASK_MAX.as_secs() };
            Err(Broken { error, sent: true })
        })
    }

    async fn follow(
        &self,
        method: Method,
        url: Url,
        body: Option<String>,
        what: &str,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), Broken> {
        let not_sent = |error| Broken { error, sent: false };
        let mut url = url;
        for _ in 0..=REDIRECTS_MAX {
            if !self.base.has_origin_of(&url) {
                return Err(not_sent(self.elsewhere(&url)));
            }
            let mut request =
                self.client.request(method.clone(), url.clone()).header(ACCEPT, self.accept);
            for (name, value) in &self.headers {
                request = request.header(*name, *value);
            }
            if let Some(credential) = &self.credential {
                request = credential.add_to(request);
            }
            if let Some(body) = &body {
                request = request.header("content-type", "application/json").body(body.clone());
            }
            let sent = request.send().await;
            let mut response = sent.map_err(|err| Broken {
                error: self.unreachable(&err),
                sent: !(err.is_connect() || err.is_builder()),
            })?;
            let status = response.status();
            if status.is_redirection() {
                // Only these two say that the same is to be asked there.
                if body.is_some() && !matches!(status.as_u16(), 307 | 308) {
                    return Err(not_sent(self.odd(format!("it points elsewhere ({status})"))));
                }
                let location = response.headers().get(LOCATION).and_then(|at| at.to_str().ok());
                let next = location.and_then(|location| url.join(location).ok());
                url = next.ok_or_else(|| not_sent(self.odd("it points nowhere".to_owned())))?;
                continue;
            }
            let headers = response.headers().clone();
            let mut bytes = Vec::new();
            let broken = |error| Broken { error, sent: true };
            while let Some(chunk) =
                response.chunk().await.map_err(|err| broken(self.unreachable(&err)))?
            {
                if bytes.len() + chunk.len() > RESPONSE_BYTES_MAX {
                    return Err(broken(ForgeError::TooLarge {
                        host: self.host(),
                        what: what.to_owned(),
                        bytes_max: RESPONSE_BYTES_MAX,
                    }));
                }
                bytes.extend_from_slice(&chunk);
            }
            return Ok((status, headers, bytes));
        }
        Err(not_sent(self.odd("it points in circles".to_owned())))
    }

    fn refused(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        what: &str,
    ) -> Result<(), ForgeError> {
        let (host, what, login) = (self.host(), what.to_owned(), self.login.clone());
        let had_token = self.credential.is_some();
        Err(match status.as_u16() {
            // Azure DevOps shows a page to log in.
            203 => ForgeError::NotLoggedIn { host, had_token, login },
            200..=299 => return Ok(()),
            401 => ForgeError::NotLoggedIn { host, had_token, login },
            429 => ForgeError::RateLimited { host, reset_at: reset_at(headers), had_token, login },
            403 if is_used_up(headers) => {
                ForgeError::RateLimited { host, reset_at: reset_at(headers), had_token, login }
            }
            403 if headers.contains_key("x-github-sso") => {
                let login = "authorise the token for the organisation's single sign-on".to_owned();
                ForgeError::Forbidden { host, what, had_token, login }
            }
            403 => ForgeError::Forbidden { host, what, had_token, login },
            404 => ForgeError::NotFound { host, what, had_token, login },
            410 => ForgeError::Gone { host, what },
            status @ 500..=599 => ForgeError::OutOfOrder { host, status },
            status => self.odd(format!("status {status}")),
        })
    }

    pub(crate) fn host(&self) -> String {
        self.base.host()
    }

    pub(crate) fn odd(&self, detail: String) -> ForgeError {
        ForgeError::NotUnderstood { host: self.host(), forge: self.forge, detail }
    }

    fn elsewhere(&self, url: &Url) -> ForgeError {
        // Its path and query may hold anything.
        let to = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
        ForgeError::Redirected { host: self.host(), to, login: self.login.clone() }
    }

    fn unreachable(&self, err: &reqwest::Error) -> ForgeError {
        let host = self.host();
        if err.is_timeout() {
            let seconds = if err.is_connect() { CONNECT_MAX } else { SILENCE_MAX }.as_secs();
            return ForgeError::TimedOut { host, seconds };
        }
        ForgeError::Unreachable { host, detail: cause(err) }
    }
}

/// What a forge says is wrong, on one line: GitHub's `message` and `errors`, GitLab's `message` or `error`.
pub(crate) fn message(body: &Value) -> String {
    fn words(value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join("; "),
            Value::Object(fields) => match fields.get("message") {
                Some(message) => words(message),
                None => fields
                    .iter()
                    .map(|(name, value)| format!("{name} {}", words(value)))
                    .collect::<Vec<_>>()
                    .join("; "),
            },
            other => other.to_string(),
        }
    }
    let parts = ["message", "error", "errors"].map(|name| match &body[name] {
        Value::Null => String::new(),
        value => words(value),
    });
    let parts: Vec<&str> =
        parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let text = parts.join(": ");
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.chars().take(SAID_CHARS_MAX).collect()
}

/// The innermost reason, which names no address.
pub(crate) fn cause(err: &reqwest::Error) -> String {
    let mut innermost = err.source();
    while let Some(next) = innermost.and_then(|err| err.source()) {
        innermost = Some(next);
    }
    innermost.map_or_else(|| "the connection broke".to_owned(), ToString::to_string)
}

/// What is wrong with a document, without its text.
fn no_place(err: &serde_json::Error) -> String {
    format!("no JSON at line {}, column {}", err.line(), err.column())
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

pub(crate) fn is_used_up(headers: &HeaderMap) -> bool {
    headers.contains_key("retry-after")
        || number(headers, "x-ratelimit-remaining") == Some(0)
        || number(headers, "ratelimit-remaining") == Some(0)
}

/// When questions are answered again. GitHub and GitLab tell seconds since 1970, Jira a moment, and
/// all of them seconds from now.
pub(crate) fn reset_at(headers: &HeaderMap) -> Option<Timestamp> {
    let now = Timestamp::now();
    let from_now = number(headers, "retry-after").and_then(|seconds| {
        (0..=RESET_SECONDS_MAX).contains(&seconds).then(|| now.as_second() + seconds)
    });
    let epoch = || {
        let named = ["x-ratelimit-reset", "ratelimit-reset"];
        named.into_iter().find_map(|name| number(headers, name))
    };
    let moment = || {
        let text = headers.get("x-ratelimit-reset")?.to_str().ok()?;
        text.parse::<Timestamp>().ok().map(Timestamp::as_second)
    };
    let second = from_now.or_else(epoch).or_else(moment)?;
    let away = second.checked_sub(now.as_second())?;
    let is_near = away.unsigned_abs() <= RESET_SECONDS_MAX.unsigned_abs();
    if is_near { Timestamp::from_second(second).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use loki_testkit::{ForgeScript, ForgeServer};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_forge_that_takes_too_long_is_given_up() {
        let script = ForgeScript::new().json("/a", &json!({})).delay(Duration::from_secs(2));
        let server = ForgeServer::start(script);
        let base = Base::set_by("GH_HOST", &server.base_url()).unwrap();
        let access = Access { base, forge: "GitHub", credential: None, login: String::new() };
        let mut site = Site::open(access, JSON, Vec::new()).unwrap();
        site.deadline = Instant::now() + Duration::from_millis(100);
        let begun = Instant::now();
        let err = site.get(site.base.below(&["a"], &[]), "a").unwrap_err();
        assert!(matches!(err, ForgeError::TimedOut { .. }), "{err}");
        assert!(begun.elapsed() < Duration::from_secs(2));
    }
}
