//! A program that is answered while it runs.

use std::time::{Duration, Instant};

use loki_host::process::{
    Cancel, CommandSpec, Ended, Happened, Limits, ProcessReport, Reply, Stream, WAITING_BYTES_MAX,
    converse,
};
use loki_model::Deadline;

/// Long enough that only a mistake waits for it.
const FOR_EVER: Duration = Duration::from_secs(60);

fn sh(script: &str) -> CommandSpec {
    CommandSpec::new("sh", "/").args(["-c", script])
}

fn talk_with(
    spec: &CommandSpec,
    cancel: &Cancel,
    talk: &mut dyn FnMut(Happened<'_>, &mut Reply),
) -> ProcessReport {
    converse(spec, cancel, FOR_EVER, talk).unwrap()
}

fn talk(script: &str, talk: &mut dyn FnMut(Happened<'_>, &mut Reply)) -> ProcessReport {
    talk_with(&sh(script), &Cancel::new().unwrap(), talk)
}

#[test]
fn question_and_answer_take_turns() {
    let mut turns = 0;
    let report =
        talk("echo ready; while read line; do echo got $line; done", &mut |what, reply| {
            if let Happened::Output(Stream::Stdout, _) = what {
                turns += 1;
                match turns {
                    1..=3 => assert!(reply.say(format!("{turns}\n").as_bytes())),
                    _ => reply.hang_up(),
                }
            }
        });
    assert_eq!(report.stdout.text(), "ready\ngot 1\ngot 2\ngot 3\n");
    assert_eq!(report.ended, Ended::Exited(0));
}

#[test]
fn what_is_said_before_a_hang_up_arrives_whole() {
    let report = talk("sleep 0.1; wc -c", &mut |what, reply| {
        if what == Happened::Started {
            assert!(reply.say(&vec![b'x'; 2 << 20]) && reply.say(b"y"));
            reply.hang_up();
            assert!(!reply.say(b"too late"));
        }
    });
    assert_eq!(report.stdout.text().trim(), "2097153");
}

#[test]
fn a_program_that_does_not_read_is_no_burden() {
    let mut refused_at = 0;
    let report = talk("echo up; sleep 0.1; echo down", &mut |what, reply| {
        if what == Happened::Started {
            while reply.say(&[0; 1 << 20]) {
                refused_at += 1 << 20;
            }
        }
    });
    assert_eq!(refused_at, WAITING_BYTES_MAX);
    assert_eq!(report.stdout.text(), "up\ndown\n");
}

#[test]
fn a_program_that_closes_its_input_is_not_written_to() {
    let mut taken = Vec::new();
    let report = talk("exec <&-; echo closed; sleep 0.05; echo end", &mut |what, reply| {
        if let Happened::Output(..) = what {
            taken.push(reply.say(b"hello\n"));
        }
    });
    assert_eq!(taken, [true, false]);
    assert_eq!(report.ended, Ended::Exited(0));
}

#[test]
fn a_cancelled_conversation_may_still_take_its_leave() {
    let cancel = Cancel::new().unwrap();
    let script = "echo up; read word; echo $word; read more; exit 7";
    let report = talk_with(&sh(script), &cancel, &mut |what, reply| match what {
        Happened::Output(_, b"up\n") => cancel.pull(),
        Happened::Stopping(why) => {
            assert_eq!(why, Ended::Cancelled);
            reply.say(b"stop\n");
        }
        Happened::Output(_, b"stop\n") => reply.hang_up(),
        _ => {}
    });
    assert_eq!(report.stdout.text(), "up\nstop\n");
    assert_eq!(report.ended, Ended::Cancelled);
}

#[test]
fn a_program_that_does_not_listen_is_ended_after_the_courtesy() {
    let mut spec = sh("trap '' TERM; echo up; while :; do sleep 0.01; done");
    spec.limits = Limits {
        total: Duration::from_millis(150),
        grace: Duration::from_millis(100),
        ..Limits::default()
    };
    let mut told = Vec::new();
    let cancel = Cancel::new().unwrap();
    let report = converse(&spec, &cancel, Duration::from_millis(100), &mut |what, _| {
        if let Happened::Stopping(why) = what {
            told.push(why);
        }
    });
    let timed_out = Ended::TimedOut(Deadline::Total);
    assert_eq!(told, [timed_out]);
    let report = report.unwrap();
    assert_eq!(report.ended, timed_out);
    assert!(report.duration >= Duration::from_millis(250), "{:?}", report.duration);
}

#[test]
fn a_conversation_ends_its_program_when_it_wants_to() {
    let report = talk("echo up; exec sleep 1000", &mut |what, reply| {
        if let Happened::Output(..) = what {
            reply.end();
        }
    });
    assert_eq!(report.ended, Ended::Cancelled);
    assert!(report.duration < FOR_EVER);
}

#[test]
fn a_conversation_is_woken_once_when_it_asked_to_be() {
    let (mut woken, mut asked_at) = (Vec::new(), Instant::now());
    let wait = Duration::from_millis(50);
    talk("read line", &mut |what, reply| match what {
        Happened::Started => {
            asked_at = Instant::now();
            reply.wake_at(asked_at.checked_add(FOR_EVER));
            reply.wake_at(asked_at.checked_add(wait));
        }
        Happened::Woken => {
            woken.push(asked_at.elapsed());
            reply.hang_up();
        }
        _ => {}
    });
    assert!(woken.len() == 1 && woken[0] >= wait, "{woken:?}");
}

#[test]
fn nothing_is_started_once_cancelled() {
    let cancel = Cancel::new().unwrap();
    cancel.pull();
    let report = talk_with(&sh("echo up"), &cancel, &mut |what, _| panic!("{what:?}"));
    assert_eq!(report.ended, Ended::Cancelled);
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_program_leaves_behind_ends_with_the_conversation() {
    let report = talk("sleep 1000 & echo $!; read line", &mut |what, reply| {
        if let Happened::Output(..) = what {
            reply.hang_up();
        }
    });
    let left: i32 = report.stdout.text().trim().parse().unwrap();
    let left = rustix::process::Pid::from_raw(left).unwrap();
    let gone = rustix::process::test_kill_process(left);
    assert_eq!(gone, Err(rustix::io::Errno::SRCH));
}

#[cfg(target_os = "linux")]
#[test]
fn waiting_takes_no_processor_time() {
    let before = super::process::switches();
    talk("read line", &mut |what, reply| match what {
        Happened::Started => {
            reply.say(b"half a line");
            reply.wake_at(Instant::now().checked_add(Duration::from_millis(500)));
        }
        Happened::Woken => reply.end(),
        _ => {}
    });
    let switches = super::process::switches() - before;
    assert!(switches < 40, "{switches} switches");
}
