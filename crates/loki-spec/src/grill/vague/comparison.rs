use loki_model::Severity;

use crate::grill::rule::{Found, Rule, Says};
use crate::grill::sentence::Cx;

pub(crate) const RULE: Rule = Rule {
    id: "vague/comparison",
    severity: Severity::Warning,
    what: "A comparison with nothing, such as `faster` or `improve performance`.",
    why: "Any change at all fulfils it, and none can be shown to.",
    example: "Improve the performance of the import.",
    reworded: "Importing 10,000 rows takes at most 5 s; today it takes 40 s.",
    limits: "Not reported where the statement says `than`, or has a number in it or in its criteria.",
    look,
};

const COMPARED: &[&str] = &[
    "faster",
    "slower",
    "better",
    "easier",
    "simpler",
    "quicker",
    "smoother",
    "nicer",
    "cleaner",
    "safer",
    "friendlier",
    "more reliable",
    "more secure",
    "more stable",
    "more robust",
    "more efficient",
    "more readable",
    "more usable",
    "more intuitive",
    "more accurate",
];

const IMPROVE: &[&str] = &[
    "improve",
    "improves",
    "improved",
    "optimize",
    "optimizes",
    "optimized",
    "optimise",
    "optimises",
    "optimised",
    "enhance",
    "enhances",
    "enhanced",
    "increase",
    "increases",
    "reduce",
    "reduces",
];

/// What can be improved without end.
const QUALITIES: &[&str] = &[
    "performance",
    "usability",
    "speed",
    "experience",
    "ux",
    "ui",
    "reliability",
    "quality",
    "security",
    "readability",
    "accessibility",
    "stability",
    "scalability",
    "maintainability",
    "throughput",
    "latency",
    "efficiency",
    "accuracy",
];

/// Words that may stand between the two.
const BETWEEN_MAX: usize = 2;

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for sentence in &cx.sentences {
        if sentence.is_measured() || sentence.has(&["than", "or better", "or faster"]) {
            continue;
        }
        let improved = sentence.find(IMPROVE).and_then(|(_, at)| {
            let after = at.end..=at.end + BETWEEN_MAX;
            let quality = after.into_iter().find(|at| QUALITIES.contains(&sentence.word(*at)))?;
            Some(at.start..quality + 1)
        });
        let compared = sentence.find(COMPARED).map(|(_, at)| at).filter(|at| {
            // `a better fit is chosen`, `the faster of both`: compared with what is named.
            !matches!(sentence.word(at.end), "of" | "one") && sentence.before(at.start) != "the"
        });
        let Some(at) = improved.or(compared) else { continue };
        let word = sentence.quote(&at).to_owned();
        found.ask(
            rule,
            sentence,
            Says {
                message: format!("`{word}`: compared with what, and by how much?"),
                ask: format!("What is it today, and what makes `{word}` true?"),
                rewording: Some(
                    sentence.followed_by("Today it is ⟨number⟩; it must be at most ⟨number⟩."),
                ),
                assumption: format!("any change counts as `{word}`"),
            },
        );
    }
}
