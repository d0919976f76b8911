//! What loki says outside about a run. Pure.

use loki_model::{Outcome, Run};
use serde_json::{Value, json};

use super::text::{fit_to_leave, line_fit_to_leave};

/// Longest title of a request.
const TITLE_CHARS_MAX: usize = 120;

/// Becomes the name of the request, once there is one.
pub(super) const REQUEST: &str = "{{loki:request}}";

/// What there is to say.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// Of which run.
    pub run: &'a Run,
    /// Whether what is pushed is what ended verified.
    pub verified: bool,
    /// The report of its newest judgement.
    pub report: Option<&'a str>,
    /// The issue that it is about, of the same repository.
    pub issue: Option<u64>,
    /// What must not leave.
    pub secrets: &'a [String],
}

impl Told<'_> {
    /// One line.
    pub fn title(&self) -> String {
        let title = line_fit_to_leave(&self.run.spec.title, self.secrets, TITLE_CHARS_MAX);
        if title.is_empty() { format!("Run {} of loki", self.run.id) } else { title }
    }

    fn outcome(&self) -> &'static str {
        self.run.ended.as_ref().map_or("not at all", |ending| ending.outcome.label())
    }

    /// How it stands, in one sentence of loki's own.
    fn standing(&self) -> String {
        let id = &self.run.id;
        let ended_verified =
            self.run.ended.as_ref().is_some_and(|ending| ending.outcome == Outcome::Verified);
        match (self.verified, ended_verified) {
            (true, _) => {
                format!("Run `{id}` of loki ended **verified**: every required gate passed.")
            }
            (false, true) => format!(
                "**Not verified.** Run `{id}` of loki ended verified, and the branch was changed afterwards."
            ),
            (false, false) => {
                format!("**Not verified.** Run `{id}` of loki ended {}.", self.outcome())
            }
        }
    }

    /// The text of a request, in Markdown.
    pub fn request(&self) -> String {
        let mut text = self.standing();
        if !self.verified {
            text.push_str(" It is here because somebody asked for it all the same.");
        }
        if let Some(issue) = self.issue {
            text.push_str(&format!("\n\nFor #{issue}."));
        }
        text.push_str("\n\n---\n\n");
        match self.report {
            Some(report) => text.push_str(&fit_to_leave(report, self.secrets)),
            None => text.push_str("Nothing was judged."),
        }
        text
    }

    /// A comment, in the user's words where there are any.
    pub fn comment(&self, own: &str) -> String {
        let own = fit_to_leave(own, self.secrets);
        let request = format!("{} The change is {REQUEST}.", self.standing());
        match (own.trim(), self.issue) {
            ("", Some(_)) => request,
            ("", None) => self.standing(),
            (own, _) => own.to_owned(),
        }
    }

    /// What a program is told.
    pub fn event(&self, branch: &str, commit: &str) -> Value {
        json!({
            "schema_version": 1,
            "event": "shipped",
            "run": self.run.id,
            "title": self.title(),
            "outcome": self.run.ended.as_ref().map(|ending| ending.outcome),
            "verified": self.verified,
            "branch": branch,
            "commit": commit,
            "issue": self.issue,
        })
    }

    /// What people are told: `text` is what chats of most kinds take.
    pub fn notice(&self, branch: &str) -> Value {
        let standing = if self.verified { "verified" } else { "NOT verified" };
        let title = self.title();
        json!({ "text": format!("loki: `{title}` is on {branch}, {standing} (run {})", self.run.id) })
    }
}
