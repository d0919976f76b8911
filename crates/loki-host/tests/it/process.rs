//! One program: what goes in, what comes out, how it ends.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use loki_host::process::{
    Cancel, CommandSpec, Ended, Limits, ProcessReport, SpawnError, Stdin, Stream, find_on_path, run,
};
use loki_model::Deadline;

fn sh(script: &str) -> CommandSpec {
    CommandSpec::new("sh", "/").args(["-c", script])
}

fn report(spec: &CommandSpec) -> ProcessReport {
    run(spec, &Cancel::new().unwrap(), &mut |_, _| {}).unwrap()
}

fn limits(spec: CommandSpec, limits: Limits) -> CommandSpec {
    CommandSpec { limits, ..spec }
}

#[test]
fn an_exit_code_comes_back() {
    for code in [0, 1, 42, 255] {
        assert_eq!(report(&sh(&format!("exit {code}"))).ended, Ended::Exited(code));
    }
}

#[test]
fn a_signal_comes_back() {
    for signal in [9, 6, 15, 2, 10] {
        assert_eq!(report(&sh(&format!("kill -{signal} $$"))).ended, Ended::Signalled(signal));
    }
}

#[test]
fn both_outputs_are_kept_apart() {
    let report = report(&sh("echo out; echo err >&2"));
    assert_eq!((report.stdout.text(), report.stderr.text()), ("out\n".into(), "err\n".into()));
}

#[test]
fn a_prompt_of_two_megabytes_arrives_whole() {
    let mut spec = sh("cat | wc -c");
    spec.stdin = Stdin::Bytes(vec![b'x'; 2 << 20]);
    assert_eq!(report(&spec).stdout.text().trim(), "2097152");
}

#[test]
fn without_a_prompt_there_is_nothing_to_read() {
    assert_eq!(report(&sh("wc -c")).stdout.text().trim(), "0");
}

#[test]
fn the_environment_is_inherited_with_changes() {
    let mut spec = sh("echo ${PATH:+path} $ADDED ${HOME-gone}").env("ADDED", "added");
    spec.env_remove.push("HOME".into());
    assert_eq!(report(&spec).stdout.text(), "path added gone\n");
}

#[test]
fn silence_ends_a_program_at_its_idle_deadline() {
    let spec = limits(
        sh("echo once; exec sleep 1000"),
        Limits { idle: Some(Duration::from_millis(100)), ..Limits::default() },
    );
    let report = report(&spec);
    assert_eq!(report.ended, Ended::TimedOut(Deadline::Idle));
    assert_eq!(report.stdout.text(), "once\n");
}

#[test]
fn noise_does_not_save_a_program_from_its_total_deadline() {
    let spec = limits(
        sh("yes"),
        Limits {
            total: Duration::from_millis(200),
            idle: Some(Duration::from_secs(60)),
            output_bytes_max: 1000,
            ..Limits::default()
        },
    );
    assert_eq!(report(&spec).ended, Ended::TimedOut(Deadline::Total));
}

#[test]
fn a_program_may_clean_up_when_asked_to_end() {
    let spec = limits(
        sh("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.01; done"),
        Limits { grace: Duration::from_secs(60), ..Limits::default() },
    );
    let cancel = Cancel::new().unwrap();
    let report = run(&spec, &cancel, &mut |_, _| cancel.pull()).unwrap();
    assert_eq!(report.ended, Ended::Cancelled);
    assert_eq!(report.stdout.text(), "up\nbye\n");
}

#[test]
fn nothing_is_started_once_cancelled() {
    let cancel = Cancel::new().unwrap();
    cancel.pull();
    let report = run(&sh("echo up"), &cancel, &mut |_, _| {}).unwrap();
    assert_eq!((report.ended, report.stdout.bytes_total), (Ended::Cancelled, 0));
}

#[test]
fn a_program_is_cancelled_by_any_ancestor_of_its_rope() {
    for puller in 0..3 {
        let root = Cancel::new().unwrap();
        let middle = root.child().unwrap();
        let ropes = [root, middle.clone(), middle.child().unwrap()];
        let spec = sh("echo up; exec sleep 20");
        let report = run(&spec, &ropes[2], &mut |_, _| ropes[puller].pull()).unwrap();
        assert_eq!(report.ended, Ended::Cancelled);
        assert_eq!(report.stdout.text(), "up\n");
    }
}

#[test]
fn a_program_cancelled_by_its_own_rope_leaves_the_parents_programs_running() {
    let parent = Cancel::new().unwrap();
    let child = parent.child().unwrap();
    let report = run(&sh("echo up; exec sleep 20"), &child, &mut |_, _| child.pull()).unwrap();
    assert_eq!(report.ended, Ended::Cancelled);
    assert_eq!(run(&sh("exit 3"), &parent, &mut |_, _| {}).unwrap().ended, Ended::Exited(3));
}

#[test]
fn nothing_is_started_below_a_pulled_parent() {
    let parent = Cancel::new().unwrap();
    parent.pull();
    let report = run(&sh("echo up"), &parent.child().unwrap(), &mut |_, _| {}).unwrap();
    assert_eq!((report.ended, report.stdout.bytes_total), (Ended::Cancelled, 0));
}

#[test]
fn two_hundred_megabytes_leave_head_and_tail() {
    let spec = limits(
        sh("echo first; head -c 200000000 /dev/zero; echo last"),
        Limits { output_bytes_max: 64, ..Limits::default() },
    );
    let mut seen = 0;
    let report = run(&spec, &Cancel::new().unwrap(), &mut |_, chunk| seen += chunk.len()).unwrap();
    assert_eq!((report.stdout.bytes_total, seen), (200_000_011, 200_000_011));
    assert!(report.stdout.is_truncated());
    assert_eq!(report.stdout.bytes().len(), 64);
    assert!(report.stdout.head.starts_with(b"first\n"));
    assert!(report.stdout.tail.ends_with(b"last\n"));
}

#[test]
fn output_is_seen_as_it_comes_from_both_streams() {
    let mut seen = Vec::new();
    let mut see = |stream, chunk: &[u8]| seen.push((stream, chunk.to_vec()));
    run(&sh(r"printf 'a\377'; printf b >&2"), &Cancel::new().unwrap(), &mut see).unwrap();
    seen.sort_by_key(|(stream, _)| *stream == Stream::Stderr);
    assert_eq!(seen, [(Stream::Stdout, b"a\xff".to_vec()), (Stream::Stderr, b"b".to_vec())]);
}

#[test]
fn a_program_that_closes_its_outputs_is_still_waited_for() {
    assert_eq!(report(&sh("exec >&- 2>&-; sleep 0.05; exit 7")).ended, Ended::Exited(7));
}

#[test]
fn a_missing_program_is_not_found() {
    for program in ["no-such-program-here", "/no/such/program", "./no-such-program"] {
        let error = run(&CommandSpec::new(program, "/"), &Cancel::new().unwrap(), &mut |_, _| {});
        assert!(matches!(error, Err(SpawnError::NotFound { .. })), "{program}: {error:?}");
    }
}

fn refusal(spec: &CommandSpec) -> String {
    match run(spec, &Cancel::new().unwrap(), &mut |_, _| {}) {
        Err(SpawnError::Refused { source, .. }) => source.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_missing_directory_is_told_from_a_missing_program() {
    let text = refusal(&CommandSpec::new("sh", "/no/such/directory"));
    assert_eq!(text, "there is no directory `/no/such/directory` to run it in");
}

#[test]
fn a_missing_interpreter_is_told_from_a_missing_program() {
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("script");
    std::fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let text = refusal(&CommandSpec::new(&script, "/"));
    assert!(text.ends_with("is there, but not the interpreter it names"), "{text}");
}

#[test]
fn a_file_that_is_no_program_is_refused() {
    refusal(&CommandSpec::new("/etc/passwd", "/"));
    refusal(&CommandSpec::new("sh", "/").args(["with\0zero"]));
}

#[test]
fn many_programs_run_at_once_from_several_threads() {
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for round in 0..10 {
                    let code = thread * 10 + round;
                    let report = report(&sh(&format!("echo {code}; exit {code}")));
                    assert_eq!(report.ended, Ended::Exited(code));
                    assert_eq!(report.stdout.text(), format!("{code}\n"));
                }
            });
        }
    });
}

#[test]
fn programs_are_found_where_they_are() {
    let sh = find_on_path("sh".as_ref()).unwrap();
    assert!(sh.is_absolute());
    assert_eq!(find_on_path(sh.as_os_str()), Some(sh));
    assert_eq!(find_on_path("no-such-program-here".as_ref()), None);
    assert_eq!(find_on_path("/etc/passwd".as_ref()), None);
}

#[cfg(target_os = "linux")]
#[test]
fn supervising_an_idle_program_takes_no_processor_time() {
    let spec = limits(
        sh("exec sleep 1000"),
        Limits { total: Duration::from_millis(500), ..Limits::default() },
    );
    // With a parent to look at too, which must not cost anything either.
    let cancel = Cancel::new().unwrap().child().unwrap();
    let before = switches();
    let started_at = Instant::now();
    run(&spec, &cancel, &mut |_, _| {}).unwrap();
    assert!(started_at.elapsed() >= Duration::from_millis(500));
    // One wait each for the start, the deadline and the end, with room for the unexpected.
    assert!(switches() - before < 20, "{}", switches() - before);
}

#[cfg(target_os = "linux")]
/// How often this thread has waited for something.
pub(crate) fn switches() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    line.unwrap().trim().parse().unwrap()
}
