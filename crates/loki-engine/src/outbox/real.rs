//! The real other side: remotes, forges, and addresses that are told things.

use std::time::Duration;

use jiff::Timestamp as Moment;
use loki_forge::{About, ForgeError, Forges, NewRequest, NotDone, Posted, RepositoryRef, Webhook};
use loki_host::git::{Pushed, Repo};
use loki_model::outbox::{Act, Look, SETTLE_MS};
use loki_model::{Action, Delivery, Digest, ForgeKind, Place, Receipt, Run, Target, Timestamp};
use loki_store::Store;

use super::Outside;
use super::words::REQUEST;
use crate::world::now;

/// Clocks of forges and of this machine may differ by so much.
const CLOCKS_DIFFER_SECONDS: i64 = 24 * 3600;

/// Where programs and people are told things. Never recorded: it may hold a secret.
#[derive(Clone, Default)]
pub struct Addresses {
    /// For programs.
    pub webhook: Option<Webhook>,
    /// For people.
    pub notify: Option<Webhook>,
}

/// What a recorded delivery calls an address by.
pub fn address_digest(hook: &Webhook) -> Digest {
    Digest::of(hook.address().as_bytes())
}

/// Remotes of a repository, forges, and addresses.
pub struct RealOutside<'a> {
    repo: &'a Repo,
    store: &'a Store,
    forges: &'a Forges,
    addresses: Addresses,
}

impl<'a> RealOutside<'a> {
    /// For the deliveries of runs of `repo`, whose texts are in `store`.
    pub fn new(
        repo: &'a Repo,
        store: &'a Store,
        forges: &'a Forges,
        addresses: Addresses,
    ) -> RealOutside<'a> {
        RealOutside { repo, store, forges, addresses }
    }

    fn text(&self, digest: &Digest) -> Result<String, String> {
        match self.store.get_blob(digest) {
            Ok(Some(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Ok(None) => Err("its text is not kept any more".to_owned()),
            Err(err) => Err(format!("its text could not be read: {err}")),
        }
    }

    /// A text with what marks it, and the request that it speaks of.
    fn marked(&self, run: &Run, delivery: &Delivery, body: &Digest) -> Result<String, String> {
        let needed = delivery.needs.and_then(|id| run.outbox.iter().find(|other| other.id == id));
        let opened = needed.and_then(|needed| match &needed.action {
            Action::OpenRequest { place, .. } => Some((place.forge, needed.receipt()?.number?)),
            _ => None,
        });
        let request = match opened {
            Some((ForgeKind::Github, number)) => format!("#{number}"),
            Some((ForgeKind::Gitlab, number)) => format!("!{number}"),
            None => "on its branch".to_owned(),
        };
        let text = self.text(body)?.replace(REQUEST, &request);
        Ok(format!("{text}\n\n{}", delivery.marker(&run.id)))
    }

    fn look(&self, run: &Run, delivery: &Delivery) -> Result<Look, ForgeError> {
        let marker = delivery.marker(&run.id);
        let there =
            |posted: Option<Posted>| posted.map_or(Look::NotThere, |at| Look::There(receipt(at)));
        Ok(match &delivery.action {
            Action::PushBranch { remote, branch, commit, expected } => {
                match self.repo.remote_branch(Some(remote), branch) {
                    Err(err) => Look::NotSeen { reason: err.to_string() },
                    Ok(seen) if seen.commit.as_ref() == Some(commit) => {
                        Look::There(Receipt::default())
                    }
                    Ok(seen) if seen.commit == *expected => Look::NotThere,
                    Ok(_) => Look::InTheWay {
                        reason: format!("{branch} was changed on {remote} in the meantime"),
                    },
                }
            }
            Action::OpenRequest { place, head, .. } => {
                let requests = self.forges.requests_of(&repository(place), head)?;
                let made = requests.into_iter().find(|request| request.body.contains(&marker));
                there(made.map(|request| request.posted))
            }
            Action::Comment { place, on, .. } => match about(run, *on) {
                Err(look) => look,
                Ok(about) => {
                    let since = delivery.intended_at.0 / 1000 - CLOCKS_DIFFER_SECONDS;
                    let since = Moment::from_second(since).unwrap_or(Moment::UNIX_EPOCH);
                    there(self.forges.find_comment(&repository(place), about, &marker, since)?)
                }
            },
            Action::Label { place, on, label } => match about(run, *on) {
                Err(look) => look,
                Ok(about) => there(self.forges.has_label(&repository(place), about, label)?),
            },
            Action::CloseIssue { place, number } => {
                there(self.forges.closed(&repository(place), *number)?)
            }
            Action::CallWebhook { .. } | Action::Notify { .. } => {
                Look::NotSeen { reason: "that can not be looked up".to_owned() }
            }
        })
    }

    fn attempt(&self, run: &Run, delivery: &Delivery) -> Result<Posted, Act> {
        let told = |done: Result<Posted, NotDone>| done.map_err(|err| not_done(&err));
        let text = |text: Result<String, String>| text.map_err(|reason| Act::NotSent { reason });
        match &delivery.action {
            Action::PushBranch { remote, branch, commit, expected } => {
                match self.repo.push(remote, branch, commit, expected.as_ref()) {
                    Ok(Pushed::Done) => Ok(Posted { url: String::new(), number: None }),
                    Ok(Pushed::Refused { reason }) => Err(Act::Refused { reason }),
                    Err(err) => Err(Act::Unclear { reason: err.to_string() }),
                }
            }
            Action::OpenRequest { place, head, base, title, body } => {
                let body = text(self.marked(run, delivery, body))?;
                let request = NewRequest { head, base, title, body: &body };
                let place = repository(place);
                let there = self.forges.requests_of(&place, head);
                let there = there.map_err(|err| Act::NotSent { reason: err.to_string() })?;
                match there.iter().find(|request| request.is_open) {
                    Some(open) => {
                        let number = open.posted.number.unwrap_or_default();
                        told(self.forges.update_request(&place, number, &request))
                    }
                    None => told(self.forges.open_request(&place, &request)),
                }
            }
            Action::Comment { place, on, body } => {
                let body = text(self.marked(run, delivery, body))?;
                told(self.forges.comment(&repository(place), target(run, *on)?, &body))
            }
            Action::Label { place, on, label } => {
                told(self.forges.add_label(&repository(place), target(run, *on)?, label))
            }
            Action::CloseIssue { place, number } => {
                told(self.forges.close(&repository(place), *number))
            }
            Action::CallWebhook { host, address, body } => {
                let hook = self.address(
                    self.addresses.webhook.as_ref(),
                    "LOKI_WEBHOOK_URL",
                    host,
                    address,
                )?;
                self.tell(hook, body, &delivery.key(&run.id))
            }
            Action::Notify { host, address, body } => {
                let hook =
                    self.address(self.addresses.notify.as_ref(), "LOKI_NOTIFY_URL", host, address)?;
                self.tell(hook, body, &delivery.key(&run.id))
            }
        }
    }

    /// The address that a delivery was meant for. Another one is told nothing.
    fn address<'b>(
        &self,
        given: Option<&'b Webhook>,
        variable: &str,
        host: &str,
        address: &Digest,
    ) -> Result<&'b Webhook, Act> {
        let hook = given.filter(|hook| address_digest(hook) == *address);
        hook.ok_or_else(|| Act::NotSent {
            reason: format!("{variable} does not hold the address on {host} that it is for"),
        })
    }

    fn tell(&self, hook: &Webhook, body: &Digest, key: &str) -> Result<Posted, Act> {
        let text = self.text(body).map_err(|reason| Act::NotSent { reason })?;
        let body = serde_json::from_str(&text)
            .map_err(|err| Act::NotSent { reason: format!("it is no JSON: {err}") })?;
        hook.call(&body, key).map_err(|err| not_done(&err))?;
        Ok(Posted { url: String::new(), number: None })
    }
}

impl Outside for RealOutside<'_> {
    fn look_up(&mut self, run: &Run, delivery: &Delivery) -> Look {
        match self.look(run, delivery) {
            Ok(look) => look,
            // Whatever the reason: that it could not be seen does not mean that it is not there.
            Err(err) => Look::NotSeen { reason: with_hint(&err) },
        }
    }

    fn act(&mut self, run: &Run, delivery: &Delivery) -> Act {
        match self.attempt(run, delivery) {
            Ok(posted) => Act::Done(receipt(posted)),
            Err(act) => act,
        }
    }

    fn now(&self) -> Timestamp {
        now()
    }

    fn wait_until(&mut self, at: Timestamp) {
        // Nobody tells when a request that was cut off has arrived. A clock that went backwards meanwhile
        // makes it no longer.
        let left = at.millis_since(now()).min(SETTLE_MS.unsigned_abs());
        std::thread::sleep(Duration::from_millis(left));
    }
}

fn receipt(posted: Posted) -> Receipt {
    Receipt { url: posted.url, number: posted.number }
}

fn with_hint(err: &ForgeError) -> String {
    match err.hint() {
        Some(hint) => format!("{err} ({hint})"),
        None => err.to_string(),
    }
}

fn not_done(err: &NotDone) -> Act {
    let reason = with_hint(err.error());
    match err {
        // Somebody was faster: what is there now is looked at again.
        NotDone::Refused(ForgeError::NotChanged { status: 409 | 422, said, .. })
            if said.contains("already exists") =>
        {
            Act::Unclear { reason }
        }
        NotDone::Refused(_) => Act::Refused { reason },
        NotDone::NotSent(_) => Act::NotSent { reason },
        NotDone::Unclear(_) => Act::Unclear { reason },
    }
}

fn repository(place: &Place) -> RepositoryRef {
    let Place { forge, host, repository } = place;
    match forge {
        ForgeKind::Github => {
            RepositoryRef::GitHub { host: host.clone(), repository: repository.clone() }
        }
        ForgeKind::Gitlab => {
            RepositoryRef::GitLab { host: host.clone(), project: repository.clone() }
        }
    }
}

/// What something is about, once the request that it speaks of is there.
fn target(run: &Run, on: Target) -> Result<About, Act> {
    match on {
        Target::Issue { number } => Ok(About::Issue(number)),
        Target::Request { delivery } => {
            let opened = run.outbox.iter().find(|other| other.id == delivery);
            let number = opened.and_then(|opened| opened.receipt()?.number);
            number.map(About::Request).ok_or_else(|| Act::NotSent {
                reason: "the request that it is about was not opened".to_owned(),
            })
        }
    }
}

fn about(run: &Run, on: Target) -> Result<About, Look> {
    target(run, on).map_err(|act| match act {
        Act::NotSent { reason } => Look::NotSeen { reason },
        _ => Look::NotThere,
    })
}
