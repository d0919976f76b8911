//! How large a spec is, with the reasons.

use loki_model::{Complexity, Priority, Spec};

use super::manifests::Dependencies;
use super::team::Wanted;
use super::text::Text;

/// Services of others, as specs name them.
const SERVICES: &[&str] = &[
    "stripe",
    "paypal",
    "twilio",
    "sendgrid",
    "oauth",
    "oauth2",
    "saml",
    "oidc",
    "openid",
    "sso",
    "single sign-on",
    "aws",
    "s3",
    "azure",
    "google cloud",
    "firebase",
    "kafka",
    "rabbitmq",
    "openai",
    "anthropic",
    "elasticsearch",
    "auth0",
    "payment provider",
    "third-party api",
    "external api",
    "ldap",
    "salesforce",
    "shopify",
    "webhook",
    "webhooks",
    "sms",
    "push notification",
    "push notifications",
];

/// What makes everything else harder.
const HARD: &[&str] = &[
    "microservice",
    "microservices",
    "distributed",
    "multi-tenant",
    "multi-tenancy",
    "consensus",
    "real-time collaboration",
    "end-to-end encryption",
    "end-to-end encrypted",
    "compiler",
    "crdt",
    "zero downtime",
    "exactly once",
    "exactly-once",
    "idempotency-key",
    "outbox",
    "subscribes",
    "subscription",
    "subscriptions",
    "reserved",
    "time zones",
];

/// So few requirements are simple whatever the repository is.
const TINY: usize = 3;

/// How large `spec` is, and what speaks for it.
pub(crate) fn complexity(
    spec: &Spec,
    text: &Text,
    wanted: &[Wanted],
    dependencies: &Dependencies,
) -> (Complexity, Vec<String>) {
    let mut points = 0;
    let mut why = Vec::new();
    let mut add = |n: u32, reason: String| {
        points += n;
        why.push(reason);
    };
    let needed = spec.requirements.iter().filter(|r| r.priority != Priority::Could).count();
    let criteria: usize = spec.requirements.iter().map(|r| r.acceptance.len()).sum();
    // Criteria are smaller than requirements, and most requirements have some.
    let size = match needed + criteria / 8 {
        0..=10 => 0,
        11..=25 => 2,
        26..=60 => 4,
        _ => 5,
    };
    add(size, format!("{needed} requirements, {criteria} acceptance criteria"));
    if criteria > 60 {
        add(1, "many acceptance criteria".to_owned());
    }
    let services: Vec<&str> = SERVICES.iter().copied().filter(|phrase| text.says(phrase)).collect();
    match services.len() {
        0 => {}
        1 => add(1, format!("a service of others: {}", services[0])),
        _ => add(2, format!("services of others: {}", services.join(", "))),
    }
    let hard: Vec<&str> = HARD.iter().copied().filter(|phrase| text.says(phrase)).collect();
    if !hard.is_empty() {
        add(2, format!("hard by nature: {}", hard.join(", ")));
    }
    let fields = wanted.iter().filter(|wanted| wanted.builds()).count();
    match fields {
        0..=2 => {}
        3..=4 => add(1, format!("{fields} fields of work")),
        _ => add(2, format!("{fields} fields of work")),
    }
    if needed > TINY {
        if !dependencies.services.is_empty() {
            let services: Vec<&str> = dependencies.services.iter().map(String::as_str).collect();
            add(1, format!("the repository depends on {}", services.join(", ")));
        }
        if dependencies.kinds.len() > 1 {
            let kinds: Vec<&str> = dependencies.kinds.iter().map(String::as_str).collect();
            add(1, format!("the repository mixes {}", kinds.join(", ")));
        }
    }
    let complexity = match points {
        0..=1 => Complexity::Simple,
        2..=4 => Complexity::Standard,
        _ => Complexity::Complex,
    };
    (complexity, why)
}
