//! The real Codex CLI against the scripted model server.

use std::io;

use loki_testkit::{Loki, ModelScript, ModelServer, ModelStep, TestRepo, require_tool};

use crate::support::*;

/// `loki start prd.md` with the real client, which talks to `server`.
fn start_codex(repo: &TestRepo, server: &ModelServer) -> io::Result<Option<Loki>> {
    let Some(codex) = require_tool("codex") else { return Ok(None) };
    let home = repo.home().join("codex");
    std::fs::create_dir_all(&home)?;
    let settings = format!(
        "model_provider = 'scripted'\n[model_providers.scripted]\nname = 'scripted'\n\
         base_url = '{}/v1'\nenv_key = 'SCRIPTED_KEY'\nwire_api = 'responses'\n",
        server.base_url()
    );
    std::fs::write(home.join("config.toml"), settings)?;
    Ok(Some(
        loki(repo)
            .args(["start", "prd.md", "--yes", "--max-iterations", "2"])
            .args(["--provider", "codex", "--model", "gpt-5.5"])
            .env("LOKI_CODEX_BIN", codex)
            .env("CODEX_HOME", home)
            .env("SCRIPTED_KEY", "sk-dummy")
            .env("LOKI_SANDBOX_ENV", "SCRIPTED_KEY"),
    ))
}

#[test]
fn a_spec_is_verified_with_the_real_client() {
    let repo = project();
    // The client does not make a file that is there already; a command may.
    let function = format!("cat > sums.py <<'END'\n{RIGHT}END");
    let server = ModelServer::start(ModelScript::new([
        ModelStep::said("First the function.").shell(&function).usage(1200, 40, 0),
        ModelStep::said("Then its test.").write("test_sums.py", TEST).usage(1300, 60, 1200),
        ModelStep::said("Both are there.\n\nLOKI: DONE").usage(1400, 20, 1300),
    ]));
    let Some(loki_start) = start_codex(&repo, &server).unwrap() else { return };
    let ran = loki_start.run().expect_code(0);
    assert!(ran.stderr.contains("VERIFIED"), "{}", ran.stderr);
    assert!(ran.stderr.contains("edit"), "the client's tools are shown:\n{}", ran.stderr);
    let status = loki(&repo).args(["status", "--json"]).run().expect_code(0).json();
    assert_eq!(status["spend"]["tokens"]["output"], 120);
    let asked = server.main_requests();
    assert!(asked[0].body.to_string().contains("must return the sum of two numbers"));
}

#[test]
fn a_key_that_only_the_clients_settings_name_is_not_handed_on_and_how_it_would_be_is_told() {
    let repo = project();
    let server = ModelServer::start(ModelScript::always(ModelStep::failed(401)));
    let Some(loki_start) = start_codex(&repo, &server).unwrap() else { return };
    let ran = loki_start.env("LOKI_SANDBOX_ENV", "").run().expect_code(11);
    assert!(ran.stderr.contains("LOKI_SANDBOX_ENV=SCRIPTED_KEY"), "{}", ran.stderr);
    assert!(server.main_requests().is_empty());
}

#[test]
fn a_refused_key_ends_at_once_with_the_fix() {
    let repo = project();
    let server = ModelServer::start(ModelScript::always(ModelStep::failed(401)));
    let Some(loki_start) = start_codex(&repo, &server).unwrap() else { return };
    let ran = loki_start.run().expect_code(14);
    assert!(ran.stdout.contains("not logged in"), "{}", ran.stdout);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("sk-dummy"));
    // It asks once for each of its own attempts at a request, and is not let try the turn again.
    assert!(server.main_requests().len() <= 2, "{}", server.main_requests().len());
}
