//! The agent works, and its service does as it should.

use loki_model::{Cost, TokenUsage};
use loki_testkit::{ModelScript, ModelStep};

use crate::client::{Counts, Wire, Wish};
use crate::scenario::Scenario;
use crate::stage::Stage;

fn done() -> ModelStep {
    ModelStep::said("Finished.\nLOKI: DONE")
}

pub(crate) const WRITES_AND_RUNS: Scenario = Scenario {
    id: "writes-a-file-and-runs-a-command",
    what: "writes files and runs a command",
    ends: "completed",
    play: |stage| {
        let service = stage.serve(ModelScript::new([
            ModelStep::said("Writing.").write("hello.txt", "hello\n"),
            ModelStep::said("Checking.").shell("wc -c hello.txt > check.txt"),
            done(),
        ]));
        let seen = service.call();
        assert_eq!(stage.repo.read("hello.txt"), "hello\n", "{}", seen.stdout);
        assert_eq!(stage.repo.read("check.txt").trim(), "6 hello.txt");
        assert_eq!(seen.report.claim, loki_model::Claim::Done);
        seen
    },
};

pub(crate) const TOOL_FAILS: Scenario = Scenario {
    id: "a-tool-fails",
    what: "a tool fails",
    ends: "completed",
    play: |stage| {
        let service = stage.serve(ModelScript::new([
            ModelStep::said("Trying.").shell("echo out; echo err >&2; touch tried; exit 3"),
            done(),
        ]));
        let seen = service.call();
        assert!(stage.repo.exists("tried"), "{}", seen.stdout);
        seen
    },
};

pub(crate) const PARALLEL_TOOLS: Scenario = Scenario {
    id: "parallel-tools",
    what: "two tools in one answer",
    ends: "completed",
    play: |stage| {
        let both = ModelStep::said("Both.").write("one.txt", "1\n").shell("echo 2 > two.txt");
        let service = stage.serve(ModelScript::new([both, done()]));
        let seen = service.call();
        let files = ["one.txt", "two.txt"].map(|path| stage.repo.exists(path));
        assert_eq!(files, [true, true], "{}", seen.stdout);
        seen
    },
};

pub(crate) const LONG_TOOL: Scenario = Scenario {
    id: "a-long-tool",
    what: "a tool takes long and prints nothing",
    ends: "completed",
    play: |stage| {
        let long = ModelStep::said("Waiting.").shell("sleep 1.1; sleep 1.1; sleep 1.1; touch late");
        let seen = stage.serve(ModelScript::new([long, done()])).call();
        assert!(stage.repo.exists("late"), "{}", seen.stdout);
        seen
    },
};

pub(crate) const RESUMES: Scenario = Scenario {
    id: "resumes-a-session",
    what: "goes on with a conversation",
    ends: "completed",
    play: |stage| {
        let service = stage.serve(ModelScript::always(done()));
        let first = service.call_with(|spec| spec.prompt = "The first prompt.");
        let session = first.report.session.unwrap_or_else(|| panic!("{}", first.stdout));
        let second = service.call_with(|spec| {
            (spec.prompt, spec.resume) = ("The second prompt.", Some(session.as_str()));
        });
        let asked = service.request(service.requests() - 1);
        assert!(asked.contains("The first prompt."), "{}\n{asked}", second.stdout);
        assert!(asked.contains("The second prompt."), "{}\n{asked}", second.stdout);
        // What the first call used is not counted again.
        assert_eq!(second.report.usage.tokens, first.report.usage.tokens);
        second
    },
};

pub(crate) const USAGE: Scenario = Scenario {
    id: "usage-and-cost",
    what: "tokens and cost are told, or unknown",
    ends: "completed",
    play: |stage| {
        let work = ModelStep::said("Working.").shell("touch worked").usage(1200, 40, 300);
        let script = ModelScript::new([work, done().usage(1300, 30, 1200)]);
        let seen = stage.serve(script).call();
        let usage = seen.report.usage;
        let tokens = TokenUsage { input: 2500, output: 70, cache_read: 1500, cache_write: 0 };
        let expected = (stage.client.counts != Counts::Nothing).then_some(tokens);
        assert_eq!(usage.tokens, expected, "{}", seen.stdout);
        let costs = stage.client.counts == Counts::TokensAndCost;
        assert_eq!(matches!(usage.cost, Cost::Known { .. }), costs, "{usage:?}");
        seen
    },
};

pub(crate) const PERMISSION_DENIED: Scenario = Scenario {
    id: "permission-denied",
    what: "it is not allowed to write or run",
    ends: "completed",
    play: |stage| {
        let service = stage.serve_as(
            Wish::Denied,
            ModelScript::new([
                ModelStep::said("Writing.").write("hello.txt", "hello\n").shell("touch here"),
                ModelStep::said("I may not."),
            ]),
        );
        let seen = service.call();
        assert_eq!(stage.repo.git(["status", "--porcelain"]), "", "{}", seen.stdout);
        assert_asked(stage, service.requests());
        seen
    },
};

/// The model was asked at least twice: the call did something.
fn assert_asked(stage: &Stage<'_>, requests: usize) {
    assert!(stage.wire() == Wire::None || requests >= 2, "{requests} requests");
}
