//! What watches programs: logs, metrics, errors, flags.

use super::{Proof, Rule, Weight, named, shape};

const UUID: &str = r"[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}";

pub(super) const RULES: &[Rule] = &[
    named(
        "datadog-key",
        "a Datadog key",
        &["dd_api_key", "datadog"],
        r"(?:dd|datadog)_?api_?key",
        r"[a-f0-9]{32}",
        "Datadog, API keys",
    ),
    named(
        "datadog-application-key",
        "a Datadog application key",
        &["dd_app", "datadog"],
        r"(?:dd|datadog)_?app(?:lication)?_?key",
        r"[a-f0-9]{40}",
        "Datadog, application keys",
    ),
    shape(
        "newrelic-user-key",
        "a New Relic user key",
        &["NRAK-"],
        r"NRAK-[A-Z0-9]{27}",
        "New Relic, API keys",
    ),
    shape(
        "newrelic-insert-key",
        "a New Relic insert key",
        &["NRII-"],
        r"NRII-[A-Za-z0-9_-]{32}",
        "New Relic, API keys",
    ),
    shape(
        "newrelic-licence-key",
        "a New Relic licence key",
        &["NRAL"],
        r"[a-f0-9]{36}NRAL",
        "New Relic, licence keys",
    )
    .weighing(Weight::Likely),
    shape(
        "sentry-token",
        "a Sentry organization token",
        &["sntrys_"],
        r"sntrys_eyJ[A-Za-z0-9+/=_-]{80,400}",
        "Sentry, auth tokens",
    ),
    shape(
        "sentry-user-token",
        "a Sentry user token",
        &["sntryu_"],
        r"sntryu_[a-f0-9]{64}",
        "Sentry, auth tokens",
    ),
    shape(
        "grafana-token",
        "a Grafana service account token",
        &["glsa_"],
        r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}",
        "Grafana, service accounts",
    ),
    shape(
        "grafana-cloud-token",
        "a Grafana Cloud token",
        &["glc_eyJ"],
        r"glc_eyJ[A-Za-z0-9+/=]{60,400}",
        "Grafana Cloud, access policies",
    ),
    shape(
        "honeycomb-key",
        "a Honeycomb key",
        &["hcaik_", "hcbik_", "hcxik_"],
        r"hc[abx]ik_[a-z0-9]{58}",
        "Honeycomb, API keys",
    ),
    shape(
        "dynatrace-token",
        "a Dynatrace token",
        &["dt0c", "dt0s"],
        r"dt0[cs](?:01|16)\.[A-Z0-9]{24}\.[A-Z0-9]{64}",
        "Dynatrace, token format",
    ),
    named(
        "pagerduty-key",
        "a PagerDuty key",
        &["pagerduty", "pd_api"],
        r"(?:pagerduty|pd)_?(?:api_?)?(?:key|token)",
        r"[A-Za-z0-9+_-]{20}",
        "PagerDuty, API access keys",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "opsgenie-key",
        "an Opsgenie key",
        &["opsgenie"],
        r"opsgenie_?(?:api_?)?key",
        UUID,
        "Opsgenie, API keys",
    ),
    named(
        "rollbar-token",
        "a Rollbar token",
        &["rollbar"],
        r"rollbar_?(?:server_?|access_?)?token",
        r"[a-f0-9]{32}",
        "Rollbar, access tokens",
    ),
    named(
        "bugsnag-key",
        "a Bugsnag key",
        &["bugsnag"],
        r"bugsnag_?(?:api_?)?key",
        r"[a-f0-9]{32}",
        "Bugsnag, API keys",
    ),
    shape(
        "posthog-personal-key",
        "a PostHog personal key",
        &["phx_"],
        r"phx_[A-Za-z0-9]{40,50}",
        "PostHog, personal API keys",
    ),
    named(
        "mixpanel-secret",
        "a Mixpanel secret",
        &["mixpanel"],
        r"mixpanel_?(?:api_?)?secret",
        r"[a-f0-9]{32}",
        "Mixpanel, project settings",
    ),
    named(
        "amplitude-secret",
        "an Amplitude secret",
        &["amplitude"],
        r"amplitude_?secret(?:_?key)?",
        r"[a-f0-9]{32}",
        "Amplitude, API keys",
    ),
    named(
        "segment-key",
        "a Segment write key",
        &["segment"],
        r"segment_?write_?key",
        r"[A-Za-z0-9]{32}",
        "Twilio Segment, write keys",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "launchdarkly-key",
        "a LaunchDarkly key",
        &["launchdarkly", "ld_sdk"],
        r"(?:launchdarkly|ld)_?(?:sdk|api|access)_?(?:key|token)",
        r"(?:sdk|api)-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
        "LaunchDarkly, keys",
    )
    .weighing(Weight::Certain),
    named(
        "statsig-secret",
        "a Statsig secret",
        &["statsig"],
        r"statsig.{0,12}(?:key|secret)",
        r"secret-[A-Za-z0-9]{43}",
        "Statsig, API keys",
    )
    .weighing(Weight::Certain),
    named(
        "splunk-token",
        "a Splunk collector token",
        &["splunk"],
        r"splunk_?(?:hec_?)?token",
        UUID,
        "Splunk, HTTP event collector",
    ),
    named(
        "elastic-key",
        "an Elastic key",
        &["elastic"],
        r"elastic(?:search)?_?api_?key",
        r"[A-Za-z0-9+/]{56,80}={0,2}",
        "Elasticsearch, API keys",
    )
    .proved_by(Proof::LooksVeryRandom),
    shape(
        "axiom-token",
        "an Axiom token",
        &["xaat-", "xapt-"],
        r"xa[ap]t-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
        "Axiom, tokens",
    ),
    shape("checkly-key", "a Checkly key", &["cu_"], r"cu_[a-f0-9]{32}", "Checkly, API keys")
        .weighing(Weight::Likely),
    named(
        "logzio-token",
        "a Logz.io token",
        &["logzio"],
        r"logzio_?(?:shipping_?|api_?)?token",
        r"[A-Za-z]{32}",
        "Logz.io, shipping tokens",
    ),
    named(
        "sumologic-key",
        "a Sumo Logic key",
        &["sumologic", "sumo_access"],
        r"(?:sumologic|sumo)_?access_?key",
        r"[A-Za-z0-9]{64}",
        "Sumo Logic, access keys",
    )
    .proved_by(Proof::LooksVeryRandom),
];
