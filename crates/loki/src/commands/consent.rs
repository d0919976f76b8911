//! Nothing is spent, and nothing of the user's is changed, without a yes.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use loki_agent::{Agent, Billing};
use loki_model::Settings;

use crate::context::Context;
use crate::error::CommandError;

/// Never spends without being told to: asks on a terminal, refuses elsewhere.
pub(super) fn consent(
    yes: bool,
    agents: &[Box<dyn Agent>],
    settings: &Settings,
    cx: &Context,
) -> Result<(), CommandError> {
    let assumed = |name: &str| {
        std::env::var(name).is_ok_and(|value| matches!(value.as_str(), "1" | "true" | "yes"))
    };
    let mut paid = agents.iter().filter(|agent| agent.billing() != Billing::Free);
    let Some(agent) = paid.next() else { return Ok(()) };
    if yes || assumed("LOKI_ASSUME_YES") || assumed("LOKI_AUTO_CONFIRM") {
        return Ok(());
    }
    let mut what = match agent.billing() {
        Billing::Paid => "is paid for by you",
        Billing::Free | Billing::Unknown => "may cost money",
    }
    .to_owned();
    let quote = settings.quote(settings.tier);
    if let (Some(model), Some(price)) = (&quote.model, quote.price)
        && quote.agent == agent.name()
    {
        let (input, output) = (price.input, price.output);
        what.push_str(&format!(" ({model}: {input} in, {output} out for a million tokens)"));
    }
    for other in paid {
        what.push_str(&format!(", and so is `{}`, which may take over", other.name()));
    }
    let refused = || {
        CommandError::user(format!("`{}` {what}, and nobody agreed to that", agent.name()))
            .hint("add --yes")
    };
    if agreed(&format!("`{}` {what}. Go ahead?", agent.name()), cx) {
        Ok(())
    } else {
        Err(refused())
    }
}

/// Asks on a terminal; elsewhere nobody agrees to anything.
pub(super) fn agreed(question: &str, cx: &Context) -> bool {
    if cx.json || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return false;
    }
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{question} [y/N] ");
    let _ = stderr.flush();
    let mut answer = String::new();
    let _ = std::io::stdin().lock().read_line(&mut answer);
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// Asks on a terminal which of `options` is meant; elsewhere none is.
pub(super) fn chosen(question: &str, options: &[String], cx: &Context) -> Option<usize> {
    if cx.json || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{question}");
    for (index, option) in options.iter().enumerate() {
        let _ = writeln!(stderr, "  {}  {}", index + 1, crate::output::harmless(option));
    }
    let _ = write!(stderr, "Number: ");
    let _ = stderr.flush();
    let mut answer = String::new();
    let _ = std::io::stdin().lock().read_line(&mut answer);
    let number: usize = answer.trim().parse().ok()?;
    number.checked_sub(1).filter(|index| *index < options.len())
}
