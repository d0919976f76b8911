use chordline::Chord;

#[test]
fn grammar() {
    for (text, minor) in [
        ("Cm9", true), ("Cmaj13", false), ("C7b5", false), ("Caug7", false), ("C6add9", false), ("Cdim7sus4", true),
        ("C13#11b9", false), ("Cm6add11", true), ("Cmaj", false),
    ] {
        let chord: Chord = text.parse().unwrap();
        assert_eq!((chord.to_string().as_str(), chord.is_minor()), (text, minor));
    }
    for text in ["C8", "Cm8", "Cb10", "C7maj", "Csus"] {
        assert!(text.parse::<Chord>().is_err(), "{text}");
    }
}
