use chordline::{parse, Error, Line, Part};

const SONG: &str = include_str!("songs/low_tide.txt");

#[test]
fn reads_header_key_and_lines() {
    let sheet = parse(SONG).unwrap();
    assert_eq!(sheet.header, [("title".into(), "Low Tide".into())]);
    assert_eq!(sheet.key.to_string(), "G");
    assert_eq!(sheet.lines.len(), 4);
    assert_eq!(
        sheet.lines[1].0[..3],
        [
            Part::Chord("Em".parse().unwrap()),
            Part::Words("Nobody ".into()),
            Part::Chord("C/E".parse().unwrap()),
        ]
    );
    assert_eq!(sheet.lines[2], Line(vec![]));
}

#[test]
fn writes_what_it_reads() {
    assert_eq!(parse(SONG).unwrap().to_string(), SONG);
}

#[test]
fn transposes_key_chords_and_basses() {
    let sheet = parse(SONG).unwrap().transposed(2);
    assert_eq!(sheet.key.to_string(), "A");
    assert_eq!(
        sheet.lines[1].to_string(),
        "[F#m]Nobody [D/F#]waits on the [E]stair"
    );
}

#[test]
fn lists_each_chord_once() {
    let sheet = parse(SONG).unwrap();
    let names: Vec<String> = sheet
        .distinct_chords()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, ["G", "C", "D7", "Em", "C/E", "D", "Am7"]);
}

#[test]
fn says_which_line_is_wrong() {
    let error = parse(include_str!("songs/broken.txt")).unwrap_err();
    assert_eq!(error, Error::Line(4, Box::new(Error::Chord("H".into()))));
    assert_eq!(error.to_string(), "line 4: \"H\" is not a chord");
}

#[test]
fn brackets_come_in_pairs() {
    for line in ["[C", "C]", "[C[D]", "[C]]"] {
        let text = format!("key: C\n\n{line}\n");
        assert_eq!(
            parse(&text).unwrap_err(),
            Error::Line(3, Box::new(Error::Bracket))
        );
    }
}

#[test]
fn a_key_is_required() {
    assert_eq!(parse("title: X\n\n[C]la\n"), Err(Error::NoKey));
}
