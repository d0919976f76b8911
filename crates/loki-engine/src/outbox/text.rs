//! What is said outside. Texts that come from agents, specs and programs leave this machine only without
//! control characters, secrets, hidden marks and calls for other people's attention.

use loki_verify::without_secrets;

/// Longest text that a forge takes, in characters, with room for what marks it.
const TEXT_CHARS_MAX: usize = 60_000;

/// Variables whose values are secret, by what their names end with.
const SECRET_NAMES: [&str; 8] =
    ["TOKEN", "SECRET", "PASSWORD", "API_KEY", "ACCESS_KEY", "_PAT", "WEBHOOK_URL", "NOTIFY_URL"];

/// Shorter values are words that stand in many texts.
const SECRET_CHARS_MIN: usize = 8;

/// Has no width: between the parts of what a forge would take for an order.
const NOTHING: char = '\u{200b}';

/// In front of an issue, a forge closes it.
const ORDERS: [&str; 12] = [
    "close",
    "closes",
    "closed",
    "closing",
    "fix",
    "fixes",
    "fixed",
    "fixing",
    "resolve",
    "resolves",
    "resolved",
    "implements",
];

/// Stands in the place of a secret.
const MASKED: &str = "[masked]";

/// The values of all variables of this process that are secret by their names.
pub fn own_secrets() -> Vec<String> {
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        Some((name.into_string().ok()?.to_ascii_uppercase(), value.into_string().ok()?))
    });
    let secret = variables.filter(|(name, value)| {
        SECRET_NAMES.iter().any(|end| name.ends_with(end)) && value.len() >= SECRET_CHARS_MIN
    });
    secret.map(|(_, value)| value).collect()
}

/// `text` as it may leave this machine: `secrets` and whatever looks like one are masked, nothing steers a
/// terminal or hides, nobody is called by name, and no issue is named so that a forge would act on it.
pub fn fit_to_leave(text: &str, secrets: &[String]) -> String {
    let mut text = text.replace("\r\n", "\n");
    for secret in secrets {
        text = text.replace(secret.as_str(), MASKED);
    }
    let text = without_orders(&without_secrets(&text, MASKED));
    let mut fit = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' => fit.push(c),
            NOTHING => fit.push(NOTHING),
            c if c.is_control() || is_hidden(c) => fit.push(' '),
            // A name or a number that is not joined to its sign is only text.
            '@' if chars.peek().is_some_and(|next| next.is_alphanumeric()) => {
                fit.extend([c, NOTHING]);
            }
            '#' | '!' if chars.peek().is_some_and(char::is_ascii_digit) => fit.extend([c, NOTHING]),
            '<' if chars.peek() == Some(&'!') => fit.push_str("&lt;"),
            c => fit.push(c),
        }
    }
    cut(&fit)
}

/// The same on one line of at most `chars_max` characters.
pub fn line_fit_to_leave(text: &str, secrets: &[String], chars_max: usize) -> String {
    let line = fit_to_leave(text, secrets).replace(['\n', '\t'], " ");
    line.trim().chars().take(chars_max).collect()
}

/// Orders in front of an address or another way to name an issue are taken apart.
fn without_orders(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut words = text.split_inclusive(char::is_whitespace).peekable();
    while let Some(word) = words.next() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let next = words.peek().map(|next| next.to_lowercase()).unwrap_or_default();
        let names_one = next.contains("://") || next.contains("gh-");
        match word.char_indices().find(|(_, c)| c.is_alphanumeric()) {
            Some((at, c)) if names_one && ORDERS.contains(&bare.as_str()) => {
                let (head, rest) = word.split_at(at + c.len_utf8());
                out.push_str(head);
                out.push(NOTHING);
                out.push_str(rest);
            }
            _ => out.push_str(word),
        }
    }
    out
}

fn cut(text: &str) -> String {
    if text.chars().count() <= TEXT_CHARS_MAX {
        return text.to_owned();
    }
    let head: String = text.chars().take(TEXT_CHARS_MAX).collect();
    // What a cut leaves open would swallow what follows.
    format!("{head}\n\n…\n\n~~~~~~~~~~\nThe rest is too long for a forge.\n~~~~~~~~~~")
}

/// Marks that turn the direction of writing around, or that nobody sees.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{180e}' | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(text: &str) -> String {
        fit_to_leave(text, &["hunter2-hunter2".to_owned()])
    }

    #[test]
    fn what_steers_a_terminal_or_hides_does_not_leave() {
        assert_eq!(fit("a\u{1b}[2Jb\u{202e}c\r\nd\te"), "a [2Jb c\nd\te");
        assert_eq!(fit("<!-- loki kqmz-1 0123 -->"), "&lt;!-- loki kqmz-1 0123 -->");
    }

    #[test]
    fn secrets_are_masked_whether_known_or_seen() {
        assert_eq!(fit("x hunter2-hunter2 y"), "x [masked] y");
        let token = format!("ghp_{}", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6");
        let told = fit(&format!("token = \"{token}\" and more"));
        assert!(!told.contains(&token[8..]) && told.ends_with("and more"), "{told}");
    }

    #[test]
    fn nobody_is_called_and_no_issue_is_closed_by_others_words() {
        let told = fit("Fixes #12, cc @octocat, acme/shop#3, !7");
        for live in ["#12", "@octocat", "#3", "!7"] {
            assert!(!told.contains(live), "{told}");
        }
        let told = fit("Closes: https://github.com/a/b/issues/4 and fixes GH-5");
        assert!(!told.contains("Closes") && !told.contains("fixes"), "{told}");
        assert_eq!(fit("it closes the file"), "it closes the file");
        assert_eq!(fit("# Heading\n## Another"), "# Heading\n## Another");
    }

    #[test]
    fn a_text_that_no_forge_takes_is_cut_and_says_so() {
        let told = fit(&"ä".repeat(70_000));
        assert!(told.chars().count() < 61_000 && told.contains("too long"), "{}", told.len());
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(line_fit_to_leave("a\nb\tc", &[], 4), "a b ");
    }
}
