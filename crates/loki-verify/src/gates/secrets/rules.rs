//! Table: what a secret looks like.
//!
//! Only shapes that an issuer documents or that nothing else has, and values right after a name that
//! belongs to one issuer alone: a rule such as `token = …` finds more words than secrets.

mod accounts;
mod chat;
mod cloud;
mod code;
mod data;
mod keys;
mod models;
mod payment;
mod watch;

/// One kind of secret.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// The part of the finding's rule after `secrets/`.
    pub(crate) id: &'static str,
    /// What people call it.
    pub(crate) name: &'static str,
    /// One of them is in every match, in whatever case, so that most lines need no regular expression.
    pub(crate) hints: &'static [&'static str],
    /// The name that has to stand before the value, as a regular expression; empty when the value says
    /// enough by itself.
    pub(crate) keyword: &'static str,
    /// The shape of the value, without anything around it.
    pub(crate) pattern: &'static str,
    /// Who says that it looks like this.
    pub(crate) source: &'static str,
    /// What has to be true of a match.
    pub(crate) proof: Proof,
    /// How bad it is.
    pub(crate) weight: Weight,
}

/// What tells a secret from a mention of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It is no placeholder and looks random.
    LooksRandom,
    /// It looks random to the last: letters of both cases, digits, and no pattern in them.
    LooksVeryRandom,
    /// It looks random, and its last six characters tell whether it was ever issued.
    Checksum,
    /// It is the header of a block, and base64 follows it.
    KeyFollows,
    /// A header and a payload in JSON, and a signature that is no example.
    Jwt,
    /// A name and a password in front of a host.
    Password,
    /// Base64 of a name and a password.
    DecodesToPair,
}

/// How bad a kind of secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Its shape leaves no doubt: an error wherever it stands.
    Certain,
    /// Its shape alone could be something else: in tests and prose a person has to look.
    Likely,
    /// Of an account for trying things out: a note.
    Trial,
}

/// A secret whose shape says enough.
const fn shape(
    id: &'static str,
    name: &'static str,
    hints: &'static [&'static str],
    pattern: &'static str,
    source: &'static str,
) -> Rule {
    let (proof, weight) = (Proof::LooksRandom, Weight::Certain);
    Rule { id, name, hints, keyword: "", pattern, source, proof, weight }
}

/// A secret that is told by the name before it.
const fn named(
    id: &'static str,
    name: &'static str,
    hints: &'static [&'static str],
    keyword: &'static str,
    pattern: &'static str,
    source: &'static str,
) -> Rule {
    let (proof, weight) = (Proof::LooksRandom, Weight::Likely);
    Rule { id, name, hints, keyword, pattern, source, proof, weight }
}

impl Rule {
    const fn proved_by(mut self, proof: Proof) -> Rule {
        self.proof = proof;
        self
    }

    const fn weighing(mut self, weight: Weight) -> Rule {
        self.weight = weight;
        self
    }

    /// The regular expression of the rule; its first group is the secret.
    pub(crate) fn expression(&self) -> String {
        let Rule { keyword, pattern, proof, .. } = self;
        if *proof == Proof::KeyFollows {
            return format!("({pattern})");
        }
        if keyword.is_empty() {
            // A line may begin within a text, as `\\n`.
            return format!("(?:^|[^A-Za-z0-9_]|\\\\[nrt])({pattern})(?:[^A-Za-z0-9]|$)");
        }
        // `NAME=value`, `"name": "value"`, `name := 'value'`, `name => "value"`, `-name value`.
        format!(
            "(?i:{keyword})[\"'\\]]{{0,3}}\\s*(?::=|=>|[:=,]|\\s)\\s*[\"'`]?({pattern})(?:[^A-Za-z0-9]|$)"
        )
    }
}

/// Every kind of secret that is looked for.
pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        keys::RULES,
        cloud::RULES,
        code::RULES,
        models::RULES,
        payment::RULES,
        chat::RULES,
        watch::RULES,
        accounts::RULES,
        data::RULES,
    ]
    .into_iter()
    .flatten()
}

/// Values that issuers print in their own documentation, in pieces so that no scanner takes this file
/// for a secret.
pub(crate) const DOCUMENTED: &[&str] = &[
    concat!("AKIA", "IOSFODNN7EXAMPLE"),
    concat!("sk_test_", "4eC39HqLyjWDarjtT1zdp7dc"),
    concat!("sk_test_", "BQokikJOvBiI2HlWgH4olfQ2"),
    concat!("SG.", "ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr"),
    concat!("ghp_", "16C7e42F292c6912E7710c838347Ae178B4a"),
    concat!("AIza", "SyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe"),
    concat!("SflKxwRJ", "SMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"),
];
