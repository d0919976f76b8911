//! Dependencies between the crates point one way, along this table. A new edge is a decision:
//! record it in docs/decisions.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::metadata;

/// Which of our crates each crate may depend on, tests apart.
const LAYERS: &[(&str, &[&str])] = &[
    ("loki-model", &[]),
    ("loki-host", &["loki-model"]),
    ("loki-store", &["loki-model"]),
    ("loki-spec", &["loki-model"]),
    ("loki-forge", &["loki-host", "loki-spec"]),
    ("loki-agent", &["loki-host", "loki-model"]),
    ("loki-verify", &["loki-host", "loki-model", "loki-spec"]),
    (
        "loki-engine",
        &["loki-agent", "loki-forge", "loki-host", "loki-model", "loki-store", "loki-verify"],
    ),
    ("loki-testkit", &[]),
    (
        "loki",
        &[
            "loki-agent",
            "loki-engine",
            "loki-forge",
            "loki-host",
            "loki-model",
            "loki-spec",
            "loki-store",
            "loki-verify",
        ],
    ),
    ("xtask", &["loki-spec", "loki-testkit", "loki-verify"]),
];

pub(crate) fn check() -> anyhow::Result<()> {
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        LAYERS.iter().map(|(name, of)| (*name, of.iter().copied().collect())).collect();
    for (name, uses) in edges(&metadata()?)? {
        let allowed = allowed
            .get(name.as_str())
            .with_context(|| format!("crate `{name}` has no row in the layer table"))?;
        if let Some(used) = uses.iter().find(|used| !allowed.contains(used.as_str())) {
            bail!("`{name}` must not depend on `{used}`; see xtask/src/layers.rs");
        }
    }
    Ok(())
}

/// Our crates and which of ours they depend on, development dependencies apart.
fn edges(metadata: &Value) -> anyhow::Result<Vec<(String, Vec<String>)>> {
    let packages = metadata["packages"].as_array().context("no packages")?;
    let ours: BTreeSet<&str> = packages
        .iter()
        .filter(|p| p["source"].is_null())
        .filter_map(|p| p["name"].as_str())
        .collect();
    let uses = |package: &Value| -> Vec<String> {
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        dependencies
            .filter(|d| d["kind"] != "dev")
            .filter_map(|d| d["name"].as_str())
            .filter(|name| ours.contains(name))
            .map(str::to_owned)
            .collect()
    };
    Ok(packages
        .iter()
        .filter(|package| package["source"].is_null())
        .map(|package| (package["name"].as_str().unwrap_or_default().to_owned(), uses(package)))
        .collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_crates_depend_on_each_other_along_the_table() {
        super::check().unwrap();
    }
}
