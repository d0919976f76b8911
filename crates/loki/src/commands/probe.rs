//! `loki probe`: starts a server and asks it.
//!
//! Owns the async runtime that the client needs, which does not leave this file
//! (`docs/decisions/0004-async-boundary.md`).

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use loki_host::process::{Cancel, CommandSpec, Ended, Limits, ProcessReport, run};
use loki_verify::{HttpAnswer, Probe, Probed};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use tokio::runtime::Runtime;

use super::Done;
use crate::cli::ProbeArgs;
use crate::context::Context;
use crate::error::{CommandError, chain, environment};
use crate::output;

/// Between two looks whether something listens: nobody tells when it does.
const LOOK_EVERY: Duration = Duration::from_millis(30);
/// One answer, all of it.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Bytes of an answer that are read.
const BODY_BYTES_MAX: usize = 1 << 20;
/// For a server to end when it is asked to.
const GRACE: Duration = Duration::from_millis(500);

pub(super) fn probe(args: &ProbeArgs, cx: &Context) -> Done {
    let port = match args.port {
        Some(port) => port,
        None => free_port().map_err(environment)?,
    };
    let cancel = Cancel::new().map_err(environment)?;
    let spec = server(args, port, cx)?;
    let (sender, ended) = channel();
    let probed = std::thread::scope(|scope| {
        let cancel = &cancel;
        let _end = PulledAtTheEnd(cancel);
        scope.spawn(move || {
            let ran = run(&spec, cancel, &mut |_, bytes| {
                let _ = std::io::stderr().write_all(bytes);
            });
            // Whoever waits for an end hears it; otherwise nobody does.
            let _ = sender.send(ran.map_err(|err| chain(&err)));
        });
        asked(args, port, &ended)
    })?;
    for line in &probed {
        output::data(&serde_json::to_string(line).map_err(environment)?);
    }
    Ok(u8::from(!probed.iter().all(|probed| probed.held)))
}

/// Whatever comes in between, the server ends: its thread is waited for.
struct PulledAtTheEnd<'a>(&'a Cancel);

impl Drop for PulledAtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.pull();
    }
}

type End = Result<ProcessReport, String>;

/// Everything is asked once something listens. Otherwise every answer is why not.
fn asked(args: &ProbeArgs, port: u16, ended: &Receiver<End>) -> Result<Vec<Probed>, CommandError> {
    if let Err(why) = listens(port, Duration::from_secs(args.wait), ended) {
        return Ok(args.probes.iter().map(|probe| probe.judge(Err(&why))).collect());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(environment)?;
    // The client wants one although nothing here is encrypted; that there is one already is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().redirect(Policy::none()).no_proxy().timeout(ANSWER_MAX).build();
    let client = client.map_err(environment)?;
    let judged = |probe: &Probe| {
        let answer = answer(&runtime, &client, probe, port);
        probe.judge(answer.as_ref().map_err(String::as_str))
    };
    Ok(args.probes.iter().map(judged).collect())
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn server(args: &ProbeArgs, port: u16, cx: &Context) -> Result<CommandSpec, CommandError> {
    let number = port.to_string();
    let words = args.serve.0.iter().map(|word| word.replace("$PORT", &number));
    let mut words = words.collect::<Vec<_>>().into_iter();
    let program = words.next().ok_or_else(|| CommandError::user("no program is named"))?;
    let mut spec = CommandSpec::new(program, &cx.directory).args(words).env("PORT", number);
    spec.limits = Limits { grace: GRACE, ..Limits::default() };
    Ok(spec)
}

/// Waits until something listens at `port`; an error is why nothing will.
fn listens(port: u16, patience: Duration, ended: &Receiver<End>) -> Result<(), String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let begun = Instant::now();
    while begun.elapsed() < patience {
        if TcpStream::connect_timeout(&address, LOOK_EVERY).is_ok() {
            return Ok(());
        }
        match ended.recv_timeout(LOOK_EVERY) {
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err("was not asked".to_owned()),
            Ok(Err(why)) => return Err(format!("was not asked: {why}")),
            Ok(Ok(report)) => {
                let how = match report.ended {
                    Ended::Exited(code) => format!("with code {code}"),
                    Ended::Signalled(signal) => format!("by signal {signal}"),
                    Ended::TimedOut(_) | Ended::Cancelled => "before its time".to_owned(),
                };
                return Err(format!("was not asked: the server ended {how} before it listened"));
            }
        }
    }
    let seconds = patience.as_secs();
    Err(format!("was not asked: nothing listened at port {port} after {seconds} s"))
}

fn answer(
    runtime: &Runtime,
    client: &Client,
    probe: &Probe,
    port: u16,
) -> Result<HttpAnswer, String> {
    let (method, path) = probe.parts().ok_or("is no request")?;
    let method = Method::from_bytes(method.as_bytes()).map_err(|err| err.to_string())?;
    let mut request = client.request(method, format!("http://127.0.0.1:{port}{path}"));
    if let Some(body) = &probe.body {
        let is_json = serde_json::from_str::<serde_json::Value>(body).is_ok();
        let kind = if is_json { "application/json" } else { "text/plain; charset=utf-8" };
        request = request.header("content-type", kind).body(body.clone());
    }
    let answered = runtime.block_on(async {
        let mut response = request.send().await?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await? {
            body.extend_from_slice(&part);
            if body.len() >= BODY_BYTES_MAX {
                body.truncate(BODY_BYTES_MAX);
                break;
            }
        }
        Ok::<_, reqwest::Error>(HttpAnswer {
            status,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    });
    answered.map_err(|err| format!("was not answered: {}", chain(&err)))
}
