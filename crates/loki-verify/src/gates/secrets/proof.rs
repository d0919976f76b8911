//! What tells a secret from a mention, a placeholder or a documented example.

use loki_model::Severity;
use serde_json::Value;

use super::rules::{DOCUMENTED, Proof, Rule, Weight};
use crate::kind::Kind;

/// Bits per character below which a text is a placeholder.
const ENTROPY_BITS_MIN: f64 = 2.5;

/// Bits per character below which a text is no random one of letters and digits.
const ENTROPY_BITS_RANDOM: f64 = 3.4;

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
    "12345678",
    "abcdef",
    "test_key",
    "changeme",
    "notreal",
    "deadbeef",
    "aaaa",
    "....",
    "****",
    "insert",
    "replace",
    "secret_key_here",
    "foobar",
];

/// Passwords that everybody has, in lower case.
const WEAK: &[&str] = &[
    "password", "passwd", "pass", "secret", "root", "admin", "test", "user", "guest", "postgres",
    "mysql", "mongo", "redis", "docker", "dev", "local", "foo", "bar", "token", "default", "demo",
    "changeit", "letmein", "qwerty", "rabbitmq", "minio", "hunter2", "pw", "pwd", "p@ssw0rd",
    "12345",
];

/// How bad a match of `rule` is; nothing when it is no secret.
pub(super) fn weigh(rule: &Rule, secret: &str, kind: Kind) -> Option<Severity> {
    if DOCUMENTED.iter().any(|known| secret.contains(known)) {
        return None;
    }
    let is_aside = matches!(kind, Kind::Test | Kind::Fixture | Kind::Docs);
    let usual = match (rule.weight, is_aside) {
        (Weight::Certain, _) | (Weight::Likely, false) => Severity::Error,
        (Weight::Likely, true) => Severity::Warning,
        (Weight::Trial, _) => Severity::Note,
    };
    let when = |holds: bool, severity| holds.then_some(severity);
    // What every secret of a kind begins with says nothing about this one.
    let body = rule.hints.iter().find_map(|hint| secret.strip_prefix(hint)).unwrap_or(secret);
    match rule.proof {
        // Decided by what follows.
        Proof::KeyFollows => Some(usual),
        Proof::LooksRandom => when(looks_random(body), usual),
        Proof::LooksVeryRandom => when(looks_very_random(body), usual),
        Proof::Checksum if has_checksum(secret) => Some(Severity::Error),
        // Never issued: somebody made it up, which is what tests do.
        Proof::Checksum => {
            when(looks_random(body), if is_aside { Severity::Warning } else { Severity::Error })
        }
        Proof::Jwt => jwt(secret, usual),
        Proof::Password => password_in_url(secret, is_aside),
        Proof::DecodesToPair => when(decodes_to_pair(secret), usual),
    }
}

fn looks_random(secret: &str) -> bool {
    !is_placeholder(secret) && entropy_bits(secret) >= ENTROPY_BITS_MIN
}

fn looks_very_random(secret: &str) -> bool {
    let has = |is: fn(&u8) -> bool| secret.bytes().filter(is).count();
    let mut counts = [0_usize; 256];
    secret.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let commonest = counts.iter().max();
    !is_placeholder(secret)
        && has(u8::is_ascii_lowercase) > 1
        && has(u8::is_ascii_uppercase) > 1
        && has(u8::is_ascii_digit) > 1
        && commonest.is_some_and(|count| *count <= 1 + secret.len() / 4)
        && entropy_bits(secret) >= ENTROPY_BITS_RANDOM.min((secret.len() as f64).log2() - 0.6)
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    PLACEHOLDERS.iter().any(|word| lower.contains(word))
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

/// Whether the last six characters are the CRC32 of the random part in base 62, as GitHub and npm
/// make them.
///
/// Source: GitHub, "Behind GitHub's new authentication token formats".
fn has_checksum(token: &str) -> bool {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const LENGTH: usize = 6;
    let Some((_, body)) = token.split_once('_') else { return false };
    let Some((random, sum)) =
        body.len().checked_sub(LENGTH).and_then(|at| body.split_at_checked(at))
    else {
        return false;
    };
    let mut rest = crc32(random.as_bytes());
    let mut expected = [b'0'; LENGTH];
    for digit in expected.iter_mut().rev() {
        *digit =
            usize::try_from(rest % 62).ok().and_then(|at| DIGITS.get(at)).copied().unwrap_or(b'0');
        rest /= 62;
    }
    sum.as_bytes() == expected
}

/// Source: ISO 3309, reflected, polynomial 0x04C11DB7.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0_u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

fn jwt(secret: &str, usual: Severity) -> Option<Severity> {
    let mut parts = secret.split('.');
    let mut json = || serde_json::from_slice::<Value>(&base64(parts.next()?)?).ok();
    let (header, payload) = (json()?, json()?);
    let algorithm = header.get("alg")?.as_str()?;
    let claim = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or_default();
    // The example of jwt.io, however it is signed.
    let is_example = claim("sub") == "1234567890" || claim("name") == "John Doe";
    // Made to be public.
    let is_public = claim("role") == "anon";
    if algorithm.eq_ignore_ascii_case("none") || is_example || is_public {
        return None;
    }
    let expires = payload.get("exp").and_then(Value::as_i64);
    let is_over = expires.is_some_and(|at| at < jiff::Timestamp::now().as_second());
    Some(if is_over { Severity::Note } else { usual })
}

fn password_in_url(url: &str, is_aside: bool) -> Option<Severity> {
    let (_, rest) = url.split_once("://")?;
    let (account, host) = rest.rsplit_once('@')?;
    let (user, password) = account.split_once(':')?;
    if !is_password(user, password) {
        return None;
    }
    let host = host.split([':', '/']).next().unwrap_or(host).to_ascii_lowercase();
    let reserved = [
        ".example",
        ".example.com",
        ".example.org",
        ".example.net",
        ".test",
        ".invalid",
        ".local",
        ".localhost",
        ".internal",
    ];
    let is_here = !host.contains('.')
        || host.starts_with("127.")
        || host == "0.0.0.0"
        || host.starts_with("example.")
        || reserved.iter().any(|end| host.ends_with(end));
    match (is_here, is_aside) {
        // A database of a test on the machine of the test.
        (true, true) => None,
        (true, false) | (false, true) => Some(Severity::Warning),
        (false, false) => Some(Severity::Error),
    }
}

/// Whether a text is a password that somebody chose for good.
fn is_password(user: &str, password: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    let is_template = password.contains(['$', '{', '}', '<', '>', '*', '(', '['])
        || password.contains("%s")
        || password.contains("...");
    let is_weak = WEAK.iter().any(|weak| {
        lower == *weak
            || lower.trim_end_matches(|c: char| c.is_ascii_digit() || "!_-".contains(c)) == *weak
            || weak.len() > 4 && lower.contains(weak)
    });
    password.len() >= 6
        && !is_template
        && !is_weak
        && !lower.eq_ignore_ascii_case(user)
        && !is_placeholder(password)
        && entropy_bits(password) >= ENTROPY_BITS_MIN
}

fn decodes_to_pair(text: &str) -> bool {
    let decoded = base64(text).and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.is_some_and(|pair| {
        let is_shown = pair.chars().all(|c| !c.is_control());
        pair.split_once(':').is_some_and(|(user, password)| {
            is_shown && !user.is_empty() && is_password(user, password)
        })
    })
}

/// Decodes base64 in either alphabet, padded or not.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A token as GitHub makes them.
    fn issued(random: &str) -> String {
        let sum = |sum: &str| format!("{}{random}{sum}", "ghp_");
        let digits: Vec<char> =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".chars().collect();
        let mut rest = crc32(random.as_bytes());
        let mut text = Vec::new();
        for _ in 0..6 {
            text.push(digits[(rest % 62) as usize]);
            rest /= 62;
        }
        sum(&text.iter().rev().collect::<String>())
    }

    #[test]
    fn a_checksum_tells_what_was_issued() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        let token = issued("k3J9xQ2mV7wR4tY8uP1sD6fG5hZ0bN");
        assert!(has_checksum(&token));
        assert!(!has_checksum(&token.replace("k3J", "k3j")));
    }

    #[test]
    fn base64_is_decoded_in_both_alphabets() {
        assert_eq!(base64("dXNlcjpwYXNz").as_deref(), Some(b"user:pass".as_slice()));
        assert_eq!(base64("_-8=").as_deref(), Some([0xFF, 0xEF].as_slice()));
        assert_eq!(base64("a b"), None);
    }

    #[test]
    fn passwords_of_everybody_and_of_this_machine_are_none() {
        let weigh = |url: &str| password_in_url(url, false);
        let scheme = "postgres:";
        for account in
            ["postgres:postgres", "root:secret1", "u:${DB_PASS}", "u:password123", "app:app"]
        {
            assert_eq!(weigh(&format!("{scheme}//{account}@db.corp.net")), None, "{account}");
        }
        let account = "app:kZ8vQ1xLr0Wc";
        assert_eq!(weigh(&format!("{scheme}//{account}@db.corp.net")), Some(Severity::Error));
        assert_eq!(weigh(&format!("{scheme}//{account}@localhost")), Some(Severity::Warning));
        assert_eq!(password_in_url(&format!("{scheme}//{account}@db"), true), None);
    }

    proptest! {
        #[test]
        fn any_match_is_weighed_without_panic(secret in "([A-Za-z0-9+/=._:@-]|eyJ|://|\\PC){0,60}") {
            for rule in super::super::rules::rules() {
                let _ = weigh(rule, &secret, Kind::Source);
            }
        }
    }
}
