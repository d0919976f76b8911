//! Where a forge is: an address that is safe to ask.

use reqwest::Url;

use crate::ForgeError;

/// The address of a forge, without user, query or fragment; its path ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base(Url);

impl Base {
    /// `site`, which is a host and may have a port and a path, over HTTPS.
    pub(crate) fn https(site: &str) -> Result<Base, ForgeError> {
        Base::parse(&format!("https://{site}")).ok_or_else(|| ForgeError::NotAnAddress {
            what: "the host".to_owned(),
            value: site.to_owned(),
        })
    }

    /// What a user set as `variable`: a host or an address. Without HTTPS only on this machine.
    pub(crate) fn set_by(variable: &str, value: &str) -> Result<Base, ForgeError> {
        let value = value.trim();
        let address = match value.contains("://") {
            true => value.to_owned(),
            false => format!("https://{value}"),
        };
        let wrong = || ForgeError::NotAnAddress {
            what: format!("${variable}"),
            // Whatever stands in front of the host may be a password.
            value: address.rsplit('@').next().unwrap_or_default().to_owned(),
        };
        let base = Base::parse(&address).ok_or_else(wrong)?;
        if base.0.scheme() == "http" && !base.is_loopback() {
            return Err(ForgeError::NotSecure { variable: variable.to_owned(), host: base.host() });
        }
        Ok(base)
    }

    fn parse(address: &str) -> Option<Base> {
        let mut url = Url::parse(address).ok()?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.has_host();
        if !is_plain {
            return None;
        }
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Some(Base(url))
    }

    /// With its port where it is not the usual one.
    pub(crate) fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default().to_ascii_lowercase();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }

    /// Host and path, as sites are named: `jira.acme.example/jira`.
    pub(crate) fn site(&self) -> String {
        format!("{}{}", self.host(), self.0.path().trim_end_matches('/'))
    }

    /// Without slashes around it.
    pub(crate) fn path(&self) -> &str {
        self.0.path().trim_matches('/')
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The address of `segments` below it, each encoded, asked with `query`.
    pub(crate) fn below(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// With more path.
    pub(crate) fn joined(&self, segments: &[&str]) -> Base {
        let mut url = self.below(segments, &[]);
        url.set_path(&format!("{}/", url.path().trim_end_matches('/')));
        Base(url)
    }

    /// Whether `url` is asked of the same host, in the same way.
    pub(crate) fn has_origin_of(&self, url: &Url) -> bool {
        self.0.origin() == url.origin() && url.username().is_empty() && url.password().is_none()
    }
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.starts_with("127.") && host.parse::<std::net::Ipv4Addr>().is_ok(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_holds_a_host_or_an_address() {
        for (value, site, encrypted) in [
            ("github.acme.example", "github.acme.example", true),
            ("https://GitLab.Acme.example:8443/git/", "gitlab.acme.example:8443/git", true),
            ("http://127.0.0.1:8080", "127.0.0.1:8080", false),
            ("http://localhost:8080/jira", "localhost:8080/jira", false),
            ("http://[::1]:8080", "[::1]:8080", false),
            ("localhost:8080", "localhost:8080", true),
        ] {
            let base = Base::set_by("GH_HOST", value).unwrap();
            assert_eq!((base.site().as_str(), base.is_encrypted()), (site, encrypted), "{value}");
        }
    }

    #[test]
    fn an_address_without_encryption_is_for_this_machine_only() {
        for value in ["http://github.acme.example", "http://127.0.0.1.example", "http://10.0.0.1"] {
            let err = Base::set_by("GH_HOST", value).unwrap_err();
            assert!(matches!(err, ForgeError::NotSecure { .. }), "{value}: {err}");
        }
    }

    #[test]
    fn what_is_no_plain_address_is_refused_without_repeating_a_password() {
        for value in ["https://me:s3cret@h", "https://h?token=s3cret", "ftp://h", "https://", "a b"]
        {
            let err = Base::set_by("GH_HOST", value).unwrap_err();
            assert!(matches!(err, ForgeError::NotAnAddress { .. }), "{value}");
            assert!(!err.to_string().contains("me:s3cret"), "{err}");
        }
    }

    #[test]
    fn names_are_encoded() {
        let base = Base::https("h/git").unwrap();
        let url = base.below(&["projects", "a/b c"], &[("labels", "x&y")]);
        assert_eq!(url.as_str(), "https://h/git/projects/a%2Fb%20c?labels=x%26y");
    }
}
