use chordline::parse;

#[test]
fn every_key() {
    let flats = [1, 3, 5, 6, 8, 10];
    for key in 0..12 {
        for (suffix, shift) in [("", 0), ("m", 3)] {
            let names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
            let text = format!("key: {}{suffix}\n\n[D#]la\n", names[key as usize]);
            let wanted = if flats.contains(&((key + shift) % 12)) { "[Eb]" } else { "[D#]" };
            let written = parse(&text).unwrap().to_string();
            assert!(written.contains(wanted), "{text} gives {written}");
        }
    }
}
