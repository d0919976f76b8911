//! Questions of an agent: asked for in a form, read as data, never obeyed.

use loki_model::{Origin, RequirementId, Severity, Spec};
use serde::Deserialize;

use super::{Question, named};

/// Most bytes of an answer that are read.
pub const AGENT_ANSWER_BYTES_MAX: usize = 256 << 10;
/// Most questions of an agent that are kept.
pub const AGENT_QUESTIONS_MAX: usize = 30;
/// Longest text of a question, in characters.
const TEXT_CHARS_MAX: usize = 500;

/// The rule that questions of an agent carry.
pub const AGENT_RULE: &str = "agent";

/// The form of the answer: JSON Schema, draft 2020-12.
pub const AGENT_ANSWER_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["questions"],
  "properties": {
    "questions": {
      "type": "array",
      "maxItems": 30,
      "items": {
        "type": "object",
        "required": ["message", "ask", "assumption"],
        "properties": {
          "requirement": {"type": ["string", "null"], "description": "the id in the list, such as R-1a2b"},
          "serious": {"type": "boolean", "description": "a wrong guess would have to be built again"},
          "message": {"type": "string", "maxLength": 500, "description": "what is wrong, in one sentence"},
          "ask": {"type": "string", "maxLength": 500, "description": "the question to the author"},
          "rewording": {"type": ["string", "null"], "maxLength": 500},
          "assumption": {"type": "string", "maxLength": 500, "description": "what you would build without an answer"}
        }
      }
    }
  }
}"#;

/// An answer that holds no questions in the form that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// There is nothing that looks like JSON.
    #[error("there is no JSON in the answer")]
    NoJson,
    /// It is JSON of another form.
    #[error("the answer has another form: {0}")]
    Form(String),
}

#[derive(Deserialize)]
struct Answer {
    questions: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    requirement: Option<String>,
    #[serde(default)]
    serious: bool,
    message: String,
    ask: String,
    #[serde(default)]
    rewording: Option<String>,
    assumption: String,
}

/// Reads what an agent asks about `spec`.
///
/// `answer` is untrusted; what is beyond [`AGENT_ANSWER_BYTES_MAX`] is not read. The JSON may stand
/// alone, in a fence, or behind other words. At most [`AGENT_QUESTIONS_MAX`] questions are kept. None of
/// them is a contradiction: an opinion stops nobody.
pub fn questions_of_agent(spec: &Spec, answer: &str) -> Result<Vec<Question>, AnswerError> {
    let answer = &answer[..answer.floor_char_boundary(AGENT_ANSWER_BYTES_MAX)];
    let questions = objects(answer)?.questions.into_iter().take(AGENT_QUESTIONS_MAX);
    Ok(named(questions.map(|asked| question(spec, asked)).collect()))
}

/// The first object in the form that was asked for.
fn objects(answer: &str) -> Result<Answer, AnswerError> {
    let mut form = None;
    // Each brace may begin it; a few are enough, since each costs a reading of the rest.
    for (at, _) in answer.match_indices('{').take(20) {
        let mut values = serde_json::Deserializer::from_str(&answer[at..]).into_iter::<Answer>();
        match values.next() {
            Some(Ok(found)) => return Ok(found),
            Some(Err(err)) => form = form.or(Some(err.to_string())),
            None => {}
        }
    }
    Err(form.map_or(AnswerError::NoJson, |form| AnswerError::Form(one_line(&form))))
}

fn question(spec: &Spec, asked: Asked) -> Question {
    let wanted = asked.requirement.unwrap_or_default();
    let requirement = spec.requirements.iter().find(|requirement| requirement.id.0 == wanted);
    let whole = Origin { line: None, ..Origin::line(&spec.source, 1) };
    Question {
        id: String::new(),
        rule: AGENT_RULE.to_owned(),
        severity: if asked.serious { Severity::Warning } else { Severity::Note },
        requirement: requirement.map(|r| RequirementId(r.id.0.clone())),
        origin: requirement.map_or(whole, |r| r.origin.clone()),
        statement: requirement.map(|r| r.text.clone()).unwrap_or_default(),
        message: one_line(&asked.message),
        ask: one_line(&asked.ask),
        rewording: asked.rewording.map(|text| one_line(&text)).filter(|text| !text.is_empty()),
        assumption: one_line(&asked.assumption),
        against: None,
    }
}

fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(TEXT_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;

    fn asked(answer: &str) -> Result<Vec<Question>, AnswerError> {
        let (spec, _) = read("prd.md", "- Notes can be shared.\n");
        questions_of_agent(&spec, answer)
    }

    const ONE: &str =
        r#"{"questions": [{"serious": true, "message": "m", "ask": "a", "assumption": "x"}]}"#;

    #[test]
    fn the_answer_is_found_alone_in_a_fence_and_behind_words() {
        for answer in [
            ONE.to_owned(),
            format!("```json\n{ONE}\n```\nLOKI: DONE"),
            format!("I used {{}} and found:\n{ONE} done"),
        ] {
            let questions = asked(&answer).unwrap();
            assert_eq!(questions.len(), 1, "{answer}");
            assert!(questions[0].id.starts_with("Q-") && questions[0].is_serious());
        }
    }

    #[test]
    fn another_form_is_told_and_never_half_taken() {
        assert_eq!(asked("no questions"), Err(AnswerError::NoJson));
        for answer in
            [r#"{"questions": [{"message": 3}]}"#, r#"{"questions": {}}"#, r#"{"questions": [{"#]
        {
            assert!(matches!(asked(answer), Err(AnswerError::Form(_))), "{answer}");
        }
    }

    #[test]
    fn what_an_agent_says_is_bounded_harmless_and_stops_nobody() {
        let hostile = format!(
            r#"{{"questions": [{}]}}"#,
            vec![
                r#"{"requirement": "R-ffff", "message": "[2Jx\ny", "ask": "a", "assumption": "x"}"#;
                100
            ]
            .join(",")
        );
        let questions = asked(&hostile).unwrap();
        // The same question twice is one.
        assert_eq!(questions.len(), 1);
        assert_eq!((&questions[0].requirement, questions[0].message.as_str()), (&None, "[2Jx y"));
        assert!(!questions[0].is_contradiction());
        let long = ONE.replace("\"m\"", &format!("\"{}\"", "é".repeat(5_000)));
        assert_eq!(asked(&long).unwrap()[0].message.chars().count(), TEXT_CHARS_MAX);
    }

    proptest::proptest! {
        /// Goal: no answer makes the reader fail.
        #[test]
        fn any_answer_can_be_read(answer in "[ -~{}\\[\\]\":,é\n]{0,300}") {
            let _ = asked(&answer);
        }
    }
}
