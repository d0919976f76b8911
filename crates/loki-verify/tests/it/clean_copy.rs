//! The clean copy, and what surrounds the gates.

use loki_host::process::Cancel;
use loki_model::{Evidence, Judgement};
use loki_verify::{Claim, Config, JudgeError, Subject, judge};

use crate::fixture::{Fixture, shown};

#[test]
fn the_judged_tree_is_what_commands_see_and_paths_are_anonymous() {
    let settings = "[verify]\ntests = ['sh -c \"pwd; ls; exit 1\"']\n";
    let fixture =
        Fixture::new(&[(".loki/config.toml", settings), ("a", "1\n"), (".gitignore", "ignored\n")]);
    let report = fixture.judge("tests", &[("b", "1\n"), ("ignored", "x\n")]);
    assert_eq!(report.judgement(), Judgement::Fail);
    assert_eq!(report.findings()[0].detail, "$COPY\na\nb");
    let Evidence::Command { run, .. } = &report.evidence()[0] else { panic!("no command") };
    assert_eq!(run.argv[0], "sh");
    let kept = fixture.kept.0.lock().unwrap();
    assert!(kept.iter().any(|bytes| loki_model::Digest::of(bytes) == run.stdout.digest));
}

#[test]
fn every_gate_reports_once_and_cheapest_first() {
    let fixture = Fixture::new(&[("a", "1\n")]);
    let reports = fixture.judge_with(&Config::default(), &[("b", "1\n")]);
    let gates: Vec<&str> = reports.iter().map(|report| report.gate().0.as_str()).collect();
    assert_eq!(gates, loki_verify::gate_names());
    let judged = |gate: &str| {
        let report = reports.iter().find(|report| report.gate().0 == gate);
        report.map(|report| report.judgement().label())
    };
    let some = ["change", "secrets", "build", "tests", "base-tests"].map(judged);
    assert_eq!(some, ["pass", "pass", "n/a", "inconclusive", "n/a"].map(Some));
}

#[test]
fn what_is_cancelled_is_inconclusive_and_the_copy_is_gone() {
    let settings = "[verify]\ntests = ['sh -c \"echo started; exec tail -f /dev/null\"']\n";
    let fixture = Fixture::new(&[(".loki/config.toml", settings)]);
    let (tree, commit) = fixture.change(&[("b", "1\n")]);
    let (scratch, reuse) = (fixture.scratch(), fixture.reuse());
    let subject = Subject {
        repo: &fixture.repo,
        base: &fixture.base,
        tree: &tree,
        tree_commit: &commit,
        files: None,
        scratch: &scratch,
        history: None,
        reuse: Some(&reuse),
        jobs: loki_host::machine::cpus(),
        claim: Claim::Unknown,
        messages: &[],
        spec: None,
        memory: None,
    };
    let cancel = Cancel::new().unwrap();
    let (config, _) = fixture.config();
    // Gates that only read come first, while the command hangs.
    let pull = &cancel;
    let reports =
        judge(&subject, &config, &fixture.kept, &cancel, &mut |_| pull.pull()).unwrap().reports;
    let tests = reports.iter().find(|report| report.gate().0 == "tests").unwrap();
    let said = shown(tests);
    let is_told = said.contains("cancelled") || said.contains("was stopped");
    assert!(said.starts_with("inconclusive") && is_told, "{said}");
    assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0);
}

#[test]
fn a_scratch_directory_that_can_not_be_is_the_only_error() {
    let fixture = Fixture::new(&[("a", "1\n")]);
    let (tree, commit) = fixture.change(&[("b", "1\n")]);
    let file = fixture.dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let (scratch, reuse) = (file.join("below"), fixture.reuse());
    let subject = Subject {
        repo: &fixture.repo,
        base: &fixture.base,
        tree: &tree,
        tree_commit: &commit,
        files: None,
        scratch: &scratch,
        history: None,
        reuse: Some(&reuse),
        jobs: loki_host::machine::cpus(),
        claim: Claim::Unknown,
        messages: &[],
        spec: None,
        memory: None,
    };
    let cancel = Cancel::new().unwrap();
    let result = judge(&subject, &Config::default(), &fixture.kept, &cancel, &mut |_| {});
    assert!(matches!(result, Err(JudgeError::Scratch { .. })));
}

#[test]
fn the_users_checkout_and_branches_stay_as_they_were() {
    let fixture = Fixture::new(&[("a", "1\n")]);
    let head = fixture.repo.head().unwrap();
    let _ = fixture.judge_with(&Config::default(), &[("b", "1\n")]);
    assert_eq!(format!("{:?}", fixture.repo.head().unwrap()), format!("{head:?}"));
    assert!(fixture.repo.root().join("b").exists());
}

#[test]
fn settings_are_read_from_the_base_and_wrong_ones_are_told() {
    let fixture = Fixture::new(&[(
        ".loki/config.toml",
        "[verify]\nspeed = 9\n[verify.gates]\nsecrets = 'off'\n",
    )]);
    let (config, findings) = fixture.config();
    assert_eq!(config.policy.roles.len(), loki_verify::gate_names().len() - 1);
    assert_eq!(findings.len(), 1);
}

#[test]
fn what_a_killed_judgement_left_behind_is_removed_by_the_next() {
    let fixture = Fixture::new(&[("a", "1\n")]);
    let (_, commit) = fixture.change(&[("b", "1\n")]);
    let left = fixture.scratch().join("judge-killed/copy/repo");
    fixture.repo.export(&left, &commit).unwrap();
    let closed = std::os::unix::fs::PermissionsExt::from_mode(0o500);
    std::fs::set_permissions(&left, closed).unwrap();
    fixture.judge_with(&Config::default(), &[("c", "1\n")]);
    assert!(!left.exists());
}

#[test]
fn an_unchanged_tree_is_judged_by_the_change_gate_alone() {
    let settings = "[verify]\ntests = ['sh -c \"exit 1\"']\n";
    let fixture = Fixture::new(&[(".loki/config.toml", settings), ("a", "1\n")]);
    let (config, _) = fixture.config();
    let reports = fixture.judge_with(&config, &[(".loki/notes", "only here\n")]);
    let gates: Vec<&str> = reports.iter().map(|report| report.gate().0.as_str()).collect();
    assert_eq!(gates, ["change"]);
    assert_eq!(reports[0].judgement(), Judgement::Fail);
}

#[test]
fn dependency_folders_are_linked_only_from_a_checkout_that_is_vouched_for() {
    let settings = "[verify]\ntests = ['sh -c \"ls -d .venv node_modules; exit 1\"']\n";
    let fixture = Fixture::new(&[(".loki/config.toml", settings), ("package.json", "{}\n")]);
    let (tree, commit) = fixture.change(&[("b", "1\n")]);
    let (scratch, reuse) = (fixture.scratch(), fixture.reuse());
    std::fs::create_dir_all(reuse.join(".venv")).unwrap();
    std::fs::create_dir_all(reuse.join("node_modules")).unwrap();
    let (config, _) = fixture.config();
    let seen = |reuse| {
        let subject = Subject {
            repo: &fixture.repo,
            base: &fixture.base,
            tree: &tree,
            tree_commit: &commit,
            files: None,
            scratch: &scratch,
            history: None,
            reuse,
            jobs: loki_host::machine::cpus(),
            claim: Claim::Unknown,
            messages: &[],
            spec: None,
            memory: None,
        };
        let cancel = Cancel::new().unwrap();
        let reports =
            judge(&subject, &config, &fixture.kept, &cancel, &mut |_| {}).unwrap().reports;
        let tests = reports.iter().find(|report| report.gate().0 == "tests").unwrap();
        tests.findings()[0].detail.lines().filter(|line| !line.contains(':')).count()
    };
    assert_eq!(seen(Some(reuse.as_path())), 2);
    assert_eq!(seen(None), 0);
}

#[test]
fn filters_and_attributes_of_the_repository_do_not_touch_what_is_judged() {
    let settings = "[verify]\ntests = ['sh run.sh']\n";
    let fixture = Fixture::new(&[(".loki/config.toml", settings), ("run.sh", "exit 1 # red\n")]);
    let git = fixture.repo.common_dir();
    let mut config = std::fs::read_to_string(git.join("config")).unwrap();
    config += "[filter \"green\"]\n\tsmudge = sed s/exit/true/\n\tclean = sed s/true/exit/\n";
    std::fs::write(git.join("config"), config).unwrap();
    std::fs::create_dir_all(git.join("info")).unwrap();
    std::fs::write(git.join("info/attributes"), "run.sh filter=green\n").unwrap();
    let report = fixture.judge("tests", &[("b", "1\n")]);
    assert!(shown(&report).starts_with("fail: `sh run.sh` exited 1"), "{}", shown(&report));
}

#[test]
fn commands_in_the_copy_do_not_reach_the_branches_of_the_user() {
    let script = "git update-ref refs/heads/forged HEAD && git config user.name forged && exit 1\n";
    let settings = "[verify]\ntests = ['sh run.sh']\n";
    let fixture = Fixture::new(&[(".loki/config.toml", settings), ("run.sh", script)]);
    let report = fixture.judge("tests", &[("b", "1\n")]);
    assert!(shown(&report).starts_with("fail: `sh run.sh` exited 1"), "{}", shown(&report));
    assert_eq!(fixture.repo.read_ref("refs/heads/forged").unwrap(), None);
    let config = std::fs::read_to_string(fixture.repo.common_dir().join("config")).unwrap();
    assert!(!config.contains("forged"), "{config}");
}
