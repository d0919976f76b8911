//! The command `chordline`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["transpose", semitones, file] => match semitones.parse() {
            Ok(semitones) => transpose(semitones, file),
            Err(_) => return usage(),
        },
        ["chords", file] => chords(file),
        ["check", file] => read(file).map(|_| String::new()),
        _ => return usage(),
    };
    match done {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("chordline: {why}");
            ExitCode::from(1)
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: chordline transpose SEMITONES FILE | chords FILE | check FILE");
    ExitCode::from(2)
}

fn read(file: &str) -> Result<chordline::Sheet, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    chordline::parse(&text).map_err(|error| format!("{file}: {error}"))
}

fn transpose(semitones: i32, file: &str) -> Result<String, String> {
    Ok(read(file)?.transposed(semitones).to_string())
}

fn chords(file: &str) -> Result<String, String> {
    let sheet = read(file)?;
    let names: Vec<String> = sheet
        .distinct_chords()
        .iter()
        .map(ToString::to_string)
        .collect();
    Ok(format!("{}\n", names.join(" ")))
}
