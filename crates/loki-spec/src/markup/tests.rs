use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};

use super::*;

/// What a reader of Markdown sees as text, its white space made even.
fn seen(markdown: &str) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut seen = String::new();
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(text) | Event::Code(text) => seen.push_str(&text),
            Event::SoftBreak | Event::HardBreak => seen.push(' '),
            Event::End(_) => {}
            _ => {}
        }
    }
    even(&seen)
}

fn even(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn paragraph(text: &str) -> Value {
    json!({"type": "paragraph", "content": [{"type": "text", "text": text}]})
}

fn document(content: Value) -> Value {
    json!({"type": "doc", "version": 1, "content": content})
}

#[test]
fn a_document_of_the_cloud_becomes_markdown() {
    let text = |text: &str, marks: &[&str]| {
        let marks: Vec<Value> = marks.iter().map(|mark| json!({"type": mark})).collect();
        json!({"type": "text", "text": text, "marks": marks})
    };
    let item = |content: Value| json!({"type": "listItem", "content": content});
    let adf = document(json!([
        {"type": "heading", "attrs": {"level": 2}, "content": [text("Goal #1", &[])]},
        {"type": "paragraph", "content": [
            text("It ", &[]), text("must ", &["strong"]), text("save_all", &["code"]),
            text(" and ", &[]), text("never", &["em", "strong"]), text(" *crash*", &[]),
            {"type": "hardBreak"}, text("1. not a list", &[]),
            {"type": "mention", "attrs": {"id": "1", "text": "@Ann"}},
            {"type": "emoji", "attrs": {"shortName": ":ok:"}},
            {"type": "status", "attrs": {"text": "IN PROGRESS"}},
            {"type": "date", "attrs": {"timestamp": "1709164800000"}},
            {"type": "text", "text": "docs", "marks": [{"type": "link", "attrs": {"href": "https://acme.example/a"}}]},
            {"type": "inlineCard", "attrs": {"url": "https://acme.atlassian.net/browse/AB-1"}}
        ]},
        {"type": "bulletList", "content": [
            item(json!([paragraph("One"), {"type": "orderedList", "attrs": {"order": 3}, "content": [
                item(json!([paragraph("Three"), paragraph("More of three")])), item(json!([paragraph("Four")]))]}])),
            item(json!([paragraph("Two")]))
        ]},
        {"type": "taskList", "attrs": {"localId": "x"}, "content": [
            {"type": "taskItem", "attrs": {"state": "TODO"}, "content": [text("Open", &[])]},
            {"type": "taskItem", "attrs": {"state": "DONE"}, "content": [text("Done", &[])]},
            {"type": "blockTaskItem", "attrs": {"state": "TODO"}, "content": [paragraph("Block")]}
        ]},
        {"type": "codeBlock", "attrs": {"language": "rust"}, "content": [text("let a = \"```\";\nb();", &[])]},
        {"type": "panel", "attrs": {"panelType": "note"}, "content": [paragraph("Careful")]},
        {"type": "expand", "attrs": {"title": "More"}, "content": [paragraph("Inside")]},
        {"type": "rule"},
        {"type": "table", "content": [
            {"type": "tableRow", "content": [
                {"type": "tableHeader", "content": [paragraph("Requirement")]},
                {"type": "tableHeader", "content": [paragraph("Priority")]}]},
            {"type": "tableRow", "content": [
                {"type": "tableCell", "content": [paragraph("a|b")]},
                {"type": "tableCell", "content": [paragraph("must")]}]}]},
        {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"id": "1", "type": "file", "alt": "a screen"}}]},
        {"type": "layoutSection", "content": [{"type": "layoutColumn", "content": [paragraph("Column")]}]},
        {"type": "somethingNew", "content": [paragraph("Still here")]}
    ]));
    insta::assert_snapshot!(adf_to_markdown(&adf));
}

#[test]
fn what_is_no_document_is_empty_or_its_text() {
    for value in [json!(null), json!(7), json!([]), json!({"type": "doc"}), json!({"content": 7})] {
        assert_eq!(adf_to_markdown(&value), "", "{value}");
    }
    assert_eq!(adf_to_markdown(&json!("plain")), "plain");
}

#[test]
fn an_address_that_could_do_anything_is_no_link() {
    for address in ["javascript:alert(1)", "https://a b", "https://a>b", "data:x"] {
        assert_eq!(link("text", address), "text");
    }
}

#[test]
fn wiki_text_becomes_markdown() {
    let wiki = "h2. Goal\nIt must *save all* and _never_ crash_here.\\\\Next {{a_b}} -old- *not this\n\n\
        * One\n** Below\n*# Numbered\n* Two\n\n# First\n# Second\n\n\
        ||Requirement||Priority||\n|Save [docs|https://acme.example/a]|must|\n\n\
        {code:java|title=x}\nint a = 1; // *b*\n{code}\n\
        {quote}\nSomebody said\n{quote}\nbq. short\n----\n\
        [https://acme.example] [~ann] [^log.txt] !shot.png|thumbnail! {color:red}red{color} [ ] a*b*c\n\
        {panel:title=Note}\nInside\n{panel}\n\
        1. not a list\n{noformat}\nopen *for ever*\n";
    insta::assert_snapshot!(wiki_to_markdown(wiki));
}

#[test]
fn html_becomes_markdown() {
    let html = "<div><b>Goal</b>: it must <i>save</i>&nbsp;all &amp; <code>a_b &lt; c</code>.<br>Next *line*</div>\
        <h2>List</h2><ul><li>One<ol><li>Sub</li><li>Sub 2</li></ol></li><li><p>Two</p><p>more</p></li></ul>\
        <ul><li><input type=\"checkbox\" checked>Done</li><li><input type=checkbox>Open</li></ul>\
        <table><tr><th>Requirement</th><th>Priority</th></tr><tr><td>a|b</td><td><p>must</p></td></tr></table>\
        <pre><code>let a = 1;\n  b();</code></pre><blockquote>quoted</blockquote>\
        <a href=\"https://acme.example/a?b=1&amp;c=2\">docs</a><a href=\"javascript:x\">no</a>\
        <img src=x alt=\"a screen\"><hr><script>alert(1)</script><style>p{}</style><!-- hidden -->\
        <p>1. not a list <b>open";
    insta::assert_snapshot!(html_to_markdown(html));
}

#[test]
fn what_is_no_html_is_read_as_text() {
    for (html, text) in [
        ("a < b and c > d", "a < b and c > d"),
        ("plain", "plain"),
        ("a && b &", "a && b &"),
        ("<p>one</div>two</p>", "onetwo"),
        ("</p></p>x", "x"),
        ("&#65;&#x42;&unknown;", "AB&unknown;"),
        ("", ""),
    ] {
        assert_eq!(seen(&html_to_markdown(html)), text, "{html}");
    }
}

#[test]
fn what_fuzzing_found_is_read() {
    let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let each = |name: &str, read: &dyn Fn(&str)| {
        let files: Vec<_> = std::fs::read_dir(seeds.join(name)).unwrap().flatten().collect();
        assert!(!files.is_empty(), "no seeds of {name}");
        for file in files {
            read(&String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()));
        }
    };
    each("adf", &|text| {
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        assert!(adf_to_markdown(&value).len() <= text.len() * 130 + 100);
    });
    each("wiki", &|text| assert!(wiki_to_markdown(text).len() <= text.len() * 60 + 100));
    each("html", &|text| assert!(html_to_markdown(text).len() <= text.len() * 60 + 100));
    each("argument", &|text| {
        let _ = crate::classify(text, |_| crate::FileKind::Missing);
    });
}

/// Letters that mean something in one of the languages, and some that do not.
fn any_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "word",
        " ",
        "*",
        "_",
        "`",
        "#",
        "-",
        "+",
        ">",
        "<",
        "[",
        "]",
        "(",
        ")",
        "!",
        "|",
        "~",
        "\\",
        "&",
        "amp;",
        "1.",
        "2)",
        "=",
        "{",
        "}",
        "ß",
        "🐺",
        ":",
        "/",
        "http://a.b",
        "^",
        "\"",
        "'",
        "$",
        "@",
        "%",
        "&#x41;",
        "---",
        "===",
        "~~",
        "**",
        "\u{a0}",
        "\t",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

fn any_json() -> impl Strategy<Value = Value> {
    let kinds = prop::sample::select(vec![
        "doc",
        "paragraph",
        "text",
        "heading",
        "bulletList",
        "orderedList",
        "listItem",
        "taskList",
        "taskItem",
        "codeBlock",
        "blockquote",
        "panel",
        "table",
        "tableRow",
        "tableCell",
        "rule",
        "hardBreak",
        "mention",
        "emoji",
        "date",
        "status",
        "inlineCard",
        "mediaSingle",
        "media",
        "expand",
        "new",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        let node = (kinds.clone(), prop::collection::vec(inner.clone(), 0..6), any_text());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            node.prop_map(|(kind, content, text)| json!({
                "type": kind, "content": content, "text": text,
                "attrs": {"level": text.len(), "order": text.len(), "text": text, "url": text,
                    "timestamp": text.len(), "title": text, "language": text, "state": "DONE"},
                "marks": [{"type": "strong"}, {"type": "link", "attrs": {"href": text}}],
            })),
        ]
    })
}

proptest! {
    #[test]
    fn text_of_a_document_is_seen_as_it_was_written(text in any_text()) {
        let markdown = adf_to_markdown(&document(json!([paragraph(&text)])));
        prop_assert_eq!(seen(&markdown), even(&text), "{}", markdown);
    }

    #[test]
    fn every_item_of_a_list_is_one(texts in prop::collection::vec(any_text(), 1..6)) {
        let items: Vec<Value> = texts
            .iter()
            .map(|text| json!({"type": "listItem", "content": [paragraph(&format!("x{text}"))]}))
            .collect();
        let markdown =
            adf_to_markdown(&document(json!([{"type": "bulletList", "content": items}])));
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let found = Parser::new_ext(&markdown, options)
            .filter(|event| matches!(event, Event::Start(Tag::Item)))
            .count();
        prop_assert_eq!(found, texts.len(), "{}", markdown);
    }

    #[test]
    fn any_document_is_read(value in any_json()) {
        let markdown = adf_to_markdown(&value);
        let most = value.to_string().len() * 20 + 100;
        prop_assert!(markdown.len() <= most, "{} of {}", markdown.len(), most);
    }

    #[test]
    fn any_wiki_text_is_read(lines in prop::collection::vec(any_text(), 0..8)) {
        let text = lines.join("\n");
        prop_assert!(wiki_to_markdown(&text).len() <= text.len() * 20 + 100);
    }

    #[test]
    fn any_html_is_read(text in any_text()) {
        let html = format!("<ul><li>{text}<p>{text}</ul>{text}");
        prop_assert!(html_to_markdown(&html).len() <= html.len() * 20 + 100);
    }
}
