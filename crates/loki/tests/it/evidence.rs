//! What a run shows of each requirement, and of a spec that its agent edits.
#![expect(clippy::unwrap_used, reason = "a test helper's failure is the test's failure")]

use loki_testkit::{Script, TestRepo};
use serde_json::Value;

use crate::support::*;

const API: &str = "\
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      responses: {'200': {description: The pets}}
    post:
      operationId: createPet
      responses: {'201': {description: It was made}}
";

const PETS: &str = "\
PETS = []


def handle(method, path, name=None):
    if path != '/pets':
        return 404, None
    if method == 'POST':
        PETS.append(name)
        return 201, name
    return 200, list(PETS)
";

/// Only the reading of pets is tested.
const READS: &str = "\
import unittest

import pets


class PetsTest(unittest.TestCase):
    def test_pets_are_listed(self):
        pets.PETS[:] = ['Rex']
        self.assertEqual(pets.handle('GET', '/pets'), (200, ['Rex']))

    def test_other_paths_are_unknown(self):
        self.assertEqual(pets.handle('GET', '/cats'), (404, None))
";

const WRITES: &str = "
    def test_a_pet_is_made(self):
        pets.PETS[:] = []
        self.assertEqual(pets.handle('POST', '/pets', 'Rex'), (201, 'Rex'))
        self.assertEqual(pets.PETS, ['Rex'])
";

fn evidence(repo: &TestRepo) -> Value {
    let text = repo.read(".loki/verify/evidence.json");
    let evidence: Value = serde_json::from_str(&text).unwrap();
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/formats/evidence.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    jsonschema::validate(&schema, &evidence).unwrap();
    evidence
}

/// `text: status [names of evidence]` for each requirement.
fn requirements(evidence: &Value) -> Vec<String> {
    let all = evidence["spec"]["requirements"].as_array().unwrap();
    let line = |one: &Value| {
        let pieces = one["evidence"].as_array().unwrap();
        let names: Vec<&str> = pieces.iter().map(|one| one["name"].as_str().unwrap()).collect();
        format!("{}: {} {names:?}", one["text"].as_str().unwrap(), one["status"].as_str().unwrap())
    };
    all.iter().map(line).collect()
}

fn build(tests: &str) -> (TestRepo, Value) {
    let repo = TestRepo::new().file("openapi.yaml", API).commit("start");
    let script = Script::new()
        .call(|c| c.write("pets.py", PETS).write("test_pets.py", tests).say("LOKI: DONE"));
    let script = save(&repo, &script);
    let args = ["start", "openapi.yaml", "--yes", "--max-iterations", "1", "--provider"];
    let _ = loki(&repo).args(args).args([script.provider()]).run();
    let evidence = evidence(&repo);
    (repo, evidence)
}

#[test]
fn every_operation_of_an_api_is_shown_by_the_tests_that_ask_for_it() {
    let (repo, evidence) = build(&format!("{READS}{WRITES}"));
    let expected = [
        "GET /pets (listPets): covered [\"test_pets.py > PetsTest::test_pets_are_listed\"]",
        "POST /pets (createPet): covered [\"test_pets.py > PetsTest::test_a_pet_is_made\"]",
    ];
    assert_eq!(requirements(&evidence), expected, "{evidence:#}");
    let report = repo.read(".loki/verify/report.md");
    assert!(report.contains("- test `test_pets.py > PetsTest::test_a_pet_is_made`: covered"));
    // What was judged is what the run's branch has: there nothing is stale.
    repo.git(["merge", "-q", &run_branch(&repo)]);
    let table = loki(&repo).args(["spec", "coverage", "openapi.yaml"]).run().expect_code(0);
    assert!(table.stdout.contains("2 requirements: 2 covered"), "{}", table.stdout);
    repo.write("pets.py", format!("{PETS}\n# changed\n"));
    let table = loki(&repo).args(["spec", "coverage", "openapi.yaml"]).run().expect_code(0);
    assert!(table.stdout.contains("2 stale"), "{}", table.stdout);
}

#[test]
fn a_test_of_one_method_is_no_evidence_for_another() {
    let (_, evidence) = build(READS);
    let expected = [
        "GET /pets (listPets): covered [\"test_pets.py > PetsTest::test_pets_are_listed\"]",
        "POST /pets (createPet): none []",
    ];
    assert_eq!(requirements(&evidence), expected, "{evidence:#}");
}

#[test]
fn an_agent_that_edits_the_spec_is_judged_by_the_original_and_told_on() {
    let repo = project();
    let weaker = PRD.replace("the sum of two numbers", "the sum of two numbers, or nothing");
    let script = Script::new().call(|c| {
        c.write("prd.md", &weaker)
            .write("sums.py", RIGHT)
            .write("test_sums.py", TEST)
            .say("LOKI: DONE")
    });
    let file = save(&repo, &script);
    // It does the same a second time, though it was told.
    let ran = start(&repo, &file).args(["--max-iterations", "2"]).run();
    assert_ne!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let evidence = evidence(&repo);
    assert_ne!(evidence["verdict"], "verified");
    let texts = evidence["spec"]["requirements"].as_array().unwrap();
    assert!(!texts[0]["text"].as_str().unwrap().contains("or nothing"), "{texts:?}");
    let report = repo.read(".loki/verify/report.md");
    for part in ["spec-drift/pinned-edited", "`prd.md:5`", "the original counts"] {
        assert!(report.contains(part), "{part}\n{report}");
    }
    let prompts = file.prompts();
    assert!(prompts.iter().all(|prompt| prompt.contains("must return the sum of two numbers")));
    assert!(!prompts.iter().any(|prompt| prompt.contains(weaker.trim())), "{prompts:?}");
    assert!(prompts[1].contains("edits the spec that it is judged by"), "{}", prompts[1]);
    // The user's own text is as it was.
    assert_eq!(repo.read("prd.md"), PRD);
}

/// A server of notes, which `answer` says something about its health.
fn server(answer: &str) -> String {
    format!(
        "import http.server, os\n\n\nclass Notes(http.server.BaseHTTPRequestHandler):\n    def do_GET(self):\n        \
         self.send_response(200)\n        self.end_headers()\n        self.wfile.write(b'{answer}')\n\n    \
         def do_POST(self):\n        self.send_response(201)\n        self.end_headers()\n\n\n\
         address = ('127.0.0.1', int(os.environ['PORT']))\nhttp.server.HTTPServer(address, Notes).serve_forever()\n"
    )
}

const PROBES: &str = r#"
[[gate]]
name = "api"
serve = "python3 app.py"
timeout = 60

[[gate.probe]]
request = "GET /health"
contains = "well"
requirement = "R-1"

[[gate.probe]]
request = "POST /notes"
status = 201
body = '{"text": "x"}'
requirement = "R-2"
"#;

#[test]
fn what_a_server_answers_is_evidence_of_the_requirement_that_a_probe_names() {
    let spec = "# Notes\n\n- R-1: `GET /health` must tell that it is well.\n- R-2: Notes must be created.\n";
    let repo = TestRepo::new()
        .file(".loki/config.toml", PROBES)
        .file("app.py", server("ill"))
        .file("prd.md", spec)
        .commit("start");
    let status = |expected: [&str; 2], code: i32| {
        let verify = ["verify", "--only", "api", "--spec", "prd.md", "--json"];
        let _ = loki(&repo).args(verify).run().expect_code(code);
        let judged = evidence(&repo);
        let requirements = judged["spec"]["requirements"].as_array().unwrap();
        let seen: Vec<&str> =
            requirements.iter().map(|one| one["status"].as_str().unwrap()).collect();
        assert_eq!(seen, expected, "{judged:#}");
        judged
    };
    repo.write("app.py", server("ill, still"));
    let judged = status(["failing", "covered"], 2);
    let finding = &judged["gates"][0]["findings"][0]["message"];
    assert_eq!(finding, "`GET /health (R-1)` answered without `well`: ill, still");
    repo.write("app.py", server("very well"));
    let judged = status(["covered", "covered"], 0);
    let evidence = &judged["spec"]["requirements"][0]["evidence"][0];
    assert_eq!(
        (&evidence["kind"], &evidence["name"]),
        (&"probe".into(), &"api: GET /health".into())
    );
    repo.write("app.py", "raise SystemExit(7)\n");
    let judged = status(["failing", "failing"], 2);
    let text = judged.to_string();
    assert!(text.contains("ended with code 7 before it listened"), "{text}");
}
