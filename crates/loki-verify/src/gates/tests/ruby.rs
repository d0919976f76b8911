//! rspec, with its JSON report.

use std::collections::BTreeSet;

use super::settle::Ended;
use crate::bench::{Command, unfinished};
use crate::counts::Tally;
use crate::counts::junit::FILE_BYTES_MAX;
use crate::counts::rspec::read;
use crate::gates::Cx;
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::layout::{is_data, join, shown};
use crate::place::Which;

/// What helps when there is no rspec.
const NO_RSPEC_FIX: &str = "install Ruby and run `bundle install`";

/// How Ruby says that a library is not on this machine.
const ABSENT: &[&str] =
    &["Could not find gem", "Could not find ", "command not found: rspec", "Gem::MissingSpecError"];

/// The directory that holds the files of rspec, in the project.
const SPECS: &str = "spec";

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    let files = cx.layout.ending("", &["_spec.rb"]).filter(|path| !is_data(path));
    let dirs: BTreeSet<&str> = files.filter_map(project).collect();
    let dirs: Vec<&str> = dirs.into_iter().collect();
    each(super::ID, "Ruby projects", &dirs, |dir| dir, |dir| vec![rspec(cx, dir)])
}

/// The project that a file of specifications belongs to.
fn project(path: &str) -> Option<&str> {
    if path.starts_with("spec/") {
        return Some("");
    }
    path.find("/spec/").map(|at| &path[..at])
}

fn rspec(cx: &Cx<'_>, dir: &str) -> Part {
    let what = format!("rspec in {}", shown(dir));
    let results = cx.bench().results_file("json");
    let is_bundled = cx.layout.has(&join(dir, "Gemfile"));
    let command = if is_bundled {
        Command::new("bundle", dir).args(["exec", "rspec"])
    } else {
        Command::new("rspec", dir)
    };
    let command = command
        .args(["--format", "json", "--out"])
        .args([results.as_os_str()])
        .args([SPECS])
        .env("BUNDLE_FROZEN", "1");
    let ran = match cx.bench().run(command) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, NO_RSPEC_FIX),
    };
    let report = cx.bench().read_results(&results, FILE_BYTES_MAX).filter(|text| !text.is_empty());
    if report.is_none()
        && unfinished(ran.run.exit).is_none()
        && ABSENT.iter().any(|sign| ran.stderr.contains(sign))
    {
        let why = format!("{what}: a library is not on this machine: run `bundle install`");
        return Part::unclear(why, vec![ran.evidence()]);
    }
    let tally = match report {
        Some(report) => read(&report, &|path| cx.known(dir, path)),
        None => Tally { doubt: Some("it ended without its report".to_owned()), ..Tally::default() },
    };
    Ended { what: &what, dir, ids: "rspec:", which: Which::First }.settle(cx, ran, tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifications_belong_to_the_project_around_them() {
        assert_eq!(project("spec/a/b_spec.rb"), Some(""));
        assert_eq!(project("gems/x/spec/b_spec.rb"), Some("gems/x"));
        assert_eq!(project("lib/b_spec.rb"), None);
    }
}
