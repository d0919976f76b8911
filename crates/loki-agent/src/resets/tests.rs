//! Table: what agents and services say, and the moment that it means, on one clock in one zone.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Tuesday, in summer time: 12:30 in Berlin.
const NOW: &str = "2026-06-16T12:30:00+02:00";

fn noon() -> Timestamp {
    Timestamp(NOW.parse::<Moment>().unwrap().as_millisecond())
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn shown(at: Option<Timestamp>) -> String {
    at.map_or("none".to_owned(), |at| Moment::from_millisecond(at.0).unwrap().to_string())
}

#[test]
fn every_form_of_words_means_one_moment() {
    let table = [
        // Claude Code
        ("Claude AI usage limit reached|1781613000", "2026-06-16T12:30:00Z"),
        ("You've hit your 5-hour limit · resets 3pm", "2026-06-16T13:00:00Z"),
        ("You've hit your 5-hour limit · resets 3:45pm (Europe/Berlin)", "2026-06-16T13:45:00Z"),
        ("You've hit your limit · resets 11am", "2026-06-17T09:00:00Z"),
        ("5-hour limit reached ∙ resets 12am", "2026-06-16T22:00:00Z"),
        ("5-hour limit reached ∙ resets 12pm", "2026-06-17T10:00:00Z"),
        ("Weekly limit reached ∙ resets Jun 19 at 3pm (America/New_York)", "2026-06-19T19:00:00Z"),
        ("Weekly limit reached ∙ resets Jun 19, 9:30am (UTC)", "2026-06-19T09:30:00Z"),
        ("You've hit your weekly limit · resets Mon 9:00am", "2026-06-22T07:00:00Z"),
        ("You've hit your weekly limit · resets Tue 9:00am", "2026-06-23T07:00:00Z"),
        ("Your limit will reset at 5pm (Asia/Tokyo).", "2026-06-17T08:00:00Z"),
        // Codex
        (
            "You've hit your usage limit. Try again in 3 days 4 hours 5 minutes.",
            "2026-06-19T14:35:00Z",
        ),
        ("You've hit your usage limit. Try again in 1 hour and 1 minute.", "2026-06-16T11:31:00Z"),
        ("You've hit your usage limit. Please try again at 4:23 PM.", "2026-06-16T14:23:00Z"),
        (
            "You've hit your usage limit. Try again at Jun 20th, 2026 8:43 AM.",
            "2026-06-20T06:43:00Z",
        ),
        ("usage limit reached, try again at Jul 1st, 2026 12:00 AM", "2026-06-30T22:00:00Z"),
        (
            "Rate limit reached for gpt-5 on tokens per min. Please try again in 1.898s.",
            "2026-06-16T10:30:01.898Z",
        ),
        (
            "Rate limit reached. Please try again in 850ms. Visit https://x",
            "2026-06-16T10:30:00.85Z",
        ),
        ("Rate limit reached. Please try again in 6m0s.", "2026-06-16T10:36:00Z"),
        // Gemini
        (
            "[API Error: x\nSuggested retry after 3600s.]\nPlease wait and try again later.",
            "2026-06-16T11:30:00Z",
        ),
        (
            "You have exhausted your capacity on this model. Your quota will reset after 21h17m22s.",
            "2026-06-17T07:47:22Z",
        ),
        ("Quota exceeded. Please retry in 13.37s.", "2026-06-16T10:30:13.37Z"),
        ("Quota exceeded. Please retry in 36h.", "2026-06-17T22:30:00Z"),
        // Services behind Cline, Aider, opencode and ACP agents
        ("Rate limited, retry after 45 seconds", "2026-06-16T10:30:45Z"),
        ("Too many requests. Retry after: 30", "2026-06-16T10:30:30Z"),
        ("Too many requests, retry after 2 min", "2026-06-16T10:32:00Z"),
        ("Limit resets at 2026-06-16T18:00:00Z", "2026-06-16T18:00:00Z"),
        ("Limit resets at 2026-06-16T18:00:00+02:00.", "2026-06-16T16:00:00Z"),
        ("Limit resets at 2026-06-16T18:00:00.250-07:00", "2026-06-17T01:00:00.25Z"),
        ("Limit resets at 2026-06-16T18:00:00", "2026-06-16T16:00:00Z"),
        ("Limit resets on 2026-06-17", "2026-06-16T22:00:00Z"),
        ("Limit resets on 2026-06-17 08:15 UTC", "2026-06-17T08:15:00Z"),
        ("Limit resets on 2026-06-17 08:15:30", "2026-06-17T06:15:30Z"),
        ("Quota reset at 18:05", "2026-06-16T16:05:00Z"),
        ("Quota reset at 09:05", "2026-06-17T07:05:00Z"),
        ("Quota reset at 00:00 UTC", "2026-06-17T00:00:00Z"),
        ("Quota resets 23:59:59 +05:30", "2026-06-16T18:29:59Z"),
        ("Quota resets tomorrow at 7 am", "2026-06-17T05:00:00Z"),
        ("Quota resets 18 Jun 2026 10:00 GMT", "2026-06-18T10:00:00Z"),
        ("Quota resets June 18, 2026, 10:00 p.m. PDT", "2026-06-19T05:00:00Z"),
        ("Retry after Wed, 17 Jun 2026 07:28:00 GMT", "2026-06-17T07:28:00Z"),
        ("Daily limit. Resets at midnight", "2026-06-16T22:00:00Z"),
        ("Daily limit. Available again at noon (UTC)", "2026-06-16T12:00:00Z"),
        ("resets_at: 1781613000", "2026-06-16T12:30:00Z"),
        ("resets at 1781613000000", "2026-06-16T12:30:00Z"),
        ("resets in 2 weeks", "2026-06-30T10:30:00Z"),
        ("resets\u{202f}3:45\u{202f}PM", "2026-06-16T13:45:00Z"),
    ];
    assert!(table.len() >= 40, "{}", table.len());
    for (text, expected) in table {
        assert_eq!(shown(in_words(text, noon(), &berlin())), expected, "{text}");
    }
}

#[test]
fn words_that_tell_no_moment_mean_none() {
    for text in [
        "",
        "429",
        "Too many requests (429)",
        "You've hit your usage limit. Try again later.",
        "Please wait and try again later.",
        "resets 25:00",
        "resets 13pm",
        "resets at 3",
        "reset the branch to 15 commits ago",
        "retry after fixing the 3 tests",
        "try again in a few minutes",
        "resets Foo 12",
        "resets Feb 31 at 3pm",
        "resets at 9999-12-31T00:00:00Z",
        "resets at 1999-01-01T00:00:00Z",
        "limit reached|12",
        "resets in 99999999999999999999 days",
        "resets 3pm (Atlantis/Poseidonis)",
    ] {
        assert_eq!(shown(in_words(text, noon(), &berlin())), "none", "{text}");
    }
}

#[test]
fn a_time_of_day_is_right_on_the_days_when_clocks_change() {
    let read = |now: &str, text: &str| {
        let now = Timestamp(now.parse::<Moment>().unwrap().as_millisecond());
        shown(in_words(text, now, &berlin()))
    };
    // Clocks go from 2:00 to 3:00, and back from 3:00 to 2:00.
    let spring = "2026-03-28T23:00:00Z";
    assert_eq!(read(spring, "resets 1:30am"), "2026-03-29T00:30:00Z");
    assert_eq!(read(spring, "resets 2:30am"), "2026-03-29T01:30:00Z");
    assert_eq!(read(spring, "resets 3:30am"), "2026-03-29T01:30:00Z");
    assert_eq!(read("2026-10-24T22:00:00Z", "resets 4am"), "2026-10-25T03:00:00Z");
    assert_eq!(read("2026-12-31T22:30:00Z", "resets Jan 1, 3am"), "2027-01-01T02:00:00Z");
    assert_eq!(read("2026-12-31T22:30:00Z", "resets 3am"), "2027-01-01T02:00:00Z");
}

#[test]
fn fields_of_a_structured_error_come_before_its_words() {
    let table = [
        (json!({"resetsAt": 1_781_613_000}), "2026-06-16T12:30:00Z"),
        (json!({"resets_at": 1_781_613_000_000_i64}), "2026-06-16T12:30:00Z"),
        (
            json!({"error": {"type": "usage_limit_reached", "resets_in_seconds": 3600}}),
            "2026-06-16T11:30:00Z",
        ),
        (
            json!({"headers": {"retry-after": "90"}, "message": "resets 3pm"}),
            "2026-06-16T10:31:30Z",
        ),
        (
            json!({"headers": {"retry-after": "Wed, 17 Jun 2026 07:28:00 GMT"}}),
            "2026-06-17T07:28:00Z",
        ),
        (json!({"details": [{"@type": "RetryInfo", "retryDelay": "57s"}]}), "2026-06-16T10:30:57Z"),
        (json!({"metadata": {"quotaResetDelay": "21h17m22.5s"}}), "2026-06-17T07:47:22.5Z"),
        (
            json!({"metadata": {"quotaResetTimeStamp": "2026-06-17T07:47:22Z"}}),
            "2026-06-17T07:47:22Z",
        ),
        (json!({"a": {"retryAfter": 5}, "b": {"retry_after": 7.2}}), "2026-06-16T10:30:08Z"),
        (json!({"error": {"message": "Please try again in 20s."}}), "2026-06-16T10:30:20Z"),
        (json!({"error": {"message": "Try again later."}}), "none"),
        (json!({"resetsAt": true, "retryDelay": "soon"}), "none"),
        (json!(null), "none"),
    ];
    for (error, expected) in table {
        assert_eq!(shown(in_error(&error, noon(), &berlin())), expected, "{error}");
    }
}

#[test]
fn only_a_refusal_without_a_moment_is_dated() {
    let words = "resets in 1 hour";
    for outcome in [
        AgentOutcome::Completed,
        AgentOutcome::Overloaded,
        AgentOutcome::Auth,
        AgentOutcome::Quota { until: Some(Timestamp(5)) },
    ] {
        assert_eq!(dated(outcome.clone(), &json!({"retryAfter": 9}), words), outcome);
    }
    for outcome in [AgentOutcome::RateLimited { until: None }, AgentOutcome::Quota { until: None }]
    {
        assert_ne!(dated(outcome.clone(), &Value::Null, words), outcome);
        assert_eq!(dated(outcome.clone(), &Value::Null, "later"), outcome);
    }
}

proptest! {
    #[test]
    fn no_words_are_read_with_a_panic_or_into_a_far_future(text in ".{0,80}", lead in 0..LEADS.len()) {
        for text in [text.clone(), format!("{} {text}", LEADS[lead]), format!("x|{text}")] {
            if let Some(at) = in_words(&text, noon(), &berlin()) {
                prop_assert!(at.millis_since(noon()) <= 32 * 24 * 3_600_000);
            }
        }
    }

    #[test]
    fn any_time_of_day_is_within_the_next_day(hour in 1..=12_u8, minute in 0..60_u8, pm in any::<bool>()) {
        let half = if pm { "PM" } else { "am" };
        let at = in_words(&format!("resets {hour}:{minute:02} {half}"), noon(), &berlin()).unwrap();
        prop_assert!(at > noon() && at.millis_since(noon()) <= 24 * 3_600_000);
    }
}
