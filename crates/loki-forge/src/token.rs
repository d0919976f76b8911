//! A secret that is sent and never shown.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use loki_host::process::{Cancel, CommandSpec, Ended, Limits, find_on_path, run};
use reqwest::RequestBuilder;
use reqwest::header::HeaderValue;

/// How long `gh` may take to tell a token.
const GH_MAX: Duration = Duration::from_secs(10);

/// A token, and what it is from. No way leads from it to text but a request's header.
#[derive(Clone)]
pub(crate) struct Token {
    secret: String,
    from: &'static str,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token(from {})", self.from)
    }
}

impl Token {
    /// Nothing when `secret` could not be sent as it is.
    pub(crate) fn new(secret: &str, from: &'static str) -> Option<Token> {
        let secret = secret.trim();
        let is_token = !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| Token { secret: secret.to_owned(), from })
    }

    /// What `gh` uses for `host`, where it is installed and logged in there.
    pub(crate) fn of_gh(host: &str) -> Option<Token> {
        if host.starts_with('-') {
            return None;
        }
        let gh = find_on_path("gh".as_ref())?;
        let limits = Limits { total: GH_MAX, output_bytes_max: 64 << 10, ..Limits::default() };
        let spec = CommandSpec { limits, ..CommandSpec::new(gh, Path::new("/")) };
        let spec = spec.args(["auth", "token", "--hostname", host]).env("GH_PROMPT_DISABLED", "1");
        let cancel = Cancel::new().ok()?;
        let report = run(&spec, &cancel, &mut |_, _| {}).ok()?;
        match report.ended {
            Ended::Exited(0) => Token::new(&report.stdout.text(), "gh auth token"),
            _ => None,
        }
    }
}

/// How a request logs in.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    /// `Authorization: Bearer …`
    Bearer(Token),
    /// `Authorization: Basic …` of a user, whose name may be empty.
    Basic(String, Token),
    /// In a header of its own.
    Header(&'static str, Token),
}

impl Credential {
    pub(crate) fn add_to(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Credential::Bearer(token) => request.bearer_auth(&token.secret),
            Credential::Basic(user, token) => request.basic_auth(user, Some(&token.secret)),
            Credential::Header(name, token) => match HeaderValue::try_from(&token.secret) {
                Ok(mut value) => {
                    value.set_sensitive(true);
                    request.header(*name, value)
                }
                // It was looked at before: there is no such token.
                Err(_) => request,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown_in_any_form() {
        let token = Token::new("s3cret-token", "GH_TOKEN").unwrap();
        let credentials = [
            Credential::Bearer(token.clone()),
            Credential::Basic("me".to_owned(), token.clone()),
            Credential::Header("private-token", token.clone()),
        ];
        let shown = format!("{token:?} {credentials:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn what_could_end_a_header_is_no_token() {
        for secret in ["", " ", "a b", "a\nb", "a\r\nX: y", "ä"] {
            assert!(Token::new(secret, "GH_TOKEN").is_none(), "{secret:?}");
        }
        assert!(Token::new(" abc\n", "GH_TOKEN").is_some());
    }
}
