//! Advisories over HTTP.
//!
//! Owns the async runtime that the client needs, which does not leave this file
//! (`docs/decisions/0004-async-boundary.md`).

use std::error::Error as _;
use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use loki_verify::Ecosystem;
use loki_verify::advisories::Intake;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use super::archive;
use super::bring::{BringError, is_loopback, public};
use super::progress::Progress;

/// Until somebody answers the call.
const CONNECT_MAX: Duration = Duration::from_secs(15);
/// Without a byte.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// One download, all of it.
const DOWNLOAD_MAX: Duration = Duration::from_secs(60 * 60);
/// A larger file is no export of advisories.
const DOWNLOAD_BYTES_MAX: u64 = 2 << 30;
/// Redirects that are followed.
const REDIRECTS_MAX: usize = 5;

/// Where an export has all advisories of an ecosystem.
pub(super) fn all_of(base: &Url, ecosystem: Ecosystem) -> Url {
    let mut url = base.clone();
    let path = format!("{}/{}/all.zip", base.path().trim_end_matches('/'), ecosystem.osv());
    url.set_path(&path);
    url
}

/// Takes what is in the zip at `url`. It is kept in `directory` meanwhile, without a name: it is gone with this
/// process whatever becomes of that.
pub(super) fn bring(
    url: &Url,
    directory: &Path,
    intake: &mut Intake,
    progress: &Progress,
) -> Result<(), BringError> {
    let mut file = tempfile::tempfile_in(directory).map_err(BringError::Machine)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(BringError::Machine)?.block_on(download(url, &mut file, progress))?;
    file.rewind().map_err(BringError::Machine)?;
    archive::take(file, &public(url), intake, progress)
}

async fn download(url: &Url, file: &mut File, progress: &Progress) -> Result<(), BringError> {
    let address = public(url);
    let unreachable = |error: reqwest::Error| BringError::Unreachable {
        address: address.clone(),
        detail: if error.is_timeout() { "it takes too long".to_owned() } else { cause(&error) },
    };
    let client = client(url).map_err(|error| BringError::Machine(io::Error::other(error)))?;
    let mut response = client.get(url.clone()).send().await.map_err(unreachable)?;
    let status = response.status();
    if !status.is_success() {
        return Err(BringError::Answered { address, status: status.as_u16() });
    }
    let too_large =
        || BringError::TooLarge { address: address.clone(), bytes_max: DOWNLOAD_BYTES_MAX };
    let total = response.content_length();
    if total.is_some_and(|total| total > DOWNLOAD_BYTES_MAX) {
        return Err(too_large());
    }
    let mut received = 0_u64;
    while let Some(part) = response.chunk().await.map_err(unreachable)? {
        received += part.len() as u64;
        if received > DOWNLOAD_BYTES_MAX {
            return Err(too_large());
        }
        file.write_all(&part).map_err(BringError::Machine)?;
        progress.at(|| match total {
            Some(total) => format!("{address}: {} of {} MiB", received >> 20, total >> 20),
            None => format!("{address}: {} MiB", received >> 20),
        });
    }
    Ok(())
}

fn client(url: &Url) -> Result<Client, reqwest::Error> {
    // One provider for all of the process; that it was set before is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let is_here = is_loopback(url);
    let mut client = Client::builder()
        .connect_timeout(CONNECT_MAX)
        .read_timeout(SILENCE_MAX)
        .timeout(DOWNLOAD_MAX)
        .referer(false)
        // A zip is compressed; what is small on the wire must not be huge here.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .user_agent(concat!("loki/", env!("CARGO_PKG_VERSION")));
    client = if is_here {
        // Who is on this machine has no reason to send anybody elsewhere.
        client.no_proxy().redirect(Policy::none())
    } else {
        client.https_only(true).redirect(Policy::limited(REDIRECTS_MAX))
    };
    if url.scheme() == "http" {
        // Nobody shows a certificate there, and to read the system's takes a while.
        client = client.tls_certs_only([]);
    }
    client.build()
}

/// The innermost reason, which names no address.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost = error.source();
    while let Some(next) = innermost.and_then(|error| error.source()) {
        innermost = Some(next);
    }
    innermost.map_or_else(|| "the connection broke".to_owned(), ToString::to_string)
}
