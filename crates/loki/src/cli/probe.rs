//! The grammar of `loki probe`.

use clap::Args;

/// Start a server and ask it, as a `[[gate]]` with `serve` does
///
/// Prints a line of JSON for each probe. Exits with 0 when every one is answered as it must, 1 otherwise.
/// What the server prints goes to standard error; it is ended with the last answer.
#[derive(Args, Clone, Debug)]
pub(crate) struct ProbeArgs {
    /// The program and its arguments as a JSON list; `$PORT` in them, and the variable PORT, is a free
    /// port
    #[arg(long, value_name = "LIST", value_parser = words)]
    pub(crate) serve: Words,

    /// Give up when nothing listens after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) wait: u64,

    /// Ask at this port, for a server that can not be told
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,

    /// What to ask, each as JSON: {"request": "GET /health", "status": 200, "contains": "ok"}
    #[arg(value_name = "PROBE", required = true, value_parser = probe)]
    pub(crate) probes: Vec<loki_verify::Probe>,
}

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words(pub(crate) Vec<String>);

fn words(text: &str) -> Result<Words, String> {
    let words: Vec<String> = serde_json::from_str(text).map_err(|err| err.to_string())?;
    match words.first() {
        Some(program) if !program.is_empty() => Ok(Words(words)),
        _ => Err("it names no program".to_owned()),
    }
}

fn probe(text: &str) -> Result<loki_verify::Probe, String> {
    let probe: loki_verify::Probe = serde_json::from_str(text).map_err(|err| err.to_string())?;
    match probe.parts() {
        Some(_) => Ok(probe),
        None => Err("`request` is not a method and a path, such as `GET /health`".to_owned()),
    }
}
