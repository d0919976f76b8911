//! `loki ship`

use std::path::Path;

use loki_engine::bring::{is_verified, newest_of};
use loki_engine::control::user_name;
use loki_engine::crew::{read_crew, read_crew_events};
use loki_engine::journal::read_events;
use loki_engine::outbox::text::{line_fit_to_leave, own_secrets};
use loki_engine::outbox::words::Told;
use loki_engine::outbox::{Addresses, RealOutside, WantedAfter, address_digest, deliver, intend};
use loki_engine::world::now;
use loki_forge::{Forges, RepositoryRef, Webhook};
use loki_host::git::{FetchError, RemoteBranch, Repo};
use loki_model::crew::CrewEvent;
use loki_model::outbox::Wanted;
use loki_model::{
    Action, CommitId, DeliveryState, Digest, Event, ForgeKind, Outcome, Place, Run, Target,
};
use loki_spec::{IssueRef, classify_issue};
use loki_store::Store;
use serde_json::json;

use super::Done;
use super::diff::discarded;
use super::issue::refused;
use super::outbox::{document, line, problem};
use super::rollback::{failed, ledger_of};
use crate::cli::ShipArgs;
use crate::context::Context;
use crate::error::{CommandError, chain, environment};
use crate::output;

/// Holds where programs are told what was shipped.
pub(super) const WEBHOOK: &str = "LOKI_WEBHOOK_URL";
/// Holds where people are.
pub(super) const NOTIFY: &str = "LOKI_NOTIFY_URL";
/// Longest title that a user may give a request.
const TITLE_CHARS_MAX: usize = 200;

/// One thing to deliver, once the numbers of those before it are known.
type Part = Box<dyn Fn(&[u32]) -> Wanted>;

/// What is to be shipped, and where.
struct Shipment<'a> {
    run: &'a Run,
    branch: String,
    tip: CommitId,
    verified: bool,
    there: RemoteBranch,
    base: String,
    place: Option<Place>,
    issue: Option<u64>,
}

pub(super) fn ship(args: &ShipArgs, cx: &Context) -> Done {
    let (_, run) = cx.open_run(args.run.as_deref())?;
    if let Some(refused) = discarded(&run) {
        return Err(refused);
    }
    let store = cx.store()?;
    // Nobody else ships or changes it meanwhile.
    let mut journal = ledger_of(&store, &run.id)?;
    let run = journal.run().clone();
    let repo = Repo::discover(Path::new(&run.repo)).map_err(environment)?;
    let forges = Forges::from_environment();
    let shipment = look(args, &run, &repo, &forges)?;
    let addresses = addresses(args)?;
    let parts = parts(args, &shipment, &store, &addresses)?;
    if args.dry_run {
        return dry_run(&shipment, &parts, cx);
    }
    let parts: Vec<WantedAfter<'_>> = parts.iter().map(|part| &**part as _).collect();
    let ids = intend(journal.as_mut(), &parts, &user_name(), now()).map_err(problem)?;
    let mut outside = RealOutside::new(&repo, &store, &forges, addresses);
    let resting = deliver(journal.as_mut(), &mut outside).map_err(problem)?;
    let run = journal.run();
    let shown: Vec<_> = run.outbox.iter().filter(|one| ids.contains(&one.id)).collect();
    let why = |id: u32| resting.iter().find(|one| one.id == id).map(|one| one.reason.as_str());
    let done = shown.iter().all(|one| one.receipt().is_some());
    if cx.json {
        let rows: Vec<_> = shown.iter().map(|one| document(run, one, why(one.id))).collect();
        output::json(&json!({
            "schema_version": 1,
            "run": run.id,
            "branch": shipment.branch,
            "commit": shipment.tip,
            "base": shipment.base,
            "verified": shipment.verified,
            "dry_run": false,
            "done": done,
            "deliveries": rows,
        }));
    } else {
        for one in &shown {
            output::data(&line(run, one, why(one.id)));
        }
        if shown.is_empty() {
            let remote = &shipment.there.remote;
            output::data(&format!("{remote} has everything of run {} already", run.id));
        }
        next(run, &shown);
    }
    Ok(u8::from(!done))
}

/// What to type about what is not done.
fn next(run: &Run, shown: &[&loki_model::Delivery]) {
    let unknown = |state: &DeliveryState| matches!(state, DeliveryState::Unknown { .. });
    let mut lines = Vec::new();
    for one in shown.iter().filter(|one| unknown(&one.state)) {
        let id = format!("{}-{}", run.id, one.id);
        lines.push(format!("  loki outbox retry {id}    (look there first: this sends it again)"));
        lines.push(format!("  loki outbox drop {id}"));
    }
    if shown.iter().any(|one| one.receipt().is_none() && !unknown(&one.state)) {
        lines.push(format!("  loki ship {}    (goes on where this ended)", run.id));
    }
    if !lines.is_empty() {
        output::data(&format!("next:\n{}", lines.join("\n")));
    }
}

/// What is here, what is there, and whether the one may go to the other.
fn look<'a>(
    args: &ShipArgs,
    run: &'a Run,
    repo: &Repo,
    forges: &Forges,
) -> Result<Shipment<'a>, CommandError> {
    let id = &run.id;
    let Some(branch) = run.workspace.as_ref().and_then(|workspace| workspace.branch.clone()) else {
        let message = format!("run {id} worked in your checkout: it has no branch of its own");
        return Err(CommandError::user(message).hint("git push"));
    };
    if run.ended.is_none() {
        let message = format!("run {id} was cut off before it could finish");
        return Err(CommandError::user(message).hint(format!("loki resume {id}")));
    }
    let tip = newest_of(run, repo).map_err(failed)?.ok_or_else(|| {
        CommandError::user(format!("the branch {branch} is gone"))
            .hint(format!("loki rollback list --run {id}"))
    })?;
    let verified = is_verified(run, repo, &tip).map_err(failed)?;
    if !verified && !args.unverified {
        return Err(unverified(run));
    }
    let there = repo.remote_branch(args.remote.as_deref(), &branch).map_err(|err| remote(&err))?;
    refuse_overwriting(run, repo, &there, &tip)?;
    let base = args.base.clone().or_else(|| there.default.clone()).unwrap_or_default();
    let place = if args.push_only { None } else { Some(place(repo, forges, &there)?) };
    if place.is_some() && (base.is_empty() || base == "HEAD") {
        let message = format!("{} has no default branch to merge into", there.remote);
        return Err(CommandError::user(message).hint("loki ship --base BRANCH"));
    }
    let issue = args.issue.or_else(|| own_issue(run, place.as_ref()));
    if args.close_issue && (issue.is_none() || place.is_none()) {
        return Err(CommandError::user("which issue is to be closed is not known")
            .hint("loki ship --issue NUMBER --close-issue"));
    }
    Ok(Shipment { run, branch, tip, verified, there, base, place, issue })
}

fn unverified(run: &Run) -> CommandError {
    let id = &run.id;
    let verified = run.ended.as_ref().is_some_and(|end| end.outcome == Outcome::Verified);
    let message = if verified {
        format!("the branch of run {id} was changed after it was verified")
    } else {
        let how = run.ended.as_ref().map_or("not at all", |ending| ending.outcome.label());
        format!("run {id} did not end verified, but {how}")
    };
    CommandError::user(message)
        .hint(format!("loki why {id}    then    loki ship {id} --unverified"))
}

/// What is there may be replaced only where it is what the run's branch grew from, or what this run pushed.
fn refuse_overwriting(
    run: &Run,
    repo: &Repo,
    there: &RemoteBranch,
    tip: &CommitId,
) -> Result<(), CommandError> {
    let Some(held) = &there.commit else { return Ok(()) };
    let is_known = repo.resolve(held.as_str()).is_ok_and(|found| found.is_some());
    let is_below =
        is_known && repo.merge_base(held, tip).is_ok_and(|base| base.as_ref() == Some(held));
    let pushed = |one: &loki_model::Delivery| match &one.action {
        Action::PushBranch { branch, commit, .. } => *branch == there.branch && commit == held,
        _ => false,
    };
    if is_below || run.outbox.iter().any(pushed) {
        return Ok(());
    }
    let (branch, name) = (&there.branch, &there.remote);
    let message = format!("{branch} on {name} has commits that are not from this run");
    Err(CommandError::user(message)
        .hint(format!("git fetch {name} {branch} && git log FETCH_HEAD")))
}

fn remote(err: &FetchError) -> CommandError {
    match err {
        FetchError::Unreachable { .. } | FetchError::Git(_) => {
            CommandError::environment(chain(err))
                .hint("git push --dry-run    (shows what git says)")
        }
        FetchError::NoRemote => CommandError::user(chain(err)).hint("git remote add origin URL"),
        _ => CommandError::user(chain(err)).hint("loki ship --remote NAME"),
    }
}

fn place(repo: &Repo, forges: &Forges, there: &RemoteBranch) -> Result<Place, CommandError> {
    let address = repo.remote_address(Some(&there.remote)).map_err(|err| remote(&err))?;
    let nowhere = || {
        CommandError::user(format!("{} leads to no forge that takes requests", there.remote))
            .hint("loki ship --push-only")
    };
    let found = forges.repository_at(&address).ok_or_else(nowhere)?;
    match found.map_err(|err| refused(&err))? {
        RepositoryRef::GitHub { host, repository } => {
            Ok(Place { forge: ForgeKind::Github, host, repository })
        }
        RepositoryRef::GitLab { host, project } => {
            Ok(Place { forge: ForgeKind::Gitlab, host, repository: project })
        }
        RepositoryRef::AzureDevOps { .. } => Err(nowhere()),
    }
}

/// The issue that the spec was read from, where it is one of the same repository.
fn own_issue(run: &Run, place: Option<&Place>) -> Option<u64> {
    let place = place?;
    let same = |host: &str, repository: &str| {
        host == place.host && repository.eq_ignore_ascii_case(&place.repository)
    };
    match classify_issue(&run.spec.source).ok()? {
        IssueRef::GitHub { host, repository, number } => {
            same(host.as_deref().unwrap_or(&place.host), &repository).then_some(number)
        }
        IssueRef::GitLab { host, project, number } => same(&host, &project).then_some(number),
        _ => None,
    }
}

/// Where programs and people are told; an address that is set and not asked for is left alone.
fn addresses(args: &ShipArgs) -> Result<Addresses, CommandError> {
    let wanted = |is_wanted: bool, variable: &str| match is_wanted {
        true => address(variable)?.map(Some).ok_or_else(|| {
            CommandError::user(format!("{variable} is not set"))
                .hint(format!("export {variable}=…"))
        }),
        false => address(variable),
    };
    Ok(Addresses { webhook: wanted(args.webhook, WEBHOOK)?, notify: wanted(args.notify, NOTIFY)? })
}

pub(super) fn address(variable: &str) -> Result<Option<Webhook>, CommandError> {
    let set = std::env::var(variable).ok().filter(|value| !value.trim().is_empty());
    set.map(|value| Webhook::set_by(variable, &value).map_err(|err| refused(&err))).transpose()
}

/// The newest report of the run.
fn report(run: &Run, store: &Store) -> Result<Option<String>, CommandError> {
    let written = if read_crew(store, &run.id).map_err(environment)?.is_some() {
        let events = read_crew_events(store, &run.id, 0).map_err(environment)?;
        events.into_iter().rev().find_map(|recorded| match recorded.event {
            CrewEvent::ResultWritten { report, .. } => report,
            _ => None,
        })
    } else {
        let events = read_events(store, &run.id, 0).map_err(environment)?;
        events.into_iter().rev().find_map(|recorded| match recorded.event {
            Event::ResultWritten { report, .. } => report,
            _ => None,
        })
    };
    let Some(digest) = written else { return Ok(None) };
    let bytes = store.get_blob(&digest).map_err(environment)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Everything that was asked for, in the order in which it is done.
fn parts(
    args: &ShipArgs,
    shipment: &Shipment<'_>,
    store: &Store,
    addresses: &Addresses,
) -> Result<Vec<Part>, CommandError> {
    let Shipment { run, verified, issue, .. } = shipment;
    let report = report(run, store)?;
    let secrets = own_secrets();
    let told = Told {
        run,
        verified: *verified,
        report: report.as_deref(),
        issue: *issue,
        secrets: &secrets,
    };
    let keep = |text: String| store.put_blob(text.as_bytes()).map_err(environment);
    let mut parts: Vec<Part> = Vec::new();
    let pushes = shipment.there.commit.as_ref() != Some(&shipment.tip);
    if pushes {
        let push = Action::PushBranch {
            remote: shipment.there.remote.clone(),
            branch: shipment.branch.clone(),
            commit: shipment.tip.clone(),
            expected: shipment.there.commit.clone(),
        };
        parts.push(Box::new(move |_| Wanted { action: push.clone(), needs: None, again: true }));
    }
    if let Some(place) = &shipment.place {
        let title =
            args.title.as_deref().map(|own| line_fit_to_leave(own, &secrets, TITLE_CHARS_MAX));
        let request = Action::OpenRequest {
            place: place.clone(),
            head: shipment.branch.clone(),
            base: shipment.base.clone(),
            title: title.filter(|own| !own.is_empty()).unwrap_or_else(|| told.title()),
            body: keep(told.request())?,
        };
        parts.push(after(request, pushes.then_some(0)));
        about_it(args, *issue, place, parts.len() - 1, &told, &keep, &mut parts)?;
    }
    // Programs and people are told once there is something to be seen.
    let told_after = match (&shipment.place, pushes) {
        (Some(_), _) => Some(usize::from(pushes)),
        (None, true) => Some(0),
        (None, false) => None,
    };
    if let Some(hook) = addresses.webhook.as_ref().filter(|_| args.webhook) {
        let body = keep(told.event(&shipment.branch, shipment.tip.as_str()).to_string())?;
        let (host, address) = (hook.host(), address_digest(hook));
        parts.push(after(Action::CallWebhook { host, address, body }, told_after));
    }
    if let Some(hook) = addresses.notify.as_ref().filter(|_| args.notify) {
        let body = keep(told.notice(&shipment.branch).to_string())?;
        let (host, address) = (hook.host(), address_digest(hook));
        parts.push(after(Action::Notify { host, address, body }, told_after));
    }
    Ok(parts)
}

/// What is said and marked about the request, which is the part at `opened`.
fn about_it(
    args: &ShipArgs,
    issue: Option<u64>,
    place: &Place,
    opened: usize,
    told: &Told<'_>,
    keep: &dyn Fn(String) -> Result<Digest, CommandError>,
    parts: &mut Vec<Part>,
) -> Result<(), CommandError> {
    for label in &args.label {
        let (place, label) = (place.clone(), label.clone());
        parts.push(Box::new(move |ids| {
            let (place, label) = (place.clone(), label.clone());
            let on = Target::Request { delivery: at(ids, opened) };
            Wanted {
                action: Action::Label { place, on, label },
                needs: Some(at(ids, opened)),
                again: false,
            }
        }));
    }
    if let Some(own) = &args.comment {
        let (place, body) = (place.clone(), keep(told.comment(own))?);
        parts.push(Box::new(move |ids| {
            let delivery = at(ids, opened);
            let on = issue.map_or(Target::Request { delivery }, |number| Target::Issue { number });
            let (place, body) = (place.clone(), body.clone());
            Wanted {
                action: Action::Comment { place, on, body },
                needs: Some(delivery),
                again: false,
            }
        }));
    }
    if let Some(number) = issue.filter(|_| args.close_issue) {
        let close = Action::CloseIssue { place: place.clone(), number };
        parts.push(after(close, Some(opened)));
    }
    Ok(())
}

/// A part that waits for the one at this place.
fn after(action: Action, place: Option<usize>) -> Part {
    Box::new(move |ids| Wanted {
        action: action.clone(),
        needs: place.map(|place| at(ids, place)),
        again: false,
    })
}

fn at(ids: &[u32], place: usize) -> u32 {
    ids.get(place).copied().unwrap_or_default()
}

fn dry_run(shipment: &Shipment<'_>, parts: &[Part], cx: &Context) -> Done {
    let run = shipment.run;
    let mut outbox = run.outbox.clone();
    let mut ids = Vec::new();
    for part in parts {
        let entry = loki_model::outbox::enter(&outbox, part(&ids), &user_name(), now())
            .map_err(|err| CommandError::user(err.to_string()))?;
        if let loki_model::outbox::Entry::New { event, .. } = &entry {
            loki_model::outbox::apply(&mut outbox, event);
        }
        ids.push(entry.id());
    }
    let shown: Vec<_> = outbox.iter().filter(|one| ids.contains(&one.id)).collect();
    if cx.json {
        let rows: Vec<_> = shown.iter().map(|one| document(run, one, None)).collect();
        output::json(&json!({
            "schema_version": 1,
            "run": run.id,
            "branch": shipment.branch,
            "commit": shipment.tip,
            "base": shipment.base,
            "verified": shipment.verified,
            "dry_run": true,
            "done": shown.iter().all(|one| one.receipt().is_some()),
            "deliveries": rows,
        }));
        return Ok(0);
    }
    for one in &shown {
        output::data(&line(run, one, None));
    }
    let flag = if shipment.verified { "" } else { " --unverified" };
    output::data(&format!("nothing was done; next:\n  loki ship {}{flag}", run.id));
    Ok(0)
}
