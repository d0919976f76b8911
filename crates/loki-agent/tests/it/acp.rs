//! The Agent Client Protocol against a scripted agent that speaks it through the official crate.

use std::time::Duration;

use loki_agent::{AcpAgent, Permission};
use loki_host::process::{Cancel, Limits};
use loki_model::{Activity, AgentOutcome, Claim, Cost, Deadline, Effort, TokenUsage, Usd};
use loki_testkit::{AcpScript, AcpStep, TestRepo, scripted_acp_agent};
use serde_json::{Value, json};

use crate::support::{call, call_until, spec};

struct Setting {
    repo: TestRepo,
    script: AcpScript,
    agent: AcpAgent,
}

fn playing(script: AcpScript) -> Setting {
    let repo = TestRepo::new().file("README.md", "# Test\n").commit("base");
    let path = repo.beside("acp.json");
    let script = script.save(&path);
    let args = [path.to_str().unwrap().to_owned()];
    let agent = AcpAgent::new("acp:scripted", scripted_acp_agent(), &args);
    Setting { repo, script, agent }
}

fn outcome_of(steps: impl IntoIterator<Item = AcpStep>) -> AgentOutcome {
    let Setting { repo, agent, .. } = playing(AcpScript::new(steps));
    call(&agent, &spec(repo.root(), "Go.")).0.report.outcome
}

fn cost(amount: f64) -> AcpStep {
    let cost = json!({ "amount": amount, "currency": "USD" });
    AcpStep::update(json!({ "sessionUpdate": "usage_update", "used": 1, "size": 9, "cost": cost }))
}

fn model_option(current: &str) -> Value {
    let options = ["small", "large"].map(|value| json!({ "value": value, "name": value }));
    json!({ "configOptions": [{
        "id": "model", "name": "Model", "category": "model", "type": "select",
        "currentValue": current, "options": options,
    }] })
}

#[test]
fn a_turn_is_told_as_it_goes_and_counted_at_its_end() {
    let tool = |more: Value| {
        let mut update = json!({ "sessionUpdate": "tool_call_update", "toolCallId": "t" });
        update.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        AcpStep::update(update)
    };
    let usage =
        json!({ "totalTokens": 0, "inputTokens": 5, "outputTokens": 4, "cachedReadTokens": 3 });
    let Setting { repo, script, agent } = playing(AcpScript::new([
        AcpStep::say("Wri"),
        AcpStep::say("ting."),
        tool(json!({ "title": "Preparing", "kind": "edit", "rawInput": {} })),
        tool(json!({ "rawInput": { "file_path": "a.txt" } })),
        AcpStep::Write { path: "a.txt".into(), content: "a\n".into() },
        tool(json!({ "status": "completed" })),
        tool(json!({ "toolCallId": "u", "name": "Bash", "status": "failed",
            "rawInput": { "command": "false" }, "rawOutput": "exit 1" })),
        AcpStep::say("Finished.\nLOKI: DONE"),
        cost(0.5),
        AcpStep::End { answer: json!({ "stopReason": "end_turn", "usage": usage }) },
    ]));
    let (result, activities) = call(&agent, &spec(repo.root(), "Write a.txt."));
    let report = &result.report;
    assert_eq!(report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
    assert_eq!(report.claim, Claim::Done);
    assert_eq!(report.final_text, "Finished.\nLOKI: DONE");
    assert_eq!(report.session.as_deref(), Some("s-1"));
    let tokens = TokenUsage { input: 5, output: 4, cache_read: 3, cache_write: 0 };
    assert_eq!(report.usage.tokens, Some(tokens));
    assert_eq!(report.usage.cost, Cost::Known { usd: Usd(500_000) });
    assert_eq!(repo.read("a.txt"), "a\n");
    let said = |text: &str| Activity::Said { text: text.into() };
    let used =
        |tool: &str, detail: &str| Activity::Used { tool: tool.into(), detail: detail.into() };
    let failed = Activity::ToolFailed { detail: "exit 1".into() };
    assert_eq!(
        activities,
        [
            said("Writing."),
            used("edit", "a.txt"),
            used("Bash", "false"),
            failed,
            said("Finished.\nLOKI: DONE"),
        ]
    );
    let prompt = &script.heard_of("session/prompt")[0]["prompt"];
    assert_eq!(prompt[0]["text"], "Write a.txt.");
    assert_eq!(script.heard_of("session/new")[0]["cwd"], repo.root().to_str().unwrap());
}

#[test]
fn neither_files_nor_terminals_are_offered() {
    let Setting { repo, script, agent } = playing(AcpScript::new([]));
    call(&agent, &spec(repo.root(), "Go."));
    let offered = script.heard_of("initialize")[0]["clientCapabilities"].to_string();
    assert!(!offered.contains("true"), "{offered}");
}

#[test]
fn permission_is_given_and_refused_by_the_kind_of_its_options() {
    let kinds = ["reject_once", "allow_always", "allow_once"];
    for (permission, chosen) in
        [(Permission::Allow, "allow_once"), (Permission::Deny, "reject_once")]
    {
        let Setting { repo, agent, .. } = playing(AcpScript::new([AcpStep::ask("rm -r", &kinds)]));
        let agent = agent.permission(permission);
        let (result, activities) = call(&agent, &spec(repo.root(), "Go."));
        assert!(result.report.final_text.contains(chosen), "{}", result.report.final_text);
        let denied = Activity::ToolFailed { detail: "permission denied: rm -r".into() };
        assert_eq!(activities.contains(&denied), permission == Permission::Deny);
        assert_eq!(result.report.outcome, AgentOutcome::Completed);
    }
}

#[test]
fn a_stopped_call_ends_its_turn_first_and_allows_nothing_more() {
    let Setting { repo, script, agent } = playing(AcpScript::new([
        AcpStep::say("Working."),
        AcpStep::update(json!({ "sessionUpdate": "tool_call", "toolCallId": "t", "title": "sleep",
            "kind": "execute", "status": "in_progress" })),
        AcpStep::AwaitCancel,
        AcpStep::ask("one more", &["allow_once"]),
        AcpStep::End { answer: json!({ "stopReason": "cancelled" }) },
    ]));
    let cancel = Cancel::new().unwrap();
    let (result, _) = call_until(&agent, &spec(repo.root(), "Go."), &cancel, &mut |seen| {
        if matches!(seen, Activity::Used { .. }) {
            cancel.pull();
        }
    });
    assert_eq!(result.report.outcome, AgentOutcome::Cancelled, "{}", result.stdout.text());
    assert_eq!(result.report.claim, Claim::None);
    assert_eq!(script.heard_of("session/cancel").len(), 1);
    let answers: Vec<_> =
        script.heard().into_iter().filter(|it| !it["result"]["outcome"].is_null()).collect();
    assert_eq!(answers[0]["result"]["outcome"]["outcome"], "cancelled", "{answers:?}");
}

#[test]
fn an_agent_that_calls_a_stopped_turn_well_ended_has_not_completed() {
    let Setting { repo, agent, .. } =
        playing(AcpScript::new([AcpStep::say("Working."), AcpStep::AwaitCancel]));
    let mut spec = spec(repo.root(), "Go.");
    spec.limits = Limits { idle: Some(Duration::from_millis(300)), ..spec.limits };
    let report = call(&agent, &spec).0.report;
    assert_eq!(report.outcome, AgentOutcome::TimedOut { deadline: Deadline::Idle });
    assert_eq!(report.claim, Claim::None);
}

#[test]
fn an_agent_that_ignores_the_end_of_its_turn_is_ended() {
    let Setting { repo, script, agent } =
        playing(AcpScript::new([AcpStep::say("Working."), AcpStep::Hang]));
    let mut spec = spec(repo.root(), "Go.");
    spec.limits = Limits { idle: Some(Duration::from_millis(300)), ..spec.limits };
    let (result, _) = call(&agent, &spec);
    assert_eq!(result.report.outcome, AgentOutcome::TimedOut { deadline: Deadline::Idle });
    assert_eq!(result.report.usage.cost, Cost::Unknown);
    assert_eq!(script.heard_of("session/cancel").len(), 1);
}

#[test]
fn a_session_is_gone_on_with_and_its_past_is_no_part_of_the_call() {
    let mut script = AcpScript::new([AcpStep::say("New."), cost(0.75)]);
    let AcpStep::Update { update } = cost(0.5) else { unreachable!() };
    let old = json!({ "sessionUpdate": "agent_message_chunk",
        "content": { "type": "text", "text": "Old." } });
    script.past = vec![old, update];
    let Setting { repo, script, agent } = playing(script);
    let mut spec = spec(repo.root(), "Go on.");
    spec.resume = Some("s-1");
    let (result, activities) = call(&agent, &spec);
    assert_eq!(result.report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
    assert_eq!(activities, [Activity::Said { text: "New.".into() }]);
    assert_eq!(result.report.usage.cost, Cost::Known { usd: Usd(250_000) });
    assert_eq!(script.heard_of("session/load")[0]["sessionId"], "s-1");
}

#[test]
fn a_total_of_which_no_beginning_is_known_is_no_cost() {
    let Setting { repo, agent, .. } = playing(AcpScript::new([cost(0.75)]));
    let mut spec = spec(repo.root(), "Go on.");
    spec.resume = Some("s-1");
    assert_eq!(call(&agent, &spec).0.report.usage.cost, Cost::Unknown);
}

#[test]
fn a_session_is_resumed_without_its_past_where_that_is_offered() {
    let mut script = AcpScript::new([]);
    script.hello = Some(json!({ "agentCapabilities": {
        "loadSession": true, "sessionCapabilities": { "resume": {} } } }));
    let Setting { repo, script, agent } = playing(script);
    let mut spec = spec(repo.root(), "Go on.");
    spec.resume = Some("s-1");
    assert_eq!(call(&agent, &spec).0.report.outcome, AgentOutcome::Completed);
    assert_eq!(script.heard_of("session/resume").len(), 1);
    assert!(script.heard_of("session/load").is_empty());
}

#[test]
fn an_agent_that_can_not_go_on_with_a_session_says_so_before_it_costs() {
    let mut script = AcpScript::new([]);
    script.hello = Some(json!({}));
    let Setting { repo, agent, .. } = playing(script);
    let mut spec = spec(repo.root(), "Go on.");
    spec.resume = Some("s-1");
    let report = call(&agent, &spec).0.report;
    assert!(matches!(report.outcome, AgentOutcome::Crashed { .. }), "{:?}", report.outcome);
    assert_eq!(report.usage.cost, Cost::Known { usd: Usd::ZERO });
}

#[test]
fn a_model_is_chosen_where_it_is_offered() {
    let mut script = AcpScript::new([]);
    script.opened = model_option("small");
    let Setting { repo, script, agent } = playing(script);
    let mut spec = spec(repo.root(), "Go.");
    spec.model = Some("large");
    let report = call(&agent, &spec).0.report;
    assert_eq!(report.outcome, AgentOutcome::Completed);
    assert_eq!(report.model.as_deref(), Some("large"));
    assert_eq!(script.heard_of("session/set_config_option")[0]["value"], "large");
}

#[test]
fn a_model_in_the_older_form_is_chosen_too() {
    let mut script = AcpScript::new([]);
    let models = [json!({ "modelId": "small" }), json!({ "modelId": "large" })];
    script.opened = json!({ "models": { "availableModels": models, "currentModelId": "small" } });
    let Setting { repo, script, agent } = playing(script);
    let mut spec = spec(repo.root(), "Go.");
    for model in ["large", "small"] {
        spec.model = Some(model);
        assert_eq!(call(&agent, &spec).0.report.outcome, AgentOutcome::Completed);
    }
    assert_eq!(script.heard_of("session/set_model").len(), 1);
    spec.model = Some("other");
    assert_eq!(call(&agent, &spec).0.report.outcome, AgentOutcome::ModelNotFound);
}

#[test]
fn an_agent_that_takes_another_model_without_a_word_is_not_prompted() {
    let mut script = AcpScript::new([]);
    script.opened = model_option("small");
    script.model_instead = Some("small".to_owned());
    let Setting { repo, script, agent } = playing(script);
    let mut spec = spec(repo.root(), "Go.");
    spec.model = Some("large");
    let report = call(&agent, &spec).0.report;
    assert_eq!(report.outcome, AgentOutcome::ModelNotFound);
    assert_eq!(report.usage.cost, Cost::Known { usd: Usd::ZERO });
    assert!(script.heard_of("session/prompt").is_empty());
}

#[test]
fn mode_and_effort_are_chosen() {
    let mut script = AcpScript::new([]);
    let efforts = ["low", "high"].map(|value| json!({ "value": value, "name": value }));
    script.opened = json!({
        "modes": { "currentModeId": "ask", "availableModes": [
            { "id": "ask", "name": "Ask" }, { "id": "code", "name": "Code" } ] },
        "configOptions": [{ "id": "effort", "name": "Effort", "category": "thought_level",
            "type": "select", "currentValue": "low", "options": efforts }],
    });
    let Setting { repo, script, agent } = playing(script);
    let mut spec = spec(repo.root(), "Go.");
    spec.effort = Some(Effort::High);
    let agent = agent.mode("code");
    assert_eq!(call(&agent, &spec).0.report.outcome, AgentOutcome::Completed);
    assert_eq!(script.heard_of("session/set_mode")[0]["modeId"], "code");
    assert_eq!(script.heard_of("session/set_config_option")[0]["value"], "high");
    let report = call(&agent.mode("none"), &spec).0.report;
    assert!(matches!(report.outcome, AgentOutcome::Crashed { .. }), "{:?}", report.outcome);
}

#[test]
fn an_agent_that_is_locked_is_unlocked_by_a_key_it_has_and_by_nothing_else() {
    let methods = json!({ "authMethods": [
        { "id": "oauth", "name": "Log in with a browser" },
        { "id": "the-api-key", "name": "Key" },
    ] });
    let locked = |key: Option<&str>| {
        let mut script = AcpScript::new([]);
        (script.locked, script.key, script.hello) =
            (true, key.map(str::to_owned), Some(methods.clone()));
        let Setting { repo, script, agent } = playing(script);
        let report = call(&agent, &spec(repo.root(), "Go.")).0.report;
        let tried = script.heard_of("authenticate");
        assert!(tried.iter().all(|tried| tried["methodId"] == "the-api-key"), "{tried:?}");
        report.outcome
    };
    assert_eq!(locked(Some("the-api-key")), AgentOutcome::Completed);
    assert_eq!(locked(None), AgentOutcome::Auth);
}

#[test]
fn errors_of_the_service_are_told_apart_by_code_and_data() {
    let limited = || AgentOutcome::RateLimited { until: None };
    let table = [
        (-32000, Value::Null, AgentOutcome::Auth),
        (429, Value::Null, limited()),
        (-32603, json!({ "errorKind": "rate_limit" }), limited()),
        (-32603, json!({ "errorKind": "overloaded" }), AgentOutcome::Overloaded),
        (-32603, json!({ "statusCode": 404 }), AgentOutcome::ModelNotFound),
    ];
    for (code, data, outcome) in table {
        assert_eq!(outcome_of([AcpStep::fail(code, data.clone())]), outcome, "{code} {data}");
    }
}

#[test]
fn a_refused_login_ends_the_call_at_its_first_retry() {
    let info = json!({ "responseStreamDisconnected": { "httpStatusCode": 401 } });
    let error = json!({ "codexErrorInfo": info, "willRetry": true });
    let note = json!({ "sessionUpdate": "session_info_update",
        "_meta": { "codex": { "error": error } } });
    let Setting { repo, agent, .. } =
        playing(AcpScript::new([AcpStep::update(note), AcpStep::Hang]));
    let (result, activities) = call(&agent, &spec(repo.root(), "Go."));
    assert_eq!(result.report.outcome, AgentOutcome::Auth, "{}", result.stdout.text());
    assert!(matches!(activities[..], [Activity::Retrying { .. }]), "{activities:?}");
}

#[test]
fn money_that_is_used_up_ends_the_turn() {
    let Setting { repo, script, agent } =
        playing(AcpScript::new([cost(0.2), cost(0.3), AcpStep::AwaitCancel]));
    let mut spec = spec(repo.root(), "Go.");
    spec.budget_left = Some(Usd(250_000));
    let report = call(&agent, &spec).0.report;
    assert_eq!(report.outcome, AgentOutcome::BudgetReached);
    assert_eq!(report.usage.cost, Cost::Known { usd: Usd(300_000) });
    assert_eq!(script.heard_of("session/cancel").len(), 1);
}

#[test]
fn an_agent_that_never_answers_is_given_up() {
    let mut script = AcpScript::new([]);
    script.hello = None;
    let Setting { repo, agent, .. } = playing(script);
    let agent = agent.handshake_max(Duration::from_millis(300));
    let report = call(&agent, &spec(repo.root(), "Go.")).0.report;
    assert_eq!(report.outcome, AgentOutcome::TimedOut { deadline: Deadline::Idle });
    assert_eq!(report.usage.cost, Cost::Known { usd: Usd::ZERO });
}

#[test]
fn a_stop_before_the_first_turn_is_obeyed_at_once() {
    let mut script = AcpScript::new([]);
    script.hello = None;
    let Setting { repo, agent, .. } = playing(script);
    let mut spec = spec(repo.root(), "Go.");
    spec.limits = Limits { total: Duration::from_millis(300), ..spec.limits };
    let report = call(&agent, &spec).0.report;
    assert_eq!(report.outcome, AgentOutcome::TimedOut { deadline: Deadline::Total });
}

#[test]
fn garbage_between_messages_is_counted_and_not_answered() {
    let Setting { repo, script, agent } = playing(AcpScript::new([
        AcpStep::raw("warning: \u{1b}[2J\n", 1),
        AcpStep::raw("[1, 2]\n{}\n", 1),
        AcpStep::say("LOKI: CONTINUE"),
    ]));
    let result = call(&agent, &spec(repo.root(), "Go.")).0;
    assert_eq!(result.report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
    assert_eq!(result.report.claim, Claim::Continue);
    assert_eq!(result.lines_unreadable, 3);
    assert!(script.heard().iter().all(|heard| heard["error"].is_null()), "{:?}", script.heard());
}

#[test]
fn a_line_of_any_length_costs_bounded_memory_and_nothing_else() {
    let Setting { repo, agent, .. } = playing(AcpScript::new([
        AcpStep::raw(&"x".repeat(1 << 20), 12),
        AcpStep::raw("\n", 1),
        AcpStep::say("Still here."),
    ]));
    let result = call(&agent, &spec(repo.root(), "Go.")).0;
    assert_eq!(result.report.final_text, "Still here.");
    assert_eq!((result.report.outcome, result.lines_unreadable), (AgentOutcome::Completed, 1));
}

#[test]
fn requests_that_are_not_offered_are_turned_down_and_do_no_harm() {
    let request = |method: &str, times| AcpStep::Request {
        method: method.to_owned(),
        params: json!({ "sessionId": "s-1", "path": "/etc/passwd" }),
        times,
    };
    let Setting { repo, script, agent } = playing(AcpScript::new([
        request("fs/read_text_file", 1),
        request("terminal/create", 1),
        request("no/such/thing", 2000),
        AcpStep::say("Well."),
    ]));
    let result = call(&agent, &spec(repo.root(), "Go.")).0;
    assert_eq!(result.report.outcome, AgentOutcome::Completed, "{}", result.stdout.text());
    let refused = script.heard().into_iter().filter(|it| it["error"]["code"] == -32601).count();
    assert!(refused > 0, "nothing was turned down");
}

#[test]
fn an_agent_that_asks_without_end_and_never_listens_is_given_up() {
    let question = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":\"{}\",\"method\":\"no/such/thing\"}}\n",
        "q".repeat(100_000)
    );
    // A shell speaks no protocol, but it can print, and it does not read.
    let script = "while :; do cat questions; done";
    let repo = TestRepo::new().file("questions", question.repeat(10)).commit("base");
    let agent = AcpAgent::new("acp:sh", "sh", &["-c".to_owned(), script.to_owned()]);
    let report = call(&agent, &spec(repo.root(), "Go.")).0.report;
    assert_eq!(report.outcome, AgentOutcome::Garbage);
}

#[test]
fn a_program_that_speaks_another_language_is_told_from_an_agent() {
    let repo = TestRepo::new().file("README.md", "# Test\n").commit("base");
    let run = |script: &str| {
        let agent = AcpAgent::new("acp:sh", "sh", &["-c".to_owned(), script.to_owned()]);
        call(&agent, &spec(repo.root(), "Go.")).0.report.outcome
    };
    assert_eq!(run("echo hello"), AgentOutcome::Garbage);
    assert_eq!(run("exec <&-; exit 0"), AgentOutcome::Garbage);
    let broken = run("echo it broke >&2; exit 3");
    let crashed = AgentOutcome::Crashed { exit_code: Some(3), detail: "it broke".to_owned() };
    assert_eq!(broken, crashed);
    // Answers everything with what it was asked.
    let echo = run("cat");
    assert!(matches!(echo, AgentOutcome::Crashed { .. }), "{echo:?}");
    let missing = AcpAgent::new("acp:none", "no-such-program-anywhere", &[]);
    let missing = call(&missing, &spec(repo.root(), "Go.")).0.report.outcome;
    assert!(matches!(missing, AgentOutcome::NotStarted { .. }), "{missing:?}");
}

#[test]
fn an_agent_that_dies_in_its_turn_has_crashed() {
    let died = outcome_of([AcpStep::say("Working."), AcpStep::Exit { code: 7 }]);
    assert!(matches!(died, AgentOutcome::Crashed { exit_code: Some(7), .. }), "{died:?}");
    assert_eq!(outcome_of([AcpStep::Exit { code: 0 }]), AgentOutcome::Garbage);
}

#[test]
fn a_prompt_of_two_megabytes_arrives_whole() {
    let Setting { repo, script, agent } = playing(AcpScript::new([AcpStep::say("Read.")]));
    let prompt = "é\n".repeat(700_000);
    let report = call(&agent, &spec(repo.root(), &prompt)).0.report;
    assert_eq!(report.outcome, AgentOutcome::Completed);
    let heard = script.heard_of("session/prompt");
    assert_eq!(heard[0]["prompt"][0]["text"].as_str().unwrap().len(), prompt.len());
}
