use chordline::{Chord, Error, Pitch};

fn chord(text: &str) -> Chord {
    text.parse().unwrap()
}

#[test]
fn reads_roots_qualities_and_basses() {
    assert_eq!(
        chord("F#m7/C#"),
        Chord {
            root: Pitch::new(6),
            quality: "m7".into(),
            bass: Some(Pitch::new(1)),
        }
    );
    assert_eq!(chord("Bb").root, Pitch::new(10));
    assert_eq!(chord("Cb").root, Pitch::new(11));
    assert_eq!(chord("G").bass, None);
}

#[test]
fn writes_what_it_reads() {
    for text in ["C", "F#m", "Gmaj7", "Asus4/D", "D#dim"] {
        assert_eq!(chord(text).to_string(), text);
    }
}

#[test]
fn refuses_what_is_not_a_chord() {
    for text in ["", "H", "c", "Cx", "C/", "C/Gm", "Cm8"] {
        assert_eq!(text.parse::<Chord>(), Err(Error::Chord(text.into())));
    }
}

#[test]
fn goes_up_and_down_around_the_octave() {
    assert_eq!(chord("A7/C#").up(5).to_string(), "D7/F#");
    assert_eq!(chord("C").up(-1).to_string(), "B");
    assert_eq!(chord("Em").up(12), chord("Em"));
}

#[test]
fn minor_chords() {
    assert!(chord("Am7").is_minor());
    assert!(chord("Bdim").is_minor());
    assert!(!chord("Cmaj7").is_minor());
    assert!(!chord("C").is_minor());
}
