//! phpunit, with its JUnit report.

use std::ffi::OsString;

use super::settle::Ended;
use crate::bench::{Command, unfinished};
use crate::counts::Tally;
use crate::counts::junit::{FILE_BYTES_MAX, Plain, read};
use crate::gates::Cx;
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::layout::{is_data, is_nested, is_under, join, shown};
use crate::place::Which;

/// What helps when there is no phpunit.
const NO_PHPUNIT_FIX: &str = "install PHP and phpunit";

/// Files that make a directory a project of PHP.
const MARKERS: &[&str] = &["phpunit.xml", "phpunit.xml.dist", "composer.json"];

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    let tests: Vec<&str> =
        cx.layout.ending("", &["Test.php"]).filter(|path| !is_data(path)).collect();
    let mut dirs: Vec<String> =
        MARKERS.iter().flat_map(|marker| cx.layout.all_roots(marker)).collect();
    dirs.sort();
    dirs.dedup();
    let has_tests = |dir: &String| tests.iter().any(|path| is_under(path, dir));
    let dirs: Vec<String> =
        dirs.iter().filter(|dir| !is_nested(&dirs, dir) && has_tests(dir)).cloned().collect();
    each(super::ID, "PHP projects", &dirs, String::as_str, |dir| vec![phpunit(cx, dir)])
}

fn phpunit(cx: &Cx<'_>, dir: &str) -> Part {
    let what = format!("phpunit in {}", shown(dir));
    if let Some(part) = installed(cx, dir, &what) {
        return part;
    }
    let results = cx.bench().results_file("xml");
    let mut log = OsString::from("--log-junit=");
    log.push(&results);
    let own = cx.copy.root().join(join(dir, "vendor/bin/phpunit"));
    let command = if own.is_file() {
        Command::new("php", dir).args([own.as_os_str()])
    } else {
        Command::new("phpunit", dir)
    };
    let mut command = command.args([log]).args(["--colors=never"]);
    if !["phpunit.xml", "phpunit.xml.dist"].iter().any(|file| cx.layout.has(&join(dir, file))) {
        let tests = ["tests", "test"]
            .into_iter()
            .find(|name| cx.layout.ending(&join(dir, name), &["Test.php"]).next().is_some());
        command = command.args(tests);
    }
    let ran = match cx.bench().run(command) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, NO_PHPUNIT_FIX),
    };
    let tally = match cx.bench().read_results(&results, FILE_BYTES_MAX) {
        Some(xml) => read(&xml, &Plain).0,
        None => Tally { doubt: Some("it ended without its report".to_owned()), ..Tally::default() },
    };
    Ended { what: &what, dir, ids: "phpunit:", which: Which::Last }.settle(cx, ran, tally)
}

/// Installs what a project declares to need, from what is on this machine; what there is to say when
/// that can not be done.
///
/// The folder of the user's checkout is not linked: what is installed in it loads the checkout's own
/// code, and not that of the copy.
fn installed(cx: &Cx<'_>, dir: &str, what: &str) -> Option<Part> {
    let has = |name: &str| cx.layout.has(&join(dir, name));
    if !has("composer.lock") || cx.copy.root().join(join(dir, "vendor")).exists() {
        return None;
    }
    let command = Command::new("composer", dir)
        .args(["install", "--no-interaction", "--no-progress", "--no-scripts"])
        .env("COMPOSER_DISABLE_NETWORK", "1")
        .env("COMPOSER_ALLOW_SUPERUSER", "1");
    let ran = match cx.bench().run(command) {
        Ok(ran) => ran,
        Err(error) => {
            return Some(Part::not_started(
                what,
                &error,
                "install Composer from https://getcomposer.org",
            ));
        }
    };
    if ran.is_ok() {
        return None;
    }
    let why = unfinished(ran.run.exit).unwrap_or_else(|| {
        "its dependencies are not on this machine and none are downloaded while judging: run \
         `composer install`"
            .to_owned()
    });
    Some(Part::unclear(format!("{what}: {why}"), vec![ran.evidence()]))
}
