//! The verdict: the fold of gate judgements under a policy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{GateId, Judgement};

/// What a change amounts to. Ordered: less is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Something that had to hold does not, or was not even looked at.
    Blocked,
    /// Nothing was found wrong, and not everything that had to be shown was shown.
    Concerns,
    /// Everything that had to hold was looked at and holds.
    Verified,
}

impl Verdict {
    /// One word for a screen.
    pub fn label(self) -> &'static str {
        match self {
            Verdict::Blocked => "BLOCKED",
            Verdict::Concerns => "CONCERNS",
            Verdict::Verified => "VERIFIED",
        }
    }
}

/// What weight a gate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A failure blocks.
    Required,
    /// A failure is a concern.
    Advisory,
}

/// Which gates count, and how. A gate that is not named here counts for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Policy {
    /// Every gate that has a say.
    pub roles: BTreeMap<GateId, Role>,
}

impl Policy {
    /// A policy out of names.
    pub fn new(roles: &[(&str, Role)]) -> Policy {
        Policy { roles: roles.iter().map(|(gate, role)| (GateId::from(*gate), *role)).collect() }
    }
}

/// Folds gate judgements into a verdict under `policy`.
///
/// Each gate of the policy allows at most one verdict and the worst of them is the answer:
///
/// | judgement | required | advisory |
/// |---|---|---|
/// | pass, not applicable | verified | verified |
/// | concern, inconclusive | concerns | concerns |
/// | fail, missing | blocked | concerns |
///
/// On top of that, `Verified` needs at least one required gate that passed: a repository in which
/// nothing applies proves nothing. Monotonic: dropping a judgement never raises the verdict. An
/// empty policy is `Blocked`.
///
/// Source: the monotonic principle of the in-toto attestation spec v1.
pub fn conclude(policy: &Policy, judgements: &BTreeMap<GateId, Judgement>) -> Verdict {
    let allows = |(gate, role): (&GateId, &Role)| match (judgements.get(gate), role) {
        (Some(Judgement::Pass | Judgement::NotApplicable), _) => Verdict::Verified,
        (Some(Judgement::Concern | Judgement::Inconclusive), _) => Verdict::Concerns,
        (Some(Judgement::Fail) | None, Role::Required) => Verdict::Blocked,
        (Some(Judgement::Fail) | None, Role::Advisory) => Verdict::Concerns,
    };
    let shown = policy.roles.iter().any(|(gate, role)| {
        *role == Role::Required && judgements.get(gate) == Some(&Judgement::Pass)
    });
    let ceiling = if shown { Verdict::Verified } else { Verdict::Concerns };
    policy.roles.iter().map(allows).min().unwrap_or(Verdict::Blocked).min(ceiling)
}

/// One judgement for each gate: of several of the same gate the worst counts, in whatever order they
/// come.
pub fn worst_of_each(
    judgements: impl IntoIterator<Item = (GateId, Judgement)>,
) -> BTreeMap<GateId, Judgement> {
    let mut worst: BTreeMap<GateId, Judgement> = BTreeMap::new();
    for (gate, judgement) in judgements {
        let known = worst.entry(gate).or_insert(judgement);
        if badness(judgement) > badness(*known) {
            *known = judgement;
        }
    }
    worst
}

/// In the order in which [`conclude`] allows less.
fn badness(judgement: Judgement) -> u8 {
    match judgement {
        Judgement::Pass => 0,
        // Less than a pass: it shows nothing.
        Judgement::NotApplicable => 1,
        Judgement::Inconclusive => 2,
        // It has something to show.
        Judgement::Concern => 3,
        Judgement::Fail => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUDGEMENTS: [Option<Judgement>; 6] = [
        None,
        Some(Judgement::Pass),
        Some(Judgement::Fail),
        Some(Judgement::Concern),
        Some(Judgement::Inconclusive),
        Some(Judgement::NotApplicable),
    ];

    /// Every way in which three gates can be judged or missing: 6^3 maps.
    fn every_map() -> Vec<BTreeMap<GateId, Judgement>> {
        let mut maps = vec![BTreeMap::new()];
        for gate in ["a", "b", "c"] {
            maps = maps
                .iter()
                .flat_map(|map| {
                    JUDGEMENTS.iter().map(move |judgement| {
                        let mut map = map.clone();
                        map.extend(judgement.map(|j| (GateId::from(gate), j)));
                        map
                    })
                })
                .collect();
        }
        maps
    }

    /// Every policy over three gates in which each is required, advisory or not named: 3^3.
    fn every_policy() -> Vec<Policy> {
        let mut policies = vec![Policy::default()];
        for gate in ["a", "b", "c"] {
            policies = policies
                .iter()
                .flat_map(|policy| {
                    [None, Some(Role::Required), Some(Role::Advisory)].into_iter().map(
                        move |role| {
                            let mut policy = policy.clone();
                            policy.roles.extend(role.map(|r| (GateId::from(gate), r)));
                            policy
                        },
                    )
                })
                .collect();
        }
        policies
    }

    /// Goal: missing evidence can never help. Method: all 27 policies × all 125 maps.
    #[test]
    fn dropping_a_judgement_never_raises_the_verdict() {
        for policy in every_policy() {
            for judgements in every_map() {
                for gate in judgements.keys() {
                    let mut fewer = judgements.clone();
                    fewer.remove(gate);
                    assert!(
                        conclude(&policy, &fewer) <= conclude(&policy, &judgements),
                        "dropped {gate} from {judgements:?} under {policy:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn verified_needs_a_required_gate_that_passed() {
        for policy in every_policy() {
            for judgements in every_map() {
                if conclude(&policy, &judgements) == Verdict::Verified {
                    assert!(policy.roles.iter().any(|(gate, role)| *role == Role::Required
                        && judgements.get(gate) == Some(&Judgement::Pass)));
                }
            }
        }
    }

    #[test]
    fn a_failing_required_gate_blocks_whatever_else_passed() {
        for policy in every_policy() {
            for judgements in every_map() {
                let fails = |(gate, role): (&GateId, &Role)| {
                    *role == Role::Required && judgements.get(gate) == Some(&Judgement::Fail)
                };
                if policy.roles.iter().any(fails) {
                    assert_eq!(conclude(&policy, &judgements), Verdict::Blocked);
                }
            }
        }
    }

    /// Goal: no report of a gate hides another. Method: all pairs of judgements, in both orders.
    #[test]
    fn of_two_judgements_of_one_gate_the_one_with_the_worse_verdict_counts() {
        let policy = Policy::new(&[("a", Role::Required)]);
        let verdict = |judgements: &[Judgement]| {
            let both = judgements.iter().map(|judgement| (GateId::from("a"), *judgement));
            conclude(&policy, &worst_of_each(both))
        };
        let all: Vec<Judgement> = JUDGEMENTS.into_iter().flatten().collect();
        for one in &all {
            for other in &all {
                let worse = verdict(&[*one]).min(verdict(&[*other]));
                assert_eq!(verdict(&[*one, *other]), worse, "{one:?}, {other:?}");
            }
        }
    }

    #[test]
    fn a_gate_outside_the_policy_counts_for_nothing() {
        let policy = Policy::new(&[("a", Role::Required)]);
        let mut judgements = BTreeMap::from([(GateId::from("a"), Judgement::Pass)]);
        assert_eq!(conclude(&policy, &judgements), Verdict::Verified);
        judgements.insert(GateId::from("z"), Judgement::Fail);
        assert_eq!(conclude(&policy, &judgements), Verdict::Verified);
    }

    #[test]
    fn an_empty_policy_is_blocked() {
        assert_eq!(conclude(&Policy::default(), &BTreeMap::new()), Verdict::Blocked);
    }

    #[test]
    fn where_nothing_applies_nothing_is_verified() {
        let policy = Policy::new(&[("a", Role::Required)]);
        let judgements = BTreeMap::from([(GateId::from("a"), Judgement::NotApplicable)]);
        assert_eq!(conclude(&policy, &judgements), Verdict::Concerns);
    }
}
