use notes::{parse, tally, write, Note};

const SAMPLE: &str = r#"2026-04-02 heron x2 @pond "two adults, one fishing"

2026-04-02 marten @wood
2026-04-03 heron @pond
2026-04-03 adder x3 @wood
"#;

#[test]
fn reads_every_part_of_a_note() {
    let notes = parse(SAMPLE).unwrap();
    assert_eq!(notes.len(), 4);
    assert_eq!(
        notes[0],
        Note {
            day: "2026-04-02".into(),
            kind: "heron".into(),
            count: 2,
            place: "pond".into(),
            remark: Some("two adults, one fishing".into()),
        }
    );
    assert_eq!((notes[1].count, &notes[1].remark), (1, &None));
}

#[test]
fn errors_have_their_line() {
    for (line, reason) in [
        ("heron @pond", "want a day"),
        ("2026-04-02", "want a kind"),
        ("2026-04-02 @pond", "want a kind"),
        ("2026-04-02 heron", "want a place"),
        ("2026-04-02 heron x0 @pond", "bad count x0"),
        ("2026-04-02 heron x10000 @pond", "bad count x10000"),
        ("2026-04-02 heron xx @pond", "bad count xx"),
        ("2026-04-02 heron @pond now", "unexpected now"),
        ("2026-04-02 heron @pond \"now", "the remark does not end"),
    ] {
        let error = parse(&format!("2026-04-01 owl @barn\n\n{line}\n")).unwrap_err();
        assert_eq!(error.to_string(), format!("line 3: {reason}"));
    }
}

#[test]
fn tallies_the_most_frequent_first() {
    let tally = tally(&parse(SAMPLE).unwrap());
    assert_eq!(tally, [("adder".to_owned(), 3), ("heron".to_owned(), 3), ("marten".to_owned(), 1)]);
}

#[test]
fn writes_what_it_reads() {
    assert_eq!(parse(&write(&parse(SAMPLE).unwrap())), parse(SAMPLE));
    let quoted = parse("2026-04-02 owl @barn \"the \\\"ghost\\\"\"").unwrap();
    assert_eq!(write(&quoted), "2026-04-02 owl @barn \"the \\\"ghost\\\"\"\n");
}
