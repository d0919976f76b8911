//! One file a command.

mod advisories;
mod agent;
mod apply;
mod checkpoint;
mod consent;
mod control;
mod crew;
mod demo;
mod diff;
mod discard;
mod doctor;
mod failover;
mod gate_environment;
mod gates;
mod grill;
mod import;
mod init;
mod intake;
mod issue;
mod landing;
mod launch;
mod ledger;
mod logs;
mod model;
mod outbox;
mod plan;
mod probe;
mod provider;
mod quickstart;
mod readiness;
mod record;
mod repair;
mod resume;
mod rollback;
mod runs;
mod sandbox;
mod selftest;
mod ship;
mod show;
mod spec;
mod spend;
mod start;
mod status;
mod stop;
mod tasks;
mod verify;
mod why;

pub(crate) use verify::EXIT_NOT_JUDGED;

use crate::cli::{Cli, Command};
use crate::context::Context;
use crate::error::CommandError;
use crate::output;

/// The process's exit code, when the command could do its work.
pub(crate) type Done = Result<u8, CommandError>;

pub(crate) fn run(cli: Cli) -> Done {
    let Some(command) = cli.command else {
        landing::print();
        return Ok(0);
    };
    if let Command::Version = command {
        return version(cli.global.json);
    }
    let cx = Context::new(&cli.global)?;
    match command {
        Command::Start(args) => start::start(&args, &cx),
        Command::Grill(args) => grill::command(&args, &cx),
        Command::Plan(args) => plan::command(&args, &cx),
        Command::Init(args) => init::command(&args, &cx),
        Command::Quickstart(args) => quickstart::command(&args, &cx),
        Command::Resume(args) => resume::resume(&args, &cx),
        Command::Verify(args) => verify::verify(&args, &cx),
        Command::Gates(args) => gates::gates(&args, &cx),
        Command::Advisories(args) => advisories::advisories(&args, &cx),
        Command::Demo(args) => demo::demo(&args, &cx),
        Command::Status(args) => status::status(&args, &cx),
        Command::Runs(args) => runs::runs(&args, &cx),
        Command::Show(args) => show::show(&args, &cx),
        Command::Spec(args) => spec::spec(&args, &cx),
        Command::Why(args) => why::why(&args, &cx),
        Command::Logs(args) => logs::logs(&args, &cx),
        Command::Pause(args) => control::pause(&args, &cx),
        Command::Steer(args) => control::steer(&args, &cx),
        Command::Spend(args) => spend::spend(&args, &cx),
        Command::Budget(args) => control::budget(&args, &cx),
        Command::Retry(args) => control::retry(&args, &cx),
        Command::Stop(args) => stop::stop(&args, &cx),
        Command::Diff(args) => diff::diff(&args, &cx),
        Command::Apply(args) => apply::apply(&args, &cx),
        Command::Ship(args) => ship::ship(&args, &cx),
        Command::Outbox(args) => outbox::outbox(&args, &cx),
        Command::Discard(args) => discard::discard(&args, &cx),
        Command::Rollback(args) => rollback::rollback(&args, &cx),
        Command::Checkpoint(args) => checkpoint::checkpoint(&args, &cx),
        Command::Agent(args) => agent::agent(&args, &cx),
        Command::Model(args) => model::model(&args, &cx),
        Command::Provider(args) => provider::provider(&args, &cx),
        Command::Failover(args) => failover::failover(&args, &cx),
        Command::Record(args) => record::record(&args, &cx),
        Command::Import(args) => import::import(&args, &cx),
        Command::Probe(args) => probe::probe(&args, &cx),
        Command::Selftest(args) => selftest::selftest(&args, &cx),
        Command::Doctor(args) if args.repair => repair::repair(&cx),
        Command::Doctor(_) => doctor::doctor(&cx),
        Command::Version => version(cx.json),
    }
}

fn version(json: bool) -> Done {
    let version = env!("CARGO_PKG_VERSION");
    if json {
        output::json(&serde_json::json!({ "schema_version": 1, "version": version }));
    } else {
        output::data(&format!("loki {version}"));
    }
    Ok(0)
}
