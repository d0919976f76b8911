//! What of a red suite a change is blamed for, and what was red before it.

use crate::fixture::{Files, Fixture, has, shown};
use crate::shop::{CODE, TEST, begins};

#[test]
fn a_test_whose_file_did_not_load_before_was_red_before_and_a_new_one_beside_it_was_not() {
    let import = TEST.replace("import price", "import nothing, price");
    let fixture = || Fixture::new(&[("shop.py", CODE), ("test_shop.py", &import)]);
    let half = TEST.replace("price(10, 3), 7", "price(10, 3), 8");
    let said = shown(&fixture().judge("tests", &[("test_shop.py", &half)]));
    begins(&said, "concern");
    assert!(said.contains("tests/red-before test_shop.py:11"), "{said}");
    let more = format!("{half}\n    def test_new(self):\n        self.assertEqual(price(1), 2)\n");
    let said = shown(&fixture().judge("tests", &[("test_shop.py", &more)]));
    begins(&said, "fail");
    assert!(said.contains("1 newly red") && said.contains("1 red before"), "{said}");
}

#[test]
fn a_test_that_was_skipped_beside_others_before_and_fails_now_is_newly_red() {
    let skipped = TEST
        .replace("    def test_three_off", "    @unittest.skip(\"slow\")\n    def test_three_off")
        .replace("price(10, 3), 7", "price(10, 3), 8");
    let red = format!("{skipped}\n    def test_red(self):\n        self.assertEqual(1, 2)\n");
    let fixture = Fixture::new(&[("shop.py", CODE), ("test_shop.py", &red)]);
    let runs = red.replace("    @unittest.skip(\"slow\")\n", "");
    let said = shown(&fixture.judge("tests", &[("test_shop.py", &runs)]));
    begins(&said, "fail");
    assert!(said.contains("1 newly red") && said.contains("1 red before"), "{said}");
}

#[test]
fn a_test_of_pytest_whose_file_could_not_be_collected_before_was_red_before() {
    if !has("pytest") {
        return;
    }
    let test = "from shop import price\n\n\ndef test_one():\n    assert price(1) == 1\n\n\ndef test_off():\n    assert price(3, 1) == 3\n";
    let broken = test.replace("import price", "import price, nothing");
    let base: Files<'_> = &[("shop.py", CODE), ("conftest.py", ""), ("test_shop.py", &broken)];
    let said = shown(&Fixture::new(base).with_venv().judge("tests", &[("test_shop.py", test)]));
    begins(&said, "concern");
    assert!(said.contains("tests/red-before test_shop.py:9"), "{said}");
}

#[test]
fn a_test_of_go_whose_package_did_not_build_before_was_red_before() {
    if !has("go") {
        return;
    }
    let test = "package shop\n\nimport \"testing\"\n\nfunc TestPrice(t *testing.T) {\n\tif Price(3) != 4 {\n\t\tt.Fatal(\"not 4\")\n\t}\n}\n";
    let base: Files<'_> = &[
        ("go.mod", "module example.org/shop\n\ngo 1.20\n"),
        ("shop.go", "package shop\n\nfunc Price(a int) int { return b }\n"),
        ("shop_test.go", test),
    ];
    let built = "package shop\n\nfunc Price(a int) int { return a }\n";
    let said = shown(&Fixture::new(base).judge("tests", &[("shop.go", built)]));
    begins(&said, "concern");
    assert!(said.contains("tests/red-before"), "{said}");
    let other = test.replace("TestPrice", "TestOther");
    let change: Files<'_> = &[("shop.go", built), ("shop_test.go", &other)];
    begins(&shown(&Fixture::new(base).judge("tests", change)), "fail");
}

#[test]
fn a_test_of_rust_whose_package_did_not_build_before_was_red_before() {
    if !has("cargo") {
        return;
    }
    let lib = |body: &str| {
        format!(
            "pub fn price(a: u32) -> u32 {{\n    {body}\n}}\n\n#[test]\nfn three() {{\n    assert_eq!(price(3), 4);\n}}\n"
        )
    };
    let (broken, built) = (lib("b"), lib("a"));
    let manifest = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
    let base: Files<'_> = &[
        ("Cargo.toml", manifest),
        ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"shop\"\nversion = \"0.1.0\"\n"),
        ("src/lib.rs", &broken),
    ];
    let said = shown(&Fixture::new(base).judge("tests", &[("src/lib.rs", &built)]));
    begins(&said, "concern");
    assert!(said.contains("tests/red-before"), "{said}");
}

/// A package whose test script is nothing that could be counted.
fn scripted(script: &str, files: Files<'_>, change: Files<'_>) -> String {
    let manifest = format!("{{\"name\": \"shop\", \"scripts\": {{\"test\": \"{script}\"}}}}");
    let base = [files, &[("package.json", manifest.as_str())]].concat();
    shown(&Fixture::new(&base).judge("tests", change))
}

#[test]
fn a_command_in_which_nothing_is_counted_and_that_failed_before_is_a_concern_whatever_it_says() {
    if !has("node") {
        return;
    }
    let boom = "console.error('boom in /tmp/x-1', process.pid); process.exit(1)\n";
    let bang = "console.error('bang'); process.exit(3)\n";
    let base: Files<'_> = &[("check.js", boom)];
    for change in [
        &[("check.js", bang)] as Files<'_>,
        // Where tests change as well it has to say the same.
        &[("check.js", &boom.replace("x-1", "y-2")), ("test/a.txt", "x\n")],
    ] {
        let said = scripted("node check.js", base, change);
        begins(&said, "concern");
        assert!(said.contains("tests/red-before") && said.contains("as before"), "{said}");
    }
    let change: Files<'_> = &[("check.js", bang), ("test/a.txt", "x\n")];
    begins(&scripted("node check.js", base, change), "fail");
}

#[test]
fn a_command_that_failed_before_for_want_of_what_the_change_brings_is_blamed() {
    if !has("node") {
        return;
    }
    let said = scripted("node check.js", &[], &[("check.js", "process.exit(1)\n")]);
    begins(&said, "fail");
}

#[test]
fn a_command_in_which_nothing_is_counted_and_that_was_well_before_is_blamed() {
    if !has("node") {
        return;
    }
    let bang = "console.error('bang'); process.exit(1)\n";
    let base: Files<'_> = &[("check.js", "console.log('fine')\n")];
    let said = scripted("node check.js", base, &[("check.js", bang)]);
    begins(&said, "fail");
    assert!(said.contains("tests/failed"), "{said}");
    // It counted a test before, and does not come so far any more.
    let counted =
        "console.log('TAP version 13\\nok 1 - a\\nnot ok 2 - b\\n1..2'); process.exit(1)\n";
    let said = scripted("node check.js", &[("check.js", counted)], &[("check.js", bang)]);
    begins(&said, "fail");
}

#[test]
fn a_command_that_the_sandbox_keeps_from_writing_elsewhere_shows_nothing() {
    if !has("node") {
        return;
    }
    let base: Files<'_> = &[("check.js", "console.log('fine')\n")];
    let told = |place: &str| {
        format!(
            "console.error(\"EROFS: read-only file system, mkdir '{place}'\"); process.exit(1)\n"
        )
    };
    let said = scripted("node check.js", base, &[("check.js", &told("/srv/wrap-1"))]);
    begins(&said, "inconclusive");
    assert!(said.contains("`/srv/wrap-1`") && said.contains("the sandbox"), "{said}");
    begins(&scripted("node check.js", base, &[("check.js", &told("wrap-1"))]), "fail");
}

#[test]
fn a_counted_test_that_can_not_write_elsewhere_is_red() {
    let test = TEST.replace(
        "        self.assertEqual(price(10), 10)",
        "        raise OSError(30, 'Read-only file system', '/srv/x')",
    );
    let fixture = Fixture::new(&[("shop.py", CODE), ("test_shop.py", TEST)]);
    begins(&shown(&fixture.judge("tests", &[("test_shop.py", &test)])), "fail");
}
