//! Plans of specs as people write them.

use std::fs;

use loki_model::{
    Basis, Capabilities, Model, Offer, Origin, Price, Priority, Requirement, RequirementId, RunId,
    Usd,
};
use tempfile::TempDir;

use super::*;

fn spec(statements: &[&str]) -> Spec {
    let requirement = |(at, text): (usize, &&str)| Requirement {
        id: RequirementId(format!("R-{at}")),
        text: (*text).to_owned(),
        priority: Priority::Must,
        acceptance: Vec::new(),
        origin: Origin::line("prd.md", 1),
    };
    let requirements = statements.iter().enumerate().map(requirement).collect();
    Spec { requirements, ..Spec::of("prd.md", "Sample", "text") }
}

fn planned_in(root: &Path, statements: &[&str]) -> Planned {
    let settings = Settings::new("claude", 10);
    plan(&spec(statements), root, &settings, Paid::Yes, 0, &[])
}

fn planned(statements: &[&str]) -> Planned {
    planned_in(TempDir::new().unwrap().path(), statements)
}

fn roles_of(planned: &Planned) -> Vec<&str> {
    planned.team.iter().map(|member| member.role.as_str()).collect()
}

const SHOP: [&str; 10] = [
    "Products are stored in a PostgreSQL database with a table for prices",
    "A migration adds the table of orders to the database",
    "The page of a product has a button that puts it into the cart",
    "The cart page shows a form for the address",
    "Customers pay through Stripe; a payment that is declined leaves the order open",
    "An invoice with the tax is made for each payment",
    "Users log in with a session",
    "The endpoint for orders checks the session of the user",
    "The page of orders lists them newest first",
    "Refunds are paid through Stripe within 3 days",
];

#[test]
fn a_brief_is_simple_and_one_person_does_it() {
    let plan = planned(&["Add a --json flag to the list command"]);
    assert_eq!(plan.complexity, Complexity::Simple);
    assert_eq!(roles_of(&plan), ["implementer"]);
    assert_eq!(plan.tasks.len(), 1);
}

#[test]
fn what_is_installed_and_locked_says_nothing_and_what_is_declared_does() {
    let root = TempDir::new().unwrap();
    fs::create_dir_all(root.path().join("node_modules/stripe")).unwrap();
    fs::write(
        root.path().join("node_modules/stripe/package.json"),
        r#"{"dependencies":{"stripe":"1"}}"#,
    )
    .unwrap();
    fs::write(root.path().join("package-lock.json"), r#"{"packages":{"node_modules/stripe":{}}}"#)
        .unwrap();
    fs::write(root.path().join("package.json"), r#"{"dependencies":{"left-pad":"1"}}"#).unwrap();
    let plan = planned_in(root.path(), &["Fix the typo in the title", "a", "b", "c"]);
    assert_eq!(plan.complexity, Complexity::Simple);
    assert_eq!(plan.dependencies.manifests, ["package.json"]);
    assert!(plan.dependencies.services.is_empty());
    fs::write(root.path().join("package.json"), r#"{"dependencies":{"stripe":"1"}}"#).unwrap();
    let plan = planned_in(root.path(), &["Fix the typo in the title", "a", "b", "c"]);
    assert!(plan.why.iter().any(|why| why.contains("stripe")), "{:?}", plan.why);
}

#[test]
fn every_kind_of_manifest_tells_its_direct_dependencies() {
    for (name, text, expected) in [
        ("package.json", r#"{"dependencies":{"a":"1"},"devDependencies":{"b":"1"}}"#, &["a"][..]),
        ("Cargo.toml", "[dependencies]\na = \"1\"\n[dev-dependencies]\nb = \"1\"\n", &["a"]),
        (
            "pyproject.toml",
            "[project]\ndependencies = [\"a>=1\", \"b[x] ; python_version > '3'\"]\n",
            &["a", "b"],
        ),
        ("requirements.txt", "a==1\n# c\n-r other.txt\nhttps://x/y\nb\n", &["a", "b"]),
        (
            "go.mod",
            "module x\nrequire (\n\tgithub.com/a/b v1.0.0\n\tgithub.com/c/d v1.0.0 // indirect\n)\n",
            &["github.com/a/b"],
        ),
        ("Gemfile", "gem 'a', '~> 1'\n# gem 'b'\n", &["a"]),
        ("composer.json", r#"{"require":{"php":"8","a/b":"1"}}"#, &["a/b"]),
        (
            "pom.xml",
            "<project><artifactId>self</artifactId><dependency><groupId>g</groupId><artifactId>a</artifactId></dependency></project>",
            &["a"],
        ),
        ("build.gradle.kts", "implementation(\"g:a:1\")\ntestImplementation(\"g:b:1\")\n", &["a"]),
        ("x.csproj", "<PackageReference Include=\"A.B\" Version=\"1\" />", &["a.b"]),
        ("package.json", "{ broken", &[]),
    ] {
        let root = TempDir::new().unwrap();
        fs::write(root.path().join(name), text).unwrap();
        let found = direct_dependencies(root.path());
        assert_eq!(found.names.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn a_larger_spec_gets_a_team_with_reasons_and_tasks_in_order() {
    let plan = planned(&SHOP);
    assert!(plan.complexity >= Complexity::Standard, "{:?}", plan.why);
    let roles = roles_of(&plan);
    for role in ["eng-database", "eng-qa", "review-code", "review-security"] {
        assert!(roles.contains(&role), "{role}: {roles:?}");
    }
    assert!(plan.team.iter().all(|member| !member.why.is_empty()));
    for (at, task) in plan.tasks.iter().enumerate() {
        let before: Vec<&str> = plan.tasks[..at].iter().map(|task| task.id.as_str()).collect();
        assert!(task.after.iter().all(|id| before.contains(&id.as_str())), "{task:?}");
        assert!(!task.requirements.is_empty());
    }
    let built =
        plan.tasks.iter().filter(|task| !task.role.starts_with("review") && task.role != "eng-qa");
    let mut served: Vec<&str> =
        built.flat_map(|task| &task.requirements).map(|id| id.0.as_str()).collect();
    served.sort_unstable();
    assert_eq!(served, (0..SHOP.len()).map(|at| format!("R-{at}")).collect::<Vec<_>>());
}

#[test]
fn the_same_question_has_the_same_answer() {
    assert_eq!(planned(&SHOP), planned(&SHOP));
}

#[test]
fn a_word_within_another_word_speaks_of_nothing() {
    let plan =
        planned(&["The capital of each country is printed", "A pageant is listed", "Formica", "x"]);
    assert_eq!(roles_of(&plan), ["implementer"]);
}

fn past(iterations: u64, cost: u64) -> Past {
    let estimate = planned(&["x"]).estimate;
    Past {
        run: RunId::from_bits(1),
        agent: "claude".to_owned(),
        complexity: Complexity::Simple,
        estimate,
        outcome: loki_model::Outcome::Verified,
        iterations,
        seconds: 60 * iterations,
        tokens: Some(1_000 * iterations),
        cost: Some(cost),
    }
}

#[test]
fn history_goes_before_figures_of_our_own_once_there_is_enough_of_it() {
    let settings = Settings::new("claude", 10);
    let estimate = |past: &[Past]| {
        plan(&spec(&["x"]), Path::new("/nowhere"), &settings, Paid::Yes, 0, past).estimate
    };
    let two = [past(1, 10), past(2, 20)];
    assert_eq!(estimate(&two).basis, Basis::Default { runs: 2 });
    let other = Past { agent: "codex".to_owned(), ..past(9, 9) };
    let three = [past(1, 10), past(2, 20), past(3, 30), other];
    let known = estimate(&three);
    assert_eq!(known.basis, Basis::History { runs: 3 });
    assert_eq!((known.iterations.low, known.iterations.likely, known.iterations.high), (1, 2, 3));
    assert_eq!(known.cost.unwrap().likely, 20);
}

/// Two models, the first of which the development tier has.
fn priced_settings() -> Settings {
    let price = |n: u64| Price {
        input: Usd(n),
        output: Usd(5 * n),
        cache_read: Usd(n / 10),
        cache_write: Usd(n),
    };
    let model = |id: &str, n: u64| Model {
        id: id.to_owned(),
        aliases: Vec::new(),
        price: Some(price(n)),
        context_tokens: None,
        fallback: None,
    };
    let mut offer = Offer {
        capabilities: Capabilities { model: true, ..Capabilities::default() },
        models: vec![model("large", 5_000_000), model("small", 1_000_000)],
        ..Offer::unknown("claude")
    };
    offer.tiers.development.model = Some("large".to_owned());
    offer.tiers.fast.model = Some("small".to_owned());
    Settings { agents: vec![offer], ..Settings::new("claude", 10) }
}

#[test]
fn the_models_are_those_that_are_dispatched_and_cheaper_ones_are_named_with_what_to_type() {
    let settings = priced_settings();
    let plan = plan(&spec(&["x"]), Path::new("/nowhere"), &settings, Paid::Yes, 2, &[]);
    assert_eq!(plan.models, [settings.quote(settings.tier)]);
    assert!(plan.cheaper[0].contains("loki grill"), "{:?}", plan.cheaper);
    assert!(plan.cheaper[1].starts_with("--max-tier fast: small, likely $"), "{:?}", plan.cheaper);
    let cost = plan.estimate.cost.unwrap();
    assert!(cost.low > 0 && cost.low <= cost.likely && cost.likely <= cost.high);
}

#[test]
fn a_limit_of_the_run_limits_what_is_expected() {
    let settings = Settings { budget: Some(Usd(1_000)), iterations_max: 1, ..priced_settings() };
    let plan = plan(&spec(&SHOP), Path::new("/nowhere"), &settings, Paid::Yes, 0, &[]);
    assert_eq!(plan.estimate.iterations.high, 1);
    assert_eq!(plan.estimate.cost.unwrap().high, 1_000);
}

#[test]
fn what_is_free_costs_nothing_and_an_unknown_price_is_not_nothing() {
    let free = plan(&spec(&["x"]), Path::new("/"), &Settings::new("replay:x", 3), Paid::No, 0, &[]);
    assert_eq!(free.estimate.cost.unwrap().high, 0);
    assert_eq!(planned(&["x"]).estimate.cost, None);
}
