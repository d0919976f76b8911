//! What a run is told that does one task of several.

use loki_model::Run;
use loki_model::crew::{Part, SentBack};

/// More patterns or paths than this are only counted.
const NAMED_MAX: usize = 20;

/// Nothing for a run that does all of a spec.
pub(super) fn fragment(run: &Run) -> String {
    let Some(part) = &run.part else { return String::new() };
    let mut text = "# Your part\n\nThis is one part of a larger piece of work. Others do the other parts at the same \
                    time, in work trees of their own; what everybody made is brought together and judged as a \
                    whole. Do this part only, with its tests.\n"
        .to_owned();
    if !part.scope.is_empty() {
        text.push_str(&format!(
            "\nChange only files that match these patterns; a change of any other file is refused: {}\n",
            quoted(&part.scope)
        ));
    }
    text.push_str(&sent_back(part));
    text
}

fn sent_back(part: &Part) -> String {
    let Some(why) = &part.sent_back else { return String::new() };
    let mut text = "\nThis part was done before, and that was of no use: ".to_owned();
    text.push_str(&match why {
        SentBack::Conflict { paths } => {
            format!("somebody else changed the same lines in {}. Their change is here now.", quoted(paths))
        }
        SentBack::OutOfScope { paths } => {
            format!("it changed files outside of its scope: {}.", quoted(paths))
        }
        SentBack::Blocked { .. } => {
            "together with what others made, which is here now, it does not hold. What was seen stands below."
                .to_owned()
        }
        SentBack::Unfinished { .. } => "it was not finished.".to_owned(),
    });
    if let Some(earlier) = &part.earlier {
        text.push_str(&format!(
            " What it made is commit {earlier}: look at it with git, and take what is of use."
        ));
    }
    text.push('\n');
    text
}

/// Names of files could hold anything.
fn quoted(names: &[String]) -> String {
    let plain = |name: &String| name.replace(|c: char| c.is_control() || c == '`', " ");
    let mut text: Vec<String> =
        names.iter().take(NAMED_MAX).map(|name| format!("`{}`", plain(name))).collect();
    if names.len() > NAMED_MAX {
        text.push(format!("{} more", names.len() - NAMED_MAX));
    }
    if text.is_empty() { "some files".to_owned() } else { text.join(", ") }
}
