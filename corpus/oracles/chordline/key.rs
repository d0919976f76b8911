use chordline::parse;

#[test]
fn chords_alone() {
    for (header, line, key) in [
        ("C", "[A]x [D]x [E7]x [F#m]x [A]x", "A"),
        ("A", "[Gm]x [Cm]x [Dm]x [Gm]x", "Gm"),
        ("B", "[C]x [F]x [G]x [Am]x [C]x [B]x [C]x", "C"),
    ] {
        let sheet = parse(&format!("key: {header}\n\n{line}\n")).unwrap();
        assert_eq!(sheet.likely_key().unwrap().to_string(), key);
    }
}
