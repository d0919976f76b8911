//! Ids, tokens and secrets that are drawn at random from few.

use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::{Code, each_code};
use crate::gates::rule::{Found, Rule};
use crate::syntax::{At, Part, Role};

/// Something that has to be one of its kind is drawn from a small range.
pub(super) const RULE: Rule = Rule {
    id: "substance/random-identity",
    severity: Severity::Warning,
    what: "An id, a token or a secret is drawn from a small range by a generator that is made for games.",
    why: "Two of a few thousand meet as soon as there are a few dozen, and whoever knows some can guess the \
          rest. Tests have too few to notice.",
    example: "+ const id = Math.floor(Math.random() * 5000) + 1;",
    fix: "Count, or take what the language has for it: `crypto.randomUUID()`, `uuid.uuid4()`, `secrets`.",
    look: |cx, delta, found| each_code(cx, delta, found, &mut look),
};

/// From this on two of them hardly ever meet.
const RANGE_SMALL_MAX: f64 = 4.0e9;

/// Words in names of what has to be one of its kind.
const IDENTITIES: &[&str] = &[
    "id", "ids", "uid", "guid", "uuid", "token", "secret", "password", "nonce", "salt", "session",
    "otp",
];

fn look(code: &Code<'_>, found: &mut Found) {
    let tree = code.after.tree();
    let mut lines: Vec<u32> = Vec::new();
    let places = tree.all(Role::Bind).chain(tree.all(Role::Return));
    for at in places {
        let line = tree.line(at);
        if !code.file.is_added(line) || lines.contains(&line) || code.is_in_tests(at) {
            continue;
        }
        let Some((name, value)) = given(code, at) else { continue };
        if is_identity(name) && draws_from_few(value) {
            lines.push(line);
            let message =
                format!("`{name}` is drawn from a small range at random: two of them meet");
            found.add(RULE.at(&code.file.path, line, message));
        }
    }
}

/// The name that is given a value, and the value; for what a function hands out, the function's name.
fn given<'a>(code: &'a Code<'_>, bind: At) -> Option<(&'a str, &'a str)> {
    let tree = code.after.tree();
    if tree.role(bind) == Role::Return {
        let is_function = |at: &At| matches!(tree.role(*at), Role::Function | Role::Lambda);
        let function = tree.all_around(bind).find(is_function)?;
        return Some((tree.text(tree.child(function, Part::Name)?), tree.text(bind)));
    }
    let left = tree.child(bind, Part::Left).or_else(|| tree.child(bind, Part::Name))?;
    let right = tree.child(bind, Part::Right).or_else(|| tree.child(bind, Part::Value))?;
    let name = tree.text(left).rsplit(['.', ' ']).next()?.trim_start_matches(['@', '$']);
    Some((name, tree.text(right)))
}

/// Whether a name says that there is one only: `id`, `jobId`, `session_token`.
fn is_identity(name: &str) -> bool {
    let (mut words, mut was_small) = (String::new(), false);
    for c in name.chars() {
        if c.is_uppercase() && was_small {
            words.push('_');
        }
        was_small = c.is_lowercase();
        words.extend(c.to_lowercase());
    }
    words.split('_').any(|word| IDENTITIES.contains(&word))
}

/// Whether a value is a number below a written bound, by chance.
fn draws_from_few(value: &str) -> bool {
    static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let forms = [
            r"Math\.random\(\)\s*\*\s*([\d_]+(?:\.\d+)?(?:e\d+)?)\b",
            r"\brand(?:int|range)\(\s*(?:[\d_]+\s*,\s*)?([\d_]+)\s*\)",
            r"\brand\.(?:Intn|Int31n|Int63n|IntN)\(\s*([\d_]+)\s*\)",
            r"\bnextInt\(\s*(?:[\d_]+\s*,\s*)?([\d_]+)\s*\)",
            r"\brand\(\s*(?:[\d_]+\s*\.\.\.?\s*)?([\d_]+)\s*\)",
            r"\b(?:gen_range|random_range)\(\s*[\d_]+\s*\.\.=?\s*([\d_]+)",
            r"\b(?:mt_)?rand\(\s*[\d_]+\s*,\s*([\d_]+)\s*\)",
        ];
        forms.iter().filter_map(|form| Regex::new(form).ok()).collect()
    });
    FORMS.iter().any(|form| {
        let bound = form.captures(value).and_then(|found| found.get(1));
        let bound = bound.and_then(|bound| bound.as_str().replace('_', "").parse::<f64>().ok());
        bound.is_some_and(|bound| bound <= RANGE_SMALL_MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{expect, look_at};
    use super::Found;
    use crate::sides::Sides;

    fn look(sides: &Sides<'_>, found: &mut Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn an_id_of_a_few_thousand_is_a_warning() {
        for (path, text) in [
            ("src/a.js", "const id = Math.floor(Math.random() * 5000) + 1;\n"),
            ("pkg/a.py", "session_id = random.randint(1, 9999)\n"),
            ("a.rb", "token = rand(100_000)\n"),
            ("src/A.java", "class A { int userId = random.nextInt(1000); }\n"),
        ] {
            expect(look, &[], &[(path, text)], &format!("warning random-identity {path}:1"));
        }
        let returned =
            "def next_id(self):\n    return f'f{self.now()}{random.randrange(1000):03}'\n";
        expect(look, &[], &[("pkg/a.py", returned)], "warning random-identity pkg/a.py:2");
        let go =
            "package p\n\nfunc f() int {\n\torderID := rand.Intn(10000)\n\treturn orderID\n}\n";
        expect(look, &[], &[("p/a.go", go)], "warning random-identity p/a.go:4");
    }

    #[test]
    fn chance_that_names_nothing_and_ids_of_many_are_fine() {
        for (path, text) in [
            ("src/a.js", "const delay = Math.random() * 100;\n"),
            ("src/a.js", "const id = Math.random().toString(36).slice(2);\n"),
            ("src/a.js", "const id = crypto.randomUUID();\n"),
            ("src/a.js", "const id = ids[Math.floor(Math.random() * ids.length)];\n"),
            ("pkg/a.py", "token = random.randrange(10000000000000)\n"),
            ("pkg/a.py", "width = random.randint(1, 6)\n"),
            ("pkg/a.py", "def roll(self):\n    return random.randint(1, 6)\n"),
            ("tests/test_a.py", "user_id = random.randint(1, 6)\n"),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }
}
