//! Table: what headings say about the statements below them.

use loki_model::Priority;

/// What a heading says about what stands below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Nothing in particular.
    Plain,
    /// Requirements, of this priority if it says so.
    Requirements(Option<Priority>),
    /// Criteria of the requirement above.
    Acceptance,
    /// What holds for everything, such as a platform.
    Constraints,
    /// What is taken for granted.
    Assumptions,
    /// No requirements, for this reason, unless they say that they are.
    Unlikely(&'static str),
    /// No requirements, for this reason.
    Excluded(&'static str),
}

/// What `heading` says by itself.
pub(crate) fn classify(heading: &str) -> Class {
    let folded = fold(heading);
    if let Some(class) = look_up(&folded) {
        return class;
    }
    // `Background and motivation`: both say the same, or neither counts.
    let mut parts = folded.split(" and ").map(look_up);
    match parts.next() {
        Some(Some(Class::Excluded(reason)))
            if parts.all(|part| matches!(part, Some(Class::Excluded(_)))) =>
        {
            Class::Excluded(reason)
        }
        _ => Class::Plain,
    }
}

const UNWANTED: &str = "is said not to be wanted";
const LATER: &str = "is not wanted yet";
const EXPLAINS: &str = "explains, and asks for nothing";
const MEANS: &str = "says with what it is made";
const ELSEWHERE: &str = "points elsewhere";
const UNDECIDED: &str = "is not decided";
const AUDIENCE: &str = "says whom it is for";
const PROJECT: &str = "is about the project and not the product";

/// Headings that are these words and nothing more.
const WHOLE: &[(&[&str], Class)] = &[
    // What products have as well.
    (&["users", "target users"], Class::Unlikely(AUDIENCE)),
    (&["links", "resources", "terms"], Class::Unlikely(ELSEWHERE)),
    (&["contacts", "team", "schedule", "metrics"], Class::Unlikely(PROJECT)),
    (
        &[
            "steps to reproduce",
            "reproduction",
            "reproduction steps",
            "how to reproduce",
            "to reproduce",
            "actual behavior",
            "actual behaviour",
            "current behavior",
            "current behaviour",
            "environment",
            "screenshots",
            "additional context",
        ],
        Class::Excluded(EXPLAINS),
    ),
    (&["won t", "wont"], Class::Excluded(UNWANTED)),
    (
        &[
            "background",
            "context",
            "motivation",
            "problem",
            "the problem",
            "problem statement",
            "rationale",
            "history",
            "why",
            "current state",
            "current situation",
            "status quo",
            "hintergrund",
            "ausgangslage",
            "contexte",
            "antecedentes",
            "contexto",
            "背景",
        ],
        Class::Excluded(EXPLAINS),
    ),
    (
        &["glossary", "definitions", "terminology", "abbreviations", "acronyms"],
        Class::Excluded(EXPLAINS),
    ),
    (&["tech notes", "technical notes", "implementation notes", "tooling"], Class::Excluded(MEANS)),
    (
        &[
            "references",
            "see also",
            "further reading",
            "related work",
            "appendix",
            "table of contents",
            "contents",
            "toc",
        ],
        Class::Excluded(ELSEWHERE),
    ),
    (&["open questions", "questions", "open issues", "tbd"], Class::Excluded(UNDECIDED)),
    (
        &[
            "future",
            "future work",
            "future ideas",
            "future plans",
            "later",
            "roadmap",
            "ideas",
            "future enhancements",
            "future considerations",
            "backlog",
            "parking lot",
        ],
        Class::Excluded(LATER),
    ),
    (
        &["personas", "user personas", "audience", "target audience", "stakeholders"],
        Class::Excluded(AUDIENCE),
    ),
    (
        &[
            "changelog",
            "revision history",
            "document history",
            "version history",
            "authors",
            "timeline",
            "milestones",
            "risks",
            "success metrics",
            "kpis",
            "license",
            "approvals",
        ],
        Class::Excluded(PROJECT),
    ),
    (&["must", "musts", "required", "p0", "critical", "mvp"], MUST),
    (&["should", "shoulds", "p1", "recommended"], SHOULD),
    (&["could", "coulds", "p2", "p3", "optional", "stretch", "bonus", "extras"], COULD),
    (
        &[
            "requirements",
            "functional requirements",
            "non functional requirements",
            "nonfunctional requirements",
            "features",
            "feature list",
            "core features",
            "scope",
            "in scope",
            "user stories",
            "stories",
            "goals",
            "use cases",
            "behavior",
            "behaviour",
            "tasks",
            "todo",
            "specification",
            "anforderungen",
            "funktionale anforderungen",
            "exigences",
            "fonctionnalités",
            "requisitos",
            "funcionalidades",
            "需求",
            "功能需求",
            "要件",
            "機能要件",
        ],
        Class::Requirements(None),
    ),
    (
        &[
            "constraints",
            "technical constraints",
            "design constraints",
            "business constraints",
            "limitations",
            "platform",
            "platforms",
            "supported platforms",
            "tech stack",
            "tech stack notes",
            "technology stack",
            "technical stack",
            "stack",
            "technology",
            "technologies",
            "rahmenbedingungen",
            "contraintes",
            "restricciones",
            "约束",
        ],
        Class::Constraints,
    ),
    (
        &[
            "assumptions",
            "assumption",
            "assumptions and dependencies",
            "annahmen",
            "hypothèses",
            "suposiciones",
            "假设",
        ],
        Class::Assumptions,
    ),
    (
        &[
            "acceptance criteria",
            "acceptance",
            "acceptance tests",
            "done when",
            "definition of done",
            "criteria",
            "scenarios",
        ],
        Class::Acceptance,
    ),
];

/// Headings that begin with these words.
const BEGINS: &[(&[&str], Class)] = &[
    (
        &[
            "non goal",
            "non goals",
            "nongoals",
            "anti goals",
            "not goals",
            "out of scope",
            "not in scope",
            "exclusions",
            "wont have",
            "won t have",
            "will not have",
            "won t do",
            "wont do",
            "explicitly not",
            "nicht ziele",
            "nicht im umfang",
            "hors périmètre",
            "fuera de alcance",
            "非目标",
            "範囲外",
        ],
        Class::Excluded(UNWANTED),
    ),
    (&["must have", "must haves", "must support"], MUST),
    (&["should have", "should haves"], SHOULD),
    (
        &[
            "could have",
            "could haves",
            "nice to have",
            "nice to haves",
            "stretch goals",
            "stretch goal",
            "optional features",
            "optional requirements",
            "wish list",
            "wishlist",
        ],
        COULD,
    ),
];

const MUST: Class = Class::Requirements(Some(Priority::Must));
const SHOULD: Class = Class::Requirements(Some(Priority::Should));
const COULD: Class = Class::Requirements(Some(Priority::Could));

fn look_up(folded: &str) -> Option<Class> {
    let begins = |words: &str| {
        folded.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let whole = WHOLE.iter().find(|(headings, _)| headings.contains(&folded));
    let found =
        whole.or_else(|| BEGINS.iter().find(|(starts, _)| starts.iter().any(|s| begins(s))));
    found.map(|(_, class)| *class)
}

/// `3.2 Non-Goals (v1):` reads `non goals`.
fn fold(heading: &str) -> String {
    let outside = heading.split(['(', '[']).next().unwrap_or_default().to_lowercase();
    let outside = outside.replace(['&', '/', '+'], " and ").replace(['’', '\''], " ");
    let mut words: Vec<&str> = outside
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    // Numbering is not part of the name.
    let number = words.iter().take_while(|word| word.bytes().all(|b| b.is_ascii_digit())).count();
    words.drain(..number);
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_known_whatever_its_numbering_and_case() {
        for heading in ["Non-Goals", "3.2 NON-GOALS (v1):", "🚫 Out of scope for now", "Won't have"]
        {
            assert_eq!(classify(heading), Class::Excluded(UNWANTED), "{heading}");
        }
        for heading in ["Background", "1) Context", "Background & Motivation", "Problem statement"]
        {
            assert_eq!(classify(heading), Class::Excluded(EXPLAINS), "{heading}");
        }
    }

    #[test]
    fn a_heading_that_only_begins_like_a_known_one_is_plain() {
        for heading in [
            "Background jobs",
            "Context menu",
            "Users can log in",
            "Technology and pricing",
            "",
            "Future-proof storage",
            "Links between notes",
            "Optional arguments",
            "Metrics endpoint",
        ] {
            assert_eq!(classify(heading), Class::Plain, "{heading}");
        }
    }

    #[test]
    fn a_heading_may_give_the_priority() {
        assert_eq!(classify("Must-have"), MUST);
        assert_eq!(classify("P1"), SHOULD);
        assert_eq!(classify("Nice to have (later)"), COULD);
        assert_eq!(classify("2. Features"), Class::Requirements(None));
    }
}
