use notes::{parse, write, Note};

fn note(remark: &str) -> Note {
    Note { day: "2026-06-01".into(), kind: "k".into(), count: 3, place: "p".into(), remark: Some(remark.into()) }
}

#[test]
fn remarks_survive() {
    for remark in ["", "\\", "a\\b", "\\\"", "\"\\", "c:\\new\\", "\\\\n \"x\""] {
        let notes = vec![note(remark)];
        assert_eq!(parse(&write(&notes)), Ok(notes), "{remark:?}");
    }
    assert_eq!(write(&[note("a\\b")]), "2026-06-01 k x3 @p \"a\\\\b\"\n");
}
