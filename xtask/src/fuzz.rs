//! Fuzz targets, built and run for a bounded time on the stable toolchain.
//! See docs/decisions/0011-fuzzing.md.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::{cargo, root, run};

/// How long each target runs unless told otherwise.
const SECONDS: u32 = 60;

/// A reader that takes longer for one input hangs.
const INPUT_SECONDS_MAX: u32 = 10;

/// A reader that needs more grows without bound.
const MEMORY_MIB_MAX: u32 = 2048;

/// Larger inputs find little more, slowly.
const INPUT_BYTES_MAX: u32 = 1 << 16;

/// What `cargo fuzz --sanitizer none` passes: all of it is stable.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0";

/// Builds one target or all, and runs each.
pub(crate) fn fuzz(args: &[String]) -> anyhow::Result<()> {
    let (wanted, seconds) = read(args.get(1..).unwrap_or_default())?;
    let directory = root().join("fuzz");
    let known = names(&directory)?;
    let targets: Vec<&String> = match &wanted {
        None => known.iter().collect(),
        Some(name) => known.iter().filter(|known| *known == name).collect(),
    };
    if targets.is_empty() {
        bail!("there is no such target; there are {}", known.join(", "));
    }
    // With a target named, build scripts and macros are built without the flags.
    let host = host()?;
    let mut build = cargo();
    build.args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &host]);
    build.args(["--target-dir", "fuzz/target"]).env("RUSTFLAGS", FLAGS);
    match &wanted {
        Some(name) => build.args(["--bin", name]),
        None => build.arg("--bins"),
    };
    run(&mut build)?;
    if seconds == 0 {
        return Ok(());
    }
    let mut failed = Vec::new();
    for name in targets {
        let found = directory.join("corpus").join(name);
        let artifacts = directory.join("artifacts").join(name);
        for made in [&found, &artifacts] {
            fs::create_dir_all(made)?;
        }
        let program = directory.join("target").join(&host).join("release").join(name);
        let mut command = Command::new(program);
        // What is found goes to the first of them.
        command.arg(found).arg(directory.join("seeds").join(name));
        command.arg(format!("-max_total_time={seconds}"));
        command.arg(format!("-timeout={INPUT_SECONDS_MAX}"));
        command.arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"));
        command.arg(format!("-max_len={INPUT_BYTES_MAX}"));
        command.arg(format!("-artifact_prefix={}/", artifacts.display()));
        command.args(["-print_final_stats=1", "-verbosity=0"]);
        if run(&mut command).is_err() {
            failed.push(name.as_str());
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!(
        "{}: the inputs are in fuzz/artifacts; copy one to fuzz/seeds to keep it",
        failed.join(", ")
    )
}

fn read(args: &[String]) -> anyhow::Result<(Option<String>, u32)> {
    let (mut name, mut seconds) = (None, SECONDS);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--seconds" => {
                let given = args.next().context("--seconds wants a number")?;
                seconds = given.parse().context("--seconds wants a number")?;
            }
            _ if name.is_none() && !arg.starts_with('-') => name = Some(arg.clone()),
            _ => bail!("`{arg}` means nothing: cargo xtask fuzz [TARGET] [--seconds N]"),
        }
    }
    Ok((name, seconds))
}

fn names(directory: &Path) -> anyhow::Result<Vec<String>> {
    let entries = fs::read_dir(directory.join("targets")).context("fuzz/targets")?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut names: Vec<String> =
        paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    Ok(names)
}

/// The triple that the compiler builds for by itself.
fn host() -> anyhow::Result<String> {
    let output = Command::new("rustc").args(["--version", "--verbose"]).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say what it builds for")
}
