//! What the project accepts: the `[[verify.waiver]]` tables of its settings.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use toml::{Table, Value};

use super::{Config, Reading, shown};
use crate::pattern::glob;
use crate::waiver::{NEVER_WAIVED, Waiver};

/// Waivers that can be declared.
const WAIVERS_MAX: usize = 200;

/// Bytes of a reason.
const REASON_BYTES_MAX: usize = 200;

impl Reading {
    /// Reads the value of `verify.waiver`. What can not be followed waives nothing, and is a finding.
    pub(super) fn waivers(&mut self, value: Value) {
        let Value::Array(tables) = value else {
            self.wrong("`verify.waiver` is not a list of tables: write `[[verify.waiver]]`");
            return;
        };
        if tables.len() > WAIVERS_MAX {
            self.wrong(format!("more than {WAIVERS_MAX} waivers are declared"));
        }
        for (number, value) in (1..).zip(tables.into_iter().take(WAIVERS_MAX)) {
            match self.waiver(value) {
                Ok(waiver) => self.config.waivers.push(waiver),
                Err(why) => self.wrong(format!("`[[verify.waiver]]` number {number}: {why}")),
            }
        }
    }

    fn waiver(&self, value: Value) -> Result<Waiver, String> {
        let Value::Table(mut table) = value else { return Err("it is not a table".to_owned()) };
        let rule = text(&mut table, "rule")?.ok_or("`rule` is missing: a rule, or `gate/*`")?;
        let reason = text(&mut table, "reason")?.ok_or("`reason` is missing: say why")?;
        let path = text(&mut table, "path")?;
        let until = match table.remove("until") {
            None => None,
            Some(value) => Some(date(&value).ok_or("`until` is not a date such as 2030-12-31")?),
        };
        if let Some(key) = table.keys().next() {
            return Err(format!("`{}` is not known", shown(key)));
        }
        if path.as_deref().is_some_and(|path| glob(path).is_none()) {
            return Err("`path` is not a pattern of paths".to_owned());
        }
        let Some((gate, offence)) = rule.split_once('/').filter(|(_, offence)| !offence.is_empty())
        else {
            return Err(format!("`{}` is no rule: write `gate/offence` or `gate/*`", shown(&rule)));
        };
        if !self.config.gate_names().contains(&gate) {
            return Err(format!("there is no gate `{}`", shown(gate)));
        }
        if NEVER_WAIVED.contains(&gate) {
            return Err(format!("what `{gate}` finds was seen to happen, and can not be waived"));
        }
        let is_known = crate::rule_text(&rule).is_some();
        let is_open = offence == "*" || gate == "static-analysis" || !self.is_own(gate);
        if !is_known && !is_open {
            return Err(format!("there is no rule `{}`", shown(&rule)));
        }
        let reason = crate::text::one_line(&reason, REASON_BYTES_MAX);
        Ok(Waiver { rule, path, reason, until })
    }

    fn is_own(&self, gate: &str) -> bool {
        crate::gates::ALL.iter().any(|own| own.id == gate)
    }
}

impl Config {
    /// Takes out the waivers that ended before `now`, in UTC; one sentence for each.
    pub(super) fn end_waivers(&mut self, now: loki_model::Timestamp) -> Vec<String> {
        let now = Timestamp::from_millisecond(now.0).unwrap_or(Timestamp::MAX);
        let today = now.to_zoned(TimeZone::UTC).date();
        let mut ended = Vec::new();
        self.waivers.retain(|waiver| match waiver.until {
            Some(until) if until < today => {
                let rule = shown(&waiver.rule);
                ended.push(format!("the waiver of `{rule}` ended on {until} and counts no more"));
                false
            }
            _ => true,
        });
        ended
    }
}

fn text(table: &mut Table, key: &str) -> Result<Option<String>, String> {
    match table.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
        Some(_) => Err(format!("`{key}` is not a text")),
    }
}

/// A date, as TOML has it or in quotes.
fn date(value: &Value) -> Option<Date> {
    match value {
        Value::Datetime(date) => date.to_string().parse().ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last millisecond of 2029 in UTC.
    const END_OF_2029: loki_model::Timestamp = loki_model::Timestamp(1_893_455_999_999);

    #[test]
    fn waivers_that_are_right_are_taken_until_they_end() {
        let text = "[[verify.waiver]]\nrule = 'secrets/*'\npath = 'tests/**'\nreason = 'made up'\nuntil = 2029-12-31\n\
                    [[verify.waiver]]\nrule = 'substance/stub'\nreason = 'by design'\nuntil = '2029-12-30'\n";
        let (mut config, findings) = Config::parse(text);
        assert_eq!(findings, []);
        assert_eq!(config.waivers.len(), 2);
        assert_eq!(config.waivers[0].path.as_deref(), Some("tests/**"));
        let ended = config.end_waivers(END_OF_2029);
        assert_eq!(
            ended,
            ["the waiver of `substance/stub` ended on 2029-12-30 and counts no more"]
        );
        assert_eq!(config.waivers.len(), 1);
    }

    #[test]
    fn waivers_that_are_wrong_waive_nothing_and_are_said() {
        for (table, says) in [
            ("rule = 'secrets/*'", "`reason` is missing"),
            ("reason = 'x'", "`rule` is missing"),
            ("rule = 'secrets/*'\nreason = ' '", "`reason` is not a text"),
            ("rule = 'secrets'\nreason = 'x'", "is no rule"),
            ("rule = 'vibes/*'\nreason = 'x'", "there is no gate `vibes`"),
            ("rule = 'substance/vibes'\nreason = 'x'", "there is no rule"),
            ("rule = 'tests/*'\nreason = 'x'", "can not be waived"),
            ("rule = 'secrets/*'\nreason = 'x'\nuntil = 'soon'", "`until` is not a date"),
            ("rule = 'secrets/*'\nreason = 'x'\nspeed = 1", "`speed` is not known"),
            ("rule = 'secrets/*'\nreason = 'x'\npath = '!(a)'", "`path` is not a pattern"),
        ] {
            let (config, findings) = Config::parse(&format!("[[verify.waiver]]\n{table}\n"));
            assert_eq!(config, Config::default(), "{table}");
            assert_eq!(findings.len(), 1, "{table}");
            assert!(findings[0].message.contains(says), "{}", findings[0].message);
        }
    }
}
