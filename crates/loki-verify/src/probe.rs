//! What a declared gate asks of the project's own server over HTTP.
//!
//! The judge has no network of its own: loki's own program is run in the sandbox beside the server, asks
//! there, and says what it saw, one line of JSON a probe. Both sides of that line are here.

use serde::{Deserialize, Serialize};

/// The command of loki's own program that asks.
pub const PROBE_COMMAND: &str = "probe";

/// Characters of an answer that a finding shows.
const SHOWN_CHARS_MAX: usize = 300;

/// One question, and what must be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Method and path, such as `GET /health`.
    pub request: String,
    /// The status of the answer.
    #[serde(default = "ok")]
    pub status: u16,
    /// A text that the body of the answer has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// What is sent along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The requirement that it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
}

fn ok() -> u16 {
    200
}

/// An answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Its status.
    pub status: u16,
    /// Its body, bounded by who read it.
    pub body: String,
}

/// What came of a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// Which, as [`Probe::name`] has it.
    pub name: String,
    /// Whether what must be answered was.
    pub held: bool,
    /// What was answered instead, on one line.
    pub said: String,
}

impl Probe {
    /// Method and path; nothing where `request` is not of that form.
    pub fn parts(&self) -> Option<(&str, &str)> {
        let (method, path) = self.request.split_once(' ')?;
        let is_method = (1..=16).contains(&method.len())
            && method.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_path = path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|byte| byte.is_ascii_graphic());
        (is_method && is_path).then_some((method, path))
    }

    /// For people: the request, and what it shows.
    pub fn name(&self) -> String {
        match &self.requirement {
            Some(requirement) => format!("{} ({requirement})", self.request),
            None => self.request.clone(),
        }
    }

    /// What `answer` comes to; an error is why there is none.
    pub fn judge(&self, answer: Result<&HttpAnswer, &str>) -> Probed {
        let wrong = match answer {
            Err(why) => Some(why.to_owned()),
            Ok(answer) => self.wrong(answer),
        };
        let said = crate::text::one_line(&wrong.clone().unwrap_or_default(), SAID_BYTES_MAX);
        Probed { name: self.name(), held: wrong.is_none(), said }
    }

    fn wrong(&self, answer: &HttpAnswer) -> Option<String> {
        let shown: String = answer.body.chars().take(SHOWN_CHARS_MAX).collect();
        if answer.status != self.status {
            return Some(format!("answered {} and not {}: {shown}", answer.status, self.status));
        }
        let text = self.contains.as_ref().filter(|text| !answer.body.contains(text.as_str()))?;
        Some(format!("answered without `{text}`: {shown}"))
    }

    /// What is wrong with it as a setting.
    pub(crate) fn problem(&self) -> Option<String> {
        if self.parts().is_none() {
            return Some("`request` is not a method and a path, such as `GET /health`".to_owned());
        }
        if !(100..600).contains(&self.status) {
            return Some("`status` is not one of HTTP".to_owned());
        }
        let requirement = self.requirement.as_deref().unwrap_or("x");
        let is_one_line = !requirement.is_empty() && !requirement.chars().any(char::is_control);
        (!is_one_line).then(|| "`requirement` is not an id".to_owned())
    }
}

/// Bytes of what was answered instead.
const SAID_BYTES_MAX: usize = 600;

/// The probes that a command of loki's own program was given; none for any other command.
pub(crate) fn of_argv(argv: &[String]) -> Vec<Probe> {
    match argv {
        [_, command, rest @ ..] if command == PROBE_COMMAND => {
            rest.iter().filter_map(|arg| serde_json::from_str(arg).ok()).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(text: &str) -> Probe {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn status_and_text_of_an_answer_are_compared() {
        let probe = probe(r#"{"request": "GET /a", "contains": "yes", "requirement": "R-1"}"#);
        let answer = |status, body: &str| HttpAnswer { status, body: body.to_owned() };
        let judged = probe.judge(Ok(&answer(200, "oh yes")));
        assert_eq!((judged.held, judged.name.as_str()), (true, "GET /a (R-1)"));
        let missing = probe.judge(Ok(&answer(200, "no\nno")));
        assert_eq!(missing.said, "answered without `yes`: no no");
        let other = probe.judge(Ok(&answer(404, "nothing")));
        assert!(!other.held && other.said.starts_with("answered 404 and not 200"), "{other:?}");
        let none = probe.judge(Err("nothing listened"));
        assert_eq!((none.held, none.said.as_str()), (false, "nothing listened"));
    }

    #[test]
    fn what_is_no_request_is_told() {
        for request in
            ["GET", "get /", "GET x", "GET //evil.example/", "GET /a b", "GET /\u{7}", ""]
        {
            let text = serde_json::json!({ "request": request }).to_string();
            assert!(probe(&text).problem().is_some(), "{request}");
        }
        assert!(probe(r#"{"request": "GET /", "status": 99}"#).problem().is_some());
        assert_eq!(probe(r#"{"request": "PATCH /a?b=%20"}"#).problem(), None);
        assert!(serde_json::from_str::<Probe>(r#"{"request": "GET /", "x": 1}"#).is_err());
    }

    #[test]
    fn only_probes_of_the_probing_command_are_found_in_a_command() {
        let argv = |second: &str| {
            ["loki", second, "--serve", "[]", r#"{"request":"GET /"}"#].map(str::to_owned)
        };
        assert_eq!(of_argv(&argv(PROBE_COMMAND)).len(), 1);
        assert_eq!(of_argv(&argv("other")), []);
    }
}
