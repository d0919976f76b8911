//! The grammar of `loki advisories`.

use clap::{Args, Subcommand};
use loki_verify::Ecosystem;

/// Show or bring in the advisories in which `loki verify` looks added packages up
///
/// Judging asks nobody: known vulnerabilities are looked up in a snapshot on this machine, in $LOKI_ADVISORIES,
/// else in `advisories` in loki's own directory. `update` brings one in, from the public export of OSV or from a
/// file or directory that you have, and is the only time that loki asks for advisories. It tells nobody
/// which packages you use. The old snapshot counts until the new one is whole.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = "\
Examples:
  loki advisories                               where the snapshot is and what it holds
  loki advisories update                        for the ecosystems that this repository uses
  loki advisories update --ecosystem npm,PyPI
  loki advisories update --from npm-all.zip     on a machine without network

Exits with 0 when all is well, with 1 when there is no snapshot, or a part of it could not be read or
brought in.")]
pub(crate) struct AdvisoriesArgs {
    #[command(subcommand)]
    pub(crate) what: Option<AdvisoriesCommand>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum AdvisoriesCommand {
    /// Say where the snapshot is, of which day, and how much it holds; that is the default
    Status,
    Update(UpdateArgs),
}

/// Bring in a new snapshot, in the place of the old one
#[derive(Args, Clone, Debug)]
pub(crate) struct UpdateArgs {
    /// Of these: npm, crates.io, PyPI, Go, Maven, RubyGems, Packagist (default: those whose manifests or locks
    /// are in this repository; all outside of one)
    #[arg(long, value_name = "ECOSYSTEM", value_delimiter = ',', value_parser = ecosystem)]
    pub(crate) ecosystem: Vec<Ecosystem>,

    /// From here instead of OSV: a directory or zip of OSV's JSON files, or an address
    ///
    /// An address that ends in `.zip` is one file for all; below any other one there has to be
    /// ECOSYSTEM/all.zip, as OSV has it. Encrypted, or on this machine. HTTPS_PROXY and NO_PROXY hold.
    #[arg(long, value_name = "URL|DIR|FILE.zip")]
    pub(crate) from: Option<String>,
}

fn ecosystem(text: &str) -> Result<Ecosystem, String> {
    Ecosystem::named(text).ok_or_else(|| {
        let known = Ecosystem::ALL.map(Ecosystem::osv).join(", ");
        format!("it is none of {known}")
    })
}
