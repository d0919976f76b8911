//! What an agent wants to be judged as: the one line of its words that means something.

use loki_model::{AgentOutcome, Claim};

/// The last line of an agent that asks to be judged.
pub const CLAIM_DONE: &str = "LOKI: DONE";
/// How the last line of an agent begins that has work left.
pub const CLAIM_CONTINUE: &str = "LOKI: CONTINUE";

/// Reads the claim out of an agent's last words.
///
/// Only the last line that is not blank counts. A call that completed without saying that work is
/// left asks for judgement; one that did not complete claims nothing.
pub fn claim_of(outcome: &AgentOutcome, final_text: &str) -> Claim {
    if *outcome != AgentOutcome::Completed {
        return Claim::None;
    }
    let last = final_text.lines().rev().map(str::trim).find(|line| !line.is_empty());
    match last {
        Some(line) if line.starts_with(CLAIM_CONTINUE) => Claim::Continue,
        _ => Claim::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(text: &str) -> Claim {
        claim_of(&AgentOutcome::Completed, text)
    }

    #[test]
    fn only_the_last_line_can_say_that_work_is_left() {
        assert_eq!(completed("x\nLOKI: CONTINUE\n\n  \n"), Claim::Continue);
        assert_eq!(completed("LOKI: CONTINUE, the tests are missing"), Claim::Continue);
        assert_eq!(completed("LOKI: CONTINUE\nno, wait\nLOKI: DONE"), Claim::Done);
    }

    #[test]
    fn an_end_without_a_word_is_a_request_for_judgement() {
        for text in ["", "all done", "loki: continue", "I will LOKI: CONTINUE"] {
            assert_eq!(completed(text), Claim::Done, "{text}");
        }
    }

    #[test]
    fn a_call_that_did_not_complete_claims_nothing() {
        for outcome in [AgentOutcome::Cancelled, AgentOutcome::Garbage, AgentOutcome::Auth] {
            assert_eq!(claim_of(&outcome, "LOKI: CONTINUE"), Claim::None);
        }
    }
}
