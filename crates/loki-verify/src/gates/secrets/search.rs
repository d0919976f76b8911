//! The search for secrets in added lines.

use std::cell::OnceCell;
use std::sync::LazyLock;

use loki_model::{Finding, Location, Severity};
use regex::Regex;
use sha2::{Digest as _, Sha256};

use super::rules::{Proof, RULES, Rule};

/// Findings that are reported one by one.
const FINDINGS_MAX: usize = 50;

/// Characters of a secret that a finding shows.
const SHOWN_CHARS: usize = 4;

/// Bits per character below which a text is a placeholder.
const ENTROPY_BITS_MIN: f64 = 2.5;

/// Characters of base64 in one piece that a key block has at least.
const KEY_CHARS_MIN: usize = 32;

/// What marks a documented example or a placeholder, in lower case.
const PLACEHOLDERS: &[&str] = &[
    "example",
    "xxxx",
    "0000",
    "your",
    "dummy",
    "placeholder",
    "redacted",
    "fake",
    "sample",
    "1234567890",
    "abcdef",
    "test_key",
    "changeme",
    "notreal",
    "deadbeef",
    "aaaa",
    "....",
    "****",
];

/// A search through added lines, in order.
#[derive(Default)]
pub(super) struct Search {
    pub(super) lines: u64,
    /// Of everything that was searched.
    pub(super) digest: Sha256,
    pub(super) found: usize,
    /// The first [`FINDINGS_MAX`].
    pub(super) findings: Vec<Finding>,
    /// The header of a key block that ended the line before, and where it was.
    header: Option<(&'static Rule, String, u32)>,
}

impl Search {
    /// Searches one line without its end.
    pub(super) fn line(&mut self, path: &str, line: u32, text: &[u8]) {
        self.lines += 1;
        self.digest.update(text);
        self.digest.update(b"\n");
        let text = String::from_utf8_lossy(text);
        if let Some((rule, at, before)) = self.header.take()
            && at == path
            && before.checked_add(1) == Some(line)
            && (last_base64(&text).is_some() || text.trim_start().starts_with("Proc-Type:"))
        {
            self.add(finding(rule, "-----BEGIN", path, before));
        }
        self.scan(path, line, &text);
    }

    /// Searches the end of a line whose beginning was searched before.
    pub(super) fn rest_of_line(&mut self, path: &str, line: u32, text: &[u8]) {
        self.digest.update(text);
        self.scan(path, line, &String::from_utf8_lossy(text));
    }

    fn scan(&mut self, path: &str, line: u32, text: &str) {
        // Once a line: a hostile one is full of headers.
        let key_at = OnceCell::new();
        for (rule, secret, end) in matches_in(text) {
            match rule.proof {
                Proof::LooksRandom if looks_random(secret) => {
                    self.add(finding(rule, secret, path, line));
                }
                Proof::LooksRandom => {}
                Proof::KeyFollows
                    if key_at.get_or_init(|| last_base64(text)).is_some_and(|at| at >= end) =>
                {
                    self.add(finding(rule, secret, path, line));
                }
                Proof::KeyFollows => self.header = Some((rule, path.to_owned(), line)),
            }
        }
    }

    fn add(&mut self, finding: Finding) {
        self.found += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }
}

fn finding(rule: &Rule, secret: &str, path: &str, line: u32) -> Finding {
    let head: String = secret.chars().take(SHOWN_CHARS).collect();
    Finding {
        rule: format!("secrets/{}", rule.id),
        severity: Severity::Error,
        location: Some(Location { path: path.to_owned(), line: Some(line) }),
        message: format!("{} was added (`{head}…`)", rule.name),
        detail: format!("Shape: {}. Remove it, and revoke it where it was issued.", rule.source),
    }
}

/// What looks like a secret in one line: the rule, the match, and where it ends.
fn matches_in(text: &str) -> impl Iterator<Item = (&'static Rule, &str, usize)> {
    PATTERNS
        .iter()
        .filter(move |(rule, _)| rule.hints.iter().any(|hint| text.contains(hint)))
        .flat_map(move |(rule, pattern)| {
            pattern.find_iter(text).map(move |found| (*rule, found.as_str(), found.end()))
        })
}

static PATTERNS: LazyLock<Vec<(&'static Rule, Regex)>> = LazyLock::new(|| {
    RULES.iter().filter_map(|rule| Some((rule, Regex::new(rule.pattern).ok()?))).collect()
});

fn looks_random(secret: &str) -> bool {
    let lower = secret.to_ascii_lowercase();
    !PLACEHOLDERS.iter().any(|word| lower.contains(word))
        && entropy_bits(secret) >= ENTROPY_BITS_MIN
}

/// Where in a text the last piece of base64 begins that is as long as only a key is.
fn last_base64(text: &str) -> Option<usize> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    let mut end = text.len();
    for piece in text.as_bytes().rsplit(|byte| !is_base64(byte)) {
        let start = end - piece.len();
        if piece.len() >= KEY_CHARS_MIN {
            return Some(start);
        }
        end = start.saturating_sub(1);
    }
    None
}

/// Shannon entropy of the characters of `text`, in bits for each.
fn entropy_bits(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let total = text.len() as f64;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| f64::from(count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Letters that look random, so that no line of this file is a secret itself.
    fn random(letters: &str, length: usize) -> String {
        let letters: Vec<char> = letters.chars().collect();
        let mut state = 88_172_645_463_325_252_u64;
        (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                letters[usize::try_from(state % letters.len() as u64).unwrap()]
            })
            .collect()
    }

    fn found(lines: &str) -> Vec<String> {
        let mut search = Search::default();
        (1..).zip(lines.split('\n')).for_each(|(at, line)| search.line("a", at, line.as_bytes()));
        search.findings.into_iter().map(|finding| finding.rule.replace("secrets/", "")).collect()
    }

    const WORD: &str = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    #[test]
    fn every_rule_compiles_and_finds_its_own_kind() {
        assert_eq!(PATTERNS.len(), RULES.len());
        let w = |length| random(WORD, length);
        for (line, id) in [
            (format!("-----BEGIN RSA PRIVATE KEY-----\n{}", w(64)), "private-key"),
            (format!("k = \"-----BEGIN PRIVATE KEY-----\\n{}\"", w(64)), "private-key"),
            (format!("id: {}{}", "AKIA", random(UPPER, 16)), "aws-access-key-id"),
            (format!("t='{}{}'", "ghp_", w(36)), "github-token"),
            (format!("{}{}_{}", "github_pat_", w(22), w(59)), "github-fine-grained-token"),
            (format!("{}{}", "glpat-", w(20)), "gitlab-token"),
            (format!("{}{}", "xoxb-", w(30)), "slack-token"),
            (format!("{}{}", "sk_live_", w(24)), "stripe-live-key"),
            (format!("{}{}", "AIza", w(35)), "google-api-key"),
            (format!("{}{}", "sk-ant-api03-", w(90)), "anthropic-key"),
            (format!("{}{}", "sk-proj-", w(60)), "openai-key"),
            (format!("{}{}T3BlbkFJ{}", "sk-", w(20), w(20)), "openai-key"),
            (format!("{}{}", "npm_", w(36)), "npm-token"),
            (format!("{}{}", "pypi-AgEIcHlwaS5vcmc", w(60)), "pypi-token"),
        ] {
            assert_eq!(found(&line), [id], "{line}");
        }
    }

    #[test]
    fn documented_examples_and_placeholders_are_no_secrets() {
        for line in [
            "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "ghp_000000000000000000000000000000000000",
            "token = <your-token>",
            "sk-ant-api03-your-key-goes-here-your-key-goes-here-your-key",
            "sk_live_aaaaaaaaaaaaaaaaaaaaaaaa",
            "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
            "if line.startswith('-----BEGIN RSA PRIVATE KEY-----'):",
            "let pattern = /-----BEGIN PRIVATE KEY-----[^-]+/;",
            "password = getpass()",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.sig",
        ] {
            assert_eq!(found(line), Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn a_finding_never_holds_the_secret() {
        let secret = format!("{}{}", "ghp_", random(WORD, 36));
        let shown = format!("{:?}", finding(&RULES[2], &secret, "a.py", 3));
        assert!(!shown.contains(&secret[..8]), "{shown}");
    }

    #[test]
    fn a_secret_is_found_wherever_it_stands_in_a_long_line() {
        let token = format!("{}{}", "ghp_", random(WORD, 36));
        for before in [64 * 1024 - 20, 64 * 1024, 900_000] {
            let line = format!("{} {token} {}", "x".repeat(before), "y".repeat(9));
            assert_eq!(found(&line), ["github-token"], "after {before} bytes");
        }
    }

    #[test]
    fn the_last_long_piece_of_base64_is_found() {
        let key = "k".repeat(KEY_CHARS_MIN);
        assert_eq!(last_base64(&key), Some(0));
        assert_eq!(last_base64(&format!("{key} - {key}-é-short")), Some(KEY_CHARS_MIN + 3));
        assert_eq!(last_base64(&format!("-{}-", &key[1..])), None);
    }

    proptest! {
        #[test]
        fn any_line_is_searched_without_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            Search::default().line("a", 1, &line);
        }
    }
}
