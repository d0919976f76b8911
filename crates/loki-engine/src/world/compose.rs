//! Composes and keeps the next prompt.

use anyhow::Context as _;
use jiff::tz::TimeZone;
use loki_model::crew::SentBack;
use loki_model::{Digest, EffectResult, Run};
use loki_verify::Answer;

use super::{Done, RealWorld, now};
use crate::prompt::{PromptInput, compose};
use crate::quiet::end_of;
use crate::roles::role;

impl RealWorld<'_> {
    pub(super) fn compose_prompt(&self, run: &Run) -> Done {
        let reports = match (self.last_answer(run)?, sent_back_with(run)) {
            (None, Some(reports)) => Some(self.answer(reports)?),
            (last, _) => last,
        };
        let reports = reports.map(|answer| answer.reports).unwrap_or_default();
        let gates = loki_verify::expectations();
        let role =
            run.settings.role.as_deref().map(|name| {
                role(name).with_context(|| format!("this version has no role `{name}`"))
            });
        let role = role.transpose()?;
        let role = role.as_ref();
        let input = PromptInput { run, spec: &self.spec, role, reports: &reports, gates: &gates };
        let text = compose(&input);
        let prompt = self.store.put_blob(text.as_bytes())?;
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        let quiet = run.settings.quiet_hours;
        let not_before = quiet.and_then(|quiet| end_of(quiet, now(), &TimeZone::system()));
        Ok(EffectResult::PromptComposed { prompt, bytes, not_before })
    }

    /// What was concluded of the newest snapshot that was judged.
    pub(super) fn last_answer(&self, run: &Run) -> anyhow::Result<Option<Answer>> {
        let Some((judged, _)) = &run.judged else { return Ok(None) };
        self.answer(&judged.reports).map(Some)
    }

    fn answer(&self, kept: &Digest) -> anyhow::Result<Answer> {
        let bytes = self.store.get_blob(kept)?;
        let bytes = bytes.context("the last judgement is missing in the store")?;
        Answer::from_json(&bytes).context("the last judgement can not be read")
    }
}

/// What was seen of an earlier attempt together with what others did.
fn sent_back_with(run: &Run) -> Option<&Digest> {
    match run.part.as_ref()?.sent_back.as_ref()? {
        SentBack::Blocked { reports } => Some(reports),
        _ => None,
    }
}
