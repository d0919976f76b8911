use notes::parse_lenient;

#[test]
fn keeps_what_reads() {
    let (notes, errors) = parse_lenient("2026-06-01 a @x\nnonsense\n\n2026-06-02 b x7 @y\n2026-06-02 c x0 @y\n");
    let kinds: Vec<_> = notes.iter().map(|note| (note.kind.as_str(), note.count)).collect();
    assert_eq!(kinds, [("a", 1), ("b", 7)]);
    let lines: Vec<_> = errors.iter().map(|error| error.to_string()).collect();
    assert_eq!(lines, ["line 2: want a day", "line 5: bad count x0"]);
}

#[test]
fn empty_texts_have_neither() {
    assert_eq!(parse_lenient("\n \n"), (vec![], vec![]));
}
