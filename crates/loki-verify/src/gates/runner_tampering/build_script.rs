//! Build scripts of cargo.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::weighing;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::file_name;
use crate::sides::Sides;

/// A build script reaches into what it is not to touch.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/build-script",
    severity: Severity::Warning,
    what: "A build script writes into sources or tests, or switches tests off.",
    why: "It runs before every test and can change what they say.",
    example: "+    std::fs::write(\"tests/expected.txt\", output)?;",
    fix: "Write to OUT_DIR only.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// What changes files.
const WRITES: &[&str] =
    &["fs::write(", "File::create(", "fs::remove", "fs::copy(", "fs::rename(", "OpenOptions"];

/// Texts that name what is not a build script's to write.
const PLACES: &[&str] =
    &["\"src/", "\"tests/", "\"../", "/src/", "/tests/", "\"src\"", "\"tests\""];

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in sides.delta.files.iter().filter(|file| file_name(&file.path) == "build.rs") {
        if file.kind == Kind::Foreign {
            continue;
        }
        for (line, text) in
            file.added_lines().filter(|(_, text)| !text.trim_start().starts_with("//"))
        {
            let writes = WRITES.iter().any(|write| text.contains(write));
            if writes
                && PLACES.iter().any(|place| text.contains(place))
                && !text.contains("OUT_DIR")
            {
                let message = "the build writes into sources or tests";
                found.add(RULE.at(&file.path, line, message));
            }
            let Some((_, set)) = text.split_once("rustc-cfg=") else { continue };
            let name = set.split(['"', '=', '{', '\\']).next().unwrap_or_default();
            if !name.is_empty() && switches_off(sides, name) {
                let message = format!("the build sets `{name}`, without which tests would run");
                found.add(weighing(RULE.at(&file.path, line, message), Severity::Warning));
            }
        }
    }
}

/// Whether tests of the change run only without a setting.
fn switches_off(sides: &Sides<'_>, name: &str) -> bool {
    let signs: BTreeSet<String> = [
        format!("cfg(not({name}))"),
        format!("cfg_attr({name}, ignore"),
        format!("cfg(all(test, not({name})))"),
    ]
    .into();
    sides.delta.files.iter().filter(|file| file.path.ends_with(".rs")).any(|file| {
        file.added_lines().any(|(_, line)| signs.iter().any(|sign| line.contains(sign.as_str())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn a_build_script_that_writes_elsewhere_is_a_concern() {
        let text = "fn main() {\n    std::fs::write(\"tests/expected.txt\", \"x\").unwrap();\n}\n";
        check(look, &[], &[("build.rs", text)], "warning build-script build.rs:2");
        let sets = "fn main() {\n    println!(\"cargo:rustc-cfg=fast\");\n}\n";
        let test = ("tests/a.rs", "#[cfg(not(fast))]\n#[test]\nfn a() {}\n");
        check(look, &[], &[("build.rs", sets), test], "warning build-script build.rs:2");
    }

    #[test]
    fn a_build_script_that_builds_is_fine() {
        let text = "fn main() {\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    std::fs::write(format!(\"{out}/a.rs\"), \"x\").unwrap();\n    println!(\"cargo:rustc-cfg=has_x\");\n    println!(\"cargo:rerun-if-changed=src/a.c\");\n}\n";
        check(look, &[], &[("build.rs", text)], "");
    }
}
