//! `loki verify --watch`: the checkout, judged again each time it changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use loki_engine::Stop;
use loki_engine::world::now;
use loki_host::git::Repo;
use loki_host::process::Cancel;
use loki_host::watch::{Watch, WatchError};
use loki_model::{CommitId, GateReport, GateSummary, TreeId, Verdict};
use loki_verify::{Range, Wanted, document};

use super::wanted::find;
use super::{EXIT_NOT_JUDGED, Seen, end_in_time, exit_code, judge_range};
use crate::cli::VerifyArgs;
use crate::commands::Done;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::time::{clock, duration};
use crate::view::render::gate_line;
use crate::{output, signals};

/// Files that are saved together are looked at together: nothing changed for this long.
const QUIET: Duration = Duration::from_millis(100);

/// Files that never rest are looked at all the same.
const QUIET_WAIT_MAX: Duration = Duration::from_secs(2);

/// No wait is longer.
const FOR_EVER: Duration = Duration::MAX;

/// Judges, waits for a change that makes a difference, and judges again, until it is stopped.
pub(super) fn watch(args: &VerifyArgs, cx: &Context) -> Done {
    refuse(args)?;
    let stop = Stop::new().map_err(environment)?;
    signals::forward_to(stop.clone()).map_err(environment)?;
    let repo = cx.repo()?.with_cancel(stop.cancel());
    keep_apart(args, cx, &repo)?;
    let last = Arc::new(AtomicU8::new(EXIT_NOT_JUDGED));
    let code = Arc::clone(&last);
    end_in_time(&stop, move || code.load(Ordering::SeqCst));
    let watch = Watch::new(&repo, stop.cancel()).map_err(unwatched)?;
    let watching = Watching { args, cx, repo: &repo, stop: &stop, watch: &watch };
    let mut so_far = SoFar { judged: None, number: 0 };
    while stop.requested().is_none() && !output::reader_is_gone() {
        match watching.look(&mut so_far, &last) {
            // What a stop cuts short fails for that reason.
            Err(err) if stop.requested().is_none() => return Err(err),
            _ => {}
        }
    }
    Ok(last.load(Ordering::SeqCst))
}

/// What was told already.
struct SoFar {
    judged: Option<Question>,
    /// Verdicts.
    number: u32,
}

/// What an answer is for. An equal one would get the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    base: TreeId,
    tree: TreeId,
    base_commit: Option<CommitId>,
    tip: Option<CommitId>,
}

impl Question {
    fn of(range: &Range) -> Question {
        let Range { base, tree, base_commit, tip, .. } = range.clone();
        Question { base, tree, base_commit, tip }
    }
}

struct Watching<'a> {
    args: &'a VerifyArgs,
    cx: &'a Context,
    repo: &'a Repo,
    stop: &'a Stop,
    watch: &'a Watch,
}

impl Watching<'_> {
    /// Judges what is there, or waits for a change where that was judged already.
    fn look(&self, so_far: &mut SoFar, last: &AtomicU8) -> Result<(), CommandError> {
        // First, so that what changes from here on ends the wait.
        let changed = self.watch.next().map_err(unwatched)?;
        self.watch.follow().map_err(unwatched)?;
        match find(self.args, self.repo, &Wanted::Worktree) {
            Ok(range) if so_far.judged.as_ref() != Some(&Question::of(&range)) => {
                if let Some(verdict) = self.judge(&range, so_far.number + 1)? {
                    so_far.number += 1;
                    so_far.judged = Some(Question::of(&range));
                    last.store(exit_code(verdict), Ordering::SeqCst);
                }
                return Ok(());
            }
            Ok(_) => {}
            // In the middle of a rebase or a checkout; the next change may end it.
            Err(err) if so_far.number > 0 && self.stop.requested().is_none() => {
                err.print(self.cx.json);
            }
            Err(err) => return Err(err),
        }
        changed.sleep(FOR_EVER);
        self.settle()
    }

    /// Judges and tells; nothing when it was stopped or when what it judged changed meanwhile.
    fn judge(&self, range: &Range, number: u32) -> Result<Option<Verdict>, CommandError> {
        let speaks = !self.cx.json && !self.cx.quiet;
        if speaks {
            let (at, what) = (clock(now()), &range.described);
            output::data(&format!("{at} judging {what}"));
        }
        let cancel = self.stop.cancel().child().map_err(environment)?;
        let is_over = AtomicBool::new(false);
        let seen = thread::scope(|scope| {
            scope.spawn(|| self.cancel_when_changed(&Question::of(range), &cancel, &is_over));
            let mut on_gate = |report: &GateReport| {
                if speaks && !cancel.is_pulled() {
                    output::data(&gate_line(&GateSummary::from(report)).plain());
                }
            };
            let repo = self.repo.with_cancel(&cancel);
            let seen = judge_range(self.args, self.cx, &repo, range, &cancel, &mut on_gate);
            is_over.store(true, Ordering::SeqCst);
            self.watch.wake();
            seen
        });
        if cancel.is_pulled() {
            if speaks && self.stop.requested().is_none() {
                output::data("  changed meanwhile: judging it again");
            }
            return Ok(None);
        }
        seen.and_then(|seen| self.tell(&seen, number)).map(Some)
    }

    /// Looks at every change until the judgement is over, and ends it when it is about something else.
    fn cancel_when_changed(&self, judged: &Question, cancel: &Cancel, is_over: &AtomicBool) {
        loop {
            let Ok(changed) = self.watch.next() else { return };
            if is_over.load(Ordering::SeqCst) || cancel.is_pulled() {
                return;
            }
            // Asked after the rope is in place, so that no change is between the two.
            let found = find(self.args, self.repo, &Wanted::Worktree);
            if found.is_ok_and(|range| Question::of(&range) != *judged) {
                cancel.pull();
                return;
            }
            changed.sleep(FOR_EVER);
            if is_over.load(Ordering::SeqCst) || self.settle().is_err() {
                return;
            }
            let _ = self.watch.follow();
        }
    }

    /// Waits until files rest.
    fn settle(&self) -> Result<(), CommandError> {
        let started = Instant::now();
        while started.elapsed() < QUIET_WAIT_MAX && self.stop.requested().is_none() {
            if !self.watch.next().map_err(unwatched)?.sleep(QUIET) {
                break;
            }
        }
        Ok(())
    }

    fn tell(&self, seen: &Seen, number: u32) -> Result<Verdict, CommandError> {
        let judged = seen.judged();
        let verdict = judged.verdict();
        let report = super::publish(&judged, self.args, self.cx, self.repo)?;
        if self.cx.json {
            output::json(&document(&judged));
            return Ok(verdict);
        }
        for finding in judged.config_findings {
            super::show(finding);
        }
        let took = if seen.answer.is_remembered {
            "as before".to_owned()
        } else {
            format!("in {}", duration(judged.duration_ms))
        };
        let (at, label, report) = (clock(now()), verdict.label(), report.display());
        let by = super::by(&judged);
        output::data(&format!("{at} judgement {number}: {label}{by} {took}, see {report}"));
        Ok(verdict)
    }
}

/// What can not be watched, with the reason.
fn refuse(args: &VerifyArgs) -> Result<(), CommandError> {
    let (flag, reason) = if args.pr.is_some() {
        ("--pr", "a pull request does not change with it")
    } else if args.patch.is_some() {
        ("--patch", "a patch does not change with it")
    } else if args.head.is_some() {
        ("--head", "a commit never changes")
    } else if args.staged {
        ("--staged", "what is staged does not change with it")
    } else if args.spec.as_deref() == Some(std::path::Path::new("-")) {
        ("--spec -", "standard input can be read only once")
    } else if args.explain.is_some() {
        ("--explain", "an explanation is of one judgement; run it beside the watch")
    } else {
        return Ok(());
    };
    let message = format!("--watch judges the checkout each time it changes, and {reason}");
    Err(CommandError::user(message).hint(format!("leave out --watch, or {flag}")))
}

/// Documents that git does not ignore would be a change of their own each time.
fn keep_apart(args: &VerifyArgs, cx: &Context, repo: &Repo) -> Result<(), CommandError> {
    // A directory is ignored by what it holds.
    let out = args.out.as_ref().map(|out| ("--out", out, cx.directory.join(out).join("report.md")));
    let sarif = args.sarif.as_ref().map(|path| ("--sarif", path, cx.directory.join(path)));
    for (flag, given, path) in out.into_iter().chain(sarif) {
        let path = plain(&path);
        if !repo.is_ignored(&path).map_err(environment)? {
            let given = given.display();
            let message = format!(
                "`{given}` is in the checkout and git does not ignore it: with --watch, writing it \
                 would be a change to judge"
            );
            return Err(CommandError::user(message).hint(format!("{flag} /tmp/loki")));
        }
    }
    Ok(())
}

/// `path` with links and `..` resolved as far as it is there.
fn plain(path: &std::path::Path) -> std::path::PathBuf {
    for above in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (above.canonicalize(), path.strip_prefix(above)) {
            return real.join(rest);
        }
    }
    path.to_owned()
}

fn unwatched(err: WatchError) -> CommandError {
    let is_too_many = matches!(err, WatchError::TooMany);
    let err = environment(err);
    if is_too_many { err.hint("sudo sysctl fs.inotify.max_user_watches=524288") } else { err }
}
