//! From the address of a repository's remote to where its issues are.

use loki_spec::IssueRef;
use percent_encoding::percent_decode_str;
use reqwest::Url;

use crate::ForgeError;
use crate::settings::Settings;

/// A repository that has issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepositoryRef {
    /// On GitHub or GitHub Enterprise.
    GitHub {
        /// With its port where it is not the usual one.
        host: String,
        /// `owner/name`
        repository: String,
    },
    /// On GitLab.
    GitLab {
        /// As above.
        host: String,
        /// `group/sub/project`
        project: String,
    },
    /// In a project of Azure DevOps, whose work items are counted by the organisation.
    AzureDevOps {
        /// Host and organisation.
        collection: String,
        /// Its name.
        project: String,
    },
}

impl RepositoryRef {
    /// Its issue of that number.
    pub fn issue(self, number: u64) -> IssueRef {
        match self {
            RepositoryRef::GitHub { host, repository } => {
                IssueRef::GitHub { host: Some(host), repository, number }
            }
            RepositoryRef::GitLab { host, project } => IssueRef::GitLab { host, project, number },
            RepositoryRef::AzureDevOps { collection, project } => {
                IssueRef::AzureDevOps { collection, project: Some(project), number }
            }
        }
    }
}

/// The repository that a remote's address leads to; nothing when it leads to no host.
pub(crate) fn repository_at(
    remote: &str,
    settings: &Settings,
) -> Option<Result<RepositoryRef, ForgeError>> {
    let (host, path) = host_and_path(remote)?;
    Some(
        known(&host, &path, settings).transpose().unwrap_or(Err(ForgeError::UnknownForge { host })),
    )
}

/// Nothing when the forge is not known.
fn known(
    host: &str,
    path: &[String],
    settings: &Settings,
) -> Result<Option<RepositoryRef>, ForgeError> {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    if let Some(found) = azure(host, &parts) {
        return Ok(Some(found));
    }
    let has_label = |wanted: &str| host.split(['.', ':', '-']).any(|label| label == wanted);
    let whole = || (parts.len() >= 2).then(|| parts.join("/"));
    let is_public = host == "github.com" || host.ends_with(".ghe.com");
    if is_public || settings.is_github(host)? || !settings.is_gitlab(host)? && has_label("github") {
        let repository = whole().filter(|_| parts.len() == 2);
        return Ok(repository
            .map(|repository| RepositoryRef::GitHub { host: host.to_owned(), repository }));
    }
    if settings.is_gitlab(host)? || has_label("gitlab") {
        let project = whole();
        return Ok(project.map(|project| RepositoryRef::GitLab { host: host.to_owned(), project }));
    }
    Ok(None)
}

/// `dev.azure.com/acme/shop/_git/web`, and the other forms of it.
fn azure(host: &str, path: &[&str]) -> Option<RepositoryRef> {
    let found = |collection: String, project: &str| {
        Some(RepositoryRef::AzureDevOps { collection, project: project.to_owned() })
    };
    match (host, path) {
        ("ssh.dev.azure.com", ["v3", organisation, project, _]) => {
            found(format!("dev.azure.com/{organisation}"), project)
        }
        ("vs-ssh.visualstudio.com", ["v3", organisation, project, _]) => {
            found(format!("{organisation}.visualstudio.com"), project)
        }
        ("dev.azure.com", [organisation, project, "_git", _]) => {
            found(format!("{host}/{organisation}"), project)
        }
        (_, ["DefaultCollection", project, "_git", _] | [project, "_git", _])
            if host.ends_with(".visualstudio.com") =>
        {
            found(host.to_owned(), project)
        }
        _ => None,
    }
}

/// Host and path of `https://host/a/b.git`, `ssh://git@host:22/a/b`, `git@host:a/b.git`.
fn host_and_path(remote: &str) -> Option<(String, Vec<String>)> {
    let (host, path) = if remote.contains("://") {
        let url = Url::parse(remote).ok()?;
        let host = url.host_str()?.to_ascii_lowercase();
        let host = match (url.scheme(), url.port()) {
            // Of the pages; the one that SSH has says nothing about them.
            ("http" | "https", Some(port)) => format!("{host}:{port}"),
            ("http" | "https" | "ssh" | "git" | "git+ssh", _) => host,
            _ => return None,
        };
        (host, url.path().to_owned())
    } else {
        let (user_and_host, path) = remote.split_once(':')?;
        // `C:\work`, `./a:b`
        if user_and_host.len() < 2 || user_and_host.contains(['/', '\\']) {
            return None;
        }
        let host = user_and_host.rsplit('@').next()?;
        (host.to_ascii_lowercase(), path.to_owned())
    };
    let host = match host.as_str() {
        "ssh.github.com" | "www.github.com" => "github.com".to_owned(),
        "altssh.gitlab.com" => "gitlab.com".to_owned(),
        _ => host,
    };
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let parts = path.split('/').filter(|part| !part.is_empty());
    let parts = parts.map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned());
    Some((host, parts.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(remote: &str, variables: &'static [(&'static str, &'static str)]) -> String {
        let settings = Settings::new(Box::new(move |wanted| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        }));
        match repository_at(remote, &settings) {
            None => "no host".to_owned(),
            Some(Ok(RepositoryRef::GitHub { host, repository })) => {
                format!("github {host} {repository}")
            }
            Some(Ok(RepositoryRef::GitLab { host, project })) => format!("gitlab {host} {project}"),
            Some(Ok(RepositoryRef::AzureDevOps { collection, project })) => {
                format!("azure {collection} {project}")
            }
            Some(Err(ForgeError::UnknownForge { host })) => format!("unknown {host}"),
            Some(Err(err)) => err.to_string(),
        }
    }

    #[test]
    fn a_remote_leads_to_the_forge_that_it_is_on() {
        for (remote, expected) in [
            ("https://github.com/acme/shop.git", "github github.com acme/shop"),
            ("https://me:pw@github.com/acme/shop", "github github.com acme/shop"),
            ("git@github.com:acme/shop.git", "github github.com acme/shop"),
            ("ssh://git@ssh.github.com:443/acme/shop.git", "github github.com acme/shop"),
            ("ssh://git@github.acme.example:2222/a/b", "github github.acme.example a/b"),
            ("https://gitlab.com/g/sub/p.git", "gitlab gitlab.com g/sub/p"),
            ("git@gitlab.acme.example:g/p.git", "gitlab gitlab.acme.example g/p"),
            ("https://my-gitlab.example:8443/g/p", "gitlab my-gitlab.example:8443 g/p"),
            (
                "https://acme@dev.azure.com/acme/My%20Shop/_git/web",
                "azure dev.azure.com/acme My Shop",
            ),
            ("git@ssh.dev.azure.com:v3/acme/shop/web", "azure dev.azure.com/acme shop"),
            ("https://acme.visualstudio.com/shop/_git/web", "azure acme.visualstudio.com shop"),
            ("acme@vs-ssh.visualstudio.com:v3/acme/shop/web", "azure acme.visualstudio.com shop"),
            ("https://git.acme.example/a/b", "unknown git.acme.example"),
            ("https://codeberg.org/a/b", "unknown codeberg.org"),
            ("https://github.com/acme", "unknown github.com"),
            ("/srv/git/shop.git", "no host"),
            ("../shop", "no host"),
            ("file:///srv/shop.git", "no host"),
            ("C:\\work\\shop", "no host"),
            ("", "no host"),
        ] {
            assert_eq!(located(remote, &[]), expected, "{remote}");
        }
    }

    #[test]
    fn a_variable_says_what_a_host_is() {
        let git = "https://git.acme.example/a/b";
        assert_eq!(located(git, &[("GH_HOST", "git.acme.example")]), "github git.acme.example a/b");
        assert_eq!(
            located(git, &[("GITLAB_HOST", "https://git.acme.example")]),
            "gitlab git.acme.example a/b"
        );
        let local = "http://127.0.0.1:8080/a/b.git";
        assert_eq!(
            located(local, &[("GH_HOST", "http://127.0.0.1:8080")]),
            "github 127.0.0.1:8080 a/b"
        );
    }
}
