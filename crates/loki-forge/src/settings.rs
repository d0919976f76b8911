//! Table: which variables say where forges are, and who may be told which token.
//!
//! A token is sent to the host that it is for and to nobody else, whoever's address is given: to
//! the public one of its forge, or to the one that a variable names.

use crate::ForgeError;
use crate::address::Base;
use crate::token::{Credential, Token};
use crate::web::Access;

/// A variable's value; an empty one counts as not set.
pub(crate) type Variables = dyn Fn(&str) -> Option<String>;

/// What the environment says.
pub(crate) struct Settings {
    variable: Box<Variables>,
}

/// `GH_HOST` as for `gh`; the other as GitHub's runners set it.
const GITHUB_HOSTS: [&str; 2] = ["GH_HOST", "GITHUB_SERVER_URL"];
/// As for `glab`; the last as GitLab's runners set it.
const GITLAB_HOSTS: [&str; 4] = ["GITLAB_HOST", "GITLAB_URI", "GL_HOST", "CI_SERVER_URL"];
const AZURE_HOSTS: [&str; 2] = ["AZURE_DEVOPS_ORG_URL", "SYSTEM_COLLECTIONURI"];
const JIRA_HOSTS: [&str; 2] = ["JIRA_BASE_URL", "JIRA_URL"];

impl Settings {
    pub(crate) fn new(variable: Box<Variables>) -> Settings {
        Settings { variable }
    }

    fn set(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.trim().is_empty())
    }

    /// The addresses that these variables hold, in order.
    fn bases(&self, variables: &[&str]) -> Result<Vec<Base>, ForgeError> {
        let set = variables.iter().filter_map(|name| Some((name, self.set(name)?)));
        set.map(|(name, value)| Base::set_by(name, &value)).collect()
    }

    fn token(&self, variables: &[&'static str]) -> Option<Token> {
        variables.iter().find_map(|name| Token::new(&self.set(name)?, name))
    }

    /// What to type to log in at `host`, which `host_variable` would name.
    fn login(&self, host: &str, token: &str, variables: &[&'static str], named_by: &str) -> String {
        let withheld = variables.iter().find(|name| self.set(name).is_some());
        match withheld {
            // There is one, and nothing says that it is for this host.
            Some(name) => format!(
                "{name} is for another host and was not sent; where it is for this one, export \
                 {named_by}={host}"
            ),
            None => format!("export {token}=…"),
        }
    }

    /// The host that `owner/name#7` is about.
    pub(crate) fn usual_github(&self) -> Result<String, ForgeError> {
        let set = self.bases(&GITHUB_HOSTS)?;
        Ok(set.first().map_or_else(|| GITHUB.to_owned(), Base::host))
    }

    /// Whether a variable calls `host` a GitHub.
    pub(crate) fn is_github(&self, host: &str) -> Result<bool, ForgeError> {
        Ok(self.bases(&GITHUB_HOSTS)?.iter().any(|base| base.host() == host))
    }

    pub(crate) fn is_gitlab(&self, host: &str) -> Result<bool, ForgeError> {
        Ok(self.bases(&GITLAB_HOSTS)?.iter().any(|base| base.host() == host))
    }

    /// The address of people's pages, and access to the interface for programs.
    pub(crate) fn github(&self, host: &str) -> Result<(Base, Access), ForgeError> {
        const ALL: [&str; 4] =
            ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"];
        let set = self.bases(&GITHUB_HOSTS)?;
        let named = set.into_iter().find(|base| base.host() == host);
        let is_public = is_public_github(host);
        // On a runner of somebody's own server the token is for that server.
        let runs_on = self.bases(&GITHUB_HOSTS[1..])?.first().map(Base::host);
        let runs_elsewhere = runs_on.is_some_and(|server| !is_public_github(&server));
        let variables: &[&'static str] = match (is_public, named.is_some()) {
            (true, _) if runs_elsewhere => &ALL[2..3],
            (true, _) => &ALL[2..],
            (false, true) => &ALL,
            (false, false) => &[],
        };
        let pages = match named {
            Some(base) => base,
            None => Base::https(host)?,
        };
        let base = if is_public {
            Base::https(&format!("api.{host}"))?
        } else {
            pages.joined(&["api", "v3"])
        };
        let token = self.token(variables).or_else(|| Token::of_gh(host));
        let login = match token {
            Some(_) => "check the token's permissions, or log in anew: gh auth login".to_owned(),
            None => {
                let login = self.login(host, "GH_TOKEN", &ALL, "GH_HOST");
                format!("{login}    or log in: gh auth login --hostname {host}")
            }
        };
        let credential = token.map(Credential::Bearer);
        Ok((pages, Access { base, forge: "GitHub", credential, login }))
    }

    /// As [`github`](Self::github); the base is that of the pages.
    pub(crate) fn gitlab(&self, host: &str) -> Result<Access, ForgeError> {
        const TOKENS: [&str; 2] = ["GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN"];
        let set = self.bases(&GITLAB_HOSTS)?;
        let is_usual = set.is_empty() && host == "gitlab.com";
        let named = set.into_iter().find(|base| base.host() == host);
        let token = if is_usual || named.is_some() { self.token(&TOKENS) } else { None };
        let base = match named {
            Some(base) => base,
            None => Base::https(host)?,
        };
        let login = match token {
            Some(_) => "check the token: it needs the scope read_api".to_owned(),
            None => self.login(host, TOKENS[0], &TOKENS, GITLAB_HOSTS[0]),
        };
        let credential = token.map(|token| Credential::Header("private-token", token));
        Ok(Access { base, forge: "GitLab", credential, login })
    }

    /// `collection` is a host with an organisation or a path.
    pub(crate) fn azure(&self, collection: &str) -> Result<Access, ForgeError> {
        const TOKENS: [&str; 1] = ["AZURE_DEVOPS_EXT_PAT"];
        let set = self.bases(&AZURE_HOSTS)?;
        let named = set.into_iter().find(|base| base.site() == collection);
        let host = collection.split('/').next().unwrap_or(collection);
        let is_public = host == "dev.azure.com" || host.ends_with(".visualstudio.com");
        let token = if is_public || named.is_some() { self.token(&TOKENS) } else { None };
        let base = match named {
            Some(base) => base,
            None => Base::https(collection)?,
        };
        let login = match token {
            Some(_) => "check the token: it needs the scope Work Items (Read)".to_owned(),
            None => {
                let address = format!("https://{collection}");
                self.login(&address, TOKENS[0], &TOKENS, AZURE_HOSTS[0])
            }
        };
        let credential = token.map(|token| Credential::Basic(String::new(), token));
        Ok(Access { base, forge: "Azure DevOps", credential, login })
    }

    /// `site` is a host that may have a path; without one it is what a variable says.
    pub(crate) fn jira(&self, site: Option<&str>, key: &str) -> Result<Access, ForgeError> {
        const TOKENS: [&str; 2] = ["JIRA_TOKEN", "JIRA_API_TOKEN"];
        let set = self.bases(&JIRA_HOSTS)?;
        let usual = set.first().cloned();
        let named = match site {
            Some(site) => set.into_iter().find(|base| base.site() == site),
            None => Some(usual.clone().ok_or_else(|| ForgeError::NoSite { key: key.to_owned() })?),
        };
        let site = match (site, &named) {
            (Some(site), _) => site.to_owned(),
            (None, Some(base)) => base.site(),
            (None, None) => String::new(),
        };
        // Tokens of the cloud are for all of it.
        let is_usual = is_cloud(&site) && usual.is_none_or(|base| is_cloud(&base.site()));
        let token = if is_usual || named.is_some() { self.token(&TOKENS) } else { None };
        let base = match named {
            Some(base) => base,
            None => Base::https(&site)?,
        };
        let email = self.set("JIRA_EMAIL");
        let login = match (&token, &email) {
            (Some(_), None) if is_cloud(&site) => {
                "export JIRA_EMAIL=you@acme.example, which Jira Cloud wants with the token"
                    .to_owned()
            }
            (Some(_), _) => {
                "check JIRA_TOKEN and JIRA_EMAIL, and who may see the project".to_owned()
            }
            (None, _) => {
                let address = format!("https://{site}");
                self.login(&address, TOKENS[0], &TOKENS, JIRA_HOSTS[0])
            }
        };
        let credential = token.map(|token| match email {
            Some(email) => Credential::Basic(email.trim().to_owned(), token),
            None => Credential::Bearer(token),
        });
        Ok(Access { base, forge: "Jira", credential, login })
    }
}

const GITHUB: &str = "github.com";

fn is_public_github(host: &str) -> bool {
    host == GITHUB || host.ends_with(".ghe.com")
}

/// Whether a site of Jira is Atlassian's own.
pub(crate) fn is_cloud(site: &str) -> bool {
    let host = site.split('/').next().unwrap_or(site);
    host == "api.atlassian.com" || host.ends_with(".atlassian.net")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &'static [(&'static str, &'static str)]) -> Settings {
        Settings::new(Box::new(move |wanted| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        }))
    }

    fn sent(access: Result<Access, ForgeError>) -> bool {
        access.unwrap().credential.is_some()
    }

    #[test]
    fn a_token_of_github_is_for_github_and_for_hosts_that_a_variable_names() {
        let usual = &[("GH_TOKEN", "t")][..];
        for (variables, host, expected) in [
            (usual, "github.com", true),
            (usual, "acme.ghe.com", true),
            (usual, "github.acme.example:8443", false),
            (usual, "github.com.evil.example:443", false),
            (&[("GITHUB_TOKEN", "t")], "github.com", true),
            (&[("GH_TOKEN", "t"), ("GH_HOST", "git.acme.example:1")], "git.acme.example:1", true),
            (&[("GH_TOKEN", "t"), ("GH_HOST", "git.acme.example:1")], "evil.example:1", false),
            (&[("GH_ENTERPRISE_TOKEN", "t")], "evil.example:1", false),
        ] {
            let access = settings(variables).github(host).map(|(_, access)| access);
            assert_eq!(sent(access), expected, "{variables:?} {host}");
        }
    }

    #[test]
    fn on_a_runner_of_a_server_the_token_is_for_that_server() {
        let variables =
            &[("GITHUB_TOKEN", "t"), ("GITHUB_SERVER_URL", "https://git.acme.example:1")];
        let settings = settings(variables);
        assert!(sent(settings.github("git.acme.example:1").map(|(_, access)| access)));
        let (_, access) = settings.github("github.com").unwrap();
        // Unless the machine's own `gh` is logged in there.
        assert!(access.credential.is_none() || Token::of_gh("github.com").is_some());
    }

    #[test]
    fn a_token_of_gitlab_is_for_one_host() {
        for (variables, host, expected) in [
            (&[("GITLAB_TOKEN", "t")][..], "gitlab.com", true),
            (&[("GITLAB_TOKEN", "t")], "gitlab.acme.example", false),
            (&[("GITLAB_TOKEN", "t"), ("GITLAB_HOST", "gitlab.acme.example")], "gitlab.com", false),
            (
                &[("GITLAB_TOKEN", "t"), ("GITLAB_HOST", "https://gitlab.acme.example/")],
                "gitlab.acme.example",
                true,
            ),
        ] {
            assert_eq!(sent(settings(variables).gitlab(host)), expected, "{variables:?} {host}");
        }
    }

    #[test]
    fn a_token_of_azure_devops_is_for_its_hosts() {
        let variables = &[("AZURE_DEVOPS_EXT_PAT", "t")];
        for (collection, expected) in [
            ("dev.azure.com/acme", true),
            ("acme.visualstudio.com", true),
            ("dev.azure.com.evil.example/acme", false),
            ("tfs.acme.example/tfs/Main", false),
        ] {
            assert_eq!(sent(settings(variables).azure(collection)), expected, "{collection}");
        }
    }

    #[test]
    fn a_token_of_jira_is_for_the_cloud_or_for_the_site_that_a_variable_names() {
        let cloud = &[("JIRA_TOKEN", "t"), ("JIRA_EMAIL", "me@acme.example")][..];
        let server = &[("JIRA_API_TOKEN", "t"), ("JIRA_URL", "https://jira.acme.example/jira")][..];
        for (variables, site, expected) in [
            (cloud, Some("acme.atlassian.net"), true),
            (cloud, Some("acme.atlassian.net.evil.example"), false),
            (server, Some("jira.acme.example/jira"), true),
            (server, Some("jira.acme.example"), false),
            (server, Some("acme.atlassian.net"), false),
            (server, None, true),
        ] {
            let access = settings(variables).jira(site, "AB-1");
            assert_eq!(sent(access), expected, "{variables:?} {site:?}");
        }
        let nowhere = settings(cloud).jira(None, "AB-1").map(|_| ());
        assert!(matches!(nowhere, Err(ForgeError::NoSite { .. })));
    }

    #[test]
    fn a_token_that_was_held_back_is_named_with_what_would_send_it() {
        let access = settings(&[("GITLAB_TOKEN", "s3cret")]).gitlab("git.acme.example").unwrap();
        assert_eq!(
            access.login,
            "GITLAB_TOKEN is for another host and was not sent; where it is for this one, export \
             GITLAB_HOST=git.acme.example"
        );
        assert!(!access.login.contains("s3cret"));
    }

    #[test]
    fn interfaces_are_where_each_kind_of_host_has_them() {
        for (host, expected) in [
            ("github.com", "api.github.com"),
            ("acme.ghe.com", "api.acme.ghe.com"),
            ("git.acme.example:1", "git.acme.example:1/api/v3"),
        ] {
            let (_, access) = settings(&[("GH_TOKEN", "t")]).github(host).unwrap();
            assert_eq!(access.base.site(), expected);
        }
    }
}
