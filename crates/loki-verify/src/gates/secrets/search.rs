//! The search for secrets in added lines.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use loki_model::{Digest, Finding, Location, Severity};
use regex::Regex;
use sha2::{Digest as _, Sha256};

use super::proof::weigh;
use super::rules::{Proof, Rule, rules};
use crate::kind::{Kind, kind};

/// Findings that are reported one by one.
const FINDINGS_MAX: usize = 50;

/// Characters of a secret that a finding shows.
const SHOWN_CHARS: usize = 4;

/// Characters of base64 in one piece that a key block has at least.
const KEY_CHARS_MIN: usize = 32;

/// Digests of secrets that are remembered, so that each is told once.
const REMEMBERED_MAX: usize = 10_000;

/// A search through added lines, in order.
#[derive(Default)]
pub(super) struct Search {
    pub(super) lines: u64,
    /// Of everything that was searched.
    pub(super) digest: Sha256,
    pub(super) found: usize,
    /// The first [`FINDINGS_MAX`].
    pub(super) findings: Vec<Finding>,
    /// Digests of what was found, in the order of `findings`.
    pub(super) secrets: Vec<Digest>,
    /// What is told elsewhere.
    known: BTreeSet<String>,
    /// The commit whose lines are searched, when that is not the tip.
    commit: Option<String>,
    /// The header of a key block that ended the line before, and where it was.
    header: Option<(&'static Rule, String, u32)>,
    place: Place,
}

/// What of a change is searched.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    /// An added line.
    #[default]
    Line,
    /// The name of an added file.
    Name,
    /// The message of a commit.
    Message,
}

impl Search {
    /// A search through the lines of a commit that is not the tip, for what `tip` did not find.
    pub(super) fn of_commit(commit: &str, tip: &Search) -> Search {
        let known = tip.secrets.iter().map(ToString::to_string).collect();
        Search { commit: Some(commit.chars().take(12).collect()), known, ..Search::default() }
    }

    /// The same without what `other` did not find.
    pub(super) fn also_in(mut self, other: &Search) -> Search {
        let pairs =
            std::mem::take(&mut self.findings).into_iter().zip(std::mem::take(&mut self.secrets));
        (self.findings, self.secrets) =
            pairs.filter(|(_, secret)| other.secrets.contains(secret)).unzip();
        self
    }

    /// Searches one line without its end.
    pub(super) fn line(&mut self, path: &str, line: u32, text: &[u8]) {
        self.lines += 1;
        self.text(path, line, text);
    }

    /// Searches the name of an added file.
    pub(super) fn name(&mut self, path: &str) {
        self.place = Place::Name;
        self.text(path, 0, path.as_bytes());
        self.place = Place::Line;
    }

    /// Searches the message of the commit.
    pub(super) fn message(&mut self, message: &str) {
        self.place = Place::Message;
        (1..).zip(message.lines()).for_each(|(at, line)| self.text("", at, line.as_bytes()));
        self.place = Place::Line;
    }

    fn text(&mut self, path: &str, line: u32, text: &[u8]) {
        self.digest.update(text);
        self.digest.update(b"\n");
        self.after_header(path, line, text);
        // Most lines hold no hint: they are not even read as text.
        let hints = hinted(text);
        if !hints.is_empty() {
            self.scan(path, line, &String::from_utf8_lossy(text), &hints);
        }
    }

    /// Searches the end of a line whose beginning was searched before.
    pub(super) fn rest_of_line(&mut self, path: &str, line: u32, text: &[u8]) {
        self.digest.update(text);
        let hints = hinted(text);
        self.scan(path, line, &String::from_utf8_lossy(text), &hints);
    }

    /// Tells whether the header of the line before was that of a key.
    fn after_header(&mut self, path: &str, line: u32, text: &[u8]) {
        let Some((rule, at, before)) = self.header.take() else { return };
        let text = String::from_utf8_lossy(text);
        if at == path
            && before.checked_add(1) == Some(line)
            && (last_base64(&text).is_some() || text.trim_start().starts_with("Proc-Type:"))
        {
            let kind = kind(path);
            self.add(rule, "-----BEGIN", Some(&text), path, before, kind);
        }
    }

    fn scan(&mut self, path: &str, line: u32, text: &str, hints: &BTreeSet<usize>) {
        // Once a line: a hostile one is full of headers.
        let key_at = OnceCell::new();
        let kind = kind(path);
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for &index in hints {
            let Some((rule, pattern)) = PATTERNS.get(index) else { continue };
            for found in pattern.captures_iter(text) {
                let Some(secret) = found.get(1) else { continue };
                let (start, end) = (secret.start(), secret.end());
                // One text is one secret, by the first rule that knows it.
                if taken.iter().any(|(from, to)| start < *to && *from < end) {
                    continue;
                }
                let follows = || *key_at.get_or_init(|| last_base64(text));
                match rule.proof {
                    Proof::KeyFollows if follows().is_some_and(|at| at >= end) => {
                        let key = text.get(end..);
                        self.add(rule, secret.as_str(), key, path, line, kind);
                    }
                    Proof::KeyFollows => self.header = Some((rule, path.to_owned(), line)),
                    _ if weigh(rule, secret.as_str(), kind).is_some() => {
                        taken.push((start, end));
                        self.add(rule, secret.as_str(), None, path, line, kind);
                    }
                    _ => {}
                }
            }
        }
    }

    /// `more` is what makes the secret itself, where `shown` only begins it.
    fn add(
        &mut self,
        rule: &Rule,
        shown: &str,
        more: Option<&str>,
        path: &str,
        line: u32,
        kind: Kind,
    ) {
        let Some(severity) = weigh(rule, shown, kind) else { return };
        let digest = Digest::of(more.unwrap_or(shown).trim().as_bytes());
        if self.known.contains(&digest.to_string()) {
            return;
        }
        if self.secrets.len() < REMEMBERED_MAX {
            self.secrets.push(digest.clone());
        }
        if self.commit.is_some() {
            self.known.insert(digest.to_string());
        }
        self.found += usize::from(severity > Severity::Note);
        if self.findings.len() < FINDINGS_MAX {
            let finding = self.finding(rule, shown, severity, path, line);
            self.findings.push(finding);
        }
    }

    fn finding(
        &self,
        rule: &Rule,
        secret: &str,
        severity: Severity,
        path: &str,
        line: u32,
    ) -> Finding {
        let head: String = secret.chars().take(SHOWN_CHARS).collect();
        let length = secret.chars().count();
        let what = match (self.place, &self.commit) {
            (Place::Line, None) => "was added",
            (Place::Line, Some(_)) => "was added and removed again",
            (Place::Name, None) => "is in the name of an added file",
            (Place::Name, Some(_)) => "was in the name of a file",
            (Place::Message, _) => "is in the message of a commit",
        };
        let where_from = match &self.commit {
            Some(commit) => format!(" It is in commit {commit}, which would be published."),
            None => String::new(),
        };
        let line = (self.place == Place::Line).then_some(line);
        let location = Location { path: path.to_owned(), line };
        let shown = match rule.proof {
            Proof::KeyFollows => format!("`{head}…`"),
            _ => format!("`{head}…`, {length} characters"),
        };
        Finding {
            rule: format!("secrets/{}", rule.id),
            severity,
            location: Some(location).filter(|_| self.place != Place::Message),
            message: format!("{} {what} ({shown}).{where_from}", rule.name)
                .trim_end_matches('.')
                .to_owned(),
            detail: format!(
                "Shape: {}. Remove it{}, and revoke it where it was issued.",
                rule.source,
                if self.commit.is_some() { " from the history" } else { "" }
            ),
        }
    }
}

/// Every rule with its expression, in the order of the tables, compiled when it is first needed.
static PATTERNS: LazyLock<Vec<(&'static Rule, Lazy)>> =
    LazyLock::new(|| rules().map(|rule| (rule, Lazy::new(rule))).collect());

/// An expression that most searches never need.
struct Lazy {
    rule: &'static Rule,
    compiled: OnceLock<Option<Regex>>,
}

/// Where a line without its end holds secrets, in order and apart from each other. Keys that go over several
/// lines are not looked for.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    for index in hinted(text.as_bytes()) {
        let Some((rule, pattern)) = PATTERNS.get(index) else { continue };
        let secrets = pattern.captures_iter(text).filter_map(|found| found.get(1));
        let certain = secrets.filter(|secret| weigh(rule, secret.as_str(), Kind::Source).is_some());
        spans.extend(certain.map(|secret| secret.range()));
    }
    apart(spans)
}

/// `spans` in order, those that overlap as one.
pub(super) fn apart(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_by_key(|span| span.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => apart.push(span),
        }
    }
    apart
}

impl Lazy {
    fn new(rule: &'static Rule) -> Lazy {
        Lazy { rule, compiled: OnceLock::new() }
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.rule.expression()).ok()).as_ref()
    }

    fn captures_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = regex::Captures<'t>> {
        let (regex, mut from) = (self.regex(), 0);
        std::iter::from_fn(move || {
            let found = regex?.captures_at(text, from)?;
            // What ends one secret may be all that is before the next.
            from = found.get(1).or(found.get(0))?.end().max(from + 1);
            Some(found)
        })
    }
}

/// All hints in one automaton, and the rule that each of them belongs to.
static HINTS: LazyLock<Option<(AhoCorasick, Vec<usize>)>> = LazyLock::new(|| {
    let hints: Vec<(usize, &str)> = rules()
        .enumerate()
        .flat_map(|(index, rule)| rule.hints.iter().map(move |hint| (index, *hint)))
        .collect();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(hints.iter().map(|(_, hint)| hint))
        .ok()?;
    Some((automaton, hints.iter().map(|(index, _)| *index).collect()))
});

/// Whether a text can hold a secret, told without an expression.
pub(super) fn may_hold_secrets(text: &str) -> bool {
    !hinted(text.as_bytes()).is_empty()
}

/// The rules of which a line holds a hint.
fn hinted(text: &[u8]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    match HINTS.as_ref() {
        Some((automaton, owners)) => {
            for hit in automaton.find_overlapping_iter(text) {
                found.extend(owners.get(hit.pattern().as_usize()));
            }
        }
        // Without hints every rule has to look.
        None => found.extend(0..PATTERNS.len()),
    }
    found
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::*;

    fn found(path: &str, lines: &str) -> Vec<(String, Severity)> {
        let mut search = Search::default();
        (1..).zip(lines.split('\n')).for_each(|(at, line)| search.line(path, at, line.as_bytes()));
        let told = |finding: Finding| (finding.rule.replace("secrets/", ""), finding.severity);
        search.findings.into_iter().map(told).collect()
    }

    fn ids(lines: &str) -> Vec<String> {
        found("src/a.py", lines).into_iter().map(|(id, _)| id).collect()
    }

    /// A text that matches an expression, so that no line of this file is a secret itself.
    fn sample(runner: &mut TestRunner, expression: &str) -> String {
        let expression = expression.replace("\\b", " ").replace(".{", "[a-z ]{");
        let strategy = proptest::string::string_regex(&expression).unwrap();
        strategy.new_tree(runner).unwrap().current()
    }

    /// What a rule looks for, made anew at every run from a fixed seed.
    fn secret(runner: &mut TestRunner, rule: &Rule) -> String {
        match rule.proof {
            Proof::KeyFollows => sample(runner, rule.pattern),
            Proof::Jwt => {
                let part = |text: &str| encode(text.as_bytes());
                let header = part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
                let payload = part("{\"sub\":\"service-7\",\"aud\":\"billing\"}");
                format!("{header}.{payload}.{}", sample(runner, "[A-Za-z0-9_-]{43}"))
            }
            Proof::DecodesToPair => {
                let password = sample(runner, "[A-Za-z0-9]{18}");
                encode(format!("deploy:{password}").as_bytes())
            }
            Proof::Password => {
                let scheme = rule.hints.iter().find(|hint| hint.ends_with("://")).unwrap();
                let scheme = if *scheme == "://" { "https://" } else { scheme };
                let password = sample(runner, "[a-z][A-Z][0-9][A-Za-z0-9]{13}");
                format!("{scheme}svc:{password}@db.corp-network.net")
            }
            _ => (0..500)
                .map(|_| sample(runner, rule.pattern))
                .find(|secret| weigh(rule, secret, Kind::Source).is_some())
                .unwrap_or_else(|| panic!("{}", rule.id)),
        }
    }

    fn line(runner: &mut TestRunner, rule: &Rule, secret: &str) -> String {
        if rule.keyword.is_empty() {
            return format!("x = \"{secret}\"");
        }
        let keyword = rule.keyword.replace("\\S", "[a-z]").replace("[^\\w]", "[:]");
        let keyword = keyword.replace("\\s", "[ ]").replace("[^;\\x22']", "[a-z]");
        let between = if rule.hints.iter().any(|hint| hint.ends_with(' ')) { " " } else { "=" };
        (0..500)
            .map(|_| format!("{}{between}\"{secret}\"", sample(runner, &keyword)))
            .find(|line| hinted(line.as_bytes()).iter().any(|at| PATTERNS[*at].0.id == rule.id))
            .unwrap_or_else(|| panic!("{}", rule.id))
    }

    fn encode(bytes: &[u8]) -> String {
        let digits: Vec<char> =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars().collect();
        let digits = |at: u32| digits[(at & 63) as usize];
        bytes
            .chunks(3)
            .flat_map(|chunk| {
                let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
                let all = byte(0) << 16 | byte(1) << 8 | byte(2);
                let four = [digits(all >> 18), digits(all >> 12), digits(all >> 6), digits(all)];
                four.into_iter().take(chunk.len() + 1)
            })
            .collect()
    }

    #[test]
    fn every_kind_is_found_and_its_placeholder_is_not() {
        let mut runner = TestRunner::deterministic();
        let all: Vec<&Rule> = rules().collect();
        assert!(all.len() >= 150, "{}", all.len());
        let unique: BTreeSet<&str> = all.iter().map(|rule| rule.id).collect();
        assert_eq!(unique.len(), all.len());
        let mut wrong = Vec::new();
        for (rule, pattern) in PATTERNS.iter() {
            assert!(pattern.regex().is_some(), "{}", rule.id);
            for _ in 0..SAMPLES {
                found_and_blanked(&mut runner, rule, &mut wrong);
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Samples of each kind that are made.
    const SAMPLES: usize = 4;

    fn found_and_blanked(runner: &mut TestRunner, rule: &Rule, wrong: &mut Vec<String>) {
        let secret = secret(runner, rule);
        let mut text = line(runner, rule, &secret);
        if rule.proof == Proof::KeyFollows {
            text = format!("{secret}\n{}", sample(runner, "[A-Za-z0-9+/]{64}"));
        }
        let found = ids(&text);
        if !found.iter().any(|id| id == rule.id) {
            wrong.push(format!("{} is not found but {found:?}: {text}", rule.id));
        }
        // What has no form of its own keeps nothing of it.
        let is_all = rule.proof == Proof::LooksVeryRandom;
        for blank in ['x', '0'] {
            let begins = rule.hints.iter().filter(|hint| secret.starts_with(**hint));
            let kept = begins.map(|hint| hint.len()).max().unwrap_or(0);
            let blanked: String =
                secret
                    .chars()
                    .enumerate()
                    .map(|(at, c)| {
                        if at >= kept && (is_all || c.is_ascii_alphanumeric()) { blank } else { c }
                    })
                    .collect();
            let text = line(runner, rule, &blanked);
            if ids(&text).iter().any(|id| id == rule.id) {
                wrong.push(format!("{} is found: {text}", rule.id));
            }
        }
    }

    #[test]
    fn documented_examples_and_placeholders_are_no_secrets() {
        for text in [
            "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
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
            "//registry.npmjs.org/:_authToken=${NPM_TOKEN}",
            "DATABASE_URL=postgres://postgres:postgres@localhost:5432/app",
            "url = 'https://user:password@example.com'",
            "Authorization: Bearer $TOKEN",
            "Authorization: Basic dXNlcjpwYXNz",
            "twilio_auth_token = os.environ['TWILIO_AUTH_TOKEN']",
            "datadog_api_key: ${{ secrets.DATADOG_API_KEY }}",
        ] {
            assert_eq!(ids(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn where_a_secret_stands_decides_how_bad_it_is() {
        let mut runner = TestRunner::deterministic();
        let by_id = |id: &str| rules().find(|rule| rule.id == id).unwrap();
        let mut severity = |id: &str, path: &str| {
            let rule = by_id(id);
            let secret = secret(&mut runner, rule);
            found(path, &line(&mut runner, rule, &secret))[0].1
        };
        assert_eq!(severity("stripe-live-key", "tests/test_a.py"), Severity::Error);
        assert_eq!(severity("stripe-test-key", "src/a.py"), Severity::Note);
        assert_eq!(severity("datadog-key", "src/a.py"), Severity::Error);
        assert_eq!(severity("datadog-key", "tests/test_a.py"), Severity::Warning);
        assert_eq!(severity("github-token", "tests/test_a.py"), Severity::Warning);
        assert_eq!(severity("github-token", "src/a.py"), Severity::Error);
    }

    #[test]
    fn a_finding_never_holds_the_secret() {
        let mut runner = TestRunner::deterministic();
        for rule in rules() {
            let secret = secret(&mut runner, rule);
            let shown = format!(
                "{:?}",
                Search::default().finding(rule, &secret, Severity::Error, "a.py", 3)
            );
            let tail: String = secret.chars().skip(SHOWN_CHARS).take(12).collect();
            assert!(rule.proof == Proof::KeyFollows || !shown.contains(&tail), "{shown}");
        }
    }

    #[test]
    fn a_secret_is_found_wherever_it_stands_in_a_long_line() {
        let token = secret(
            &mut TestRunner::deterministic(),
            rules().find(|r| r.id == "github-token").unwrap(),
        );
        for before in [64 * 1024 - 20, 64 * 1024, 900_000] {
            let line = format!("{} {token} {}", "x".repeat(before), "y".repeat(9));
            assert_eq!(ids(&line), ["github-token"], "after {before} bytes");
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

        #[test]
        fn any_line_of_pieces_of_secrets_is_searched_without_panic(
            pieces in proptest::collection::vec(0_usize..400, 0..8),
            between in "[ -~é]{0,30}",
        ) {
            let hints: Vec<&str> = rules().flat_map(|rule| rule.hints.iter().copied()).collect();
            let line: String = pieces.iter().map(|at| format!("{}{between}", hints[at % hints.len()])).collect();
            Search::default().line("a", 1, line.as_bytes());
        }
    }
}
