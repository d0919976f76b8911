//! Hours in which nobody is called.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Hours of the day, by the clock on the wall, in which no call is made. They may go over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// The minute of the day in which they begin, from 0.
    pub from_minute: u16,
    /// The first minute of the day that is not among them any more.
    pub to_minute: u16,
}

/// A text that names no hours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("quiet hours are two times of the day, such as 22:00-07:00")]
pub struct NotHours;

impl QuietHours {
    /// Reads `22:00-07:00`; `22-7` is the same.
    pub fn named(text: &str) -> Result<QuietHours, NotHours> {
        let (from, to) = text.trim().split_once('-').ok_or(NotHours)?;
        let (from_minute, to_minute) = (minute(from)?, minute(to)?);
        // A whole day would be for ever.
        if from_minute == to_minute {
            Err(NotHours)
        } else {
            Ok(QuietHours { from_minute, to_minute })
        }
    }

    /// Whether a minute of the day is among them.
    pub fn contain(self, minute: u16) -> bool {
        let QuietHours { from_minute, to_minute } = self;
        if from_minute < to_minute {
            (from_minute..to_minute).contains(&minute)
        } else {
            minute >= from_minute || minute < to_minute
        }
    }
}

fn minute(text: &str) -> Result<u16, NotHours> {
    let text = text.trim();
    let (hour, minute) = text.split_once(':').unwrap_or((text, "0"));
    let number = |text: &str, most: u16| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|number| is_number && *number <= most).ok_or(NotHours)
    };
    Ok(number(hour, 23)? * 60 + number(minute, 59)?)
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let QuietHours { from_minute, to_minute } = self;
        let time = |minute: &u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        write!(f, "{}-{}", time(from_minute), time(to_minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_two_times_of_the_day() {
        for (text, shown) in [
            ("22:00-07:00", "22:00-07:00"),
            ("22-7", "22:00-07:00"),
            (" 9:30 - 10:05 ", "09:30-10:05"),
        ] {
            assert_eq!(QuietHours::named(text).unwrap().to_string(), shown);
        }
        for text in ["", "22:00", "22:00-22:00", "24:00-7", "7-8:60", "a-b", "-1-5", "7-+8", "1:-2"]
        {
            assert_eq!(QuietHours::named(text), Err(NotHours), "{text}");
        }
    }

    #[test]
    fn hours_that_go_over_midnight_have_both_of_its_sides() {
        let night = QuietHours::named("22:00-07:00").unwrap();
        for (minute, quiet) in [(0, true), (419, true), (420, false), (1319, false), (1320, true)] {
            assert_eq!(night.contain(minute), quiet, "{minute}");
        }
        let noon = QuietHours::named("12:00-13:00").unwrap();
        for (minute, quiet) in [(719, false), (720, true), (779, true), (780, false)] {
            assert_eq!(noon.contain(minute), quiet, "{minute}");
        }
    }
}
