//! Table: what a secret looks like.
//!
//! Only shapes that an issuer documents or that nothing else has: a rule such as `token = …` finds
//! more words than secrets.

/// One kind of secret.
pub(crate) struct Rule {
    /// The part of the finding's rule after `secrets/`.
    pub(crate) id: &'static str,
    /// What people call it.
    pub(crate) name: &'static str,
    /// One of them is in every match, so that most lines need no regular expression.
    pub(crate) hints: &'static [&'static str],
    /// The shape.
    pub(crate) pattern: &'static str,
    /// Who says that it looks like this.
    pub(crate) source: &'static str,
    /// What has to be true of a match.
    pub(crate) proof: Proof,
}

/// What tells a secret from a mention of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It is no placeholder and looks random.
    LooksRandom,
    /// It is the header of a block, and base64 follows it.
    KeyFollows,
}

/// Every kind of secret that is looked for.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "private-key",
        name: "a private key",
        hints: &["PRIVATE KEY"],
        pattern: r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----",
        source: "RFC 7468, section 10; RFC 4880, section 6.2",
        proof: Proof::KeyFollows,
    },
    Rule {
        id: "aws-access-key-id",
        name: "an AWS access key id",
        hints: &["AKIA", "ASIA"],
        pattern: r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
        source: "AWS IAM, unique identifiers and their prefixes",
        proof: Proof::LooksRandom,
    },
    Rule {
        id: "github-token",
        name: "a GitHub token",
        hints: &["gh"],
        pattern: r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b",
        source: "GitHub, authentication token formats",
        proof: Proof::LooksRandom,
    },
    Rule {
        id: "github-fine-grained-token",
        name: "a fine-grained GitHub token",
        hints: &["github_pat_"],
        pattern: r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b",
        source: "GitHub, authentication token formats",
        proof: Proof::LooksRandom,
    },
    Rule {
        id: "gitlab-token",
        name: "a GitLab token",
        hints: &["glpat-"],
        pattern: r"\bglpat-[A-Za-z0-9_\-]{20,}",
        source: "GitLab, token prefixes",
        proof: Proof::LooksRandom,
    },
    Rule {
        id: "slack-token",
        name: "a Slack token",
        hints: &["xox"],
        pattern: r"\bxox[baprs]-[0-9A-Za-z\-]{20,}",
        source: "Slack, token types",
        proof: Proof::LooksRandom,
    },
    Rule {
        id: "stripe-live-key",
        name: "a live Stripe key",
        hints: &["k_live_"],
        pattern: r"\b[sr]k_live_[0-9A-Za-z]{20,}\b",
        source: "Stripe, API keys",
        proof: Proof::LooksRandom,
    },
    Rule {
        id: "google-api-key",
        name: "a Google API key",
        hints: &["AIza"],
        pattern: r"\bAIza[0-9A-Za-z_\-]{35}(?:[^0-9A-Za-z_\-]|$)",
        source: "Google Cloud, API keys overview",
        proof: Proof::LooksRandom,
    },
    Rule {
        id: "anthropic-key",
        name: "an Anthropic key",
        hints: &["sk-ant-"],
        pattern: r"\bsk-ant-[a-z]+[0-9]{2}-[A-Za-z0-9_\-]{40,}",
        source: "Anthropic, API keys",
        proof: Proof::LooksRandom,
    },
    Rule {
        id: "openai-key",
        name: "an OpenAI key",
        hints: &["sk-"],
        pattern: r"\bsk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_\-]{40,}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}\b)",
        source: "OpenAI, API keys; T3BlbkFJ is `OpenAI` in base64",
        proof: Proof::LooksRandom,
    },
    Rule {
        id: "npm-token",
        name: "an npm token",
        hints: &["npm_"],
        pattern: r"\bnpm_[A-Za-z0-9]{36}\b",
        source: "npm, access token format",
        proof: Proof::LooksRandom,
    },
    Rule {
        id: "pypi-token",
        name: "a PyPI token",
        hints: &["pypi-AgE"],
        pattern: r"\bpypi-AgE[A-Za-z0-9_\-]{50,}",
        source: "PyPI, API tokens; AgEIcHlwaS5vcmc is a macaroon for pypi.org",
        proof: Proof::LooksRandom,
    },
];
