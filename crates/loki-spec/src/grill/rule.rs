//! What a rule is, and what it leaves.

use loki_model::Severity;

use super::sentence::{Cx, Sentence};
use super::{Against, Question};

/// One thing that is asked about. Its texts make the page and the rule table of SARIF.
pub(crate) struct Rule {
    /// `family/offence`, kebab case.
    pub(crate) id: &'static str,
    /// How bad it is, where a question does not say less.
    pub(crate) severity: Severity,
    /// One sentence: what is found.
    pub(crate) what: &'static str,
    /// Why that matters.
    pub(crate) why: &'static str,
    /// A statement in which it is found; several lines where it takes several.
    pub(crate) example: &'static str,
    /// The same as it could be said.
    pub(crate) reworded: &'static str,
    /// When it is not reported, and what it can not tell.
    pub(crate) limits: &'static str,
    /// Looks through a spec.
    pub(crate) look: fn(&Rule, &Cx<'_>, &mut Found),
}

/// What is said of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrillRule {
    /// `family/offence`.
    pub id: &'static str,
    /// How bad it is, where a question does not say less.
    pub severity: Severity,
    /// One sentence: what is found.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// A statement in which it is found.
    pub example: &'static str,
    /// The same as it could be said.
    pub reworded: &'static str,
    /// When it is not reported, and what it can not tell.
    pub limits: &'static str,
}

impl From<&Rule> for GrillRule {
    fn from(rule: &Rule) -> GrillRule {
        let &Rule { id, severity, what, why, example, reworded, limits, .. } = rule;
        GrillRule { id, severity, what, why, example, reworded, limits }
    }
}

/// What rules found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) questions: Vec<Question>,
}

/// What a rule says of one sentence.
pub(crate) struct Says {
    /// What is wrong, in one sentence.
    pub(crate) message: String,
    /// What to answer.
    pub(crate) ask: String,
    /// How it could be said.
    pub(crate) rewording: Option<String>,
    /// What holds until somebody answers.
    pub(crate) assumption: String,
}

/// More than this of one rule is more of the same.
const OF_ONE_RULE_MAX: usize = 50;

impl Found {
    /// A question of `rule` about `sentence`. What is only welcome is asked about as a note.
    pub(crate) fn ask(&mut self, rule: &Rule, sentence: &Sentence<'_>, says: Says) {
        let severity = match sentence.requirement.priority {
            loki_model::Priority::Could => Severity::Note,
            _ => rule.severity,
        };
        self.push(rule, severity, sentence, says, None);
    }

    /// A question of `rule` about two sentences that do not go together.
    pub(crate) fn contradiction(
        &mut self,
        rule: &Rule,
        severity: Severity,
        (sentence, other): (&Sentence<'_>, &Sentence<'_>),
        says: Says,
    ) {
        let against = Against {
            requirement: other.requirement.id.clone(),
            origin: other.requirement.origin.clone(),
            statement: other.text.to_owned(),
        };
        self.push(rule, severity, sentence, says, Some(against));
    }

    fn push(
        &mut self,
        rule: &Rule,
        severity: Severity,
        sentence: &Sentence<'_>,
        says: Says,
        against: Option<Against>,
    ) {
        if self.questions.iter().filter(|q| q.rule == rule.id).count() >= OF_ONE_RULE_MAX {
            return;
        }
        let Says { message, ask, rewording, assumption } = says;
        self.questions.push(Question {
            id: String::new(),
            rule: rule.id.to_owned(),
            severity,
            requirement: Some(sentence.requirement.id.clone()),
            origin: sentence.requirement.origin.clone(),
            statement: sentence.text.to_owned(),
            message,
            ask,
            rewording,
            assumption,
            against,
        });
    }
}
