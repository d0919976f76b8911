use proptest::prelude::*;

use crate::*;

fn price(input: u64, output: u64, cache_read: u64, cache_write: u64) -> Price {
    Price {
        input: Usd(input),
        output: Usd(output),
        cache_read: Usd(cache_read),
        cache_write: Usd(cache_write),
    }
}

fn model(id: &str, alias: &str, price: Option<Price>) -> Model {
    Model {
        id: id.to_owned(),
        aliases: vec![alias.to_owned()],
        price,
        context_tokens: Some(200_000),
        fallback: None,
    }
}

/// An agent whose development tier is served with its dearest model, as Claude's is.
fn offer() -> Offer {
    let tier = |name: &str| TierModel { model: Some(name.to_owned()), ..TierModel::default() };
    Offer {
        agent: "x".to_owned(),
        capabilities: Capabilities {
            model: true,
            effort: true,
            fallback_model: true,
            ..Capabilities::default()
        },
        models: vec![
            Model {
                fallback: Some("sonnet".to_owned()),
                ..model("opus-5", "opus", Some(price(4, 20, 2, 5)))
            },
            model("sonnet-5", "sonnet", Some(price(2, 10, 1, 3))),
            model("haiku-5", "haiku", Some(price(1, 5, 1, 1))),
            model("secret-1", "secret", None),
        ],
        tiers: PerTier { planning: tier("opus"), development: tier("opus"), fast: tier("haiku") },
        ..Offer::default()
    }
}

fn chosen(offer: &Offer, wishes: &ModelWishes, tier: Tier) -> Choice {
    choose(offer, wishes, tier, None, &[])
}

fn capped(name: &str) -> ModelWishes {
    ModelWishes { ceiling: Some(name.to_owned()), ..ModelWishes::default() }
}

#[test]
fn what_is_asked_is_the_whole_name_and_its_price_whatever_the_alias() {
    let choice = chosen(&offer(), &ModelWishes::default(), Tier::Development);
    assert_eq!(choice.model.as_deref(), Some("opus-5"));
    assert_eq!(choice.price, Some(price(4, 20, 2, 5)));
    assert_eq!((choice.reason, choice.ceiling), (Reason::Offered, Ceiling::Kept));
    assert_eq!(choice.fallback.as_deref(), Some("sonnet-5"));
}

#[test]
fn a_switch_goes_before_the_pin_that_before_the_tiers_own_and_that_before_the_offer() {
    let mut offer = offer();
    offer.overrides.development = Some("haiku".to_owned());
    let pinned = ModelWishes { pin: Some("sonnet".to_owned()), ..ModelWishes::default() };
    let of = |wishes: &ModelWishes, switched| {
        let choice = choose(&offer, wishes, Tier::Development, switched, &[]);
        (choice.model.unwrap(), choice.reason)
    };
    assert_eq!(of(&ModelWishes::default(), None), ("haiku-5".to_owned(), Reason::Overridden));
    assert_eq!(of(&pinned, None), ("sonnet-5".to_owned(), Reason::Pinned));
    assert_eq!(of(&pinned, Some("new-9")), ("new-9".to_owned(), Reason::Switched));
}

#[test]
fn a_ceiling_named_after_a_family_caps_a_development_tier_that_is_dearer() {
    let choice = chosen(&offer(), &capped("sonnet"), Tier::Development);
    assert_eq!(choice.model.as_deref(), Some("sonnet-5"));
    assert_eq!(choice.ceiling, Ceiling::Lowered { from: Some("opus-5".to_owned()) });
}

#[test]
fn a_family_of_claude_stands_for_a_tier_with_agents_that_do_not_know_it() {
    let mut offer = offer();
    offer.models.iter_mut().for_each(|model| model.aliases.clear());
    offer.tiers.development.model = Some("sonnet-5".to_owned());
    offer.tiers.planning.model = Some("opus-5".to_owned());
    let choice = chosen(&offer, &capped("sonnet"), Tier::Planning);
    assert_eq!(choice.model.as_deref(), Some("sonnet-5"));
}

#[test]
fn a_model_of_unknown_price_is_not_let_through_a_ceiling() {
    for pin in ["secret", "never-heard-of"] {
        let wishes = ModelWishes { pin: Some(pin.to_owned()), ..capped("fast") };
        assert_eq!(chosen(&offer(), &wishes, Tier::Planning).model.as_deref(), Some("haiku-5"));
    }
}

#[test]
fn a_ceiling_that_means_nothing_to_an_agent_is_said_not_to_hold() {
    let choice = chosen(&Offer::unknown("command:x"), &capped("sonnet"), Tier::Development);
    assert_eq!((choice.model, choice.ceiling), (None, Ceiling::CanNotHold));
}

#[test]
fn a_tier_without_a_model_collapses_to_a_cheaper_one_and_says_so() {
    let gone = ["opus-5".to_owned()];
    let choice = choose(&offer(), &ModelWishes::default(), Tier::Planning, None, &gone);
    assert_eq!(choice.model.as_deref(), Some("haiku-5"));
    assert_eq!(choice.reason, Reason::Collapsed { to: Tier::Fast });
    assert!(choice.why().contains("planning has no model"), "{}", choice.why());
}

#[test]
fn what_the_user_named_is_never_replaced_because_it_can_not_be_had() {
    let wishes = ModelWishes { pin: Some("opus".to_owned()), ..ModelWishes::default() };
    let choice = choose(&offer(), &wishes, Tier::Fast, None, &["opus-5".to_owned()]);
    assert_eq!(choice.model.as_deref(), Some("opus-5"));
}

#[test]
fn an_agent_that_takes_no_model_and_no_effort_is_given_none() {
    let offer = Offer { capabilities: Capabilities::default(), ..offer() };
    let wishes = ModelWishes {
        pin: Some("opus".to_owned()),
        effort: Some(Effort::Max),
        ..ModelWishes::default()
    };
    let choice = chosen(&offer, &wishes, Tier::Fast);
    assert_eq!((choice.model, choice.price, choice.effort), (None, None, None));
    assert_eq!((choice.fallback, choice.reason), (None, Reason::NotChoosable));
}

const NAMES: [&str; 7] = ["a", "b", "c", "sonnet", "planning", "fast", "z"];

fn any_name() -> impl Strategy<Value = String> {
    (0..NAMES.len()).prop_map(|index| NAMES[index].to_owned())
}

fn any_offer() -> impl Strategy<Value = Offer> {
    let any_price = (1..5_u64, 1..5_u64, 0..3_u64, 0..3_u64);
    let any_price =
        proptest::option::weighted(0.8, any_price.prop_map(|(i, o, r, w)| price(i, o, r, w)));
    let any_model = (any_name(), any_price, proptest::option::of(any_name()))
        .prop_map(|(id, price, fallback)| Model { fallback, ..model(&id, "", price) });
    let any_tiers = proptest::collection::vec(proptest::option::of(any_name()), 6);
    (proptest::collection::vec(any_model, 0..5), any_tiers, any::<bool>()).prop_map(
        |(models, names, can_choose)| {
            let tier =
                |index: usize| TierModel { model: names[index].clone(), ..TierModel::default() };
            let capabilities = Capabilities { model: can_choose, ..offer().capabilities };
            Offer {
                agent: "any".to_owned(),
                capabilities,
                models,
                tiers: PerTier { planning: tier(0), development: tier(1), fast: tier(2) },
                overrides: PerTier {
                    planning: names[3].clone(),
                    development: names[4].clone(),
                    fast: names[5].clone(),
                },
                as_of: String::new(),
            }
        },
    )
}

proptest! {
    #[test]
    fn a_ceiling_never_raises_the_price_and_holds_wherever_it_is_not_said_to_fail(
        offer in any_offer(),
        pin in proptest::option::of(any_name()),
        switched in proptest::option::of(any_name()),
        ceiling in any_name(),
        tier in (0..3_usize).prop_map(|index| Tier::ALL[index]),
        gone in proptest::collection::vec(any_name(), 0..3),
    ) {
        let free = ModelWishes { pin, ..ModelWishes::default() };
        let under = ModelWishes { ceiling: Some(ceiling.clone()), ..free.clone() };
        let without = choose(&offer, &free, tier, switched.as_deref(), &gone);
        let with = choose(&offer, &under, tier, switched.as_deref(), &gone);
        if let Some(before) = without.price {
            prop_assert!(with.price.is_some_and(|price| price.is_at_most(&before)));
        }
        match with.ceiling {
            Ceiling::CanNotHold => prop_assert_eq!(&with.model, &without.model),
            Ceiling::Kept | Ceiling::Lowered { .. } => {
                let most = super::ceiling_model(&offer, &ceiling).and_then(|m| m.price).unwrap();
                prop_assert!(with.price.unwrap().is_at_most(&most));
            }
        }
    }

    #[test]
    fn the_price_of_a_choice_is_that_of_the_model_that_is_asked(
        offer in any_offer(),
        pin in proptest::option::of(any_name()),
        ceiling in proptest::option::of(any_name()),
        tier in (0..3_usize).prop_map(|index| Tier::ALL[index]),
    ) {
        let wishes = ModelWishes { pin, ceiling, effort: None };
        let choice = choose(&offer, &wishes, tier, None, &[]);
        let known = choice.model.as_deref().and_then(|name| offer.model(name));
        prop_assert_eq!(choice.price, known.and_then(|model| model.price));
        if let Some(fallback) = choice.fallback.as_deref().and_then(|name| offer.model(name)) {
            prop_assert!(fallback.price.unwrap().is_at_most(&choice.price.unwrap()));
        }
    }
}
