//! By which method of HTTP a text asks for an address that it names.
//!
//! Clients write the method before the address (`client.post("/pets")`, `"POST", "/pets"`, `POST /pets`) or in
//! options after it (`method: 'POST'`). Where neither is there, any method that the text speaks of may be
//! meant; where it speaks of none, a client that asks by GET unless told otherwise does so.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Asked;

pub(super) const METHODS: &[&str] =
    &["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/// How far before an address its method is looked for, and how far behind it.
const BEFORE_BYTES_MAX: usize = 120;
const BEHIND_BYTES_MAX: usize = 160;

struct Forms {
    before: Regex,
    behind: Regex,
    spoken: Regex,
    plain: Regex,
}

static FORMS: LazyLock<Option<Forms>> = LazyLock::new(|| {
    const ANY: &str = "get|put|post|delete|options|head|patch|trace";
    let form = |text: &str| Regex::new(text).ok();
    Some(Forms {
        // `.get(`, `"GET"`, `Method.GET`, `MethodGet`, `GET /`.
        before: form(&format!(r"(?i)(?:\b|Method)({ANY})\b"))?,
        behind: form(&format!(r#"(?i)\bmethods?\b["']?\s*[:=(,]+\s*\[?["'\w.:]*?\b({ANY})\b"#))?,
        spoken: form(&format!(r#"(?:[.\s](?i:({ANY}))\(|["']({})["'])"#, METHODS.join("|")))?,
        plain: form(r#"\b(?:fetch|urlopen|curl|visit|goto|axios|open|wget)\b[^\n]{0,40}$"#)?,
    })
});

/// The method that is called so, in any case.
pub(super) fn named(text: &str) -> Option<&'static str> {
    METHODS.iter().find(|method| method.eq_ignore_ascii_case(text)).copied()
}

/// A text that asks for addresses.
pub(super) struct Asking<'a> {
    text: &'a str,
    /// Every method that it speaks of, in order; found once, since a text may have many addresses.
    spoken: OnceCell<Vec<&'static str>>,
}

impl<'a> Asking<'a> {
    /// All of `text`.
    pub(super) fn of(text: &'a str) -> Asking<'a> {
        Asking { text, spoken: OnceCell::new() }
    }

    fn spoken(&self, forms: &Forms) -> Vec<&'static str> {
        let find = || {
            let spoken = forms.spoken.captures_iter(self.text);
            let spoken = spoken.filter_map(|one| one.get(1).or(one.get(2)));
            let spoken: BTreeSet<&'static str> =
                spoken.filter_map(|one| named(one.as_str())).collect();
            spoken.into_iter().collect()
        };
        self.spoken.get_or_init(find).clone()
    }

    /// By which methods it asks for the address at `at`. `around` is what lies between the addresses before
    /// and behind it.
    pub(super) fn asked(&self, at: Range<usize>, around: Range<usize>) -> Asked {
        let Some(forms) = FORMS.as_ref() else { return Asked::Unsaid };
        let text = self.text;
        let first = around.start.max(at.start.saturating_sub(BEFORE_BYTES_MAX));
        let before = slice(text, first..at.start);
        // A statement that ended is about something else.
        let before = before.rsplit(';').next().unwrap_or(before);
        if let Some(found) = forms.before.captures_iter(before).last() {
            return by(found.get(1));
        }
        let last = around.end.min(at.end.saturating_add(BEHIND_BYTES_MAX));
        let behind = slice(text, at.end..last);
        let behind = behind.split(';').next().unwrap_or(behind);
        if let Some(found) = forms.behind.captures(behind) {
            return by(found.get(1));
        }
        if forms.plain.is_match(before) {
            return Asked::By(vec!["GET"]);
        }
        match self.spoken(forms) {
            none if none.is_empty() => Asked::Unsaid,
            spoken => Asked::By(spoken),
        }
    }
}

fn by(found: Option<regex::Match<'_>>) -> Asked {
    match found.and_then(|found| named(found.as_str())) {
        Some(method) => Asked::By(vec![method]),
        None => Asked::Unsaid,
    }
}

/// The part of `text` within `range`, or a little less: never half of a character.
fn slice(text: &str, range: Range<usize>) -> &str {
    let mut range = range;
    while !text.is_char_boundary(range.start) {
        range.start += 1;
    }
    while !text.is_char_boundary(range.end) {
        range.end -= 1;
    }
    text.get(range).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn methods(text: &str) -> String {
        let start = text.find("/pets").unwrap();
        let end = start + text[start..].find(['"', '\'', '`', ' ']).unwrap_or(5);
        match Asking::of(text).asked(start..end, 0..text.len()) {
            Asked::By(methods) => methods.join(" "),
            Asked::Unsaid => "any".to_owned(),
        }
    }

    #[test]
    fn the_method_is_read_as_clients_write_it() {
        for (text, expected) in [
            ("client.post('/pets', json={})", "POST"),
            ("client.post(\n    '/pets')", "POST"),
            ("requests.delete(\"http://localhost/pets\")", "DELETE"),
            ("request(app).patch('/pets').expect(200)", "PATCH"),
            ("fetch('/pets', { method: 'POST' })", "POST"),
            ("app.inject({ url: '/pets', method: 'PUT' })", "PUT"),
            ("app.inject({ method: 'PUT', url: '/pets' })", "PUT"),
            ("http.NewRequest(http.MethodPost, \"/pets\", nil)", "POST"),
            ("http.NewRequest(\"DELETE\", \"/pets\", nil)", "DELETE"),
            ("Request::builder().uri(\"/pets\").method(Method::POST)", "POST"),
            ("Request::builder().uri(\"/pets\").method(\"POST\")", "POST"),
            ("mockMvc.perform(get(\"/pets\"))", "GET"),
            ("# GET /pets", "GET"),
            ("curl -X POST http://localhost/pets", "POST"),
            ("fetch('/pets')", "GET"),
            ("await page.goto(`/pets`)", "GET"),
            ("const url = '/pets'; return client.put(url)", "PUT"),
            ("client.get(other); call('/pets')", "GET"),
            ("call('/pets')", "any"),
            ("def test_get_it(): call('/pets')", "any"),
        ] {
            assert_eq!(methods(text), expected, "{text}");
        }
    }

    #[test]
    fn text_of_any_script_is_cut_between_characters() {
        let text = format!("{}'/pets'{}", "日".repeat(60), "日".repeat(80));
        assert_eq!(methods(&text), "any");
    }
}
