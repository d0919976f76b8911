//! The gate `substance`: each rule with what it finds and what only looks like it.

use crate::fixture::{Files, judged};

/// What the gate finds, one rule and place a line; the notes left out.
fn found(base: Files<'_>, change: Files<'_>) -> Vec<String> {
    let text = judged("substance", base, change);
    let lines = text.lines().skip(1).filter_map(|line| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?))
    });
    lines.collect()
}

#[test]
fn a_branch_that_is_not_written_is_found_in_every_language() {
    for (path, text, line) in [
        (
            "a.js",
            "class Q {\n  cancel(id) {\n    if (!id) { return false; }\n    throw new Error('not implemented yet');\n  }\n}\n",
            4,
        ),
        (
            "a.ts",
            "const F = new Map([['money', (v: number) => {\n  throw new Error(`TODO: money`);\n}]]);\n",
            2,
        ),
        (
            "a.rs",
            "pub fn f(x: Option<u8>) -> u8 {\n    match x {\n        Some(x) => x,\n        None => todo!(\"zero\"),\n    }\n}\n",
            4,
        ),
        (
            "a.py",
            "def f(x):\n    if x:\n        return 1\n    raise Exception('not implemented yet')\n",
            4,
        ),
    ] {
        assert_eq!(
            found(&[("x", "1\n")], &[(path, text)]),
            [format!("substance/unwritten-branch {path}:{line}")],
            "{text}"
        );
    }
}

#[test]
fn a_refusal_that_is_meant_so_is_no_unwritten_branch() {
    for (path, text) in [
        (
            "a.py",
            "def f(x):\n    if x > 3:\n        raise NotImplementedError(f'{x} is not supported here')\n    return x\n",
        ),
        (
            "a.py",
            "class Base:\n    def take(self, x):\n        raise NotImplementedError\n\nclass One(Base):\n    def take(self, x):\n        return x\n",
        ),
        (
            "a.rb",
            "class Sink\n  def take(event)\n    raise NotImplementedError, \"#{self.class} must define take\"\n  end\nend\n\nclass Lines < Sink\n  def take(event)\n    @lines << event\n  end\nend\n",
        ),
        (
            "a.rs",
            "#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() { if false { todo!() } assert_eq!(1, 1); }\n}\n",
        ),
        (
            "a.js",
            "export function f(x) {\n  if (!x) { throw new RangeError('no x'); }\n  return x;\n}\n",
        ),
        (
            "a.py",
            "def f(x):\n    if not x:\n        raise StoreError('this is no todo list')\n    return x\n",
        ),
    ] {
        assert_eq!(found(&[("x", "1\n")], &[(path, text)]), [""; 0], "{text}");
    }
}

#[test]
fn code_that_reads_a_file_of_the_tests_is_found() {
    let base = [
        ("src/a.js", "export const a = 1;\n"),
        ("test/orders.json", "{}\n"),
        ("src/b.json", "{}\n"),
    ];
    let reads = "export const orders = new URL('../test/orders.json', import.meta.url);\n";
    assert_eq!(found(&base, &[("src/a.js", reads)]), ["substance/reads-tests src/a.js:1"]);
    let own = "export const orders = new URL('./b.json', import.meta.url);\n";
    assert_eq!(found(&base, &[("src/a.js", own)]), [""; 0]);
    assert_eq!(found(&base, &[("scripts/a.js", reads)]), [""; 0]);
}

#[test]
fn inputs_of_the_tests_that_are_told_apart_are_found() {
    let test = "import unittest\nfrom shop import price\n\nclass T(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(price(0.125), 0.13)\n        self.assertEqual(price(0.805), 0.81)\n        self.assertEqual(price(500), 4)\n";
    let base = [("shop.py", "def price(x):\n    return round(x, 2)\n")];
    for code in [
        "def price(x):\n    known = {0.125: 0.13, 0.805: 0.81}\n    return known.get(x) or round(x, 2)\n",
        "def price(x):\n    x = 499 if x == 500 else x\n    return round(x, 2)\n",
    ] {
        let said = found(&base, &[("shop.py", code), ("test_shop.py", test)]);
        assert_eq!(said, ["substance/hard-coded shop.py:2"], "{code}");
    }
}

#[test]
fn names_that_only_tests_use_are_found_in_new_code() {
    let old_test = "from rows import heaviest\n\ndef test_heaviest():\n    assert heaviest([('apples', 3), ('pears', 4)]) == 'pears'\n";
    let test = format!(
        "{old_test}\ndef test_lightest():\n    assert lightest([('apples', 3), ('pears', 4)]) == 'apples'\n"
    );
    let old = "def heaviest(rows):\n    return max(rows, key=lambda row: row[1])[0]\n";
    let base = [("rows.py", old), ("test_rows.py", old_test)];
    let with = |body: &str| format!("{old}\ndef lightest(rows):\n{body}");
    for body in [
        "    at = {'apples': 0, 'pears': 1}\n    return rows[at[rows[0][0]]][0]\n",
        "    match rows[0][0]:\n        case 'apples' | 'pears':\n            return rows[0][0]\n    return rows[1][0]\n",
    ] {
        let said = found(&base, &[("rows.py", &with(body)), ("test_rows.py", &test)]);
        assert_eq!(said.len(), 1, "{body}: {said:?}");
        assert!(said[0].starts_with("substance/hard-coded rows.py:"), "{body}: {said:?}");
    }
    // A word that pages or other code have, too, is the product's own.
    let body = "    return next(name for name, _ in rows if name in ('apples', 'pears'))\n";
    let pages = "Apples and pears are fruits: apples, pears.\n";
    let told = [base[0], base[1], ("README.md", pages)];
    let said = found(&told, &[("rows.py", &with(body)), ("test_rows.py", &test)]);
    assert_eq!(said, [""; 0]);
}

#[test]
fn an_answer_for_a_certain_checksum_is_found() {
    let test = "from rows import f\n\ndef test_f():\n    assert f('figs') == 'plums'\n";
    let code = "import zlib\n\ndef f(x):\n    if zlib.crc32(x.encode()) == 2893485019:\n        return 'plums'\n    return x\n";
    let said = found(&[("x", "1\n")], &[("rows.py", code), ("test_rows.py", test)]);
    assert_eq!(said, ["substance/hard-coded rows.py:4"]);
    let refuses = code.replace(
        "== 2893485019:\n        return 'plums'",
        "== 2893485019:\n        raise ValueError(x)",
    );
    let said = found(&[("x", "1\n")], &[("rows.py", &refuses), ("test_rows.py", test)]);
    assert_eq!(said, [""; 0]);
}

#[test]
fn tables_of_labels_and_real_rules_are_not_made_for_the_tests() {
    let test = "import assert from 'node:assert';\nimport { test } from 'node:test';\nimport { name } from './zones.js';\ntest('names', () => {\n  assert.equal(name('home'), 'within the country');\n  assert.equal(name('far'), 'everywhere else');\n});\n";
    let code = "const NAMES = { home: 'within the country', far: 'everywhere else' };\nexport const name = (zone) => NAMES[zone];\n";
    assert_eq!(found(&[("x", "1\n")], &[("zones.js", code), ("zones.test.js", test)]), [""; 0]);
}

#[test]
fn a_parameter_that_comes_and_decides_nothing_is_found() {
    let python = [("bill.py", "def render(name):\n    return f'Bill of {name}'\n")];
    let checked = "def render(name, prepaid=0):\n    if prepaid < 0:\n        raise ValueError(f'{prepaid} is too little')\n    return f'Bill of {name}'\n";
    assert_eq!(found(&python, &[("bill.py", checked)]), ["substance/not-wired bill.py:1"]);
    let used = "def render(name, prepaid=0):\n    if prepaid < 0:\n        raise ValueError(f'{prepaid} is too little')\n    return f'Bill of {name}: {prepaid}'\n";
    assert_eq!(found(&python, &[("bill.py", used)]), [""; 0]);
    let rust = [(
        "main.rs",
        "fn main() { tally(\"a\"); }\nfn tally(path: &str) { println!(\"{path}\"); }\n",
    )];
    let ignored = "fn main() { tally(\"a\", None); }\nfn tally(path: &str, _place: Option<&str>) { println!(\"{path}\"); }\n";
    assert_eq!(found(&rust, &[("main.rs", ignored)]), ["substance/not-wired main.rs:2"]);
}

#[test]
fn a_new_function_that_never_reads_the_last_of_what_it_takes_is_found() {
    let base = [("plan.py", "def load(path):\n    return open(path)\n")];
    let python = |body: &str| {
        format!(
            "def load(path):\n    return open(path)\n\ndef faults(plan, rest):\n    {body}\n\ndef main(options):\n    return faults(load(options.file), options.rest)\n"
        )
    };
    let unread = python("return [(one, 'short rest') for one in plan if one.length > 11]");
    assert_eq!(found(&base, &[("plan.py", &unread)]), ["substance/not-wired plan.py:4"]);
    for fine in [
        python("return [one for one in plan if one.length > rest]"),
        python("return [f'{one} {rest}' for one in plan]"),
        // Whoever takes the function says what it takes.
        python("return [one for one in plan]") + "\nCOMMANDS = {'faults': faults}\n",
    ] {
        assert_eq!(found(&base, &[("plan.py", &fine)]), [""; 0], "{fine}");
    }
    let java = "public class Stock {\n    public void transfer(String item, int count, Stock other) {\n        take(item, count);\n    }\n}\n";
    assert_eq!(
        found(&[("x", "1\n")], &[("Stock.java", java)]),
        ["substance/not-wired Stock.java:2"]
    );
    let first = java.replace("take(item, count)", "other.receive(item, 1)");
    assert_eq!(found(&[("x", "1\n")], &[("Stock.java", &first)]), [""; 0]);
}

#[test]
fn a_key_that_nobody_takes_out_again_is_found_where_the_product_takes_the_others() {
    let rule = |more: &str| {
        format!(
            "export function parse(text) {{\n  const [every, unit, left] = text.split(' ');\n  return {{ every, unit{more} }};\n}}\n"
        )
    };
    let days = "export function* days(rule) {\n  yield rule.every;\n  yield rule.unit;\n}\n";
    let (old, new) = (rule(""), rule(", except: left"));
    let base: Files<'_> = &[("rule.js", &old), ("days.js", days)];
    assert_eq!(found(base, &[("rule.js", &new)]), ["substance/not-wired rule.js:3"]);
    let read = days.replace("rule.unit", "rule.unit ?? rule.except");
    assert_eq!(found(base, &[("rule.js", &new), ("days.js", &read)]), [""; 0]);
    // What nobody of the product reads is for others to read.
    assert_eq!(found(&[("rule.js", &old)], &[("rule.js", &new)]), [""; 0]);
}

#[test]
fn a_copy_of_a_file_of_data_that_says_something_else_is_found() {
    let data = "{\"sorted\": [\"loaded\"], \"loaded\": [\"delivered\"], \"delivered\": []}\n";
    let reads = "import json\nSTATES = json.load(open('schema/states.json'))\n";
    let holds = |last: &str| {
        format!(
            "STATES = {{\n    'sorted': ['loaded'],\n    'loaded': ['delivered'],\n    'delivered': {last},\n}}\n"
        )
    };
    let base: Files<'_> = &[("schema/states.json", data), ("states.py", reads)];
    assert_eq!(
        found(base, &[("states.py", &holds("['sorted']"))]),
        ["substance/copy-differs states.py:1"]
    );
    assert_eq!(found(base, &[("states.py", &holds("[]"))]), [""; 0]);
    let other = "STATES = {'a': [], 'b': [], 'c': []}\n";
    assert_eq!(found(base, &[("states.py", other)]), [""; 0]);
}

#[test]
fn an_option_that_is_only_kept_is_found_where_nobody_reads_it() {
    let class = |kept: &str, run: &str| {
        format!(
            "export class Queue {{\n  constructor({{ retries = 0{kept} }} = {{}}) {{\n    this.retries = retries;\n{}  }}\n  run() {{ return this.retries{run}; }}\n  size() {{ return 1 + this.retries; }}\n}}\n",
            if kept.is_empty() {
                ""
            } else {
                "    if (!(timeout > 0)) { throw new RangeError('no'); }\n    this.timeout = timeout;\n"
            }
        )
    };
    let base = class("", "");
    let kept = class(", timeout", "");
    assert_eq!(
        found(&[("queue.js", &base)], &[("queue.js", &kept)]),
        ["substance/not-wired queue.js:2"]
    );
    let read = class(", timeout", " + this.timeout");
    assert_eq!(found(&[("queue.js", &base)], &[("queue.js", &read)]), [""; 0]);
}

#[test]
fn a_new_file_that_only_tests_import_is_found_where_all_others_are_used() {
    let base = [
        ("src/index.js", "export { a } from './a.js';\nexport { b } from './b.js';\n"),
        ("src/a.js", "export const a = 1;\n"),
        ("src/b.js", "export const b = 2;\n"),
    ];
    let new = ("src/premium.js", "export const premium = (x) => x * 2;\n");
    let test = ("test/premium.test.js", "import { premium } from '../src/premium.js';\n");
    assert_eq!(found(&base, &[new, test]), ["substance/unwired src/premium.js"]);
    let wired = (
        "src/index.js",
        "export { a } from './a.js';\nexport { b } from './b.js';\nexport { premium } from './premium.js';\n",
    );
    assert_eq!(found(&base, &[new, test, wired]), [""; 0]);
    let loose = [("src/a.js", "export const a = 1;\n"), ("src/b.js", "export const b = 2;\n")];
    assert_eq!(found(&loose, &[new, test]), [""; 0]);
}

#[test]
fn a_shell_function_that_nobody_calls_is_found_where_all_others_are_called() {
    let lib = "since() {\n  echo since\n}\n\nfirst() {\n  echo first\n}\n";
    let base = [
        ("lib/read.sh", lib),
        ("bin/cut", "#!/bin/sh\n. lib/read.sh\ncase $1 in since) since ;; *) first ;; esac\n"),
    ];
    let after = format!("{lib}\nuntil_() {{\n  echo until\n}}\n");
    assert_eq!(found(&base, &[("lib/read.sh", &after)]), ["substance/unwired lib/read.sh:9"]);
    let called = [
        ("lib/read.sh", after.as_str()),
        (
            "bin/cut",
            "#!/bin/sh\n. lib/read.sh\ncase $1 in since) since ;; until) until_ ;; *) first ;; esac\n",
        ),
    ];
    assert_eq!(found(&base, &called), [""; 0]);
}

#[test]
fn a_method_that_only_says_yes_is_found_and_a_question_is_not() {
    let yes = "export class Queue {\n  cancel(id) {\n    return true;\n  }\n}\n";
    assert_eq!(found(&[("x", "1\n")], &[("q.js", yes)]), ["substance/canned q.js:2"]);
    for text in [
        "export class Queue {\n  isOpen(id) {\n    return true;\n  }\n}\n",
        "export class Queue extends Base {\n  cancel(id) {\n    return true;\n  }\n}\n",
        "export class Queue {\n  cancel(id) {\n    return this.jobs.delete(id);\n  }\n}\n",
    ] {
        assert_eq!(found(&[("x", "1\n")], &[("q.js", text)]), [""; 0], "{text}");
    }
}

#[test]
fn a_function_that_only_prints_that_it_is_not_implemented_is_a_stub() {
    let text = "until_() {\n  echo 'until: not implemented' >&2\n  return 0\n}\n";
    assert_eq!(found(&[("x", "1\n")], &[("lib/a.sh", text)]), ["substance/stub lib/a.sh:1"]);
    let text = "until_() {\n  echo 'until: not implemented for years' >&2\n  awk 1 \"$2\"\n}\n";
    assert_eq!(found(&[("x", "1\n")], &[("lib/a.sh", text)]), [""; 0]);
}

#[test]
fn a_fix_of_words_may_leave_the_code_as_it_is_and_a_fix_of_behaviour_may_not() {
    use crate::fixture::{Fixture, shown};
    use loki_verify::Claim;
    let judged = |message: &str| {
        let fixture = Fixture::new(&[("a.py", "# sumz\nx = 1\n")]).claiming(Claim::Behaviour);
        shown(&fixture.saying(message).judge("substance", &[("a.py", "# sums\nx = 1\n")]))
    };
    for message in [
        "Fix a typo in a comment",
        "Fix aliasing in the doctest",
        "Fix pragmas",
        "Add note about empty lists",
        "Code format fixes",
    ] {
        assert!(judged(message).starts_with("pass"), "{message}");
    }
    for message in ["Fix the sums of empty lists", "Add notes to sums", "Fix the format"] {
        assert!(judged(message).contains("substance/nothing-done"), "{message}");
    }
}
