//! Who works on a spec, and why: by what it says.

use std::collections::BTreeSet;

use loki_model::Complexity;

use super::text::Text;
use crate::roles::{Role, roles};

/// One of the team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The role.
    pub role: String,
    /// Its domain.
    pub domain: String,
    /// Why, in one sentence.
    pub why: String,
    /// The places of the requirements that speak of it.
    pub(crate) at: BTreeSet<usize>,
    /// Words of requirements that are its own.
    pub(crate) phrases: &'static [String],
    /// When its turn is; lower ones are what others build on.
    pub(crate) turn: u8,
}

/// A role that a spec speaks of.
pub(crate) struct Wanted {
    role: &'static Role,
    /// Its words that the spec says.
    phrases: Vec<String>,
    at: BTreeSet<usize>,
}

impl Wanted {
    /// Whether it builds something that runs.
    pub(crate) fn builds(&self) -> bool {
        matches!(self.role.domain.as_str(), "engineering" | "data") && self.role.name != "eng-qa"
    }
}

/// The role when a spec speaks of none.
pub(crate) const GENERAL: &str = "implementer";

/// Phrases told of a reason.
const PHRASES_SHOWN_MAX: usize = 4;

/// Every role that the spec speaks of, the one with the most requirements first.
///
/// One word in one requirement is an accident, unless there are only a few.
pub(crate) fn wanted(text: &Text) -> Vec<Wanted> {
    let few = text.len() <= 3;
    let mut wanted: Vec<Wanted> = roles()
        .iter()
        .filter_map(|role| {
            let phrases: Vec<String> =
                role.wanted_by.iter().filter(|phrase| text.says(phrase)).cloned().collect();
            let at: BTreeSet<usize> =
                phrases.iter().flat_map(|phrase| text.that_say(phrase)).collect();
            let enough = phrases.len() >= 2 && at.len() >= 2 || few && !at.is_empty();
            enough.then_some(Wanted { role, phrases, at })
        })
        .collect();
    // Stable, so that roles that are wanted as much stay in the order of their domains.
    wanted.sort_by_key(|wanted| std::cmp::Reverse((wanted.at.len(), wanted.phrases.len())));
    wanted
}

/// The team for a spec of this complexity. Never empty.
pub(crate) fn choose(wanted: &[Wanted], text: &Text, complexity: Complexity) -> Vec<Member> {
    // More people cost more hand-overs than they save.
    let most = match complexity {
        Complexity::Simple => 1,
        Complexity::Standard => 3,
        Complexity::Complex => 6,
    };
    let builds = |wanted: &&Wanted| wanted.role.changes_files && wanted.role.name != "eng-qa";
    let mut team: Vec<Member> = wanted.iter().filter(builds).take(most).map(member).collect();
    let engineers = |member: &Member| matches!(member.domain.as_str(), "engineering" | "data");
    if !team.iter().any(engineers) {
        // Whoever knows the field does not build everything around it.
        team.truncate(most - 1);
        let why = match team.first() {
            None => "the spec speaks of no special field".to_owned(),
            Some(_) => "somebody has to build what belongs to no field".to_owned(),
        };
        team.extend(with(GENERAL, &why, text, 1));
    }
    if complexity > Complexity::Simple {
        let why = format!("{} requirements have to be shown by tests", text.len());
        team.extend(with("eng-qa", &why, text, 4));
        team.extend(with("review-code", "several parts have to fit together", text, 6));
    }
    let risky = [
        "login",
        "log in",
        "password",
        "payment",
        "payments",
        "permission",
        "permissions",
        "token",
    ];
    let risks: Vec<&str> = risky.into_iter().filter(|phrase| text.says(phrase)).collect();
    if complexity > Complexity::Simple && !risks.is_empty() {
        let why = format!("the spec speaks of {}", risks.join(", "));
        team.extend(with("review-security", &why, text, 6));
    }
    team.sort_by_key(|member| member.turn);
    team
}

fn member(wanted: &Wanted) -> Member {
    let Wanted { role, phrases, at } = wanted;
    let shown: Vec<String> =
        phrases.iter().take(PHRASES_SHOWN_MAX).map(|phrase| format!("`{phrase}`")).collect();
    let n = at.len();
    let noun = if n == 1 { "requirement speaks" } else { "requirements speak" };
    Member {
        role: role.name.clone(),
        domain: role.domain.clone(),
        why: format!("{n} {noun} of {}", shown.join(", ")),
        at: at.clone(),
        phrases: &role.wanted_by,
        turn: turn(role),
    }
}

fn with(name: &str, why: &str, text: &Text, turn: u8) -> Option<Member> {
    let role = roles().iter().find(|role| role.name == name)?;
    let (role, domain, phrases) = (role.name.clone(), role.domain.clone(), &role.wanted_by);
    let at = (0..text.len()).collect();
    Some(Member { role, domain, why: why.to_owned(), at, phrases, turn })
}

/// What others build on comes first.
fn turn(role: &Role) -> u8 {
    match role.name.as_str() {
        "prod-pm" => 0,
        "eng-database" | "data-eng" => 1,
        "eng-backend" | "eng-api" | "data-ml" | "biz-finance" | "ops-security" => 2,
        "eng-frontend" | "eng-mobile" | "prod-design" | "growth-community" => 3,
        "eng-qa" => 4,
        _ => 5,
    }
}
