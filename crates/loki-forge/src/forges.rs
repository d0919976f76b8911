//! Bringing issues, from whichever forge has them.

use loki_spec::{Issue, IssueRef};

use crate::locate::{self, RepositoryRef};
use crate::page::PAGE_SIZE;
use crate::settings::Settings;
use crate::{ForgeError, azure, github, gitlab, jira};

/// Most comments of one issue.
pub(crate) const COMMENTS_MAX: usize = 1_000;

/// All forges, as the environment says where they are and how to log in.
pub struct Forges {
    pub(crate) settings: Settings,
}

/// Which issues of a repository.
#[derive(Clone, Debug)]
pub struct Query {
    /// Those that have all of these labels.
    pub labels: Vec<String>,
    /// Those in this state.
    pub state: IssueState,
    /// At most so many, newest first.
    pub limit: usize,
}

impl Query {
    /// What lists of issues are asked for where open ones are called `open`; `labels` are those of
    /// this, joined.
    pub(crate) fn asked<'a>(&self, open: &'a str, labels: &'a str) -> Vec<(&'a str, &'a str)> {
        let state = match self.state {
            IssueState::Open => open,
            IssueState::Closed => "closed",
            IssueState::All => "all",
        };
        let mut asked = vec![("state", state), ("per_page", PAGE_SIZE)];
        if !labels.is_empty() {
            asked.push(("labels", labels));
        }
        asked
    }
}

/// Whether an issue is done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueState {
    /// Not yet.
    Open,
    /// It is.
    Closed,
    /// Either.
    All,
}

impl Forges {
    /// With the variables of this process.
    pub fn from_environment() -> Forges {
        Forges::with_variables(|name| std::env::var(name).ok())
    }

    /// With other variables.
    pub fn with_variables(variable: impl Fn(&str) -> Option<String> + 'static) -> Forges {
        Forges { settings: Settings::new(Box::new(variable)) }
    }

    /// The repository that a remote's address leads to.
    pub fn repository_at(&self, remote: &str) -> Option<Result<RepositoryRef, ForgeError>> {
        locate::repository_at(remote, &self.settings)
    }

    /// A repository on GitHub, on the host that is usual here.
    pub fn github(&self, repository: &str) -> Result<RepositoryRef, ForgeError> {
        let host = self.settings.usual_github()?;
        Ok(RepositoryRef::GitHub { host, repository: repository.to_owned() })
    }

    /// Who will be asked for an issue, for people who wait.
    pub fn host_of(&self, issue: &IssueRef) -> String {
        let usual = || self.settings.usual_github().unwrap_or_default();
        match issue {
            IssueRef::Here { .. } => String::new(),
            IssueRef::GitHub { host, .. } => host.clone().unwrap_or_else(usual),
            IssueRef::GitLab { host, .. } => host.clone(),
            IssueRef::AzureDevOps { collection, .. } => collection.clone(),
            IssueRef::Jira { site, .. } => site.clone().unwrap_or_else(|| "Jira".to_owned()),
        }
    }

    /// Brings one issue with its comments. Takes at most [`ASK_MAX`](crate::ASK_MAX).
    ///
    /// `here` is the address of the remote of the repository around here, which issues without a
    /// repository belong to.
    pub fn issue(&self, issue: &IssueRef, here: Option<&str>) -> Result<Issue, ForgeError> {
        match issue {
            IssueRef::Here { number } => {
                let found = here.and_then(|remote| self.repository_at(remote));
                let repository = found.unwrap_or(Err(ForgeError::NoForge { number: *number }))?;
                self.issue(&repository.issue(*number), None)
            }
            IssueRef::GitHub { host, repository, number } => {
                let host = match host {
                    Some(host) => host.clone(),
                    None => self.settings.usual_github()?,
                };
                github::issue(&self.settings, &host, repository, *number)
            }
            IssueRef::GitLab { host, project, number } => {
                gitlab::issue(&self.settings, host, project, *number)
            }
            IssueRef::AzureDevOps { collection, project, number } => {
                azure::issue(&self.settings, collection, project.as_deref(), *number)
            }
            IssueRef::Jira { site, key } => jira::issue(&self.settings, site.as_deref(), key),
        }
    }

    /// Brings issues of a repository with their comments; whether there are more than
    /// `query.limit`.
    pub fn issues(
        &self,
        repository: &RepositoryRef,
        query: &Query,
    ) -> Result<(Vec<Issue>, bool), ForgeError> {
        match repository {
            RepositoryRef::GitHub { host, repository } => {
                github::issues(&self.settings, host, repository, query)
            }
            RepositoryRef::GitLab { host, project } => {
                gitlab::issues(&self.settings, host, project, query)
            }
            RepositoryRef::AzureDevOps { collection, project } => {
                azure::issues(&self.settings, collection, project, query)
            }
        }
    }
}
