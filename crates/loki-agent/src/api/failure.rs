//! What a refusal of the service means: from its status, its headers and the class in its body.
//! Never from its words, but for one form that has figures in their places and no class.

use std::time::Duration;

use jiff::fmt::rfc2822;
use loki_model::{AgentOutcome, Timestamp};
use serde_json::Value;

use super::model::{Again, Failure};
use crate::resets::dated;
use crate::shown::shown_on_one_line;

/// A longer wait is not believed.
const WAIT_MAX: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Headers of an answer, by lower-case name.
pub(super) type Headers<'a> = dyn Fn(&str) -> Option<String> + 'a;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Auth,
    Model,
    Context,
    Quota,
    Rate,
    Overloaded,
}

/// The classes that services put into `error.type` and `error.code`.
const CLASSES: &[(&str, Class)] = &[
    // OpenAI
    ("invalid_api_key", Class::Auth),
    ("account_deactivated", Class::Auth),
    ("model_not_found", Class::Model),
    ("context_length_exceeded", Class::Context),
    ("insufficient_quota", Class::Quota),
    ("billing_hard_limit_reached", Class::Quota),
    ("billing_not_active", Class::Quota),
    ("rate_limit_exceeded", Class::Rate),
    ("server_error", Class::Overloaded),
    ("server_overloaded", Class::Overloaded),
    // Anthropic
    ("authentication_error", Class::Auth),
    ("permission_error", Class::Auth),
    ("not_found_error", Class::Model),
    ("request_too_large", Class::Context),
    ("billing_error", Class::Quota),
    ("rate_limit_error", Class::Rate),
    ("overloaded_error", Class::Overloaded),
    ("api_error", Class::Overloaded),
    ("timeout_error", Class::Overloaded),
    // llama.cpp
    ("exceed_context_size_error", Class::Context),
    ("unavailable_error", Class::Overloaded),
    // vLLM
    ("NotFoundError", Class::Model),
    ("InternalServerError", Class::Overloaded),
];

/// What an answer with a status that is no success means.
pub(super) fn of_status(status: u16, headers: &Headers<'_>, body: &str, now: Timestamp) -> Failure {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let class = class_of(&body).or(match status {
        400 if is_over_the_window(&body) => Some(Class::Context),
        401 | 403 => Some(Class::Auth),
        402 => Some(Class::Quota),
        // Without a word of its own it is not the model that is missing, but the service.
        404 if body["error"].is_object() => Some(Class::Model),
        413 => Some(Class::Context),
        429 => Some(Class::Rate),
        408 | 500..=599 => Some(Class::Overloaded),
        _ => None,
    });
    let used_up = headers("anthropic-ratelimit-unified-status").is_some_and(|is| is == "rejected");
    let wait = wait_of(headers, used_up, now);
    let Some(class) = class else {
        let words = words_of(&body);
        let detail = match status {
            404 => "the service has no such address (404): check its URL".to_owned(),
            _ => shown_on_one_line(&format!("the service answered {status}: {words}")),
        };
        return Failure::for_good(match status {
            404 => AgentOutcome::NotStarted { detail },
            _ => AgentOutcome::Crashed { exit_code: None, detail },
        });
    };
    let class = if class == Class::Rate && used_up { Class::Quota } else { class };
    let mut failure = of_class(class, wait, now);
    failure.outcome = dated(failure.outcome, &body, &words_of(&body));
    if headers("x-should-retry").is_some_and(|retry| retry == "false") {
        failure.again = Again::Never;
    }
    failure
}

/// What an error in the middle of an answer means.
pub(super) fn of_event(body: &Value) -> Failure {
    match class_of(body) {
        Some(class) => of_class(class, None, Timestamp(0)),
        None => {
            let detail = shown_on_one_line(&format!("the answer broke off: {}", words_of(body)));
            let outcome = AgentOutcome::Crashed { exit_code: None, detail };
            Failure { outcome, again: Again::Soon }
        }
    }
}

fn of_class(class: Class, wait: Option<Duration>, now: Timestamp) -> Failure {
    let until = wait.map(|wait| {
        let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        Timestamp(now.0.saturating_add(millis))
    });
    let again = wait.map_or(Again::Soon, Again::After);
    match class {
        Class::Auth => Failure::for_good(AgentOutcome::Auth),
        Class::Model => Failure::for_good(AgentOutcome::ModelNotFound),
        Class::Context => Failure::for_good(AgentOutcome::ContextExceeded),
        Class::Quota => Failure::for_good(AgentOutcome::Quota { until }),
        Class::Rate => Failure { outcome: AgentOutcome::RateLimited { until }, again },
        Class::Overloaded => Failure { outcome: AgentOutcome::Overloaded, again },
    }
}

/// The code is finer than the type: used-up credit has the type of any other refusal.
fn class_of(body: &Value) -> Option<Class> {
    let error = error_of(body);
    let named = |value: &Value| {
        let name = value.as_str()?;
        CLASSES.iter().find(|(known, _)| *known == name).map(|(_, class)| *class)
    };
    named(&error["code"]).or_else(|| named(&error["type"]))
}

/// Anthropic has no class for a conversation that does not fit, only `prompt is too long: 207791 tokens > 200000 maximum`:
/// both figures have to be there, the first larger than the second, and nothing else.
fn is_over_the_window(body: &Value) -> bool {
    let error = error_of(body);
    let figures = || {
        let said = error["message"].as_str()?.strip_prefix("prompt is too long: ")?;
        let (is, most) = said.strip_suffix(" maximum")?.split_once(" tokens > ")?;
        Some((is.parse::<u64>().ok()?, most.parse::<u64>().ok()?))
    };
    error["type"] == "invalid_request_error" && figures().is_some_and(|(is, most)| is > most)
}

fn error_of(body: &Value) -> &Value {
    if body["error"].is_object() { &body["error"] } else { body }
}

/// For people.
fn words_of(body: &Value) -> String {
    let error = error_of(body);
    let words =
        error["message"].as_str().or_else(|| error.as_str()).or_else(|| body["error"].as_str());
    words.unwrap_or("no reason was given").to_owned()
}

/// How long the service wants to be left alone, if it said so. `used_up`: an allowance is, and its
/// end is the exact answer.
fn wait_of(headers: &Headers<'_>, used_up: bool, now: Timestamp) -> Option<Duration> {
    let number = |name: &str| headers(name)?.trim().parse::<f64>().ok();
    let unified = headers("anthropic-ratelimit-unified-reset").and_then(|at| at.parse().ok());
    let wait = (unified.filter(|_| used_up).and_then(|at| from_now(at, now)))
        .or_else(|| Duration::try_from_secs_f64(number("retry-after-ms")? / 1e3).ok())
        .or_else(|| Duration::try_from_secs_f64(number("retry-after")?).ok())
        .or_else(|| from_now(http_date(&headers("retry-after")?)?, now))
        .or_else(|| reset_of(headers, now))?;
    Some(wait.min(WAIT_MAX))
}

/// The latest reset of an allowance of which nothing remains.
fn reset_of(headers: &Headers<'_>, now: Timestamp) -> Option<Duration> {
    let is_used_up = |name: String| headers(&name).is_some_and(|left| left.trim() == "0");
    let anthropic = ["requests", "tokens", "input-tokens", "output-tokens"]
        .into_iter()
        .filter(|what| is_used_up(format!("anthropic-ratelimit-{what}-remaining")))
        .filter_map(|what| headers(&format!("anthropic-ratelimit-{what}-reset")))
        .filter_map(|at| from_now(at.parse::<jiff::Timestamp>().ok()?.as_second(), now));
    let openai = ["requests", "tokens"]
        .into_iter()
        .filter(|what| is_used_up(format!("x-ratelimit-remaining-{what}")))
        .filter_map(|what| headers(&format!("x-ratelimit-reset-{what}")))
        .filter_map(|span| span.parse::<jiff::SignedDuration>().ok())
        .filter_map(|span| Duration::try_from(span).ok());
    anthropic.chain(openai).max()
}

fn http_date(text: &str) -> Option<i64> {
    Some(rfc2822::parse(text.trim()).ok()?.timestamp().as_second())
}

/// From `now` to a second since the epoch; nothing when that is past.
fn from_now(epoch_seconds: i64, now: Timestamp) -> Option<Duration> {
    let millis = epoch_seconds.checked_mul(1000)?.checked_sub(now.0)?;
    u64::try_from(millis).ok().map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn refused(status: u16, headers: &[(&str, &str)], body: &Value) -> Failure {
        let header = |wanted: &str| {
            let found = headers.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        };
        of_status(status, &header, &body.to_string(), NOW)
    }

    fn code(code: &str) -> Value {
        json!({"error": {"type": "invalid_request_error", "code": code, "message": "words"}})
    }

    fn class(class: &str) -> Value {
        json!({"type": "error", "error": {"type": class, "message": "words"}})
    }

    #[test]
    fn a_refusal_is_told_by_its_class_and_then_by_its_status() {
        use AgentOutcome::{Auth, ContextExceeded, ModelNotFound, Overloaded, Quota, RateLimited};
        let table = [
            (401, code("invalid_api_key"), Auth),
            (401, json!({}), Auth),
            (403, class("permission_error"), Auth),
            (404, code("model_not_found"), ModelNotFound),
            (404, class("not_found_error"), ModelNotFound),
            (404, json!({"error": {"type": "NotFoundError", "code": 404}}), ModelNotFound),
            (400, code("context_length_exceeded"), ContextExceeded),
            (400, class("exceed_context_size_error"), ContextExceeded),
            (413, class("request_too_large"), ContextExceeded),
            (429, code("insufficient_quota"), Quota { until: None }),
            (402, json!({}), Quota { until: None }),
            (400, class("billing_error"), Quota { until: None }),
            (429, code("rate_limit_exceeded"), RateLimited { until: None }),
            (429, json!({}), RateLimited { until: None }),
            (500, json!({}), Overloaded),
            (503, class("unavailable_error"), Overloaded),
            (529, class("overloaded_error"), Overloaded),
        ];
        for (status, body, outcome) in table {
            assert_eq!(refused(status, &[], &body).outcome, outcome, "{status} {body}");
        }
    }

    #[test]
    fn words_are_never_what_decides() {
        let body = json!({"error": {"type": "invalid_request_error",
            "message": "prompt is too long; rate limit; invalid api key"}});
        let AgentOutcome::Crashed { detail, .. } = refused(400, &[], &body).outcome else {
            panic!()
        };
        assert!(detail.starts_with("the service answered 400: prompt is too long"), "{detail}");
    }

    #[test]
    fn a_conversation_that_does_not_fit_is_known_by_the_figures_of_the_refusal() {
        let of = |status, class: &str, said: &str| {
            let body = json!({"type": "error", "error": {"type": class, "message": said}});
            refused(status, &[], &body).outcome == AgentOutcome::ContextExceeded
        };
        let (class, said) =
            ("invalid_request_error", "prompt is too long: 207791 tokens > 200000 maximum");
        assert!(of(400, class, said));
        assert!(!of(422, class, said) && !of(400, "other_error", said));
        for other in [
            "prompt is too long: 5 tokens > 200000 maximum",
            "prompt is too long: many tokens > 200000 maximum",
            "messages.0: prompt is too long: 207791 tokens > 200000 maximum",
            "prompt is too long: 207791 tokens > 200000 maximum; invalid api key",
        ] {
            assert!(!of(400, class, other), "{other}");
        }
    }

    #[test]
    fn a_page_that_is_not_there_is_a_wrong_address() {
        let AgentOutcome::NotStarted { detail } = refused(404, &[], &json!("404 page")).outcome
        else {
            panic!()
        };
        assert!(detail.contains("check its URL"), "{detail}");
    }

    #[test]
    fn every_way_to_say_when_is_understood() {
        let second = Duration::from_secs(1);
        for (headers, wait) in [
            (&[("retry-after", "7")][..], 7 * second),
            (&[("retry-after", "0.5")], second / 2),
            (&[("retry-after-ms", "1500"), ("retry-after", "9")], 3 * second / 2),
            (&[("retry-after", "Tue, 14 Nov 2023 22:13:30 GMT")], 10 * second),
            (
                &[
                    ("anthropic-ratelimit-tokens-remaining", "0"),
                    ("anthropic-ratelimit-tokens-reset", "2023-11-14T22:14:20Z"),
                    ("anthropic-ratelimit-requests-remaining", "5"),
                    ("anthropic-ratelimit-requests-reset", "2023-11-15T22:14:20Z"),
                ],
                60 * second,
            ),
            (
                &[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0s")],
                360 * second,
            ),
        ] {
            let failure = refused(429, headers, &json!({}));
            assert_eq!(failure.again, Again::After(wait), "{headers:?}");
            let until = Some(Timestamp(NOW.0 + i64::try_from(wait.as_millis()).unwrap()));
            assert_eq!(failure.outcome, AgentOutcome::RateLimited { until }, "{headers:?}");
        }
    }

    #[test]
    fn nonsense_about_when_is_ignored() {
        for value in ["", "soon", "-5", "NaN", "inf", "1e300", "Tue, 14 Nov 2000 22:13:30 GMT"] {
            assert_eq!(
                refused(429, &[("retry-after", value)], &json!({})).again,
                Again::Soon,
                "{value}"
            );
        }
    }

    #[test]
    fn a_subscription_that_is_used_up_is_a_quota() {
        let headers = [
            ("retry-after", "7200"),
            ("anthropic-ratelimit-unified-status", "rejected"),
            ("anthropic-ratelimit-unified-reset", "1700003600"),
        ];
        let until = Some(Timestamp(1_700_003_600_000));
        let failure = refused(429, &headers, &class("rate_limit_error"));
        assert_eq!(failure, Failure::for_good(AgentOutcome::Quota { until }));
    }

    #[test]
    fn a_service_can_forbid_to_try_again() {
        let failure = refused(500, &[("x-should-retry", "false")], &json!({}));
        assert_eq!(failure, Failure::for_good(AgentOutcome::Overloaded));
    }

    #[test]
    fn an_error_in_mid_stream_has_a_class_too() {
        let overloaded = Failure { outcome: AgentOutcome::Overloaded, again: Again::Soon };
        assert_eq!(of_event(&class("overloaded_error")), overloaded);
        assert_eq!(of_event(&json!({"type": "server_error"})), overloaded);
        assert_eq!(of_event(&json!("x")).again, Again::Soon);
    }
}
