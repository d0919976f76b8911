//! What holds for every run, over long random sequences of inputs.

use proptest::prelude::*;

use super::fixtures::*;
use crate::*;

fn any_outcome() -> impl Strategy<Value = AgentOutcome> {
    prop_oneof![
        5 => Just(AgentOutcome::Completed),
        1 => Just(AgentOutcome::RateLimited { until: None }),
        1 => Just(AgentOutcome::Overloaded),
        1 => Just(AgentOutcome::Auth),
        1 => Just(AgentOutcome::BudgetReached),
        1 => Just(AgentOutcome::Cancelled),
        1 => Just(AgentOutcome::Garbage),
        1 => Just(AgentOutcome::Crashed { exit_code: None, detail: String::new() }),
        1 => Just(AgentOutcome::TimedOut { deadline: Deadline::Total }),
    ]
}

fn any_claim() -> impl Strategy<Value = Claim> {
    prop_oneof![Just(Claim::Done), Just(Claim::Continue), Just(Claim::None)]
}

fn any_judgement() -> impl Strategy<Value = Judgement> {
    prop_oneof![Just(Judgement::Pass), Just(Judgement::Fail), Just(Judgement::Inconclusive)]
}

fn any_result() -> impl Strategy<Value = EffectResult> {
    prop_oneof![
        Just(EffectResult::WorkspacePrepared(workspace())),
        Just(EffectResult::PromptComposed { prompt: digest("p"), bytes: 1, not_before: None }),
        Just(EffectResult::Waited),
        (any_outcome(), any_claim()).prop_map(|(outcome, claim)| EffectResult::AgentReturned {
            report: CallReport { claim, ..failed(outcome) },
            transcript: digest("t"),
            duration_ms: 1,
            sandbox: None,
        }),
        (0..3_u32).prop_map(|n| EffectResult::SnapshotTaken(snapshot(n))),
        (0..3_u32, any_judgement()).prop_map(|(n, j)| EffectResult::TreeJudged(judged(n, j))),
        Just(written()),
        Just(EffectResult::Interrupted),
        Just(EffectResult::Failed { reason: "x".to_owned() }),
    ]
}

#[expect(clippy::large_enum_variant, reason = "a test makes few of them")]
#[derive(Clone, Debug)]
enum Step {
    Done(EffectResult),
    Stop,
    Resume(Option<u32>),
    Control(Control),
}

fn any_control() -> impl Strategy<Value = Control> {
    let usd = (1..20_000_000_u64).prop_map(Usd);
    prop_oneof![
        any::<bool>().prop_map(|now| Control::Pause { now }),
        Just(Control::Continue),
        Just(Control::Retry),
        "[a-z ]{0,5}".prop_map(|text| Control::Steer { text }),
        Just(Control::Agent { offer: Box::new(Offer::unknown("other")), model: None }),
        Just(Control::Model { model: None }),
        prop_oneof![usd.clone().prop_map(BudgetChange::Add), usd.prop_map(BudgetChange::Set)]
            .prop_map(|change| Control::Budget { change }),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => any_result().prop_map(Step::Done),
        1 => Just(Step::Stop),
        1 => proptest::option::of(1..6_u32).prop_map(Step::Resume),
        4 => any_control().prop_map(Step::Control),
    ]
}

proptest! {
    #[test]
    fn every_run_keeps_its_promises(
        limit in 1..4_u32,
        steps in proptest::collection::vec(any_step(), 0..150),
    ) {
        let mut sim = Sim::new(Settings { budget: Some(Usd(9_000_000)), ..settings(limit) });
        for step in steps {
            let effect = sim.run.awaiting;
            let input = match step {
                Step::Done(result) => Input::Done { at: AT, effect, result },
                Step::Stop => Input::Stop { by: StopCause::Terminate },
                Step::Resume(iterations_max) => {
                    resume_with(NewLimits { iterations_max, ..NewLimits::default() })
                }
                Step::Control(control) => Input::Control { control, by: "x".to_owned(), at: AT },
            };
            let Ok(decision) = decide(&sim.run, &input) else { continue };
            prop_assert!(!decision.events.is_empty() || decision.effect.is_none());
            sim.input(input.clone());
            if !matches!(input, Input::Stop { .. } | Input::Control { .. }) {
                prop_assert_eq!(&decision.effect, &pending(&sim.run));
            }
            prop_assert_eq!(fold(&sim.journal), Some(sim.run.clone()));
            prop_assert_eq!(pending(&sim.run).is_none(), sim.run.ended.is_some());
            if sim.outcome() == Some(Outcome::Verified) {
                prop_assert_eq!(sim.run.verdict(), Some(Verdict::Verified));
                prop_assert_eq!(sim.run.claim(), Claim::Done);
            }
        }
        let count = |kind: fn(&Event) -> bool| sim.journal.iter().filter(|e| kind(e)).count();
        let called = count(|e| matches!(e, Event::AgentCalled { .. }));
        let withdrawn = count(|e| matches!(e, Event::AgentCallWithdrawn { .. }));
        prop_assert_eq!(u32::try_from(called - withdrawn).unwrap(), sim.run.calls);
    }

    #[test]
    fn no_run_calls_the_agent_more_often_than_its_limit(
        limit in 1..4_u32,
        steps in proptest::collection::vec(any_step(), 0..150),
    ) {
        let mut sim = Sim::new(settings(limit));
        for step in steps {
            let input = match step {
                Step::Done(result) => Input::Done { at: AT, effect: sim.run.awaiting, result },
                Step::Stop => Input::Stop { by: StopCause::Interrupt },
                Step::Resume(_) => resume_with(NewLimits::default()),
                Step::Control(control) => Input::Control { control, by: "x".to_owned(), at: AT },
            };
            if decide(&sim.run, &input).is_ok() {
                sim.input(input);
            }
            prop_assert!(sim.run.calls <= limit);
        }
    }

    #[test]
    fn every_event_reads_back_from_json(
        steps in proptest::collection::vec(any_step(), 0..100),
    ) {
        let mut sim = Sim::new(settings(3));
        for step in steps {
            let input = match step {
                Step::Done(result) => Input::Done { at: AT, effect: sim.run.awaiting, result },
                Step::Stop => Input::Stop { by: StopCause::Interrupt },
                Step::Resume(_) => resume_with(NewLimits::default()),
                Step::Control(control) => Input::Control { control, by: "x".to_owned(), at: AT },
            };
            if decide(&sim.run, &input).is_ok() {
                sim.input(input);
            }
        }
        for event in &sim.journal {
            let text = serde_json::to_string(event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Event>(&text).unwrap(), event);
            let tag = format!("\"event\":\"{}\"", event.kind());
            prop_assert!(text.contains(&tag));
        }
    }
}
