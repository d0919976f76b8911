//! Every dependency may be shipped under our licence. Works offline.

use anyhow::{Context as _, bail};
use spdx::{Expression, ParseMode};

use crate::metadata;

const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    // Data: the certificates that Mozilla trusts, on systems without a list of their own.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub(crate) fn check() -> anyhow::Result<()> {
    let metadata = metadata()?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let mut refused = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        match package["license"].as_str() {
            Some(licence) if allowed(licence)? => {}
            Some(licence) => refused.push(format!("{name}: {licence}")),
            None => refused.push(format!("{name}: no licence is named")),
        }
    }
    if refused.is_empty() { Ok(()) } else { bail!("licences:\n  {}", refused.join("\n  ")) }
}

/// Whether one way to read the expression needs only allowed licences.
fn allowed(expression: &str) -> anyhow::Result<bool> {
    let parsed = Expression::parse_mode(expression, ParseMode::LAX)
        .with_context(|| format!("`{expression}` is not a licence expression"))?;
    Ok(parsed.evaluate(|requirement| ALLOWED.contains(&requirement.to_string().as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_allowed_alternative_is_enough_and_every_part_of_a_conjunction_counts() {
        assert!(allowed("MIT OR GPL-3.0-only").unwrap());
        assert!(allowed("MIT/Apache-2.0").unwrap());
        assert!(!allowed("MIT AND GPL-3.0-only").unwrap());
        assert!(!allowed("AGPL-3.0-only").unwrap());
        assert!(allowed("Apache-2.0 WITH LLVM-exception OR AGPL-3.0-only").unwrap());
    }
}
