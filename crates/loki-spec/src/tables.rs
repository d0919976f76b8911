//! Rows of a table as statements.

use loki_model::Priority;

use crate::markdown::Table;
use crate::sections::{self, Class};
use crate::sentences::Prose;
use crate::wording;

/// A row that states something.
pub(crate) struct Row<'a> {
    pub(crate) statement: &'a str,
    /// As its own column says.
    pub(crate) priority: Option<Priority>,
    /// 1-based.
    pub(crate) line: u32,
}

/// The rows of `table`, in order; nothing when no column is known to hold statements.
pub(crate) fn rows(table: &Table) -> Option<Vec<Row<'_>>> {
    let column = |names: &[&str]| {
        let is_named = |cell: &Prose| names.contains(&cell.text.trim().to_lowercase().as_str());
        table.head.iter().position(is_named)
    };
    let priorities = column(&PRIORITIES);
    // Any table may describe something; one that also ranks or numbers it lists requirements.
    let described = || column(&["description"]).filter(|_| priorities.or(column(&IDS)).is_some());
    let statements = column(&STATEMENTS).or_else(described)?;
    let rows = table.rows.iter().filter_map(|cells| {
        let cell = cells.get(statements).filter(|cell| !cell.text.trim().is_empty())?;
        let priority = priorities.and_then(|column| cells.get(column));
        let priority = match priority.map(|cell| sections::classify(&cell.text)) {
            Some(Class::Excluded(_)) => return None,
            Some(Class::Requirements(priority)) => priority,
            _ => priority.and_then(|cell| level(&cell.text)),
        };
        Some(Row { statement: cell.text.trim(), priority, line: cell.line() })
    });
    Some(rows.collect())
}

/// Whether any cell of `table` reads like a requirement.
pub(crate) fn asks(table: &Table) -> bool {
    table.rows.iter().flatten().any(|cell| wording::asks(&cell.text))
}

/// Names of table columns that hold statements.
const STATEMENTS: [&str; 10] = [
    "requirement",
    "requirements",
    "statement",
    "feature",
    "user story",
    "story",
    "behavior",
    "behaviour",
    "acceptance criteria",
    "capability",
];

/// Names of table columns that hold priorities.
const PRIORITIES: [&str; 5] = ["priority", "prio", "importance", "moscow", "level"];

/// Names of table columns that number requirements.
const IDS: [&str; 6] = ["id", "#", "no", "no.", "nr", "ref"];

fn level(text: &str) -> Option<Priority> {
    match text.trim().to_lowercase().as_str() {
        "high" | "highest" | "m" | "1" => Some(Priority::Must),
        "medium" | "s" | "2" => Some(Priority::Should),
        "low" | "lowest" | "c" | "3" => Some(Priority::Could),
        _ => None,
    }
}
