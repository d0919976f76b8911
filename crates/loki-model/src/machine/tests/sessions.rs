//! Whether a call goes on with the conversation of the one before.

use proptest::prelude::*;

use super::fixtures::*;
use crate::*;

const SMALL: TokenUsage =
    TokenUsage { input: 1_000, output: 1_000, cache_read: 50_000, cache_write: 0 };

/// One agent that can resume, at this price.
fn resumable(price: Option<Price>) -> Settings {
    let mut settings = chain(1, 50);
    settings.agents[0].capabilities.resume = true;
    settings.agents[0].models[0].price = price;
    settings
}

fn usual() -> Option<Price> {
    let (input, output) = (Usd(4_000_000), Usd(20_000_000));
    Some(Price { input, output, cache_read: Usd(200_000), cache_write: Usd(5_000_000) })
}

fn said(tokens: TokenUsage) -> CallReport {
    let usage = Usage { tokens: Some(tokens), cost: Cost::Unknown };
    CallReport { session: Some("s-1".to_owned()), usage, ..completed(Claim::Done) }
}

/// A run after one refused call, about to make the next one.
fn after(settings: Settings, report: CallReport) -> Sim {
    let mut sim = Sim::new(settings);
    sim.prepare();
    sim.attempt(report, 1, Judgement::Fail);
    sim
}

fn resumed(sim: &mut Sim) -> Option<String> {
    if sim.run.step == Step::Wait {
        sim.done(EffectResult::Waited);
    }
    let announced = sim.run.session_to_resume().map(str::to_owned);
    sim.compose();
    match pending(&sim.run).map(|effect| effect.kind) {
        Some(EffectKind::CallAgent { resume, .. }) => {
            assert_eq!(resume, announced, "the prompt is composed for what is then done");
            resume
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refused_attempt_is_mended_in_the_same_conversation() {
    let mut sim = after(resumable(usual()), said(SMALL));
    assert_eq!(resumed(&mut sim).as_deref(), Some("s-1"));
}

#[test]
fn a_conversation_is_not_gone_on_with_when_the_agent_can_not_or_did_not_end_well() {
    assert_eq!(resumed(&mut after(chain(1, 9), said(SMALL))), None);
    let bad = [AgentOutcome::Garbage, AgentOutcome::Overloaded, AgentOutcome::ContextExceeded];
    for outcome in bad {
        let report = CallReport { outcome, claim: Claim::None, ..said(SMALL) };
        assert_eq!(resumed(&mut after(resumable(usual()), report)), None);
    }
}

#[test]
fn a_conversation_is_begun_anew_when_the_same_complaint_comes_again() {
    let mut sim = after(resumable(usual()), said(SMALL));
    sim.attempt(said(SMALL), 2, Judgement::Fail);
    assert_eq!(resumed(&mut sim), None);
}

#[test]
fn a_conversation_is_begun_anew_when_it_was_left_for_long() {
    let mut sim = after(resumable(usual()), said(SMALL));
    sim.resume();
    assert_eq!(resumed(&mut sim), None);

    let mut sim = Sim::new(resumable(usual()));
    sim.prepare();
    sim.repeat(said(SMALL), 1);
    let slow = Judged { duration_ms: 400_000, ..judged(1, Judgement::Fail) };
    sim.done(EffectResult::TreeJudged(slow));
    assert_eq!(resumed(&mut sim), None);
}

#[test]
fn a_cache_that_costs_as_much_as_reading_anew_is_no_reason_to_go_on() {
    let price = usual().map(|price| Price { cache_read: price.input, ..price });
    assert_eq!(resumed(&mut after(resumable(price), said(SMALL))), None);
}

#[test]
fn another_model_does_not_go_on_with_the_conversation() {
    let mut sim = after(resumable(usual()), said(SMALL));
    sim.run.switched = Some("another".to_owned());
    assert_eq!(sim.run.session_to_resume(), None);
}

proptest! {
    #[test]
    fn no_conversation_grows_beyond_half_of_the_window_or_four_calls(
        window in proptest::option::of(1_000..400_000_u64),
        used in proptest::collection::vec((0..60_000_u64, 0..20_000_u64), 1..12),
    ) {
        let mut settings = resumable(usual());
        settings.agents[0].models[0].context_tokens = window;
        let mut sim = Sim::new(settings);
        sim.prepare();
        let (mut in_a_row, mut tokens) = (0, 0);
        for (n, (input, output)) in (1_u32..).zip(used) {
            let goes_on = resumed(&mut sim).is_some();
            in_a_row = if goes_on { in_a_row + 1 } else { 1 };
            prop_assert!(in_a_row <= 4);
            let most = window.map_or(100_000, |window| window / 2);
            prop_assert!(!goes_on || tokens <= most, "{tokens} of {most}");
            let usage = TokenUsage { input, output, cache_read: 7, cache_write: 0 };
            tokens = if goes_on { tokens } else { 0 } + input + output;
            sim.agent(said(usage));
            sim.done(EffectResult::SnapshotTaken(snapshot(n)));
            // Each complaint is another one.
            let findings = digest(&n.to_string());
            let judged = Judged { findings, ..judged(n, Judgement::Fail) };
            sim.done(EffectResult::TreeJudged(judged));
        }
    }
}
