//! Which service answers: from what the user wrote and from variables to an address, a key and a
//! way to talk.

use std::fmt;

/// How a service is talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions, which Ollama, vLLM, llama.cpp and most gateways speak.
    OpenAi,
}

/// Where a model is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) dialect: Dialect,
    /// Ends with a slash; what is asked for is added.
    pub(super) base_url: String,
    pub(super) key: Option<Key>,
    /// Asked when nobody names a model; otherwise the service is asked what it has.
    pub(super) default_model: Option<&'static str>,
    /// What to do when there is no key, where one is needed.
    pub(super) needs_key: Option<&'static str>,
}

/// A secret, and the variable it is from.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) value: String,
    pub(super) from: &'static str,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(from {})", self.from)
    }
}

/// Why there is no service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoService {
    /// The name means nothing.
    Unknown,
    /// It could be one, if a variable said where.
    NotSet,
    /// A variable or the name holds something that is no address.
    NotAnAddress(String),
}

const ANTHROPIC_URL: &str = "https://api.anthropic.com/v1/";
const ANTHROPIC_MODEL: &str = "claude-sonnet-5-5";
const OPENAI_URL: &str = "https://api.openai.com/v1/";
const OPENAI_MODEL: &str = "gpt-6.1-terra";
const OLLAMA_URL: &str = "http://127.0.0.1:11434";

/// A variable's value; an empty one counts as not set.
pub(super) type Variables<'a> = dyn Fn(&str) -> Option<String> + 'a;

impl Service {
    /// The service that `name` means: what follows `api:`, or nothing.
    pub(super) fn named(name: &str, variable: &Variables<'_>) -> Result<Service, NoService> {
        match name {
            "" if variable("LOKI_API_BASE_URL").is_some() => {
                Service::at(&variable("LOKI_API_BASE_URL").unwrap_or_default(), variable)
            }
            "" if variable("ANTHROPIC_API_KEY").is_some() => Service::anthropic(variable),
            "" if variable("OPENAI_API_KEY").or_else(|| variable("OPENAI_BASE_URL")).is_some() => {
                Service::openai(variable)
            }
            "" => Err(NoService::NotSet),
            "anthropic" => Service::anthropic(variable),
            "openai" => Service::openai(variable),
            "ollama" => Service::ollama(variable),
            url if url.contains("://") => Service::at(url, variable),
            _ => Err(NoService::Unknown),
        }
    }

    /// A key for a service of one's own is never one that was made for another service.
    fn at(url: &str, variable: &Variables<'_>) -> Result<Service, NoService> {
        let is_anthropic = variable("LOKI_API_PROTOCOL").is_some_and(|name| name == "anthropic");
        let dialect = if is_anthropic { Dialect::Anthropic } else { Dialect::OpenAi };
        Ok(Service {
            dialect,
            base_url: versioned(url)?,
            key: key("LOKI_API_KEY", variable),
            default_model: None,
            needs_key: None,
        })
    }

    fn anthropic(variable: &Variables<'_>) -> Result<Service, NoService> {
        let url = variable("ANTHROPIC_BASE_URL").unwrap_or_else(|| ANTHROPIC_URL.to_owned());
        Ok(Service {
            dialect: Dialect::Anthropic,
            base_url: versioned(&url)?,
            key: key("ANTHROPIC_API_KEY", variable),
            default_model: Some(ANTHROPIC_MODEL),
            needs_key: Some("export ANTHROPIC_API_KEY=…"),
        })
    }

    /// A server of one's own that is set as `OPENAI_BASE_URL` needs no key and has other models.
    fn openai(variable: &Variables<'_>) -> Result<Service, NoService> {
        let url = variable("OPENAI_BASE_URL");
        let is_own = url.is_some();
        Ok(Service {
            dialect: Dialect::OpenAi,
            base_url: versioned(url.as_deref().unwrap_or(OPENAI_URL))?,
            key: key("OPENAI_API_KEY", variable),
            default_model: (!is_own).then_some(OPENAI_MODEL),
            needs_key: (!is_own).then_some("export OPENAI_API_KEY=…"),
        })
    }

    /// `OLLAMA_HOST` is a host, with a port or without, or a URL.
    fn ollama(variable: &Variables<'_>) -> Result<Service, NoService> {
        let url = match variable("OLLAMA_HOST") {
            Some(host) if host.contains("://") => host,
            Some(host) if host.contains(':') => format!("http://{host}"),
            Some(host) => format!("http://{host}:11434"),
            None => OLLAMA_URL.to_owned(),
        };
        Ok(Service {
            dialect: Dialect::OpenAi,
            // A server listens there; a client can not go there.
            base_url: versioned(&url.replace("//0.0.0.0", "//127.0.0.1"))?,
            key: None,
            default_model: None,
            needs_key: None,
        })
    }

    /// Whether nobody can ask for money: on this machine, and without a key. A gateway to paid
    /// models wants one.
    pub(super) fn is_free(&self) -> bool {
        self.key.is_none() && self.is_local()
    }

    /// Whether it is on this machine.
    pub(super) fn is_local(&self) -> bool {
        let rest = self.base_url.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(host, port)| {
            if port.bytes().all(|b| b.is_ascii_digit()) { host } else { rest }
        });
        host == "localhost" || host == "[::1]" || host.starts_with("127.")
    }
}

fn key(from: &'static str, variable: &Variables<'_>) -> Option<Key> {
    variable(from).map(|value| Key { value, from })
}

/// An address without a path means the first version of the protocol.
fn versioned(url: &str) -> Result<String, NoService> {
    let url = url.trim().trim_end_matches('/');
    let wrong = || NoService::NotAnAddress(url.to_owned());
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let is_plain =
        !rest.contains(|c: char| c.is_whitespace() || c.is_control() || "?#@".contains(c));
    if !matches!(scheme, "http" | "https") || rest.is_empty() || !is_plain {
        return Err(wrong());
    }
    Ok(if rest.contains('/') { format!("{url}/") } else { format!("{url}/v1/") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, variables: &[(&str, &str)]) -> Result<Service, NoService> {
        let variable = |wanted: &str| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        };
        Service::named(name, &variable)
    }

    #[test]
    fn a_name_and_variables_lead_to_an_address() {
        let own = ("LOKI_API_BASE_URL", "http://box:8080");
        let anthropic = ("ANTHROPIC_API_KEY", "a");
        let openai = ("OPENAI_API_KEY", "o");
        for (name, variables, url, from) in [
            ("", &[own, anthropic, openai][..], "http://box:8080/v1/", None),
            ("", &[anthropic, openai], ANTHROPIC_URL, Some("ANTHROPIC_API_KEY")),
            ("", &[openai], OPENAI_URL, Some("OPENAI_API_KEY")),
            ("", &[("OPENAI_BASE_URL", "http://localhost:1/v1")], "http://localhost:1/v1/", None),
            ("anthropic", &[("ANTHROPIC_BASE_URL", "http://h:1")], "http://h:1/v1/", None),
            ("openai", &[anthropic], OPENAI_URL, None),
            ("ollama", &[], "http://127.0.0.1:11434/v1/", None),
            ("ollama", &[("OLLAMA_HOST", "0.0.0.0")], "http://127.0.0.1:11434/v1/", None),
            ("ollama", &[("OLLAMA_HOST", "box:99")], "http://box:99/v1/", None),
            ("http://h/api/v3/", &[anthropic, openai], "http://h/api/v3/", None),
            ("https://h", &[("LOKI_API_KEY", "k")], "https://h/v1/", Some("LOKI_API_KEY")),
        ] {
            let service = named(name, variables).unwrap();
            assert_eq!(service.base_url, url, "{name} {variables:?}");
            assert_eq!(service.key.map(|key| key.from), from, "{name} {variables:?}");
        }
    }

    #[test]
    fn what_is_no_service_is_told_apart() {
        assert_eq!(named("", &[]), Err(NoService::NotSet));
        assert_eq!(named("gemini", &[]), Err(NoService::Unknown));
        for url in ["ftp://h", "http://", "http://a b", "http://user:pw@h", "http://h?x"] {
            assert!(matches!(named(url, &[]), Err(NoService::NotAnAddress(_))), "{url}");
        }
    }

    #[test]
    fn only_a_keyless_server_of_this_machine_is_free() {
        for (name, variables, free) in [
            ("ollama", &[][..], true),
            ("http://127.0.0.1:1/v1", &[], true),
            ("http://[::1]:1/v1", &[], true),
            ("http://localhost", &[], true),
            ("http://localhost:4000", &[("LOKI_API_KEY", "k")], false),
            ("http://localhost.example", &[], false),
            ("http://127x.example:127", &[], false),
            ("anthropic", &[], false),
        ] {
            assert_eq!(named(name, variables).unwrap().is_free(), free, "{name}");
        }
    }

    #[test]
    fn a_key_is_not_shown() {
        let service = named("openai", &[("OPENAI_API_KEY", "sk-secret")]).unwrap();
        assert!(!format!("{service:?}").contains("secret"));
    }
}
