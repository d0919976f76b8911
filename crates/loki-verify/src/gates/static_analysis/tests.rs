//! Readers over what each tool writes, and over anything.

use loki_model::Severity;
use proptest::prelude::*;

use super::TOOLS;
use super::tool::Tool;
use crate::reported::Reported;

fn tool(name: &str) -> &'static Tool {
    TOOLS.iter().find(|tool| tool.name == name).unwrap()
}

/// Reads an answer that holds one error.
#[track_caller]
fn one(name: &str, answer: &str, rule: &str, path: &str, line: u32, message: &str) {
    let found = (tool(name).read)(answer).unwrap();
    let expected = Reported::new(rule, Some(Severity::Error), Some(path), Some(line), message);
    assert_eq!(found, [expected], "{name}");
}

#[test]
fn every_tool_is_understood() {
    one(
        "ruff",
        r#"[{"code":"F401","filename":"/c/a.py","location":{"column":8,"row":1},"message":"`os` imported but unused"}]"#,
        "F401",
        "/c/a.py",
        1,
        "`os` imported but unused",
    );
    one(
        "flake8",
        "./a.py\t3\tE302\texpected 2 blank lines\n",
        "E302",
        "./a.py",
        3,
        "expected 2 blank lines",
    );
    one(
        "mypy",
        "{\"file\": \"a.py\", \"line\": 4, \"column\": 11, \"message\": \"Incompatible\", \"hint\": null, \"code\": \"return-value\", \"severity\": \"error\"}\n",
        "return-value",
        "a.py",
        4,
        "Incompatible",
    );
    one(
        "pyright",
        r#"{"generalDiagnostics":[{"file":"/c/a.py","severity":"error","message":"no","range":{"start":{"line":3}},"rule":"reportReturnType"}]}"#,
        "reportReturnType",
        "/c/a.py",
        4,
        "no",
    );
    one(
        "pylint",
        r#"[{"type":"error","line":2,"path":"a.py","symbol":"undefined-variable","message":"Undefined"}]"#,
        "undefined-variable",
        "a.py",
        2,
        "Undefined",
    );
    one(
        "biome",
        r#"[{"description":"Unexpected","check_name":"lint/suspicious/noDebugger","severity":"critical","location":{"path":"x.js","lines":{"begin":1}}}]"#,
        "lint/suspicious/noDebugger",
        "x.js",
        1,
        "Unexpected",
    );
    one(
        "staticcheck",
        r#"{"code":"SA1000","severity":"error","location":{"file":"/c/a.go","line":9},"message":"bad regexp"}"#,
        "SA1000",
        "/c/a.go",
        9,
        "bad regexp",
    );
    one(
        "golangci-lint",
        "{\"Issues\":[{\"FromLinter\":\"errcheck\",\"Text\":\"unchecked\",\"Severity\":\"\",\"Pos\":{\"Filename\":\"a.go\",\"Line\":5}}]}\n1 issues:\n",
        "errcheck",
        "a.go",
        5,
        "unchecked",
    );
    one(
        "shellcheck",
        r#"{"comments":[{"file":"./a.sh","line":3,"level":"warning","code":2164,"message":"Use cd"}]}"#,
        "SC2164",
        "./a.sh",
        3,
        "Use cd",
    );
    one(
        "rubocop",
        r#"{"files":[{"path":"a.rb","offenses":[{"severity":"warning","message":"Useless","cop_name":"Lint/Void","location":{"start_line":2}}]}]}"#,
        "Lint/Void",
        "a.rb",
        2,
        "Useless",
    );
    one(
        "phpstan",
        r#"{"totals":{},"files":{"/c/a.php":{"messages":[{"message":"Undefined","line":7,"identifier":"variable.undefined"}]}},"errors":[]}"#,
        "variable.undefined",
        "/c/a.php",
        7,
        "Undefined",
    );
}

#[test]
fn eslint_says_what_it_ignores_and_that_is_no_finding() {
    let answer = r#"[{"filePath":"/c/ign.js","messages":[{"ruleId":null,"fatal":false,"severity":1,"message":"File ignored"}]},
        {"filePath":"/c/x.js","messages":[{"ruleId":"no-unused-vars","severity":2,"message":"unused","line":1}]}]"#;
    one("eslint", answer, "no-unused-vars", "/c/x.js", 1, "unused");
    let broken = r#"[{"filePath":"/c/b.js","messages":[{"ruleId":null,"fatal":true,"severity":2,"message":"Parsing error","line":1}]}]"#;
    one("eslint", broken, "syntax", "/c/b.js", 1, "Parsing error");
}

#[test]
fn what_bats_makes_wrong_is_a_note_in_its_files_and_an_error_elsewhere() {
    let severity = |path: &str, code: u32| {
        let answer = format!(
            r#"{{"comments":[{{"file":"{path}","line":3,"level":"warning","code":{code},"message":"x"}}]}}"#
        );
        (tool("shellcheck").read)(&answer).unwrap()[0].severity
    };
    for code in [2154, 2030, 2031, 2317] {
        assert_eq!(severity("./test/a.bats", code), Some(Severity::Note), "{code}");
        assert_eq!(severity("./lib/a.sh", code), Some(Severity::Error), "{code}");
    }
    assert_eq!(severity("./test/a.bats", 2164), Some(Severity::Error));
}

#[test]
fn clippy_lints_are_told_from_headlines_and_other_messages() {
    let answer = r#"{"reason":"compiler-artifact"}
{"reason":"compiler-message","message":{"message":"unneeded `return`","level":"error","code":{"code":"clippy::needless_return"},"spans":[{"file_name":"src/other.rs","line_start":1,"is_primary":false},{"file_name":"src/lib.rs","line_start":4,"is_primary":true}]}}
{"reason":"compiler-message","message":{"message":"1 warning emitted","level":"warning","code":null,"spans":[]}}
"#;
    one("clippy", answer, "clippy::needless_return", "src/lib.rs", 4, "unneeded `return`");
}

#[test]
fn go_vet_writes_documents_between_comments() {
    let answer = "# example.com/a\n{\n\t\"example.com/a\": {\n\t\t\"printf\": [\n\t\t\t{\n\t\t\t\t\"posn\": \"/c/a.go:5:2\",\n\t\t\t\t\"message\": \"wrong verb\"\n\t\t\t}\n\t\t]\n\t}\n}\n# example.com/b\n{}\n";
    one("go vet", answer, "printf", "/c/a.go", 5, "wrong verb");
}

#[test]
fn an_answer_that_is_no_answer_is_not_an_answer_without_findings() {
    for name in
        ["ruff", "pyright", "pylint", "eslint", "golangci-lint", "shellcheck", "rubocop", "phpstan"]
    {
        for answer in ["", "Traceback (most recent call last):"] {
            assert!((tool(name).read)(answer).is_err(), "{name}: {answer}");
        }
    }
}

/// What tools call the parts of their answers.
const KEYS: &str = "(code|filename|location|row|message|file|line|severity|rule|range|start|path|symbol|type|messages|filePath|ruleId|files|offenses|comments|Issues|Pos|Line|Text|reason|spans|posn|generalDiagnostics)";

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<i64>().prop_map(serde_json::Value::from),
        "(error|warning|compiler-message|\\PC{0,10})".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(5, 48, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            proptest::collection::btree_map(KEYS, inner, 0..5)
                .prop_map(serde_json::Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn any_answer_is_read_without_panic(value in value(), text in "(\\PC|\t|\n|#|\\{){0,120}") {
        for tool in TOOLS {
            let _ = (tool.read)(&value.to_string());
            let _ = (tool.read)(&text);
        }
    }
}
