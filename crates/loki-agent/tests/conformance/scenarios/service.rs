//! The service goes wrong.

use loki_testkit::{Fault, ModelScript, ModelStep};

use crate::client::{Wire, Wish};
use crate::scenario::Scenario;

/// Long after any test: 2030-03-17.
const RESET_AT: i64 = 1_900_000_000;

fn done() -> ModelStep {
    ModelStep::said("Finished.\nLOKI: DONE")
}

fn for_ever(step: ModelStep) -> ModelScript {
    ModelScript::always(step)
}

pub(crate) const HANGS_BEFORE: Scenario = Scenario {
    id: "hangs-before-the-first-byte",
    what: "no answer at all",
    ends: "timed_out idle",
    play: |stage| {
        stage.serve(for_ever(ModelStep::default().fault(Fault::HangBefore))).call_briefly()
    },
};

pub(crate) const HANGS_IN_THE_MIDDLE: Scenario = Scenario {
    id: "hangs-in-the-middle",
    what: "an answer that stops in the middle",
    ends: "timed_out idle",
    play: |stage| {
        stage.serve(for_ever(ModelStep::said("Thinking.").fault(Fault::Hang))).call_briefly()
    },
};

pub(crate) const GARBAGE: Scenario = Scenario {
    id: "garbage-stream",
    what: "an answer that turns into garbage, for ever",
    ends: "overloaded",
    play: |stage| stage.serve(for_ever(ModelStep::said("Thinking.").fault(Fault::Garbage))).call(),
};

pub(crate) const CUT_ONCE: Scenario = Scenario {
    id: "cut-stream-once",
    what: "an answer that is cut, once",
    ends: "completed",
    play: |stage| {
        let cut = ModelStep::said("Thinking.").write("cut.txt", "cut\n").fault(Fault::Eof);
        let service = stage.serve(ModelScript::new([
            cut,
            ModelStep::said("Writing.").write("hello.txt", "hello\n"),
            done(),
        ]));
        let seen = service.call();
        assert!(stage.repo.exists("hello.txt"), "{}", seen.stdout);
        seen
    },
};

pub(crate) const CUT_FOR_EVER: Scenario = Scenario {
    id: "cut-stream-for-ever",
    what: "an answer that is cut, for ever",
    ends: "overloaded",
    play: |stage| stage.serve(for_ever(ModelStep::said("Thinking.").fault(Fault::Eof))).call(),
};

pub(crate) const CONTEXT_LENGTH: Scenario = Scenario {
    id: "400-context-length",
    what: "400, the context is exceeded",
    ends: "context_exceeded",
    play: |stage| {
        let step = ModelStep::failed(400);
        let step = match stage.wire() {
            Wire::Anthropic | Wire::None => {
                step.message("prompt is too long: 250000 tokens > 200000 maximum")
            }
            Wire::Chat | Wire::ChatWithoutTools | Wire::Responses => step
                .code("context_length_exceeded")
                .message("Your input exceeds the context window of this model."),
            Wire::Gemini => step.message(
                "The input token count (250000) exceeds the maximum number of tokens allowed",
            ),
        };
        stage.serve(for_ever(step)).call()
    },
};

pub(crate) const UNAUTHORIZED: Scenario = Scenario {
    id: "401",
    what: "401, for ever",
    ends: "auth",
    play: |stage| stage.serve(for_ever(ModelStep::failed(401))).call(),
};

pub(crate) const NO_SUCH_MODEL: Scenario = Scenario {
    id: "404-model",
    what: "404, there is no such model",
    ends: "model_not_found",
    play: |stage| {
        let step = ModelStep::failed(404).message("there is no such model");
        let step = match stage.wire() {
            Wire::Chat | Wire::ChatWithoutTools | Wire::Responses => {
                step.class("invalid_request_error").code("model_not_found")
            }
            Wire::Anthropic | Wire::Gemini | Wire::None => step,
        };
        stage.serve(for_ever(step)).call()
    },
};

pub(crate) const TOO_MANY_ONCE: Scenario = Scenario {
    id: "429-once",
    what: "429, once",
    ends: "completed",
    play: |stage| {
        let service = stage.serve(ModelScript::new([
            ModelStep::failed(429).header("retry-after", "1"),
            ModelStep::said("Writing.").write("hello.txt", "hello\n"),
            done(),
        ]));
        let seen = service.call();
        assert!(stage.repo.exists("hello.txt"), "{}", seen.stdout);
        seen
    },
};

pub(crate) const TOO_MANY_FOR_EVER: Scenario = Scenario {
    id: "429-for-ever",
    what: "429, for ever",
    ends: "rate_limited",
    play: |stage| {
        let step = ModelStep::failed(429).header("retry-after", "1");
        stage.serve(for_ever(step)).call()
    },
};

pub(crate) const TOO_MANY_FOR_LONG: Scenario = Scenario {
    id: "429-with-long-retry-after",
    what: "429, come back in an hour",
    ends: "rate_limited",
    play: |stage| {
        let step = ModelStep::failed(429).header("retry-after", "3600");
        stage.serve_as(Wish::OwnRetries, for_ever(step)).call_briefly()
    },
};

pub(crate) const FAILING: Scenario = Scenario {
    id: "500-for-ever",
    what: "500, for ever",
    ends: "overloaded",
    play: |stage| stage.serve(for_ever(ModelStep::failed(500))).call(),
};

pub(crate) const OVERLOADED: Scenario = Scenario {
    id: "529-for-ever",
    what: "529, for ever",
    ends: "overloaded",
    play: |stage| stage.serve(for_ever(ModelStep::failed(529))).call(),
};

pub(crate) const REFUSED: Scenario = Scenario {
    id: "connection-refused",
    what: "nobody listens",
    ends: "overloaded",
    play: |stage| stage.serve_nothing().call_briefly(),
};

pub(crate) const RESET: Scenario = Scenario {
    id: "connection-reset",
    what: "every connection is reset",
    ends: "overloaded",
    play: |stage| stage.serve(for_ever(ModelStep::default().fault(Fault::Reset))).call(),
};

pub(crate) const QUOTA: Scenario = Scenario {
    id: "quota-with-reset-time",
    what: "an allowance is used up until a known time",
    ends: "quota until",
    play: |stage| {
        let at = RESET_AT.to_string();
        let step = ModelStep::failed(429).message("Your limit is reached.");
        let step = match stage.wire() {
            Wire::Anthropic => step
                .header("retry-after", "7200")
                .header("anthropic-ratelimit-unified-status", "rejected")
                .header("anthropic-ratelimit-unified-reset", &at)
                .header("anthropic-ratelimit-unified-representative-claim", "five_hour"),
            Wire::Responses => step
                .class("usage_limit_reached")
                .field("resets_at", RESET_AT)
                .header("x-codex-primary-used-percent", "100")
                .header("x-codex-primary-window-minutes", "300")
                .header("x-codex-primary-reset-at", &at),
            Wire::Chat | Wire::ChatWithoutTools | Wire::Gemini | Wire::None => {
                step.class("insufficient_quota").code("insufficient_quota")
            }
        };
        let seen = stage.serve_as(Wish::Subscription, for_ever(step)).call();
        if let Some(until) = seen.report.outcome.retry_not_before() {
            assert_eq!(until.0, RESET_AT * 1000);
        }
        seen
    },
};
