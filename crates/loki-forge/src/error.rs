//! Why an issue could not be brought, and what to do about it.

use jiff::Timestamp;

/// Why a forge gave no answer that can be used. No token and no header is ever in it.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// A variable, or what was given, holds something that is no address of a forge.
    #[error("{what} holds `{value}`, which is no address of a forge")]
    NotAnAddress {
        /// What holds it.
        what: String,
        /// Without what stands in front of a host.
        value: String,
    },
    /// A token would go over the network as everyone can read it.
    #[error("${variable} says to ask `{host}` without encryption")]
    NotSecure {
        /// The variable.
        variable: String,
        /// Where it leads.
        host: String,
    },
    /// Nothing says where the tracker is.
    #[error("which Jira has `{key}` is not known")]
    NoSite {
        /// The issue.
        key: String,
    },
    /// The repository is somewhere where no forge is known.
    #[error("what kind of forge is at `{host}` is not known")]
    UnknownForge {
        /// Where the remote is.
        host: String,
    },
    /// The remote is no address of a forge, such as a directory.
    #[error("the remote of this repository leads to no forge, so that there is no issue {number}")]
    NoForge {
        /// As given.
        number: u64,
    },
    /// There is no issue under that name, or it is not shown to us.
    #[error("`{host}` has no `{what}`, or does not show it{}", without_token(*.had_token))]
    NotFound {
        /// Who was asked.
        host: String,
        /// For what.
        what: String,
        /// Whether a token was sent.
        had_token: bool,
        /// How to log in there.
        login: String,
    },
    /// It was there and was deleted.
    #[error("`{what}` was deleted from `{host}`")]
    Gone {
        /// Who was asked.
        host: String,
        /// For what.
        what: String,
    },
    /// The token is wrong or missing.
    #[error("{}", not_logged_in(.host, *.had_token))]
    NotLoggedIn {
        /// Who was asked.
        host: String,
        /// Whether a token was sent.
        had_token: bool,
        /// How to log in there.
        login: String,
    },
    /// The token is good and may not do this.
    #[error("`{host}` does not let this {} read `{what}`", if *.had_token { "token" } else { "visitor" })]
    Forbidden {
        /// Who was asked.
        host: String,
        /// For what.
        what: String,
        /// Whether a token was sent.
        had_token: bool,
        /// How to log in there, or what the token needs.
        login: String,
    },
    /// Too much was asked.
    #[error("`{host}` answers no more questions {}{}", until(*.reset_at), without_token(*.had_token))]
    RateLimited {
        /// Who was asked.
        host: String,
        /// When it answers again, as far as it says.
        reset_at: Option<Timestamp>,
        /// Whether a token was sent.
        had_token: bool,
        /// How to log in there.
        login: String,
    },
    /// Somebody else was named to ask. Nothing was sent there.
    #[error("`{host}` points to `{to}`, which was not asked")]
    Redirected {
        /// Who was asked.
        host: String,
        /// Whom it names.
        to: String,
        /// How to log in there: most of these are pages to do so.
        login: String,
    },
    /// It is not there, or there is no network.
    #[error("`{host}` could not be reached: {detail}")]
    Unreachable {
        /// Who was asked.
        host: String,
        /// The system's word.
        detail: String,
    },
    /// It did not answer in time.
    #[error("`{host}` did not answer within {seconds} seconds")]
    TimedOut {
        /// Who was asked.
        host: String,
        /// How long was waited.
        seconds: u64,
    },
    /// An answer that nobody would read.
    #[error("`{host}` answers with more than {} MiB for `{what}`", .bytes_max >> 20)]
    TooLarge {
        /// Who was asked.
        host: String,
        /// For what.
        what: String,
        /// The limit.
        bytes_max: usize,
    },
    /// Something that a forge of this kind does not say.
    #[error("`{host}` does not answer like {forge}: {detail}")]
    NotUnderstood {
        /// Who was asked.
        host: String,
        /// What it was taken for.
        forge: &'static str,
        /// What is odd.
        detail: String,
    },
    /// It does not make a change.
    #[error("`{host}` does not change `{what}` (status {status}{})", after_colon(.said))]
    NotChanged {
        /// Who was asked.
        host: String,
        /// Of what.
        what: String,
        /// As in 422.
        status: u16,
        /// In its own words, on one line.
        said: String,
        /// How to log in there, or what the token needs.
        login: String,
    },
    /// It has more than loki looks through.
    #[error("`{host}` has more of `{what}` than loki looks through")]
    TooMany {
        /// Who was asked.
        host: String,
        /// Of what.
        what: String,
    },
    /// Loki does not change anything there.
    #[error("loki changes nothing on {forge}")]
    NotSupported {
        /// Its name.
        forge: &'static str,
    },
    /// It is out of order.
    #[error("`{host}` is out of order (status {status})")]
    OutOfOrder {
        /// Who was asked.
        host: String,
        /// 500 to 599.
        status: u16,
    },
    /// The system has no descriptors or certificates left.
    #[error("no connection can be made on this machine: {detail}")]
    Machine {
        /// The system's word.
        detail: String,
    },
}

/// Whose matter an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// What was asked for, or how it is set up.
    User,
    /// The network, the forge, the machine.
    Environment,
}

impl ForgeError {
    /// What to do next; nothing when only waiting helps.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            ForgeError::NotAnAddress { .. } => {
                "a host, or an address such as https://git.acme.example"
            }
            ForgeError::NotSecure { .. } => "use an address with https://",
            ForgeError::NoSite { .. } => {
                "export JIRA_BASE_URL=https://acme.atlassian.net    or give the whole address"
            }
            ForgeError::UnknownForge { .. } => {
                "give the whole address of the issue    or export GH_HOST=HOST, GITLAB_HOST=HOST"
            }
            ForgeError::NoForge { .. } => "give the whole address of the issue",
            ForgeError::NotFound { had_token: true, .. } => {
                "check the number; the token may not reach private projects of others"
            }
            ForgeError::NotFound { login, .. } => {
                return Some(format!("it may be private: {login}"));
            }
            ForgeError::NotLoggedIn { login, .. }
            | ForgeError::Forbidden { login, .. }
            | ForgeError::Redirected { login, .. }
            | ForgeError::RateLimited { had_token: false, login, .. } => login,
            ForgeError::RateLimited { .. } => "wait until then",
            ForgeError::Unreachable { .. } => {
                "check the network, HTTPS_PROXY and NO_PROXY; offline, save the text as a .md file"
            }
            ForgeError::TimedOut { .. } => "try again",
            ForgeError::TooLarge { .. } => "save what counts of it as a .md file",
            ForgeError::NotUnderstood { .. } => {
                "check the address; it may be another kind of forge"
            }
            ForgeError::NotChanged { status: 403 | 404, login, .. } => {
                return Some(format!(
                    "the token has to be allowed to write contents, issues and requests: {login}"
                ));
            }
            ForgeError::NotSupported { .. } => "push the branch and open the request by hand",
            ForgeError::OutOfOrder { .. } => "try again later",
            ForgeError::NotChanged { .. }
            | ForgeError::TooMany { .. }
            | ForgeError::Gone { .. }
            | ForgeError::Machine { .. } => return None,
        };
        Some(hint.to_owned())
    }

    /// Whose matter it is.
    pub fn fault(&self) -> Fault {
        match self {
            ForgeError::NotAnAddress { .. }
            | ForgeError::NotSecure { .. }
            | ForgeError::NoSite { .. }
            | ForgeError::UnknownForge { .. }
            | ForgeError::NoForge { .. }
            | ForgeError::NotFound { .. }
            | ForgeError::NotChanged { .. }
            | ForgeError::NotSupported { .. }
            | ForgeError::Gone { .. } => Fault::User,
            _ => Fault::Environment,
        }
    }
}

/// Why a change was not seen to be made.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// Nothing of the question was heard.
    #[error(transparent)]
    NotSent(ForgeError),
    /// The other side said no: nothing changed.
    #[error(transparent)]
    Refused(ForgeError),
    /// The other side may have done it.
    #[error(transparent)]
    Unclear(ForgeError),
}

impl NotDone {
    /// What went wrong.
    pub fn error(&self) -> &ForgeError {
        match self {
            NotDone::NotSent(error) | NotDone::Refused(error) | NotDone::Unclear(error) => error,
        }
    }
}

fn after_colon(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

fn without_token(had_token: bool) -> &'static str {
    if had_token { "" } else { " without a token" }
}

fn not_logged_in(host: &str, had_token: bool) -> String {
    if had_token {
        format!("`{host}` does not take the token: it is wrong, expired or for another host")
    } else {
        format!("`{host}` answers only with a token")
    }
}

fn until(reset_at: Option<Timestamp>) -> String {
    match reset_at {
        Some(at) => format!("until {}", at.strftime("%Y-%m-%d %H:%M:%S UTC")),
        None => "for a while".to_owned(),
    }
}
