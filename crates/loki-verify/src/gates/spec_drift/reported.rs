//! Table: what the gate `spec-drift` reports.

use loki_model::Severity;

use crate::gates::rule::{Rule, while_judging};

/// Every rule.
pub(super) const RULES: &[&Rule] = &[
    &TEXT_CHANGED,
    &LOCK_EDITED,
    &DELTA_EDITED,
    &APPROVAL_IN_CHANGE,
    &PINNED_EDITED,
    &TICKED,
    &EVIDENCE_LOST,
    &OPERATION_UNNAMED,
    &OPERATION_UNTESTED,
];

pub(super) const TEXT_CHANGED: Rule = Rule {
    id: "spec-drift/text-changed",
    severity: Severity::Error,
    what: "The change adds, removes or rewords a requirement of a locked spec, and nobody approved that.",
    why: "A change that rewrites what was asked for can always deliver it.",
    example: "-- The export must have every column.\n+- The export should have the main columns.",
    fix: "Take the spec back, or have a person approve it: `loki spec sync`, and commit `.loki/spec`.",
    look: while_judging,
};

pub(super) const LOCK_EDITED: Rule = Rule {
    id: "spec-drift/lock-edited",
    severity: Severity::Error,
    what: "The change edits or deletes `.loki/spec/spec.lock`, and no approval says the same.",
    why: "The lock is what was agreed on. It follows approvals, never the other way round.",
    example: "-text = \"The export must have every column.\"\n+text = \"The export has columns.\"",
    fix: "Take the lock from the base; `loki spec sync` writes it together with the approval.",
    look: while_judging,
};

pub(super) const DELTA_EDITED: Rule = Rule {
    id: "spec-drift/delta-edited",
    severity: Severity::Error,
    what: "The change edits or deletes an approval in `.loki/spec/deltas/` that was there before.",
    why: "Approvals say who agreed to what, and when. They only ever become more.",
    example: "-approved_by = \"Ada <ada@example.org>\"\n+approved_by = \"Bob <bob@example.org>\"",
    fix: "Take the file from the base; approve something else by a new `loki spec sync`.",
    look: while_judging,
};

pub(super) const APPROVAL_IN_CHANGE: Rule = Rule {
    id: "spec-drift/approval-in-change",
    severity: Severity::Warning,
    what: "The change rewrites a requirement and brings the approval for it along.",
    why: "Whoever wrote the change could have written the approval. It counts once it is in the base.",
    example: "+.loki/spec/deltas/20260102030405-1a2b3c4d.toml",
    fix: "A person looks at the change of the spec; merge it by itself before the code that follows it.",
    look: while_judging,
};

pub(super) const PINNED_EDITED: Rule = Rule {
    id: "spec-drift/pinned-edited",
    severity: Severity::Warning,
    what: "The change edits the requirements of the spec that it is judged by. There is no lock.",
    why: "The original is pinned and still counts; the edit says that something else was delivered, or \
          that the spec is wrong.",
    example: "-- Totals must be exact.\n+- Totals should be about right.",
    fix: "Take the spec back. If it is wrong, say so: a person changes it, and starts again.",
    look: while_judging,
};

pub(super) const TICKED: Rule = Rule {
    id: "spec-drift/ticked-without-evidence",
    severity: Severity::Warning,
    what: "The change ticks a requirement of a locked spec, and no test names it.",
    why: "A tick is a claim. A test that names the requirement, by its id, the name before it, or its \
          operation, is something that can be run.",
    example: "-- [ ] Notes are saved\n+- [x] Notes are saved",
    fix: "Name the requirement in the test that shows it (`# R-3f9a`), or leave the box open.",
    look: while_judging,
};

pub(super) const EVIDENCE_LOST: Rule = Rule {
    id: "spec-drift/evidence-lost",
    severity: Severity::Warning,
    what: "A test that showed a requirement when it was locked is gone, and no other test names it.",
    why: "The requirement is still asked for, and nothing would notice any more when it breaks.",
    example: "-# R-3f9a\n-def test_notes_are_saved():",
    fix: "Bring the test back, or name the requirement in the one that takes its place.",
    look: while_judging,
};

pub(super) const OPERATION_UNNAMED: Rule = Rule {
    id: "spec-drift/operation-unnamed",
    severity: Severity::Warning,
    what: "The change declares an operation of an HTTP API that the spec, which has operations, does not have.",
    why: "What nobody asked for is tested by nobody and promised to nobody, and is there to be called. Only \
          operations that are written out for a known framework count, in folders that declare something \
          that the spec has; what tells how the program is (health, metrics, documents) does not.",
    example: "+app.delete('/pets/:id', remove);",
    fix: "Describe the operation in the API's description, and have that approved; or take it out.",
    look: while_judging,
};

pub(super) const OPERATION_UNTESTED: Rule = Rule {
    id: "spec-drift/operation-untested",
    severity: Severity::Warning,
    what: "The change brings an operation that the spec has, and no test names it by its id or by its method and \
           path. Those that were there before are a note.",
    why: "An operation that no test asks for may do anything.",
    example: "+app.post('/pets', create);",
    fix: "Ask for the operation in a test (`client.post('/pets')`), or name its `operationId` there.",
    look: while_judging,
};
