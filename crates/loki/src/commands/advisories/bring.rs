//! Where advisories are brought from, and what can go wrong on the way.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use loki_verify::Ecosystem;
use loki_verify::advisories::{ADVISORIES_MAX, ADVISORY_BYTES_MAX, Intake, IntakeError};
use reqwest::Url;

use super::archive;
use super::progress::Progress;
use crate::error::CommandError;
use crate::output::harmless;

/// The public export: `<ECOSYSTEM>/all.zip` below it.
///
/// Source: OSV, "Data dumps".
const EXPORT: &str = "https://osv-vulnerabilities.storage.googleapis.com";

/// Directories within directories.
const DEPTH_MAX: usize = 4;

/// Where advisories are brought from.
pub(super) enum Source {
    /// A zip for each ecosystem below an address.
    Export(Url),
    /// One zip at an address.
    Archive(Url),
    /// A directory or zip on this machine.
    Local(PathBuf),
}

impl Source {
    /// The one that is named, or OSV.
    pub(super) fn of(named: Option<&str>, here: &Path) -> Result<Source, CommandError> {
        let named = named.unwrap_or(EXPORT);
        if !named.contains("://") {
            let path = here.join(named);
            if !path.exists() {
                return Err(CommandError::user(format!("there is no `{named}`"))
                    .hint("loki advisories update --from DIR    (or FILE.zip, or an address)"));
            }
            return Ok(Source::Local(path));
        }
        let url = Url::parse(named).map_err(|error| {
            CommandError::user(format!("`{}` is no address: {error}", harmless(named)))
        })?;
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        if !is_safe || url.host_str().is_none() {
            let why = format!("`{}` is not asked", harmless(named));
            return Err(CommandError::user(why)
                .hint("an address with https://; http:// is for this machine only"));
        }
        let is_file = url.path().to_ascii_lowercase().ends_with(".zip");
        Ok(if is_file { Source::Archive(url) } else { Source::Export(url) })
    }

    /// For people, and for the index. Without what logs in.
    pub(super) fn shown(&self, ecosystem: Ecosystem) -> String {
        match self {
            Source::Export(base) => public(&super::download::all_of(base, ecosystem)),
            Source::Archive(url) => public(url),
            Source::Local(path) => path.display().to_string(),
        }
    }
}

/// Whether nothing that is asked there leaves this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host_str().unwrap_or_default() {
        "localhost" | "[::1]" => true,
        host => host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
    }
}

/// An address without a name, a password or a query.
pub(super) fn public(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

/// Takes what is in a zip, or in the files and zips of a directory.
pub(super) fn from_local(
    path: &Path,
    intake: &mut Intake,
    progress: &Progress,
) -> Result<(), BringError> {
    if path.is_dir() {
        let mut left = ADVISORIES_MAX;
        return walk(path, DEPTH_MAX, &mut left, intake, progress);
    }
    let shown = path.display().to_string();
    archive::take(File::open(path).map_err(unread(path))?, &shown, intake, progress)
}

fn walk(
    directory: &Path,
    depth: usize,
    left: &mut usize,
    intake: &mut Intake,
    progress: &Progress,
) -> Result<(), BringError> {
    for entry in fs::read_dir(directory).map_err(unread(directory))? {
        let entry = entry.map_err(unread(directory))?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        // A link may lead anywhere, round and round as well.
        let kind = entry.file_type().map_err(unread(&path))?;
        if kind.is_dir() && depth > 0 {
            walk(&path, depth - 1, left, intake, progress)?;
        } else if kind.is_file() && name == "all.zip" {
            let file = File::open(&path).map_err(unread(&path))?;
            archive::take(file, &path.display().to_string(), intake, progress)?;
        } else if kind.is_file() && name.ends_with(".json") {
            *left = left.checked_sub(1).ok_or(IntakeError::TooMuch)?;
            if entry.metadata().map_err(unread(&path))?.len() > ADVISORY_BYTES_MAX {
                return Err(unread(&path)(io::Error::other("it is too large for an advisory")));
            }
            intake.take(&name, &fs::read(&path).map_err(unread(&path))?)?;
            progress.at(|| format!("{} files read", ADVISORIES_MAX - *left));
        }
    }
    Ok(())
}

fn unread(path: &Path) -> impl FnOnce(io::Error) -> BringError {
    let path = path.to_owned();
    move |source| BringError::Read { path, source }
}

/// Why advisories could not be brought. The old ones are still there.
#[derive(Debug, thiserror::Error)]
pub(super) enum BringError {
    /// Nobody answered, or somebody stopped in the middle.
    #[error("`{address}` can not be reached: {detail}")]
    Unreachable { address: String, detail: String },
    /// Somebody answered otherwise.
    #[error("`{address}` answered {status}")]
    Answered { address: String, status: u16 },
    /// More than a snapshot can be.
    #[error("`{address}` sends more than {} MiB", .bytes_max >> 20)]
    TooLarge { address: String, bytes_max: u64 },
    /// No zip, or one that was cut off.
    #[error("`{name}` is no whole zip file")]
    Broken {
        name: String,
        #[source]
        source: rawzip::Error,
    },
    /// A zip that nobody makes of advisories.
    #[error("`{name}` is not taken: {detail}")]
    Unfit { name: String, detail: String },
    /// A file that is not what it is called, or too many.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// A file of this machine.
    #[error("`{path}` can not be read")]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The client could not be made, or what it brings could not be put anywhere.
    #[error("nothing can be downloaded")]
    Machine(#[source] io::Error),
    /// Then the old ones are better.
    #[error("it holds no advisories of {}", .ecosystem.osv())]
    Nothing { ecosystem: Ecosystem },
}

impl BringError {
    /// What to do about it.
    pub(super) fn hint(&self) -> Option<&'static str> {
        Some(match self {
            BringError::Unreachable { .. } | BringError::Machine(_) => {
                "check the network, HTTPS_PROXY and NO_PROXY; without network, bring ECOSYSTEM/all.zip of \
                 OSV's export here and name it with --from"
            }
            BringError::Answered { .. } => {
                "look whether the address is that of an export of OSV, or try again later"
            }
            BringError::TooLarge { .. }
            | BringError::Broken { .. }
            | BringError::Unfit { .. }
            | BringError::Intake(_) => {
                "try again later, or bring an export of OSV here and name it with --from"
            }
            BringError::Nothing { .. } => {
                "name another source with --from, or other ecosystems with --ecosystem"
            }
            BringError::Read { .. } => return None,
        })
    }
}
