//! What would make a run cheaper.

use loki_model::{
    Ceiling, Complexity, Effort, Estimate, ModelWishes, Offer, Priority, Settings, Spec, Tier, Usd,
    choose,
};

use super::Paid;
use super::estimate::priced;

/// In the order of what they save; each says what to type.
pub(crate) fn savings(
    spec: &Spec,
    complexity: Complexity,
    settings: &Settings,
    paid: Paid,
    open: usize,
    estimate: &Estimate,
) -> Vec<String> {
    let mut savings = Vec::new();
    if open > 0 {
        let noun = if open == 1 { "question" } else { "questions" };
        savings.push(format!(
            "answer {open} open {noun} first (loki grill --answer): what is built on a wrong guess is paid twice"
        ));
    }
    if paid == Paid::Yes {
        savings.extend(cheaper_models(settings, estimate));
        if settings.effort.is_some_and(|effort| effort > Effort::Medium) {
            savings.push("let models think less: --effort medium".to_owned());
        }
    }
    let could = spec.requirements.iter().filter(|r| r.priority == Priority::Could).count();
    if could > 0 {
        let noun = if could == 1 { "requirement" } else { "requirements" };
        savings.push(format!("leave out {could} {noun} that are only welcome (`could`)"));
    }
    if complexity == Complexity::Complex {
        savings.push(
            "split the spec: parts that are judged by themselves need fewer iterations".to_owned(),
        );
    }
    savings
}

/// Ceilings under which the first agent is asked for another model, with what that would cost.
fn cheaper_models(settings: &Settings, estimate: &Estimate) -> Vec<String> {
    let own = Offer::unknown(&settings.provider);
    let offer = settings.agents.first().unwrap_or(&own);
    let now = settings.quote(settings.tier);
    let mut models: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for tier in [Tier::Development, Tier::Fast] {
        let wishes = ModelWishes { ceiling: Some(tier.label().to_owned()), ..settings.wishes() };
        let other = choose(offer, &wishes, settings.tier, None, &[]);
        let (Some(model), Some(price)) = (&other.model, other.price) else { continue };
        let lowered = matches!(other.ceiling, Ceiling::Lowered { .. });
        if !lowered || now.model.as_ref() == Some(model) || models.contains(model) {
            continue;
        }
        let then = Usd(priced(estimate.tokens, price).likely);
        let instead = estimate.cost.map(|cost| format!(" instead of {}", Usd(cost.likely)));
        out.push(format!(
            "--max-tier {}: {model}, likely {then}{}, if it does not need more iterations",
            tier.label(),
            instead.unwrap_or_default()
        ));
        models.push(model.clone());
    }
    out
}
