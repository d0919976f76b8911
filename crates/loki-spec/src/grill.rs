//! Questions about a spec that need no model: what is vague, what is missing, what contradicts itself.
//!
//! Owns the rules, one a file, and the table of them, from which `docs/grill.md` and the rule table of
//! SARIF are made. Refuses to guess: what can not be told from the words is not reported, because a
//! false alarm is a defect.

mod agent;
mod answers;
mod bounds;
mod contradictions;
mod ears;
mod ledger;
mod missing;
mod page;
mod reading;
mod rule;
mod scenarios;
mod sentence;
mod topic;
mod untestable;
mod vague;
mod words;

use loki_model::{Digest, Origin, RequirementId, Severity, Spec};
use serde::{Deserialize, Serialize};

pub use agent::{
    AGENT_ANSWER_BYTES_MAX, AGENT_ANSWER_SCHEMA, AGENT_QUESTIONS_MAX, AGENT_RULE, AnswerError,
    questions_of_agent,
};
pub use answers::{Place, add_questions, answered, write_answers};
pub use ledger::{ASSUMPTIONS_MAX, Ledger, ledger};
pub use page::grill_page;
pub use rule::GrillRule;

use crate::{SpecProblem, id};
use rule::{Found, Rule};
use sentence::Cx;

/// All rules, in the order of the page.
const RULES: &[&Rule] = &[
    &contradictions::negation::RULE,
    &contradictions::ranges::RULE,
    &contradictions::enums::RULE,
    &contradictions::same_id::RULE,
    &vague::undecided::RULE,
    &vague::weasel_word::RULE,
    &vague::no_limit::RULE,
    &vague::comparison::RULE,
    &missing::actor::RULE,
    &missing::failure::RULE,
    &untestable::quality::RULE,
    &untestable::absolute::RULE,
    &ears::no_response::RULE,
    &ears::several_in_one::RULE,
    &scenarios::no_then::RULE,
    &scenarios::no_when::RULE,
    &scenarios::several_whens::RULE,
    &reading::RULE,
];

/// One thing that has to be known before a spec can be built and checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Stable: derived from the rule and the words, so that moving a requirement does not rename it.
    pub id: String,
    /// Which rule asks, as in `docs/grill.md`; `agent` when a model did.
    pub rule: String,
    /// Error: what is asked for can not hold. Warning: somebody has to decide. Note: style.
    pub severity: Severity,
    /// Whose words it is about; nothing when the whole spec is meant.
    pub requirement: Option<RequirementId>,
    /// Where that stands.
    pub origin: Origin,
    /// The words, in one line; empty when the whole spec is meant.
    pub statement: String,
    /// What is wrong with them, in one sentence.
    pub message: String,
    /// What to answer.
    pub ask: String,
    /// How it could be said instead; what stands between `⟨` and `⟩` is for the author to choose.
    pub rewording: Option<String>,
    /// What holds until somebody answers.
    pub assumption: String,
    /// The statement that it contradicts.
    pub against: Option<Against>,
}

/// The other side of a contradiction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Against {
    /// Which requirement.
    pub requirement: RequirementId,
    /// Where it stands.
    pub origin: Origin,
    /// Its words.
    pub statement: String,
}

impl Question {
    /// Whether somebody should answer before money is spent.
    pub fn is_serious(&self) -> bool {
        self.severity >= Severity::Warning
    }

    /// Whether what is asked for can not hold as it stands.
    pub fn is_contradiction(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Most questions about one spec; the rest is more of the same.
pub const QUESTIONS_MAX: usize = 200;

/// Asks what `spec` leaves open. `problems` are what was odd when it was read. What the spec answers
/// with the question's name behind the answer, as [`write_answers`] leaves it, is not asked again.
///
/// Deterministic, and linear in the text but for the comparison of statements with each other, which is
/// bounded. The questions come the worst first, then in the order of the text; at most
/// [`QUESTIONS_MAX`].
pub fn grill(spec: &Spec, problems: &[SpecProblem]) -> Vec<Question> {
    let cx = Cx::of(spec, problems);
    let mut found = Found::default();
    for rule in RULES {
        (rule.look)(rule, &cx, &mut found);
    }
    let mut questions = named(found.questions);
    questions.sort_by_key(|question| std::cmp::Reverse(question.severity));
    let answered = answered(&spec.text);
    questions.retain(|question| !answered.contains(&question.id));
    questions.truncate(QUESTIONS_MAX);
    questions
}

/// Every rule, for documents.
pub fn grill_rules() -> Vec<GrillRule> {
    RULES.iter().map(|rule| GrillRule::from(*rule)).collect()
}

/// Gives each question its name. One asked twice in the same words is one.
pub(crate) fn named(mut questions: Vec<Question>) -> Vec<Question> {
    let digest = |question: &Question| {
        let against = question.against.as_ref().map_or("", |against| &against.statement);
        let words = [&question.rule, &question.statement, &question.ask, against].map(id::fold);
        Digest::of(words.join("\n").as_bytes())
    };
    let mut seen = std::collections::BTreeSet::new();
    questions.retain(|question| seen.insert(digest(question)));
    let digests: Vec<Digest> = questions.iter().map(digest).collect();
    for (question, id) in questions.iter_mut().zip(id::name(&digests)) {
        question.id = id.0.replacen("R-", "Q-", 1);
    }
    questions
}

#[cfg(test)]
mod tests;
