//! Table: what keys of JSON and YAML specs say about their values.

use loki_model::Priority;

/// What a key says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Requirements, of this priority if it says so.
    Requirements(Option<Priority>),
    /// What shows that the requirement holds.
    Acceptance,
    /// How much it is wanted.
    Priority,
    /// What holds for all of them.
    Constraints,
    /// What is taken for granted.
    Assumptions,
    /// What is said not to be wanted.
    Unwanted,
    /// What explains.
    Context,
    /// Nothing that is known.
    Plain,
}

const KEYS: &[(Key, &[&str])] = &[
    (
        Key::Requirements(None),
        &[
            "requirements",
            "requirement",
            "functionalrequirements",
            "nonfunctionalrequirements",
            "functional",
            "nonfunctional",
            "nfrs",
            "nfr",
            "frs",
            "features",
            "corefeatures",
            "userstories",
            "stories",
            "usecases",
            "epics",
            "tasks",
            "capabilities",
            "specs",
            "specifications",
            "behaviors",
            "behaviours",
            "scope",
            "inscope",
            "in",
            "todo",
            "todos",
            "modules",
            "qualityattributes",
            "goals",
            "qualityrequirements",
            "rules",
            "businessrules",
        ],
    ),
    (
        Key::Requirements(Some(Priority::Must)),
        &["must", "musthave", "musthaves", "required", "mvp", "critical"],
    ),
    (Key::Requirements(Some(Priority::Should)), &["should", "shouldhave", "shouldhaves"]),
    (
        Key::Requirements(Some(Priority::Could)),
        &[
            "could",
            "couldhave",
            "couldhaves",
            "nicetohave",
            "nicetohaves",
            "optional",
            "stretch",
            "stretchgoals",
        ],
    ),
    (
        Key::Acceptance,
        &[
            "acceptance",
            "acceptancecriteria",
            "acceptancecriterion",
            "acceptancetests",
            "acs",
            "ac",
            "criteria",
            "donewhen",
            "definitionofdone",
            "dod",
            "scenarios",
            "scenario",
            "teststrategy",
            "verification",
            "verify",
            "examples",
            "tests",
            "testcases",
            "checks",
            "expected",
            "expectations",
            "successcriteria",
            "subtasks",
            "steps",
        ],
    ),
    (Key::Priority, &["priority", "prio", "moscow", "importance", "level", "necessity"]),
    (
        Key::Constraints,
        &[
            "constraints",
            "constraint",
            "limitations",
            "techstack",
            "technologystack",
            "stack",
            "technology",
            "technologies",
            "technicalconstraints",
            "platforms",
        ],
    ),
    (Key::Assumptions, &["assumptions", "assumption", "assumed"]),
    (
        Key::Unwanted,
        &[
            "nongoals",
            "outofscope",
            "out",
            "notinscope",
            "exclusions",
            "excluded",
            "wonthave",
            "wont",
            "antigoals",
            "future",
            "futurework",
            "later",
            "roadmap",
            "backlog",
            "ideas",
        ],
    ),
    (
        Key::Context,
        &[
            "background",
            "context",
            "overview",
            "motivation",
            "problem",
            "problemstatement",
            "vision",
            "personas",
            "users",
            "targetusers",
            "audience",
            "stakeholders",
            "glossary",
            "references",
            "links",
            "risks",
            "metrics",
            "successmetrics",
            "kpis",
            "milestones",
            "timeline",
            "team",
            "openquestions",
            "questions",
            "changelog",
            "history",
            "authors",
            "rationale",
        ],
    ),
];

/// What `name` says.
pub(super) fn key(name: &str) -> Key {
    let folded = fold(name);
    let found = KEYS.iter().find(|(_, names)| names.contains(&folded.as_str()));
    found.map_or(Key::Plain, |(key, _)| *key)
}

/// `User-Stories`, `user_stories` and `userStories` read `userstories`.
pub(super) fn fold(name: &str) -> String {
    // Longer ones are known to nobody.
    name.chars().take(40).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How much a word or a number says that something is wanted.
pub(super) fn level(text: &str) -> Option<Priority> {
    match fold(text).as_str() {
        "must" | "musthave" | "m" | "required" | "mandatory" | "critical" | "blocker" | "high"
        | "highest" | "p0" | "1" | "0" | "essential" | "mvp" => Some(Priority::Must),
        "should" | "shouldhave" | "s" | "medium" | "normal" | "p1" | "2" | "important"
        | "recommended" => Some(Priority::Should),
        "could" | "couldhave" | "c" | "low" | "lowest" | "p2" | "p3" | "p4" | "3" | "4"
        | "optional" | "nice" | "nicetohave" | "minor" | "trivial" => Some(Priority::Could),
        _ => None,
    }
}
