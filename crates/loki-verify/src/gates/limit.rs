//! What is not looked at, said: no limit and no doubt turns into a pass.

use loki_model::{Location, Severity};

use super::finding;
use super::part::Part;
use crate::layout::{PROJECTS_MAX, shown};

/// Names that a finding lists.
const LISTED_MAX: usize = 20;

/// What `judge` says of the first [`PROJECTS_MAX`] of `projects`, and that the rest was left out.
///
/// `kind` is what people call several of them; `dir` tells where one is.
pub(crate) fn each<T>(
    gate: &str,
    kind: &str,
    projects: &[T],
    dir: impl Fn(&T) -> &str,
    judge: impl FnMut(&T) -> Vec<Part>,
) -> Vec<Part> {
    let (judged, rest) = projects.split_at(projects.len().min(PROJECTS_MAX));
    let mut parts: Vec<Part> = judged.iter().flat_map(judge).collect();
    let rest: Vec<&str> = rest.iter().map(|project| shown(dir(project))).collect();
    let why = format!("more than {PROJECTS_MAX} are not judged");
    parts.extend(left_out(gate, kind, &rest, &why));
    parts
}

/// A part that can not be told, since `paths` were not looked at; nothing when there are none.
pub(crate) fn left_out<P: AsRef<str>>(
    gate: &str,
    kind: &str,
    paths: &[P],
    why: &str,
) -> Option<Part> {
    let first = paths.first()?.as_ref();
    let count = paths.len();
    let message = format!("{count} {kind} not looked at, the first is `{first}`: {why}");
    let mut detail: Vec<&str> = paths.iter().map(AsRef::as_ref).take(LISTED_MAX).collect();
    if count > LISTED_MAX {
        detail.push("…");
    }
    let place = Location { path: first.to_owned(), line: None };
    let rule = format!("{gate}/left-out");
    let found = finding(&rule, Severity::Warning, Some(place), message.clone(), &detail.join("\n"));
    Some(Part::unclear(message, Vec::new()).noting([found]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gates::part::State;

    #[test]
    fn what_is_beyond_the_limit_is_counted_and_the_first_is_named() {
        let dirs: Vec<String> = (0..PROJECTS_MAX + 3).map(|at| format!("p{at}")).collect();
        let parts = each("build", "modules", &dirs, String::as_str, |dir| {
            vec![Part::held(dir.clone(), Vec::new())]
        });
        assert_eq!(parts.len(), PROJECTS_MAX + 1);
        let last = parts.last().unwrap();
        assert_eq!(last.state, State::Unclear);
        assert_eq!(last.findings[0].rule, "build/left-out");
        assert!(
            last.summary.starts_with("3 modules not looked at, the first is `p64`"),
            "{}",
            last.summary
        );
    }

    #[test]
    fn within_the_limit_nothing_is_left_out() {
        let parts = each("build", "modules", &["a"], |dir| dir, |_| Vec::new());
        assert!(parts.is_empty());
    }
}
