//! The gate `docs`.

use crate::fixture::judged;

fn docs(base: &[(&str, &str)], change: &[(&str, &str)]) -> String {
    judged("docs", base, change)
}

#[test]
fn a_link_on_an_added_line_leads_to_a_file_or_is_a_concern() {
    let base = [("README.md", "# A\n"), ("docs/guide.md", "x\n"), ("img/a.png", "x\n")];
    let page =
        "# A\nSee [g](docs/guide.md#x), [d](docs/), ![i](img/a.png), [w](https://x.org/a.md).\n";
    assert_eq!(docs(&base, &[("README.md", page)]), "pass: nothing found in 1 changed file\n");
    let page = "# A\n\nSee [g](docs/guid.md).\n";
    assert_eq!(
        docs(&base, &[("README.md", page)]),
        "concern: links to `docs/guid.md`, which does not exist\n\
         docs/broken-link README.md:3 links to `docs/guid.md`, which does not exist\n"
    );
}

#[test]
fn a_link_that_was_broken_before_is_not_the_changes_fault() {
    let base = [("README.md", "see [x](gone.md)\n"), ("docs/b.md", "b\n")];
    let text = docs(&base, &[("README.md", "please see [x](gone.md)\n")]);
    assert!(text.starts_with("pass"), "{text}");
    let base = [("README.md", "see [x](docs/b.md)\n"), ("docs/b.md", "b\n")];
    let text = docs(&base, &[("README.md", "please see [x](docs/b.md)\n"), ("docs/b.md", "")]);
    assert!(text.starts_with("concern: links to `docs/b.md`"), "{text}");
}

#[test]
fn a_command_names_what_the_project_has() {
    let base = [
        ("package.json", "{\"scripts\":{\"build\":\"x\"}}\n"),
        ("Makefile", "all: x\n\tx\n"),
        ("justfile", "lint:\n    x\n"),
        ("Cargo.toml", "[package]\nname = \"tool\"\n"),
        ("src/bin/other.rs", "fn main() {}\n"),
        ("app/__init__.py", "x = 1\n"),
        ("app/cli.py", "x = 1\n"),
        ("run.sh", "x\n"),
        ("README.md", "# A\n"),
    ];
    let good = "# A\n```sh\nnpm run build && make all\njust lint\ncargo run --bin other -- --bin x\npython -m app.cli\n./run.sh\npython -m pytest\nls\n```\n";
    assert_eq!(docs(&base, &[("README.md", good)]), "pass: nothing found in 1 changed file\n");
    let bad = "# A\n```sh\nnpm run deploy\nmake install\njust release\ncargo run --bin nope\npython -m app.web\n./go.sh\n```\n";
    let text = docs(&base, &[("README.md", bad)]);
    assert!(
        text.starts_with("concern: no package.json has a script `deploy`; and 5 more"),
        "{text}"
    );
    for told in
        ["target `install`", "recipe `release`", "program `nope`", "`app.web`", "script `go.sh`"]
    {
        assert!(text.contains(told), "{told}\n{text}");
    }
}

#[test]
fn commands_of_other_projects_and_lines_that_were_there_are_left_alone() {
    let base = [("package.json", "{\"scripts\":{}}\n"), ("README.md", "```sh\nnpm run old\n```\n")];
    let page = "```sh\nnpm run old\n```\n\n```sh\ngit clone https://x.org/y\ncd y\nnpm run theirs\n```\n\n```js\nnpm run x\n```\n\n```console\n$ ls\nnpm run printed\n```\n";
    assert_eq!(docs(&base, &[("README.md", page)]), "pass: nothing found in 1 changed file\n");
}

#[test]
fn a_new_flag_is_a_concern_where_pages_mention_the_others() {
    let cli = "p.add_argument('--all')\np.add_argument('--json')\n";
    let base = [("cli.py", cli), ("README.md", "Flags: `--all`, `--json`.\n")];
    let more = format!("{cli}p.add_argument('--dry-run')\n");
    let text = docs(&base, &[("cli.py", &more)]);
    assert!(
        text.starts_with("concern") && text.contains("docs/undocumented-flag cli.py:3"),
        "{text}"
    );
    let told = [("cli.py", more.as_str()), ("README.md", "`--all`, `--json`, `--dry-run`.\n")];
    assert_eq!(docs(&base, &told), "pass: nothing found in 2 changed files\n");
    let silent = [("cli.py", cli), ("README.md", "A tool.\n")];
    assert_eq!(docs(&silent, &[("cli.py", &more)]), "pass: nothing found in 1 changed file\n");
}

#[test]
fn a_change_of_neither_pages_nor_code_is_none_of_its_business() {
    let text = docs(&[("a.json", "1\n")], &[("a.json", "2\n")]);
    assert!(text.starts_with("n/a"), "{text}");
}

#[test]
fn a_new_exported_symbol_without_a_word_is_a_concern_where_the_others_have_one() {
    let one = |name: &str| format!("/// Does {name}.\npub fn {name}() {{}}\n");
    let old: String = ["a", "b", "c"].map(one).concat();
    let bare = format!("{old}pub fn d() {{}}\n");
    let text = docs(&[("src/lib.rs", &old)], &[("src/lib.rs", &bare)]);
    assert_eq!(
        text,
        "concern: nothing is said about the new `d`\n\
         docs/undocumented-symbol src/lib.rs:7 nothing is said about the new `d`\n"
    );
    for (old, new) in [
        (old.clone(), format!("{old}{}", one("d"))),
        (old.clone(), format!("{old}fn d() {{}}\n")),
        (bare.clone(), bare.replace("fn d() {", "fn d() { /* more */ ")),
        (old.replace("///", "//"), bare.replace("///", "//")),
    ] {
        let text = docs(&[("src/lib.rs", &old)], &[("src/lib.rs", &new)]);
        assert_eq!(text, "pass: nothing found in 1 changed file\n", "{new}");
    }
}
