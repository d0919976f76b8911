use super::*;

fn shown(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(is) => is.to_string(),
        Value::Number(text) => text.clone(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => {
            format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        Value::Map(entries) => {
            let entry = |it: &Entry| format!("{}@{}: {}", it.key, it.line, shown(&it.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

fn read(text: &str, syntax: Syntax) -> String {
    match parse(text, syntax) {
        Ok(document) => shown(&document.root),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn every_value_knows_its_line() {
    let json = "{\n \"a\": [1,\n  true],\n\t\"b\": {\"c\": null}\n}\n";
    let yaml = "a:\n  - 1\n  - true\nb:\n  c:\n";
    assert_eq!(read(json, Syntax::Json), "{a@2: [1, true], b@4: {c@4: null}}");
    assert_eq!(read(yaml, Syntax::Yaml), "{a@1: [1, true], b@4: {c@5: null}}");
}

#[test]
fn plain_scalars_are_read_by_the_core_schema() {
    let text = "[1.5, -2, 1e3, no, 1.2.3, 0x1F, '5', ~, .5, True, 2020-01-01, -]";
    assert!(read(text, Syntax::Yaml).starts_with("line 1"), "{}", read(text, Syntax::Yaml));
    let text = "[1.5, -2, 1e3, no, 1.2.3, '5', ~, True, 2020-01-01]";
    let expected = "[1.5, -2, 1e3, \"no\", \"1.2.3\", \"5\", null, true, \"2020-01-01\"]";
    assert_eq!(read(text, Syntax::Yaml), expected);
}

#[test]
fn what_is_not_in_its_format_is_refused_with_the_place() {
    for (text, syntax, start) in [
        ("{\n  \"a\": 1,\n}", Syntax::Json, "line 2"),
        ("{\n  // no\n}", Syntax::Json, "line 2"),
        ("{\"a\": 1", Syntax::Json, "line 1"),
        ("{} {}", Syntax::Json, "line 1"),
        ("a: 1\n b: 2\n", Syntax::Yaml, "line 2"),
        ("a: [1, 2\nb: 3\n", Syntax::Yaml, "line 2"),
        ("a: 1\n---\nb: 2\n", Syntax::Yaml, "line 2"),
        ("a: *nobody\n", Syntax::Yaml, "line 1"),
        ("a: \"open\n", Syntax::Yaml, "line "),
    ] {
        let read = read(text, syntax);
        assert!(read.starts_with(start), "{text}: {read}");
    }
}

#[test]
fn aliases_and_merges_are_written_out() {
    let text = "base: &b {x: 1, y: 2}\nmore:\n  <<: *b\n  y: 3\nlist: [*b]\n";
    assert_eq!(
        read(text, Syntax::Yaml),
        "{base@1: {x@1: 1, y@1: 2}, more@2: {y@4: 3, x@1: 1}, list@5: [{x@1: 1, y@1: 2}]}"
    );
}

#[test]
fn a_text_that_grows_without_end_is_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = level - 1;
        let aliases = vec![format!("*a{below}"); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert!(read(&bomb, Syntax::Yaml).contains("aliases written out"), "bomb");
    for syntax in [Syntax::Json, Syntax::Yaml] {
        let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(read(&deep, syntax).starts_with("line 1"), "{syntax:?}");
        let many = format!("[{}1]", "1,".repeat(NODES_MAX));
        assert!(read(&many, syntax).contains("more than"), "{syntax:?}");
    }
    let chain: String = (1..300).map(|n| format!("a{n}: &a{n} [*a{}]\n", n - 1)).collect();
    assert!(read(&format!("a0: &a0 [1]\n{chain}"), Syntax::Yaml).contains("nested deeper"));
}

#[test]
fn the_last_of_two_equal_keys_counts_and_both_are_told() {
    for (text, syntax) in
        [("{\"a\": 1,\n\"b\": 2,\n\"a\": 3}", Syntax::Json), ("a: 1\nb: 2\na: 3\n", Syntax::Yaml)]
    {
        let document = parse(text, syntax).unwrap();
        assert_eq!(shown(&document.root), "{b@2: 2, a@3: 3}");
        let repeated = Repeated { key: "a".to_owned(), line: 3, first_line: 1 };
        assert_eq!(document.repeated, [repeated]);
    }
}

#[test]
fn a_pointer_leads_back() {
    let document = parse("paths:\n  /a~b:\n    - x\n", Syntax::Yaml).unwrap();
    let at = At::root(&document.root).get("paths").unwrap().get("/a~b").unwrap();
    let item = at.items().next().unwrap();
    assert_eq!((item.pointer().as_deref(), item.line), (Some("/paths/~1a~0b/0"), 3));
}
