//! Settings of linters and type checkers.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::Severity;
use serde_json::Value;

use super::{line_of, weighing};
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::{Kind, kind};
use crate::layout::file_name;
use crate::settings::{self, at, flag, list};
use crate::sides::Sides;

/// A linter or type checker looks for less.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/lint-settings",
    severity: Severity::Warning,
    what: "Settings of a linter or type checker look for less: rules off, files left out.",
    why: "An error that is switched off is still in the code.",
    example: "-      'no-unused-vars': 'error',\n+      'no-unused-vars': 'off',",
    fix: "Mend what the rule finds, or name the single line with a reason.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Rules about looks alone, which formatters see to.
const LOOKS: &[&str] = &[
    "E1",
    "E2",
    "E3",
    "E5",
    "W1",
    "W2",
    "W3",
    "W5",
    "W6",
    "COM",
    "ISC",
    "Q",
    "I0",
    "D",
    "E701",
    "E731",
    "indent",
    "quotes",
    "semi",
    "max-len",
    "comma-",
    "prettier",
    "line-length",
    "line-too-long",
    "object-curly",
    "array-bracket",
    "space-",
    "keyword-spacing",
    "brace-style",
    "eol-last",
    "C0301",
    "linebreak-style",
    "padding",
    "@stylistic",
    "import/order",
    "sort-",
    "missing-docstring",
    "C011",
    "trailing",
    "function-paren",
    "arrow-parens",
    "spaced-comment",
    "newline",
    "wsl",
    "lll",
    "Layout/",
    "Style/",
    "Naming/",
    "Metrics/",
    "gofumpt",
];

/// What a linter is told, by meaning.
#[derive(Debug, Default)]
struct Told {
    /// How loud each rule is: 0 is off, more is louder.
    rules: BTreeMap<String, u8>,
    /// Rules that are switched off.
    off: BTreeSet<String>,
    /// Rules that are switched on.
    on: BTreeSet<String>,
    /// Files and folders that are left out.
    left_out: BTreeSet<String>,
    /// Switches that make the checker stricter when they are on.
    strict: BTreeMap<String, bool>,
    /// Switches that are on by another one.
    implied: BTreeSet<&'static str>,
}

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        if file.kind == Kind::Foreign || file.after.is_none() && is_shared(file_name(&file.path)) {
            continue;
        }
        let (Some(before), Some(after)) =
            (told(&file.path, file.before.as_deref()), told(&file.path, file.after.as_deref()))
        else {
            continue;
        };
        if file.before.is_none() || file.after.is_none() {
            continue;
        }
        // A linter that is new takes nothing away.
        for (tool, after) in &after {
            if let Some(before) = before.get(tool) {
                compare(sides, file, before, after, found);
            }
        }
    }
}

fn is_shared(name: &str) -> bool {
    matches!(name, "pyproject.toml" | "setup.cfg" | "tox.ini" | "package.json" | "Cargo.toml")
}

fn compare(sides: &Sides<'_>, file: &FileDelta, before: &Told, after: &Told, found: &mut Found) {
    let mut add = |needle: &str, message: String| {
        let line = line_of(file, needle);
        found.add(weighing(RULE.at(&file.path, line, message), Severity::Warning));
    };
    let is_looks = |rule: &str| LOOKS.iter().any(|looks| rule.starts_with(looks));
    for (rule, level) in &after.rules {
        let was = before.rules.get(rule).copied();
        // A rule that a shared set switches on may be off at first sight.
        let is_less = was.is_some_and(|was| *level < was) || was.is_none() && *level == 0;
        if is_less && !is_looks(rule) {
            let how = if *level == 0 { "is off" } else { "counts less" };
            let name = rule.rsplit("::").next().unwrap_or(rule);
            add(name, format!("rule `{rule}` {how}"));
        }
    }
    for rule in before.rules.keys().filter(|rule| before.rules[*rule] >= 2) {
        if !after.rules.contains_key(rule)
            && !is_looks(rule)
            && after.rules.len() < before.rules.len()
        {
            add("", format!("rule `{rule}` is gone"));
        }
    }
    let off: Vec<String> = after
        .off
        .difference(&before.off)
        .filter(|rule| {
            !is_looks(rule)
                && !before.off.iter().any(|all| all.len() > 1 && rule.starts_with(all.as_str()))
        })
        .cloned()
        .collect();
    if let Some(first) = off.first() {
        add(first, format!("{} are switched off", super::named(&off)));
    }
    let gone: Vec<String> = before
        .on
        .difference(&after.on)
        .filter(|rule| {
            !is_looks(rule)
                && !after.on.contains("ALL")
                && !after.on.iter().any(|all| rule.starts_with(all.as_str()))
        })
        .cloned()
        .collect();
    if !gone.is_empty() && !after.on.is_empty() {
        add("select", format!("{} are no longer looked for", super::named(&gone)));
    }
    for path in after.left_out.difference(&before.left_out) {
        let hits = |own: &&str| {
            matches!(kind(own), Kind::Source | Kind::Test)
                && is_left_out(own, path)
                && !super::attributes::is_generated(sides, own)
        };
        if let Some(own) = sides.layout.own_files().find(hits) {
            add(path, format!("`{path}` leaves out `{own}`"));
        }
    }
    for (key, is_on) in &after.strict {
        if !is_on && before.strict.get(key) == Some(&true) {
            add(key, format!("`{key}` is off"));
        }
    }
    for (key, is_on) in &before.strict {
        if *is_on && !after.strict.contains_key(key) && !after.implied.contains(key.as_str()) {
            add(key, format!("`{key}` is gone"));
        }
    }
}

fn is_left_out(path: &str, pattern: &str) -> bool {
    let trimmed = pattern.trim_start_matches("./").trim_end_matches("/**").trim_end_matches("/*");
    crate::pattern::git("", trimmed).is_some_and(|pattern| pattern.is_match(path))
        || regex::Regex::new(pattern)
            .is_ok_and(|found| pattern.contains(['^', '$', '\\', '|']) && found.is_match(path))
}

/// What a file tells each tool that it speaks to; nothing for a file that tells none.
fn told(path: &str, text: Option<&str>) -> Option<BTreeMap<&'static str, Told>> {
    let name = file_name(path);
    let text = text.unwrap_or_default();
    if let Some(told) = other_forms(name, text) {
        return Some(told);
    }
    let value = match settings::read(path, text) {
        Some(Ok(value)) => value,
        Some(Err(_)) if text.is_empty() => Value::Null,
        Some(Err(_)) => return None,
        None if is_script_settings(name) => {
            let mut told = Told::default();
            script(text, &mut told);
            return Some([("eslint", told)].into());
        }
        None => return None,
    };
    type Read = fn(&Value, &mut Told);
    let parts: &[(&'static str, &[&str], Read)] = match name {
        "pyproject.toml" => &[
            ("ruff", &["tool", "ruff"], ruff),
            ("mypy", &["tool", "mypy"], mypy),
            ("pyright", &["tool", "pyright"], pyright),
            ("pylint", &["tool", "pylint"], pylint),
        ],
        "ruff.toml" | ".ruff.toml" => &[("ruff", &[], ruff)],
        "setup.cfg" | "tox.ini" | ".flake8" => {
            &[("flake8", &["flake8"], flake8), ("mypy", &["mypy"], mypy)]
        }
        "mypy.ini" | ".mypy.ini" => &[("mypy", &["mypy"], mypy)],
        ".pylintrc" | "pylintrc" => &[("pylint", &[], pylint)],
        "pyrightconfig.json" => &[("pyright", &[], pyright)],
        "package.json" => &[("eslint", &["eslintConfig"], eslint)],
        "Cargo.toml" => &[("lints", &["lints"], cargo), ("all", &["workspace", "lints"], cargo)],
        ".golangci.yml" | ".golangci.yaml" | ".golangci.toml" => &[("golangci", &[], golangci)],
        "biome.json" | "biome.jsonc" => &[("biome", &[], biome)],
        ".rubocop.yml" => &[("rubocop", &[], rubocop)],
        name if name.starts_with(".eslintrc") => &[("eslint", &[], eslint)],
        _ => return None,
    };
    let part = |(tool, keys, read): &(&'static str, &[&str], Read)| {
        let mut told = Told::default();
        read(at(&value, keys)?, &mut told);
        Some((*tool, told))
    };
    Some(parts.iter().filter_map(part).collect())
}

/// Settings in forms of their own: lines of `disable=` of shellcheck, and the level of PHPStan, in a dialect of YAML.
fn other_forms(name: &str, text: &str) -> Option<BTreeMap<&'static str, Told>> {
    let mut told = Told::default();
    let lines = text.lines().map(str::trim);
    let tool = match name {
        ".shellcheckrc" | "shellcheckrc" => {
            let off = lines.filter_map(|line| line.split('#').next()?.strip_prefix("disable="));
            told.off
                .extend(off.flat_map(|codes| codes.split(',')).map(|code| code.trim().to_owned()));
            "shellcheck"
        }
        "phpstan.neon" | "phpstan.neon.dist" | "phpstan.dist.neon" => {
            let level = lines.filter_map(|line| line.strip_prefix("level:")).next();
            let level = level.map(|level| level.split('#').next().unwrap_or_default().trim());
            // The lowest is not yet off.
            let number = level.and_then(|level| match level {
                "max" => Some(PHPSTAN_LEVEL_MAX),
                level => level.parse::<u8>().ok(),
            });
            told.rules.extend(number.map(|number| ("level".to_owned(), number.saturating_add(1))));
            "phpstan"
        }
        _ => return None,
    };
    Some([(tool, told)].into())
}

/// What `max` stands for, or more.
const PHPSTAN_LEVEL_MAX: u8 = 100;

fn rubocop(value: &Value, told: &mut Told) {
    for (cop, options) in settings::object(value, &[]) {
        if let Some(is_on) = flag(options.get("Enabled")) {
            told.rules.insert(cop.clone(), if is_on { 2 } else { 0 });
        }
    }
    let all = value.get("AllCops");
    told.left_out.extend(list(all.and_then(|all| all.get("Exclude"))));
    let are_off = flag(all.and_then(|all| all.get("DisabledByDefault"))) == Some(true);
    told.strict.insert("cops by default".to_owned(), !are_off);
}

fn is_script_settings(name: &str) -> bool {
    name.starts_with("eslint.config.")
        || name.starts_with(".eslintrc.")
        || name == ".eslintignore"
        || name == ".prettierignore"
}

/// Settings that are programs: `'rule': 'off'` and `ignores: […]`, as text.
fn script(text: &str, told: &mut Told) {
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once(':') {
            let before = before.trim_end();
            let rule = before.trim_end_matches(['\'', '"']);
            let rule = rule.rsplit(['\'', '"', ' ', '{', ',']).next().unwrap_or_default();
            if let Some(level) = level_of(after)
                && !rule.is_empty()
            {
                told.rules.insert(rule.to_owned(), level);
            }
            rest = after;
        }
    }
    for key in ["ignores", "ignorePatterns"] {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once(key) {
            let end = after.find(']').unwrap_or(after.len());
            told.left_out.extend(super::js_settings::literals(&after[..end]));
            rest = &after[end..];
        }
    }
}

/// How loud the text after a rule's name makes it.
fn level_of(text: &str) -> Option<u8> {
    let word = text.trim_start().trim_start_matches(['[', ' ', '\'', '"']);
    let end = word.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word.len());
    match &word[..end] {
        "off" | "0" => Some(0),
        "warn" | "1" => Some(1),
        "error" | "2" => Some(2),
        _ => None,
    }
}

fn eslint(value: &Value, told: &mut Told) {
    for (rule, level) in settings::object(value, &["rules"]) {
        let level = level.get(0).unwrap_or(level);
        let text = level.as_str().map_or_else(|| level.to_string(), str::to_owned);
        if let Some(level) = level_of(&text) {
            told.rules.insert(rule.clone(), level);
        }
    }
    told.left_out.extend(list(value.get("ignorePatterns")));
}

fn biome(value: &Value, told: &mut Told) {
    for (group, rules) in settings::object(value, &["linter", "rules"]) {
        for (rule, level) in settings::object(rules, &[]) {
            let level = level.get("level").unwrap_or(level).as_str().unwrap_or_default();
            if let Some(level) = level_of(level) {
                told.rules.insert(format!("{group}/{rule}"), level);
            }
        }
    }
    if let Some(is_on) = flag(at(value, &["linter", "enabled"])) {
        told.strict.insert("linter.enabled".to_owned(), is_on);
    }
}

fn ruff(value: &Value, told: &mut Told) {
    for part in [Some(value), value.get("lint")].into_iter().flatten() {
        for key in ["ignore", "extend-ignore"] {
            told.off.extend(list(part.get(key)));
        }
        for key in ["select", "extend-select"] {
            told.on.extend(list(part.get(key)));
        }
        for key in ["exclude", "extend-exclude"] {
            told.left_out.extend(list(part.get(key)));
        }
    }
}

fn flake8(value: &Value, told: &mut Told) {
    let words = |key: &str| {
        list(value.get(key))
            .into_iter()
            .flat_map(|item| item.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    };
    told.off.extend(words("ignore").chain(words("extend-ignore")));
    told.on.extend(words("select").chain(words("extend-select")));
    told.left_out.extend(words("exclude").chain(words("extend-exclude")));
}

fn pylint(value: &Value, told: &mut Told) {
    for section in settings::object(value, &[]).values() {
        told.off.extend(list(section.get("disable")));
    }
}

/// Switches of mypy that make it stricter.
const MYPY: &[&str] = &[
    "strict",
    "disallow_untyped_defs",
    "disallow_incomplete_defs",
    "check_untyped_defs",
    "disallow_any_generics",
    "warn_return_any",
    "strict_optional",
    "no_implicit_optional",
    "strict_equality",
    "disallow_untyped_calls",
    "warn_unreachable",
];

/// What `strict` has on; the last two are so from the start.
const MYPY_STRICT: &[&str] = &[
    "disallow_untyped_defs",
    "disallow_incomplete_defs",
    "check_untyped_defs",
    "disallow_any_generics",
    "warn_return_any",
    "strict_equality",
    "disallow_untyped_calls",
    "strict_optional",
    "no_implicit_optional",
];

fn mypy(value: &Value, told: &mut Told) {
    if flag(value.get("strict")) == Some(true) {
        told.implied.extend(MYPY_STRICT);
    }
    for key in MYPY {
        if let Some(is_on) = flag(value.get(*key)) {
            told.strict.insert((*key).to_owned(), is_on);
        }
    }
    if flag(value.get("ignore_errors")) == Some(true) {
        told.off.insert("ignore_errors".to_owned());
    }
    told.off.extend(list(value.get("disable_error_code")));
    told.left_out.extend(list(value.get("exclude")));
    for part in value.get("overrides").and_then(Value::as_array).into_iter().flatten() {
        if flag(part.get("ignore_errors")) == Some(true) {
            told.off.extend(list(part.get("module")).iter().map(|m| format!("errors in {m}")));
        }
    }
}

fn pyright(value: &Value, told: &mut Told) {
    let strictness = match value.get("typeCheckingMode").and_then(Value::as_str) {
        Some("off") => 0,
        Some("basic") => 1,
        Some("standard" | "strict" | "recommended") => 2,
        _ => return,
    };
    told.rules.insert("typeCheckingMode".to_owned(), strictness);
}

fn cargo(value: &Value, told: &mut Told) {
    for (tool, rules) in settings::object(value, &[]) {
        for (rule, level) in settings::object(rules, &[]) {
            let level = level.get("level").unwrap_or(level).as_str().unwrap_or_default();
            let is_group = matches!(rule.as_str(), "all" | "warnings" | "correctness");
            let level = match level {
                "allow" if is_group => 0,
                // Single lints that are allowed from the start are a matter of taste.
                "allow" => 1,
                "warn" => 2,
                "deny" | "forbid" => 3,
                _ => continue,
            };
            told.rules.insert(format!("{tool}::{rule}"), level);
        }
    }
}

/// Linters of golangci-lint that are on without being named.
///
/// Source: golangci-lint, "Linters", enabled by default; the first version had `gosimple` beside them,
/// which is a part of `staticcheck` now.
const GOLANGCI_STANDARD: &[&str] = &["errcheck", "govet", "ineffassign", "staticcheck", "unused"];

fn golangci(value: &Value, told: &mut Told) {
    let linters = |key: &str| list(at(value, &["linters", key])).into_iter().map(golangci_name);
    let is_on = |key: &str| flag(at(value, &["linters", key])) == Some(true);
    // The first version has two switches in the place of `default`.
    let default = match at(value, &["linters", "default"]).and_then(Value::as_str) {
        Some(default) => default,
        None if is_on("enable-all") => "all",
        None if is_on("disable-all") => "none",
        None => "standard",
    };
    match default {
        "all" => _ = told.on.insert("ALL".to_owned()),
        "none" => {}
        _ => told.on.extend(GOLANGCI_STANDARD.iter().copied().map(str::to_owned)),
    }
    told.on.extend(linters("enable"));
    // They were linters in the first version.
    told.on.extend(list(at(value, &["formatters", "enable"])));
    // What would be off anyway loses nothing.
    let off = linters("disable").filter(|name| default == "all" || told.on.contains(name));
    told.off.extend(off);
    for keys in [
        &["linters", "exclusions", "paths"] as &[&str],
        &["issues", "exclude-dirs"],
        &["issues", "exclude-files"],
        &["run", "skip-dirs"],
    ] {
        told.left_out.extend(list(at(value, keys)));
    }
    if let Some(tests) = flag(at(value, &["run", "tests"])) {
        told.strict.insert("run.tests".to_owned(), tests);
    }
}

/// What a linter is called today.
fn golangci_name(name: String) -> String {
    let today = match name.as_str() {
        "gosimple" | "stylecheck" | "megacheck" => "staticcheck",
        "deadcode" | "structcheck" | "varcheck" => "unused",
        "vet" | "vetshadow" => "govet",
        "gas" => "gosec",
        "goerr113" => "err113",
        "gomnd" => "mnd",
        "exportloopref" | "scopelint" => "copyloopvar",
        _ => return name,
    };
    today.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn file(path: &str, before: &str, after: &str, expected: &str) {
        let own = ("src/a.py", "x");
        check(look, &[(path, before), own], &[(path, after), own], expected);
    }

    #[test]
    fn linters_that_look_for_less_are_concerns() {
        for (path, before, after) in [
            (
                "eslint.config.js",
                "export default [{ rules: { 'no-unused-vars': 'error' } }];\n",
                "export default [{ rules: { 'no-unused-vars': 'off' } }];\n",
            ),
            (
                ".eslintrc.json",
                "{\"rules\": {\"eqeqeq\": [\"error\", \"always\"]}}",
                "{\"rules\": {\"eqeqeq\": \"warn\"}}",
            ),
            (
                "pyproject.toml",
                "[tool.ruff.lint]\nselect = ['E', 'F', 'B']",
                "[tool.ruff.lint]\nselect = ['E', 'F']",
            ),
            ("ruff.toml", "", "ignore = ['F401']"),
            ("ruff.toml", "", "exclude = ['src']"),
            ("setup.cfg", "[flake8]\nignore = E501", "[flake8]\nignore = E501,F841"),
            ("mypy.ini", "[mypy]\nstrict = True", "[mypy]\nstrict = False"),
            (
                "Cargo.toml",
                "[lints.rust]\nunsafe_code = 'forbid'",
                "[lints.rust]\nunsafe_code = 'allow'",
            ),
            (
                ".golangci.yml",
                "linters:\n  enable: [gosec, govet]\n",
                "linters:\n  enable: [govet]\n",
            ),
            (".golangci.yml", "linters: {}\n", "linters:\n  disable: [errcheck]\n"),
            (".rubocop.yml", "AllCops: {}", "Lint/Void: {Enabled: false}"),
            (".rubocop.yml", "AllCops: {}", "AllCops: {DisabledByDefault: true}"),
            (".rubocop.yml", "AllCops: {}", "AllCops: {Exclude: ['src/**/*']}"),
            ("phpstan.neon", "\tlevel: 8\n", "\tlevel: 2\n"),
            ("phpstan.neon.dist", "  level: max\n", "  level: 9\n"),
            (".shellcheckrc", "# a", "disable=all"),
            (
                ".golangci.yml",
                "linters:\n  enable: [gosec]\n",
                "linters:\n  default: none\n  enable: [gosec]\n",
            ),
        ] {
            let line = if matches!(
                path,
                "pyproject.toml" | "setup.cfg" | "mypy.ini" | "Cargo.toml" | ".golangci.yml"
            ) {
                2
            } else {
                1
            };
            file(path, before, after, &format!("warning lint-settings {path}:{line}"));
        }
    }

    #[test]
    fn linters_that_look_for_as_much_are_fine() {
        for (path, before, after) in [
            ("ruff.toml", "", "ignore = ['E501', 'COM812', 'ISC001']"),
            ("ruff.toml", "", "exclude = ['vendor', 'docs']"),
            ("ruff.toml", "select = ['E', 'F']", "select = ['ALL']"),
            (".rubocop.yml", "AllCops: {}", "Style/Documentation: {Enabled: false}"),
            ("phpstan.neon", "parameters:\n\tlevel: 2\n", "parameters:\n\tlevel: max\n"),
            (".shellcheckrc", "disable=SC1091", "disable=SC1091 # why"),
            (
                "eslint.config.js",
                "export default [];\n",
                "export default [{ rules: { eqeqeq: 'error' }, ignores: ['dist/**'] }];\n",
            ),
            (
                "Cargo.toml",
                "[lints.clippy]\nall = 'warn'",
                "[lints.clippy]\nall = 'warn'\ntoo_many_lines = 'allow'",
            ),
            ("mypy.ini", "[mypy]\n", "[mypy]\nstrict = True"),
            (
                "mypy.ini",
                "[mypy]\ndisallow_untyped_defs = True\nstrict_equality = True",
                "[mypy]\nstrict = True",
            ),
            // On by default.
            (
                ".golangci.yml",
                "version: '2'\nlinters:\n  enable: [errcheck, govet, gosec]\n",
                "version: '2'\nlinters:\n  enable: [gosec]\n",
            ),
            // From the first version to the second.
            (
                ".golangci.yml",
                "linters:\n  disable-all: true\n  enable: [gosimple, unused, gofmt]\n",
                "version: '2'\nlinters:\n  default: standard\nformatters:\n  enable: [gofmt]\n",
            ),
            // Off anyway.
            (
                ".golangci.yml",
                "linters:\n  enable: [gosec]\n",
                "linters:\n  enable: [gosec]\n  disable: [exhaustruct]\n",
            ),
        ] {
            file(path, before, after, "");
        }
    }
}
