//! Goal: nothing outside is done twice or lost, whenever processes die. Method: every state meets every
//! input, and every way that a delivery can go, deaths included, is walked to its end.

use super::*;

const AT: Timestamp = Timestamp(1_000_000);

fn place() -> Place {
    Place { forge: ForgeKind::Github, host: "h".to_owned(), repository: "a/b".to_owned() }
}

fn label() -> Action {
    Action::Label { place: place(), on: Target::Issue { number: 7 }, label: "loki".to_owned() }
}

fn hook() -> Action {
    let (address, body) = (Digest::of(b"address"), Digest::of(b"body"));
    Action::CallWebhook { host: "h".to_owned(), address, body }
}

fn delivery(action: Action, state: DeliveryState) -> Delivery {
    let attempts = u32::from(state != DeliveryState::Intended);
    let by = "someone".to_owned();
    Delivery { id: 1, action, needs: None, by, intended_at: AT, state, attempts }
}

fn states() -> Vec<DeliveryState> {
    let reason = || "because".to_owned();
    vec![
        DeliveryState::Intended,
        DeliveryState::Acting { since: AT },
        DeliveryState::Confirmed { receipt: Receipt::default(), found: false },
        DeliveryState::Unknown { reason: reason() },
        DeliveryState::Failed { reason: reason() },
        DeliveryState::GivenUp { by: "someone".to_owned() },
    ]
}

fn inputs() -> Vec<DeliveryInput> {
    let reason = || "because".to_owned();
    let by = || "someone".to_owned();
    let looks = [
        Look::There(Receipt::default()),
        Look::NotThere,
        Look::InTheWay { reason: reason() },
        Look::NotSeen { reason: reason() },
    ];
    let acts = [
        Act::Done(Receipt::default()),
        Act::Refused { reason: reason() },
        Act::NotSent { reason: reason() },
        Act::Unclear { reason: reason() },
    ];
    let mut inputs = vec![DeliveryInput::TakenUp];
    inputs.extend(looks.map(DeliveryInput::LookedUp));
    inputs.extend(acts.map(DeliveryInput::Acted));
    inputs.extend([DeliveryInput::Retry { by: by() }, DeliveryInput::Drop { by: by() }]);
    inputs
}

fn after(delivery: &Delivery, course: &Course) -> Delivery {
    let mut outbox = vec![delivery.clone()];
    course.events.iter().for_each(|event| apply(&mut outbox, event));
    outbox.remove(0)
}

#[test]
fn an_attempt_is_recorded_before_it_is_made_whatever_came_before() {
    for action in [label(), hook()] {
        for state in states() {
            for input in inputs() {
                let delivery = delivery(action.clone(), state.clone());
                let Ok(course) = decide(&delivery, &input, AT) else { continue };
                let then = after(&delivery, &course);
                let acts = course.errand == Some(Errand::Act);
                let says_so = matches!(course.events.last(), Some(Event::DeliveryTried { .. }));
                assert_eq!(acts, says_so, "{state:?} {input:?}");
                if acts {
                    assert!(matches!(then.state, DeliveryState::Acting { .. }));
                }
                if then.is_settled() {
                    assert_eq!(course.errand, None, "{state:?} {input:?}");
                }
            }
        }
    }
}

#[test]
fn what_can_not_be_looked_up_never_is_and_is_not_tried_a_second_time_by_itself() {
    for state in states() {
        for input in inputs() {
            let before = delivery(hook(), state.clone());
            let Ok(course) = decide(&before, &input, AT) else { continue };
            let by_a_person = matches!(input, DeliveryInput::Retry { .. });
            let looked = matches!(input, DeliveryInput::LookedUp(_));
            let again = course.errand == Some(Errand::Act) && before.attempts > 0;
            assert!(!again || by_a_person || looked, "{state:?} {input:?}");
            let looks = matches!(course.errand, Some(Errand::LookUp { .. }));
            assert!(!looks || looked, "{state:?} {input:?}");
        }
    }
    let cut_off = delivery(hook(), DeliveryState::Acting { since: AT });
    let course = decide(&cut_off, &DeliveryInput::TakenUp, AT).unwrap();
    assert_eq!(after(&cut_off, &course).state.label(), "unknown");
}

#[test]
fn what_was_cut_off_is_looked_up_once_it_has_arrived_and_before_it_is_tried_again() {
    let cut_off = delivery(label(), DeliveryState::Acting { since: AT });
    let course = decide(&cut_off, &DeliveryInput::TakenUp, AT).unwrap();
    let not_before = Timestamp(AT.0 + SETTLE_MS);
    assert_eq!(course, Course { events: vec![], errand: Some(Errand::LookUp { not_before }) });
}

#[test]
fn what_could_not_be_seen_is_neither_there_nor_not_there() {
    for state in [DeliveryState::Intended, DeliveryState::Acting { since: AT }] {
        let not_seen = DeliveryInput::LookedUp(Look::NotSeen { reason: "offline".to_owned() });
        let course = decide(&delivery(label(), state), &not_seen, AT).unwrap();
        assert_eq!(course, Course::default());
    }
}

#[test]
fn attempts_end() {
    let mut tried = delivery(label(), DeliveryState::Acting { since: AT });
    tried.attempts = ATTEMPTS_MAX;
    let course = decide(&tried, &DeliveryInput::LookedUp(Look::NotThere), AT).unwrap();
    assert_eq!(after(&tried, &course).state.label(), "failed");
}

#[test]
fn only_a_person_has_what_is_unknown_done_again_or_gives_it_up() {
    let unknown = || delivery(hook(), DeliveryState::Unknown { reason: "died".to_owned() });
    assert_eq!(decide(&unknown(), &DeliveryInput::TakenUp, AT), Ok(Course::default()));
    let by = || "someone".to_owned();
    let again = decide(&unknown(), &DeliveryInput::Retry { by: by() }, AT).unwrap();
    assert_eq!(again.errand, Some(Errand::Act));
    let dropped = decide(&unknown(), &DeliveryInput::Drop { by: by() }, AT).unwrap();
    let dropped = after(&unknown(), &dropped);
    assert_eq!(dropped.state.label(), "given_up");
    let refused = decide(&dropped, &DeliveryInput::Retry { by: by() }, AT);
    assert_eq!(refused, Err(NotPossible::Over("given_up")));
}

/// Another side that may or may not do what it is sent, and a process that may die at any step.
fn walk(
    delivery: Delivery,
    errand: Option<Errand>,
    done: u32,
    deaths: u32,
    ends: &mut Vec<(Delivery, u32)>,
) {
    if deaths > 0 {
        // It dies here, and another process takes it up.
        let course = decide(&delivery, &DeliveryInput::TakenUp, AT).unwrap();
        walk(after(&delivery, &course), course.errand, done, deaths - 1, ends);
    }
    let mut next = |input: DeliveryInput, done: u32| {
        let course = decide(&delivery, &input, AT).unwrap();
        walk(after(&delivery, &course), course.errand, done, deaths, ends);
    };
    match errand {
        None => ends.push((delivery, done)),
        Some(Errand::LookUp { .. }) => {
            let look = match done {
                0 => Look::NotThere,
                _ => Look::There(Receipt::default()),
            };
            next(DeliveryInput::LookedUp(look), done);
        }
        Some(Errand::Act) => {
            next(DeliveryInput::Acted(Act::Done(Receipt::default())), done + 1);
            next(DeliveryInput::Acted(Act::Unclear { reason: "lost".to_owned() }), done + 1);
            next(DeliveryInput::Acted(Act::Unclear { reason: "lost".to_owned() }), done);
            if deaths > 0 {
                // It dies with the request on its way, which arrives.
                let course = decide(&delivery, &DeliveryInput::TakenUp, AT).unwrap();
                walk(after(&delivery, &course), course.errand, done + 1, deaths - 1, ends);
            }
        }
    }
}

#[test]
fn whenever_processes_die_it_is_done_once_or_somebody_is_told() {
    for action in [label(), hook()] {
        let wanted = delivery(action, DeliveryState::Intended);
        let looks_up = wanted.action.can_be_looked_up();
        let mut ends = Vec::new();
        let begun = decide(&wanted, &DeliveryInput::TakenUp, AT).unwrap();
        walk(after(&wanted, &begun), begun.errand, 0, 3, &mut ends);
        assert!(ends.len() > 10, "{}", ends.len());
        for (end, done) in ends {
            let told = format!("{end:?}, done {done} times");
            match &end.state {
                DeliveryState::Confirmed { .. } => assert_eq!(done, 1, "{told}"),
                DeliveryState::Unknown { .. } => assert!(!looks_up && done <= 1, "{told}"),
                DeliveryState::Failed { .. } => assert!(looks_up && done == 0, "{told}"),
                _ => panic!("{told}"),
            }
        }
    }
}

#[test]
fn what_is_asked_for_twice_is_one_delivery() {
    let wanted = || Wanted { action: label(), needs: None, again: false };
    let mut outbox = Vec::new();
    let Ok(Entry::New { id: 1, event }) = enter(&outbox, wanted(), "me", AT) else { panic!() };
    apply(&mut outbox, &event);
    assert_eq!(enter(&outbox, wanted(), "me", AT), Ok(Entry::There { id: 1 }));
    outbox[0].state = DeliveryState::Failed { reason: "no".to_owned() };
    let Ok(Entry::New { id: 1, event }) = enter(&outbox, wanted(), "me", AT) else { panic!() };
    apply(&mut outbox, &event);
    assert_eq!((outbox.len(), outbox[0].state.label()), (1, "intended"));
    outbox[0].state = DeliveryState::Confirmed { receipt: Receipt::default(), found: false };
    assert_eq!(enter(&outbox, wanted(), "me", AT), Ok(Entry::There { id: 1 }));
    let gone = Wanted { again: true, ..wanted() };
    assert_eq!(enter(&outbox, gone, "me", AT).unwrap().id(), 2);
    outbox[0].state = DeliveryState::GivenUp { by: "me".to_owned() };
    assert_eq!(enter(&outbox, wanted(), "me", AT).unwrap().id(), 2);
}

#[test]
fn a_push_of_the_same_commit_is_the_same_whatever_was_there_before() {
    let push = |expected| Action::PushBranch {
        remote: "origin".to_owned(),
        branch: "loki/x".to_owned(),
        commit: CommitId::try_from("1".repeat(40)).unwrap(),
        expected,
    };
    let other = CommitId::try_from("2".repeat(40)).unwrap();
    assert!(push(None).is_same(&push(Some(other))));
    assert!(!push(None).is_same(&label()));
}

#[test]
fn a_delivery_waits_for_the_one_that_it_needs() {
    let mut outbox =
        vec![delivery(label(), DeliveryState::Intended), delivery(hook(), DeliveryState::Intended)];
    outbox[1].id = 2;
    outbox[1].needs = Some(1);
    assert_eq!(waits_for(&outbox, &outbox[1]).map(|needed| needed.id), Some(1));
    outbox[0].state = DeliveryState::Confirmed { receipt: Receipt::default(), found: true };
    assert_eq!(waits_for(&outbox, &outbox[1]), None);
}

#[test]
fn a_marker_is_hidden_and_of_one_delivery_alone() {
    let run = RunId::from_bits(7);
    let (one, mut other) =
        (delivery(label(), DeliveryState::Intended), delivery(label(), DeliveryState::Intended));
    other.id = 2;
    assert!(one.marker(&run).starts_with("<!-- loki ") && one.marker(&run).ends_with(" -->"));
    assert_ne!(one.marker(&run), other.marker(&run));
    assert_ne!(one.marker(&run), one.marker(&RunId::from_bits(8)));
    let later = Delivery { intended_at: Timestamp(AT.0 + 1), ..one.clone() };
    assert_ne!(one.marker(&run), later.marker(&run));
}
