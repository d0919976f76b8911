use notes::{parse, tally, write};

#[test]
fn core() {
    let text = "2026-01-01 b x9999 @q\n2026-01-01 a x9998 @q \"r\"\n2026-01-01 c x1 @q\n2026-01-02 c x9997 @q\n";
    let notes = parse(text).unwrap();
    assert_eq!(tally(&notes), [("b".to_owned(), 9999), ("a".to_owned(), 9998), ("c".to_owned(), 9998)]);
    assert_eq!(parse(&write(&notes)).unwrap(), notes);
    assert_eq!(parse("x").unwrap_err().line, 1);
    assert!(parse("2026-01-01 b x0 @q").is_err());
}
