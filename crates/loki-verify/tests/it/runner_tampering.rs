//! The gate `runner-tampering`.

use crate::fixture::judged;

const BASE: &[(&str, &str)] = &[
    ("package.json", "{\n  \"scripts\": {\n    \"test\": \"node --test\"\n  }\n}\n"),
    ("test/a.test.js", "x\n"),
    (".gitattributes", "* -diff\n"),
];

#[test]
fn a_test_script_that_can_not_fail_blocks_whatever_the_attributes_say() {
    let script = BASE[0].1.replace("node --test", "node --test || true");
    let text = judged("runner-tampering", BASE, &[("package.json", &script)]);
    assert!(text.starts_with("fail: script `test`: a failure of `node --test`"), "{text}");
    assert!(text.contains("runner-tampering/script package.json:3"), "{text}");
}

#[test]
fn a_change_for_people_to_look_at_is_a_concern() {
    let text = judged("runner-tampering", BASE, &[("src/a.js", "/* eslint-disable */\n")]);
    assert!(text.starts_with("concern: "), "{text}");
}

#[test]
fn other_changes_pass_and_prose_is_not_judged() {
    let text = judged("runner-tampering", BASE, &[("src/a.js", "export const a = 1;\n")]);
    assert_eq!(text, "pass: nothing found in 1 changed file\n");
    let text = judged("runner-tampering", BASE, &[("README.md", "Hello.\n")]);
    assert!(text.starts_with("n/a"), "{text}");
}
