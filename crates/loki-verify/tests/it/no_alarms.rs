//! Changes of real projects over which no gate has to worry, each beside one over which it still has to.

use loki_verify::Claim;

use crate::fixture::{Files, Fixture, has, shown};
use crate::shop::{BASE, CODE, TEST, begins};

/// What the gate says of a change of the shop that claims new behaviour.
fn judged(gate: &str, change: Files<'_>) -> String {
    shown(&Fixture::new(BASE).claiming(Claim::Behaviour).judge(gate, change))
}

/// The tests with one more.
fn with_test(text: &str) -> String {
    format!("{TEST}\n    def test_again(self):\n        {text}\n")
}

#[test]
fn code_beside_the_product_is_left_as_it_is_unless_somebody_uses_it() {
    let more = with_test("self.assertEqual(price(5), 5)");
    let tool = "def measure(call):\n    return call() + 1\n";
    let judge = |more: &str, path: &str, others: Files<'_>| {
        judged("mutants", &[others, &[(path, tool), ("test_shop.py", more)]].concat())
    };
    for path in ["benchmarks/speed.py", "examples/a/speed.py", "tools/speed.py"] {
        begins(&judge(&more, path, &[]), "n/a");
    }
    let runs = more.replace(
        "import unittest\n",
        "import sys\nimport unittest\n\nsys.path.insert(0, \"tools\")\nimport speed\n",
    );
    for (test, path, others) in [
        (&more, "speed.py", &[] as Files<'_>),
        (&more, "src/tools/speed.py", &[]),
        (&more, "tools/speed.py", &[("tools/__init__.py", "#\n")]),
        (&more, "tools/speed.py", &[("setup.py", "import tools.speed\n")]),
        (&more, "tools/speed.py", &[("more.py", "from tools.speed import measure\n")]),
        (&runs, "tools/speed.py", &[]),
    ] {
        let said = judge(test, path, others);
        assert!(said.contains("mutants/unwatched"), "{path} {others:?}: {said}");
    }
}

#[test]
fn comments_have_no_behaviour_to_show_and_are_no_fix_either() {
    let more = with_test("self.assertEqual(price(5), 5)");
    let remarked = CODE.replace("    return", "    # Never below zero.\n    return");
    let change: Files<'_> = &[("shop.py", &remarked), ("test_shop.py", &more)];
    begins(&judged("new-tests", change), "n/a");
    let said = judged("substance", change);
    assert!(said.contains("substance/nothing-done"), "{said}");
    let other = CODE.replace("amount - off", "max(amount - off, 0)");
    let said = judged("new-tests", &[("shop.py", &other), ("test_shop.py", &more)]);
    assert!(said.contains("new-tests/nothing-shown"), "{said}");
    // What the code reads may be what makes the difference.
    let with_data: Files<'_> = &[change, &[("rates.dat", "1\n")]].concat();
    let said = judged("new-tests", with_data);
    assert!(said.contains("new-tests/nothing-shown"), "{said}");
}

#[test]
fn tests_within_a_file_of_rust_are_tests() {
    let code = |body: &str, inner: &str| {
        format!(
            "pub fn price(amount: u32) -> u32 {{\n    {body}\n}}\n\n#[cfg(test)]\nmod tests {{\n    use super::price;\n\n{inner}    #[test]\n    fn ten() {{\n        assert_eq!(price(10), 10);\n    }}\n}}\n"
        )
    };
    let manifest = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
    let before = code("amount", "");
    let base: Files<'_> = &[("Cargo.toml", manifest), ("src/lib.rs", &before)];
    let judge = |gate: &str, after: &str| {
        let fixture = Fixture::new(base).claiming(Claim::Behaviour);
        shown(&fixture.judge(gate, &[("src/lib.rs", after)]))
    };
    let helped = "    fn five() -> u32 {\n        price(2) + 3\n    }\n\n    #[test]\n    fn is_five() {\n        assert_eq!(price(5), five());\n    }\n\n";
    begins(&judge("new-tests", &code("amount", helped)), "n/a");
    begins(&judge("mutants", &code("amount", helped)), "n/a");
    let said = judge("new-tests", &code("amount + 0", helped));
    assert!(said.contains("new-tests/nothing-shown"), "{said}");
}

#[test]
fn a_test_of_which_only_the_set_up_is_another_is_not_brought() {
    let set_up = TEST.replace(
        "        self.assertEqual(price(10, 3), 7)",
        "        off = 3\n        given = off\n        self.assertEqual(price(10, given), 7)",
    );
    let base: Files<'_> = &[("shop.py", CODE), ("test_shop.py", &set_up)];
    let code = CODE.replace("amount - off", "amount + -off");
    let judge = |to: &str| {
        let test = set_up.replace("        given = off\n", to);
        let fixture = Fixture::new(base).claiming(Claim::Behaviour);
        shown(&fixture.judge("new-tests", &[("shop.py", &code), ("test_shop.py", &test)]))
    };
    begins(&judge("        given = abs(off)\n"), "n/a");
    for to in [
        "        given = off\n        self.assertTrue(off)\n",
        "        given = int(\"3\")\n",
        "        given = off\n\n    def test_more(self):\n        off = given = len(\"abc\")\n",
    ] {
        let said = judge(to);
        assert!(said.contains("new-tests/nothing-shown"), "{to}: {said}");
    }
}

#[test]
fn a_new_test_that_is_skipped_here_shows_nothing_either_way() {
    let code = CODE.replace("amount - off", "max(amount - off, 0)");
    let skipped = format!(
        "{TEST}\n    @unittest.skipIf(True, \"not here\")\n    def test_again(self):\n        self.assertEqual(price(1, 2), 0)\n"
    );
    let said = judged("new-tests", &[("shop.py", &code), ("test_shop.py", &skipped)]);
    begins(&said, "inconclusive");
    assert!(!said.contains("nothing-shown"), "{said}");
    // One that runs and holds without the change is as little of a proof as before.
    let both =
        format!("{skipped}\n    def test_five(self):\n        self.assertEqual(price(5), 5)\n");
    let said = judged("new-tests", &[("shop.py", &code), ("test_shop.py", &both)]);
    assert!(said.contains("new-tests/nothing-shown"), "{said}");
}

const GO: Files<'_> = &[
    ("go.mod", "module example.test/demo\n\ngo 1.21\n"),
    ("demo.go", "package demo\n\nfunc One() int { return 1 }\n"),
    (
        "server/go.mod",
        "module example.test/server\n\ngo 1.21\n\nrequire example.test/nowhere v1.0.0\n",
    ),
    (
        "server/go.sum",
        "example.test/nowhere v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nexample.test/nowhere v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    ),
    (
        "server/main.go",
        "package main\n\nimport \"example.test/nowhere\"\n\nfunc main() { nowhere.Go() }\n",
    ),
];

#[test]
fn a_benchmark_is_no_test_that_could_need_the_change() {
    if !has("go") {
        return;
    }
    let test = "package demo\n\nimport \"testing\"\n\nfunc TestOne(t *testing.T) {\n\tif One() != 1 {\n\t\tt.Fatal()\n\t}\n}\n";
    let base: Files<'_> = &[GO[0], GO[1], ("demo_test.go", test)];
    let judge = |name: &str, kind: &str| {
        let more = format!(
            "{test}\nfunc {name}(x *testing.{kind}) {{\n\tif One() != 1 {{\n\t\tx.Fatal()\n\t}}\n}}\n"
        );
        let code = "package demo\n\nfunc One() int { return 2 - 1 }\n";
        let fixture = Fixture::new(base).claiming(Claim::of(&["One: without a constant"]));
        shown(&fixture.judge("new-tests", &[("demo.go", code), ("demo_test.go", &more)]))
    };
    begins(&judge("BenchmarkOne", "B"), "pass");
    begins(&judge("TestOneAgain", "T"), "concern");
}

#[test]
fn a_project_beside_that_lacks_what_it_lacked_before_is_a_note_until_it_is_touched() {
    if !has("go") {
        return;
    }
    let other = ("demo.go", "package demo\n\nfunc One() int { return 2 }\n");
    let judge = |change: Files<'_>| shown(&Fixture::new(GO).judge("build", change));
    let said = judge(&[other]);
    begins(&said, "pass");
    assert!(said.contains("build/not-built"), "{said}");
    for change in [
        &[other, ("server/more.go", "package main\n")] as Files<'_>,
        &[other, ("go.mod", "module example.test/demo\n\ngo 1.20\n")],
    ] {
        begins(&judge(change), "inconclusive");
    }
    // Where nothing else is built, nothing is known.
    let alone: Files<'_> = &GO[2..];
    begins(&shown(&Fixture::new(alone).judge("build", &[("README.md", "x\n")])), "inconclusive");
}

#[test]
fn what_needs_another_compiler_is_a_note_until_it_is_touched() {
    if !has("cargo") {
        return;
    }
    let manifest = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
    let bench = "#![feature(test)]\nextern crate test;\nfn main() {}\n";
    let base: Files<'_> = &[
        ("Cargo.toml", manifest),
        ("src/lib.rs", "pub fn one() -> u32 {\n    1\n}\n"),
        ("benches/bench.rs", bench),
    ];
    let judge = |change: Files<'_>| Fixture::new(base).judge("build", change);
    let worst = |change: Files<'_>| {
        judge(change)
            .findings()
            .iter()
            .map(|one| format!("{:?}", one.severity))
            .max()
            .unwrap_or_default()
    };
    let other = ("src/lib.rs", "pub fn one() -> u32 {\n    2\n}\n");
    let touched = format!("{bench}// more\n");
    assert_eq!(worst(&[other]), "Note");
    assert_eq!(worst(&[other, ("benches/bench.rs", &touched)]), "Warning");
}
