//! The grammar of `loki import`.

use std::path::PathBuf;

use clap::Args;

/// Write the issues of a repository as specs, one Markdown file each
///
/// Each file below .loki/specs can be read, edited, and built with `loki start FILE`. A file that you
/// edited is never written again. With --json the specs are printed and nothing is written.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = IMPORT_HELP)]
pub(crate) struct ImportArgs {
    /// `owner/repo` on GitHub, or the address of a repository (default: this repository's remote)
    #[arg(value_name = "REPOSITORY")]
    pub(crate) repository: Option<String>,

    /// Only issues with this label; several: with all of them
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: Vec<String>,

    /// Which issues
    #[arg(long, value_enum, default_value = "open")]
    pub(crate) state: ImportState,

    /// At most so many, newest first
    #[arg(long, value_name = "COUNT", default_value_t = 30,
          value_parser = clap::value_parser!(u16).range(1..=500))]
    pub(crate) limit: u16,

    /// Write them into this directory (default: .loki/specs)
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

const IMPORT_HELP: &str = "\
Examples:
  loki import                                 open issues of this repository
  loki import acme/shop --label bug --limit 5
  loki import https://gitlab.com/acme/shop --state all
  loki import --json | jq '.specs[].title'

Tokens are read from GH_TOKEN or GITHUB_TOKEN (or `gh auth login`), GITLAB_TOKEN and
AZURE_DEVOPS_EXT_PAT. Issues of public repositories need none on GitHub and GitLab.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ImportState {
    Open,
    Closed,
    All,
}
