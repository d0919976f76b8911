//! Source text without its comments and the contents of its strings, line by line in place, so that
//! what is searched for in it is code.

/// How a language marks comments and strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// `#`, `'…'`, `"…"`, three quotes.
    Python,
    /// `//`, `/* … */`, `'…'`, `"…"`, and backticks.
    Script,
    /// `//`, `/* … */`, `"…"`; a single quote is a character or a lifetime.
    Rust,
    /// `#`, `'…'`, `"…"` over lines.
    Shell,
}

/// The family of a file by its ending.
pub(crate) fn family(path: &str) -> Option<Family> {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    Some(match ending {
        "py" | "pyi" => Family::Python,
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" | "vue" | "svelte" | "go"
        | "java" | "kt" | "cs" | "swift" | "scala" | "dart" | "php" => Family::Script,
        "rs" => Family::Rust,
        "sh" | "bash" | "zsh" | "bats" | "rb" => Family::Shell,
        _ => return None,
    })
}

/// The text with comments and the contents of strings replaced by blanks. As many lines as before.
/// What is not understood, such as a quote in a regular expression, ends with its line.
pub(crate) fn masked(text: &str, family: Family) -> String {
    let mut out = String::with_capacity(text.len());
    let mut state = State::Code;
    for line in text.split_inclusive('\n') {
        state = mask_line(line, state, family, &mut out);
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Code,
    Block,
    Quoted(&'static str),
}

fn mask_line(line: &str, mut state: State, family: Family, out: &mut String) -> State {
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        match state {
            State::Code if starts_comment(rest, family) => {
                let text = rest.trim_end_matches(['\n', '\r']);
                out.extend(std::iter::repeat_n(' ', text.len()));
                out.push_str(&rest[text.len()..]);
                return State::Code;
            }
            State::Code if rest.starts_with("/*") && has_blocks(family) => {
                out.push_str("  ");
                rest = &rest[2..];
                state = State::Block;
            }
            State::Code => match quote(rest, family) {
                Some(quote) => {
                    out.push_str(quote);
                    rest = &rest[quote.len()..];
                    state = State::Quoted(quote);
                }
                None => {
                    out.push(c);
                    rest = &rest[c.len_utf8()..];
                }
            },
            State::Block if rest.starts_with("*/") => {
                out.push_str("  ");
                rest = &rest[2..];
                state = State::Code;
            }
            State::Quoted(quote) if rest.starts_with(quote) => {
                out.push_str(quote);
                rest = &rest[quote.len()..];
                state = State::Code;
            }
            State::Quoted(_) if c == '\\' => {
                let escaped = rest[1..].chars().next().filter(|c| *c != '\n');
                out.push_str(if escaped.is_some() { "  " } else { " " });
                rest = &rest[1 + escaped.map_or(0, char::len_utf8)..];
            }
            State::Block | State::Quoted(_) => {
                out.push(if c == '\n' { '\n' } else { ' ' });
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    match state {
        State::Quoted("\"" | "'") if !(family == Family::Shell || family == Family::Rust) => {
            State::Code
        }
        state => state,
    }
}

fn has_blocks(family: Family) -> bool {
    matches!(family, Family::Script | Family::Rust)
}

fn starts_comment(rest: &str, family: Family) -> bool {
    match family {
        Family::Python | Family::Shell => rest.starts_with('#'),
        Family::Script | Family::Rust => rest.starts_with("//"),
    }
}

fn quote(rest: &str, family: Family) -> Option<&'static str> {
    let quotes: &[&str] = match family {
        Family::Python => &["\"\"\"", "'''", "\"", "'"],
        Family::Script => &["\"", "'", "`"],
        Family::Rust => &["\""],
        Family::Shell => &["\"", "'"],
    };
    quotes.iter().copied().find(|quote| rest.starts_with(quote))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn code_stays_where_it_is_and_texts_are_blank() {
        for (family, text, expected) in [
            (Family::Python, "a = 'x' # y\nb", "a = ' '    \nb"),
            (Family::Python, "\"\"\"\nsys.exit(0)\n\"\"\"\nz", "\"\"\"\n           \n\"\"\"\nz"),
            (Family::Script, "f(`a\nb`) // c\n/* d\n */e", "f(` \n `)     \n    \n   e"),
            (Family::Script, "x = /'/;\ny", "x = /'  \ny"),
            (Family::Rust, "fn a<'b>() { \"c\" }", "fn a<'b>() { \" \" }"),
        ] {
            assert_eq!(masked(text, family), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn lines_stay_lines(text in "(['\"`#/*\\\\\n]|\\PC){0,60}") {
            for family in [Family::Python, Family::Script, Family::Rust, Family::Shell] {
                prop_assert_eq!(masked(&text, family).lines().count(), text.lines().count());
            }
        }
    }
}
