use chordline::parse;

#[test]
fn shapes() {
    let sheet = parse("key: D\n\n[D]la [Bm/F#]la\n").unwrap();
    let capo = sheet.with_capo(2);
    assert_eq!(capo.to_string(), "capo: 2\nkey: D\n\n[C]la [Am/E]la\n");
    assert_eq!(capo.with_capo(0), sheet);
    assert_eq!(capo.with_capo(7).to_string(), "capo: 7\nkey: D\n\n[G]la [Em/B]la\n");
}
