//! `notes tally FILE`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tally", path] => match tally(path) {
            Ok(text) => {
                print!("{text}");
                ExitCode::SUCCESS
            }
            Err(reason) => {
                eprintln!("notes: {path}: {reason}");
                ExitCode::from(2)
            }
        },
        _ => {
            eprintln!("usage: notes tally FILE");
            ExitCode::from(64)
        }
    }
}

fn tally(path: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let notes = notes::parse(&text).map_err(|error| error.to_string())?;
    Ok(notes::tally(&notes).iter().map(|(kind, sum)| format!("{sum:>5} {kind}\n")).collect())
}
