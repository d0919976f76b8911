//! Several specs become one.

use std::collections::{HashMap, HashSet};

use loki_model::{Digest, Note, Requirement, RequirementId, Spec};

use crate::SpecProblem;
use crate::id::fold;
use crate::statements::{ACCEPTANCE_MAX, NOTES_MAX, PROBLEMS_MAX, REQUIREMENTS_MAX};

/// Digits of a name of which a shorter one is taken.
const DIGITS: usize = 12;

/// Makes one spec of `specs`, in their order.
///
/// What two of them say counts once, with the higher priority and the criteria of both. Statements
/// of two sources that differ in nothing but a number or a `not` are reported as contradictions; both
/// stay. One spec is given back as it is; of none comes an empty one. Several have no order: how the work of one
/// goes together with that of another nobody says.
pub fn merge(specs: Vec<Spec>) -> (Spec, Vec<SpecProblem>) {
    let mut specs = specs;
    match specs.len() {
        0 => return (Spec::of("", "untitled", ""), Vec::new()),
        1 => return (specs.remove(0), Vec::new()),
        _ => {}
    }
    let join =
        |part: fn(&Spec) -> &str, with: &str| specs.iter().map(part).collect::<Vec<_>>().join(with);
    let text = specs.iter().map(|spec| format!("<!-- {} -->\n\n{}", spec.source, spec.text));
    let text = text.collect::<Vec<_>>().join("\n\n");
    let title = &specs[0].title;
    let mut whole =
        Spec { id: join(|it| &it.id, "+"), ..Spec::of(&join(|it| &it.source, ", "), title, &text) };
    let mut merger = Merger::default();
    for spec in specs {
        for requirement in spec.requirements {
            merger.add(requirement);
        }
        notes(&mut whole.constraints, spec.constraints);
        notes(&mut whole.assumptions, spec.assumptions);
        notes(&mut whole.context, spec.context);
    }
    whole.requirements = merger.found;
    (whole, merger.problems)
}

fn notes(all: &mut Vec<Note>, more: Vec<Note>) {
    for note in more {
        if all.len() < NOTES_MAX && !all.iter().any(|known| fold(&known.text) == fold(&note.text)) {
            all.push(note);
        }
    }
}

#[derive(Default)]
struct Merger {
    found: Vec<Requirement>,
    by_text: HashMap<String, usize>,
    by_skeleton: HashMap<String, Vec<usize>>,
    ids: HashSet<RequirementId>,
    problems: Vec<SpecProblem>,
}

/// Most statements that differ only in numbers and are compared with one another.
const ALIKE_MAX: usize = 20;

impl Merger {
    fn add(&mut self, requirement: Requirement) {
        let folded = fold(&requirement.text);
        if let Some(index) = self.by_text.get(&folded).copied() {
            self.join(index, requirement);
            return;
        }
        let line = requirement.origin.line.unwrap_or(1);
        if self.found.len() == REQUIREMENTS_MAX {
            let problem = SpecProblem::TooMany { line, requirements_max: REQUIREMENTS_MAX };
            if !self.problems.iter().any(|it| matches!(it.kind(), SpecProblem::TooMany { .. })) {
                // Told even if there is much else to tell.
                self.problems.truncate(PROBLEMS_MAX - 1);
                self.problems.push(problem.inside(&requirement.origin.source));
            }
            return;
        }
        let index = self.found.len();
        let (skeleton, _) = skeleton(&folded);
        let alike = self.by_skeleton.entry(skeleton).or_default();
        if alike.len() < ALIKE_MAX {
            alike.push(index);
        }
        let alike = alike.clone();
        self.contradictions(&requirement, &alike[..alike.len().saturating_sub(1)]);
        self.by_text.insert(folded, index);
        let id = self.free_id(&requirement);
        self.ids.insert(id.clone());
        self.found.push(Requirement { id, ..requirement });
    }

    fn join(&mut self, index: usize, requirement: Requirement) {
        let first = &mut self.found[index];
        let line = requirement.origin.line.unwrap_or(1);
        let problem = SpecProblem::SaidElsewhere { line, first: first.origin.clone() };
        first.priority = first.priority.min(requirement.priority);
        for criterion in requirement.acceptance {
            if first.acceptance.len() < ACCEPTANCE_MAX && !first.acceptance.contains(&criterion) {
                first.acceptance.push(criterion);
            }
        }
        self.tell(problem.inside(&requirement.origin.source));
    }

    fn contradictions(&mut self, requirement: &Requirement, alike: &[usize]) {
        let (_, own) = skeleton(&fold(&requirement.text));
        let other = alike.iter().map(|index| &self.found[*index]).find(|other| {
            other.origin.source != requirement.origin.source
                && skeleton(&fold(&other.text)).1 != own
        });
        let Some(other) = other else { return };
        let what = format!("contradicts {} (\"{}\"); keep one of them", other.origin, other.text);
        let problem = SpecProblem::Contradiction {
            line: requirement.origin.line.unwrap_or(1),
            pointer: requirement.origin.pointer.clone(),
            rule: "merge/contradiction",
            what,
        };
        self.tell(problem.inside(&requirement.origin.source));
    }

    /// The name of `requirement`, longer if another one has it.
    fn free_id(&self, requirement: &Requirement) -> RequirementId {
        if !self.ids.contains(&requirement.id) {
            return requirement.id.clone();
        }
        let digest = Digest::of(fold(&requirement.text).as_bytes());
        let longer = RequirementId(format!("R-{}", &digest.as_str()[..DIGITS]));
        if self.ids.contains(&longer) { RequirementId(format!("R-{digest}")) } else { longer }
    }

    fn tell(&mut self, problem: SpecProblem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}

/// A folded statement without its numbers and negations, and those.
fn skeleton(folded: &str) -> (String, Vec<String>) {
    let mut taken = Vec::new();
    let mut kept = Vec::new();
    for word in folded.split(' ') {
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        let is_negation = matches!(word, "not" | "never" | "no" | "cannot" | "mustn't" | "don't");
        if is_number {
            let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
            taken.push(digits.to_owned());
            kept.push("#");
        } else if is_negation {
            taken.push("not".to_owned());
        } else {
            kept.push(word);
        }
    }
    (kept.join(" "), taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;

    fn merged(texts: &[(&str, &str)]) -> (Spec, Vec<String>) {
        let specs = texts.iter().map(|(source, text)| read(source, text).0).collect();
        let (spec, problems) = merge(specs);
        let shown = |problem: &SpecProblem| {
            format!(
                "{}:{}: {problem}",
                problem.source().unwrap_or("-"),
                problem.line().unwrap_or(0)
            )
        };
        let problems = problems.iter().map(shown).collect();
        (spec, problems)
    }

    #[test]
    fn what_two_sources_say_counts_once_with_the_criteria_of_both() {
        let (spec, problems) = merged(&[
            ("a.md", "## Should have\n- Save the file\n  - on close\n- print\n"),
            ("b.md", "- save the file.\n  - on crash\n- load\n"),
        ]);
        let texts: Vec<_> = spec.requirements.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["Save the file", "print", "load"]);
        assert_eq!(spec.requirements[0].acceptance, ["on close", "on crash"]);
        assert_eq!(spec.requirements[0].priority, loki_model::Priority::Must);
        assert_eq!(problems, ["b.md:1: says the same as a.md:2, and counts once"]);
        assert_eq!((spec.source.as_str(), spec.id.as_str()), ("a.md, b.md", "a.md+b.md"));
        assert!(spec.text.contains("- load"));
    }

    #[test]
    fn statements_that_differ_in_a_number_or_a_not_contradict_one_another() {
        for (a, b, contradicts) in [
            ("Answers within 200 ms", "answers within 500 ms", true),
            ("It must log addresses", "It must not log addresses", true),
            ("Answers within 200 ms", "Answers within 200 ms.", false),
            ("Keeps 3 backups", "Keeps 3 copies", false),
        ] {
            let (_, problems) =
                merged(&[("a.md", &format!("- {a}\n")), ("b.md", &format!("- {b}\n"))]);
            let found = problems.iter().any(|it| it.contains("contradicts a.md:1"));
            assert_eq!(found, contradicts, "{a} / {b}: {problems:?}");
        }
        let (_, problems) =
            merged(&[("a.md", "- Step 1 works\n- Step 2 works\n"), ("b.md", "- x\n")]);
        assert_eq!(problems, [""; 0], "of one source");
    }

    #[test]
    fn names_stay_unique() {
        let many = |start: usize| {
            (start..start + 400).map(|n| format!("- thing number{n} works\n")).collect::<String>()
        };
        let (spec, _) = merged(&[("a.md", &many(0)), ("b.md", &many(400))]);
        let ids: HashSet<_> = spec.requirements.iter().map(|it| &it.id).collect();
        assert_eq!(ids.len(), 800);
    }
}
