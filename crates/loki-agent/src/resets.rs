//! When an allowance comes back: every form in which agents and services tell it, in one place.
//!
//! Owns the forms. Refuses to look for them in what a model said: callers hand in the words of an error that
//! was recognised by its class or its status, and nothing else. Pure: time and zone come in.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp as Moment, ToSpan as _, Zoned};
use loki_model::{AgentOutcome, Timestamp};
use serde_json::Value;

/// The furthest moment that is believed.
const AHEAD_MAX: Duration = Duration::from_secs(32 * 24 * 3600);
/// A moment may be told with the delay of its message.
const PAST_MAX: Duration = Duration::from_secs(24 * 3600);
/// Read of an error's words.
const TEXT_BYTES_MAX: usize = 4096;
/// Numbers from here on are milliseconds since 1970, smaller ones seconds.
const MILLIS_FROM: i64 = 100_000_000_000;
/// Smaller numbers are no moments, but spans.
const EPOCH_FROM: i64 = 1_000_000_000;

/// Digits of the smallest of them.
const EPOCH_DIGITS: usize = 10;

/// What comes before a moment or a span.
const LEADS: [&str; 16] = [
    "resets_at",
    "resetsat",
    "resets at",
    "resets on",
    "resets in",
    "resets",
    "reset at",
    "reset on",
    "reset after",
    "reset in",
    "reset",
    "try again at",
    "try again in",
    "retry after",
    "retry in",
    "available again at",
];

/// Fields of structured errors that hold a moment, or a span from now on.
const FIELDS: [&str; 12] = [
    "resetsAt",
    "resets_at",
    "reset_at",
    "resetAt",
    "resets_in_seconds",
    "resetsInSeconds",
    "retryAfter",
    "retry_after",
    "retry-after",
    "retryDelay",
    "quotaResetDelay",
    "quotaResetTimeStamp",
];

/// How deep a structured error is looked into.
const DEPTH_MAX: usize = 8;
/// Fields and elements of it that are looked at.
const NODES_MAX: usize = 500;

fn now() -> Timestamp {
    Timestamp(Moment::now().as_millisecond())
}

/// The moment in the words of an error, told where the machine's clock shows the time of `zone`.
fn in_words(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let end = text.floor_char_boundary(TEXT_BYTES_MAX);
    let text = text[..end].replace(['\u{202f}', '\u{a0}'], " ");
    let lower = text.to_ascii_lowercase();
    let clock = Clock::new(now, zone)?;
    // `…limit reached|1700003600`
    let piped = text.rsplit_once('|').and_then(|(_, after)| clock.number(leading_number(after)?));
    piped.or_else(|| {
        LEADS.iter().find_map(|lead| {
            let is_span = lead.ends_with("after") || lead.ends_with("in");
            let mut told = lower.match_indices(lead).map(|(at, _)| &text[at + lead.len()..]);
            told.find_map(|text| clock.told(text, is_span))
        })
    })
}

/// The latest moment in the fields of a structured error, or else in its words.
fn in_error(error: &Value, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let clock = Clock::new(now, zone)?;
    let (mut latest, mut words) = (None, Vec::new());
    let mut left = NODES_MAX;
    clock.walk(error, 0, &mut left, &mut latest, &mut words);
    latest.or_else(|| words.iter().find_map(|text| in_words(text, now, zone)))
}

/// `outcome` with the moment that the fields of `error` or its `words` tell, where it is a refusal that has one
/// and has none yet.
pub(crate) fn dated(outcome: AgentOutcome, error: &Value, words: &str) -> AgentOutcome {
    let told = || {
        let zone = TimeZone::system();
        in_error(error, now(), &zone).or_else(|| in_words(words, now(), &zone))
    };
    match outcome {
        AgentOutcome::RateLimited { until: None } => AgentOutcome::RateLimited { until: told() },
        AgentOutcome::Quota { until: None } => AgentOutcome::Quota { until: told() },
        outcome => outcome,
    }
}

/// A number that is a moment: seconds or milliseconds since 1970.
fn epoch(number: i64) -> Option<Timestamp> {
    match number {
        MILLIS_FROM.. => Some(Timestamp(number)),
        EPOCH_FROM..MILLIS_FROM => number.checked_mul(1000).map(Timestamp),
        _ => None,
    }
}

/// The time at which words are read.
struct Clock<'a> {
    now: Moment,
    zone: &'a TimeZone,
}

impl Clock<'_> {
    fn new(now: Timestamp, zone: &TimeZone) -> Option<Clock<'_>> {
        Some(Clock { now: Moment::from_millisecond(now.0).ok()?, zone })
    }

    fn walk(
        &self,
        value: &Value,
        depth: usize,
        left: &mut usize,
        latest: &mut Option<Timestamp>,
        words: &mut Vec<String>,
    ) {
        if depth > DEPTH_MAX || *left == 0 {
            return;
        }
        *left -= 1;
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let told = FIELDS.contains(&name.as_str()).then(|| self.field(value)).flatten();
                    *latest = (*latest).max(told);
                    self.walk(value, depth + 1, left, latest, words);
                }
            }
            Value::Array(list) => {
                list.iter().for_each(|value| self.walk(value, depth + 1, left, latest, words));
            }
            Value::String(text) => words.push(text.clone()),
            _ => {}
        }
    }

    fn field(&self, value: &Value) -> Option<Timestamp> {
        match value {
            Value::Number(number) => {
                let number = number.as_f64()?;
                // Fractions of a second are rounded up: too early is turned away again.
                self.number(number.ceil() as i64)
            }
            Value::String(text) => match text.trim().parse::<f64>() {
                Ok(number) => self.number(number.ceil() as i64),
                Err(_) => self.told(text, true),
            },
            _ => None,
        }
    }

    fn number(&self, number: i64) -> Option<Timestamp> {
        match epoch(number) {
            Some(at) => self.believed(Moment::from_millisecond(at.0).ok()?),
            None if number >= 0 => self.after(SignedDuration::from_secs(number)),
            None => None,
        }
    }

    fn after(&self, span: SignedDuration) -> Option<Timestamp> {
        self.believed(self.now.checked_add(span).ok()?)
    }

    fn believed(&self, at: Moment) -> Option<Timestamp> {
        let ahead = at.duration_since(self.now);
        let believed = ahead <= SignedDuration::try_from(AHEAD_MAX).ok()?
            && -ahead <= SignedDuration::try_from(PAST_MAX).ok()?;
        believed.then(|| Timestamp(at.as_millisecond()))
    }

    /// What stands right behind a lead; a bare number is one of seconds where `is_span`, else a moment or
    /// nothing.
    fn told(&self, text: &str, is_span: bool) -> Option<Timestamp> {
        let mut text = text.trim_start_matches(|c: char| c.is_whitespace() || ":=\"'·".contains(c));
        for filler in ["at ", "on ", "in ", "after "] {
            text = text.strip_prefix(filler).unwrap_or(text);
        }
        let text = text.split(['\n', '\r']).next().unwrap_or(text).trim();
        self.absolute(text)
            .or_else(|| self.span(text))
            .or_else(|| self.clock_time(text))
            .or_else(|| self.bare_number(text).filter(|_| is_span || text.len() >= EPOCH_DIGITS))
    }

    /// `1700003600`, and nothing that goes on as a span or a time.
    fn bare_number(&self, text: &str) -> Option<Timestamp> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, rest) = text.split_at(digits);
        let ends = rest.trim_start_matches(['.', ',', '"', '\'', ')', '}', ']']);
        let ends = ends.is_empty() || ends.starts_with(char::is_whitespace);
        let number = number.parse().ok().filter(|_| ends)?;
        self.number(number)
    }

    /// ISO 8601 with an offset or without, and dates as in HTTP.
    fn absolute(&self, text: &str) -> Option<Timestamp> {
        let word = |text: &str| -> String {
            let end = text.find(|c: char| c.is_whitespace() || "\"')],;".contains(c));
            text[..end.unwrap_or(text.len())].trim_end_matches('.').to_owned()
        };
        let first = word(text);
        if let Ok(at) = first.parse::<Moment>() {
            return self.believed(at);
        }
        if let Ok(at) = rfc2822::parse(text.trim_end_matches(['"', '.'])) {
            return self.believed(at.timestamp());
        }
        if let Ok(at) = first.parse::<DateTime>()
            && first.contains(['T', 't'])
        {
            return self.at(at, zone_in(&text[first.len()..]).ok()?.as_ref());
        }
        let date = first.parse::<Date>().ok()?;
        let rest = text[first.len()..].trim_start();
        let (time, rest) = time_of_day(rest).unwrap_or((Time::midnight(), rest));
        self.at(DateTime::from_parts(date, time), zone_in(rest).ok()?.as_ref())
    }

    fn at(&self, at: DateTime, zone: Option<&TimeZone>) -> Option<Timestamp> {
        let at = at.to_zoned(zone.unwrap_or(self.zone).clone()).ok()?;
        self.believed(at.timestamp())
    }

    /// `20s`, `1h2m3s`, `1 day 3 hours`, `13.5 seconds`, `6m0s`.
    fn span(&self, text: &str) -> Option<Timestamp> {
        let (mut rest, mut sum, mut any) = (text, 0.0_f64, false);
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            rest = rest.strip_prefix("and ").unwrap_or(rest);
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let (number, after) = rest.split_at(digits);
            let after = after.trim_start();
            let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
            let (unit, after) = after.split_at(letters);
            let (Ok(number), Some(seconds)) = (number.parse::<f64>(), unit_seconds(unit)) else {
                break;
            };
            sum += number * seconds;
            any = true;
            rest = after;
        }
        let span = SignedDuration::try_from_secs_f64(sum).ok().filter(|_| any)?;
        self.after(span)
    }

    /// `3pm`, `15:30`, `Oct 7, 3pm`, `Oct 6th, 2025 4:23 PM`, `Mon 9:00am`, `tomorrow 7 am`, each with a zone
    /// behind it or not. Without a date it is the next time that clocks show it.
    fn clock_time(&self, text: &str) -> Option<Timestamp> {
        let (day, rest) = day_in(text);
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let rest = rest.strip_prefix("at ").unwrap_or(rest);
        let (time, rest) = match time_of_day(rest) {
            Some(found) => found,
            // A date alone is its beginning.
            None if matches!(day, Day::Dated { .. }) => (Time::midnight(), rest),
            None => return None,
        };
        let named = zone_in(rest).ok()?;
        let zone = named.as_ref().unwrap_or(self.zone);
        let here = self.now.to_zoned(zone.clone());
        let at = match day {
            Day::None => next(&here, time, |_| true)?,
            Day::Tomorrow => {
                here.date().tomorrow().ok()?.to_datetime(time).to_zoned(zone.clone()).ok()?
            }
            Day::Week(weekday) => next(&here, time, |date| date.weekday() == weekday)?,
            Day::Dated { month, day, year: Some(year) } => {
                Date::new(year, month, day).ok()?.to_datetime(time).to_zoned(zone.clone()).ok()?
            }
            Day::Dated { month, day, year: None } => {
                // The one that is closest: a date without a year is not far.
                let years = [here.year() - 1, here.year(), here.year() + 1].into_iter();
                let dates = years.filter_map(|year| Date::new(year, month, day).ok());
                let moments =
                    dates.filter_map(|date| date.to_datetime(time).to_zoned(zone.clone()).ok());
                moments.min_by_key(|at| at.timestamp().duration_since(self.now).abs())?
            }
        };
        self.believed(at.timestamp())
    }
}

/// The next moment at which clocks show `time` on a day that fits.
fn next(here: &Zoned, time: Time, fits: impl Fn(Date) -> bool) -> Option<Zoned> {
    (0..=8_i64).find_map(|days| {
        let date = here.date().checked_add(days.days()).ok().filter(|date| fits(*date))?;
        let at = date.to_datetime(time).to_zoned(here.time_zone().clone()).ok()?;
        (at.timestamp() > here.timestamp()).then_some(at)
    })
}

/// Which day words name.
#[derive(Clone, Copy, Debug)]
enum Day {
    None,
    Tomorrow,
    Week(Weekday),
    Dated { month: i8, day: i8, year: Option<i16> },
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The day that `text` begins with, and what comes after it.
fn day_in(text: &str) -> (Day, &str) {
    let letters = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(letters);
    let word = word.to_ascii_lowercase();
    let among =
        |names: &[&str]| names.iter().position(|name| word.len() >= 3 && word.starts_with(name));
    if word == "tomorrow" {
        return (Day::Tomorrow, rest);
    }
    if word == "today" {
        return (Day::None, rest);
    }
    if let Some(month) = among(&MONTHS) {
        let rest = rest.trim_start_matches(['.', ' ']);
        let Some((day, rest)) = number(rest, 1..=31) else { return (Day::None, text) };
        let rest =
            ["st", "nd", "rd", "th"].iter().find_map(|end| rest.strip_prefix(end)).unwrap_or(rest);
        let month = i8::try_from(month + 1).unwrap_or(1);
        let (year, rest) = year_in(rest);
        return (Day::Dated { month, day, year }, rest);
    }
    if let Some(day) = among(&DAYS) {
        let rest = rest.trim_start_matches(['.', ',', ' ']);
        // `Tue, Oct 7 at 3pm`
        if let (dated @ Day::Dated { .. }, rest) = day_in(rest) {
            return (dated, rest);
        }
        let weekday = Weekday::from_monday_zero_offset(i8::try_from(day).unwrap_or(0));
        return (weekday.map_or(Day::None, Day::Week), rest);
    }
    // `7 Oct 2025`
    if let Some((day, rest)) = number(text, 1..=31)
        && let Some(name) = rest.strip_prefix(' ').and_then(|rest| rest.trim_start().get(..3))
        && let Some(month) = MONTHS.iter().position(|month| name.eq_ignore_ascii_case(month))
    {
        let rest = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let (year, rest) = year_in(rest);
        return (Day::Dated { month: i8::try_from(month + 1).unwrap_or(1), day, year }, rest);
    }
    (Day::None, text)
}

fn year_in(text: &str) -> (Option<i16>, &str) {
    let rest = text.trim_start_matches([',', ' ', '.']);
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    match rest[..digits].parse() {
        Ok(year) if digits == 4 => (Some(year), &rest[digits..]),
        _ => (None, text),
    }
}

fn number(text: &str, range: std::ops::RangeInclusive<i8>) -> Option<(i8, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let value = text[..digits].parse().ok().filter(|value| range.contains(value))?;
    Some((value, &text[digits..]))
}

/// `3pm`, `3:30 p.m.`, `15:30`, `15:30:10`, `noon`, `midnight`; a bare number is none.
fn time_of_day(text: &str) -> Option<(Time, &str)> {
    for (word, time) in [("noon", Time::constant(12, 0, 0, 0)), ("midnight", Time::midnight())] {
        if let Some(rest) = text.strip_prefix(word) {
            return Some((time, rest));
        }
    }
    let (hour, mut rest) = number(text, 0..=24)?;
    let (mut minute, mut second, mut parts) = (0, 0, 0);
    while parts < 2
        && let Some(after) = rest.strip_prefix(':')
        && let Some((value, after)) = number(after, 0..=59)
    {
        if parts == 0 {
            minute = value;
        } else {
            second = value;
        }
        (rest, parts) = (after, parts + 1);
    }
    let behind = rest.trim_start();
    let lower: String = behind.chars().take(4).collect::<String>().to_ascii_lowercase();
    let half = ["a.m.", "p.m.", "am", "pm"].iter().find(|half| lower.starts_with(**half));
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => {
            rest = &behind[half.len()..];
            hour % 12 + if half.starts_with('p') { 12 } else { 0 }
        }
        Some(_) => return None,
        None if parts > 0 => hour % 24,
        None => return None,
    };
    Some((Time::new(hour, minute, second, 0).ok()?, rest))
}

/// A zone that is named and that nobody here knows.
struct Unknown;

/// The zone that follows, if any does: `(Europe/Berlin)`, `UTC`, `Z`, `+02:00`, `PST`.
fn zone_in(text: &str) -> Result<Option<TimeZone>, Unknown> {
    let text = text.trim_start_matches([' ', '(', ',']);
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "/_+-:".contains(c)));
    let name = text[..end.unwrap_or(text.len())].trim_end_matches(':');
    if let Some(offset) =
        name.strip_prefix("GMT").or_else(|| name.strip_prefix("UTC")).or(Some(name))
        && offset.starts_with(['+', '-'])
    {
        return Ok(offset_zone(offset));
    }
    let hours = match name {
        "UTC" | "GMT" | "Z" | "utc" | "gmt" => 0,
        "EST" => -5,
        "EDT" => -4,
        "CST" => -6,
        "CDT" => -5,
        "MST" => -7,
        "MDT" => -6,
        "PST" => -8,
        "PDT" => -7,
        "CET" | "BST" => 1,
        "CEST" => 2,
        _ if name.contains('/') => return TimeZone::get(name).map(Some).map_err(|_| Unknown),
        _ => return Ok(None),
    };
    Ok(jiff::tz::Offset::from_hours(hours).ok().map(TimeZone::fixed))
}

/// `+2`, `+02:00`, `-0330`
fn offset_zone(text: &str) -> Option<TimeZone> {
    let (sign, digits) = text.split_at(1);
    let digits = digits.replace(':', "");
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok()?, 0),
        4 => (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse::<i32>().ok()?),
        _ => return None,
    };
    let seconds = (hours * 60 + minutes) * 60 * if sign == "-" { -1 } else { 1 };
    Some(TimeZone::fixed(jiff::tz::Offset::from_seconds(seconds).ok()?))
}

fn unit_seconds(unit: &str) -> Option<f64> {
    let seconds = match unit.to_ascii_lowercase().as_str() {
        "ms" | "millisecond" | "milliseconds" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 604_800.0,
        _ => return None,
    };
    Some(seconds)
}

fn leading_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..digits].parse().ok().filter(|number| *number >= EPOCH_FROM)
}

#[cfg(test)]
mod tests;
