//! The call is ended in the middle, by loki or by somebody else. That nothing is left running is
//! checked for every scenario.

use loki_testkit::{Fault, ModelScript, ModelStep};
use rustix::process::{Pid, Signal, kill_process};

use crate::processes;
use crate::scenario::Scenario;
use crate::stage::{Seen, Stage};

/// Runs for longer than any test, with a child and a grandchild.
const LONG_COMMAND: &str =
    "touch begun; (sleep 301; true) & for i in 1 2 3 4 5 6 7 8 9; do sleep 31; done; touch late";

fn long_tool() -> ModelScript {
    ModelScript::new([ModelStep::said("Waiting.").shell(LONG_COMMAND)])
}

fn assert_ended_early(stage: &Stage<'_>, seen: Seen) -> Seen {
    assert!(stage.repo.exists("begun"), "{}", seen.stdout);
    assert!(!stage.repo.exists("late"));
    seen
}

pub(crate) const CANCELLED_IN_A_TOOL: Scenario = Scenario {
    id: "cancelled-while-a-tool-runs",
    what: "SIGINT or SIGTERM to loki while a tool runs: the whole tree is dead",
    ends: "cancelled",
    play: |stage| {
        let service = stage.serve(long_tool());
        let seen = service.call_until_there_is("begun", |cancel| cancel.pull());
        assert_ended_early(stage, seen)
    },
};

pub(crate) const CANCELLED_IN_AN_ANSWER: Scenario = Scenario {
    id: "cancelled-while-the-model-answers",
    what: "SIGINT or SIGTERM to loki while the model answers",
    ends: "cancelled",
    play: |stage| {
        let hang = ModelStep::said("Thinking.").fault(Fault::Hang);
        stage.serve(ModelScript::always(hang)).call_until_asked(|cancel| cancel.pull())
    },
};

pub(crate) const INTERRUPTED: Scenario = Scenario {
    id: "sigint-from-elsewhere",
    what: "SIGINT to the agent by somebody else while a tool runs",
    ends: "crashed",
    play: |stage| signalled(stage, Signal::INT),
};

pub(crate) const TERMINATED: Scenario = Scenario {
    id: "sigterm-from-elsewhere",
    what: "SIGTERM to the agent by somebody else while a tool runs",
    ends: "crashed",
    play: |stage| signalled(stage, Signal::TERM),
};

/// Signals the oldest process of the call, which is the agent itself.
fn signalled(stage: &Stage<'_>, signal: Signal) -> Seen {
    let service = stage.serve(long_tool());
    let seen = service.call_until_there_is("begun", |_| {
        let agent = processes::ids_of(&stage.repo).first().copied().and_then(Pid::from_raw);
        kill_process(agent.unwrap(), signal).unwrap();
    });
    assert_ended_early(stage, seen)
}
