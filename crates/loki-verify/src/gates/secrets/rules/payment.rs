//! Payment and shops.

use super::{Rule, Weight, named, shape};

pub(super) const RULES: &[Rule] = &[
    shape(
        "stripe-live-key",
        "a live Stripe key",
        &["k_live_"],
        r"[sr]k_live_[0-9A-Za-z]{20,250}",
        "Stripe, API keys",
    ),
    shape(
        "stripe-test-key",
        "a Stripe key for tests",
        &["k_test_"],
        r"[sr]k_test_[0-9A-Za-z]{20,250}",
        "Stripe, API keys",
    )
    .weighing(Weight::Trial),
    shape(
        "stripe-webhook-secret",
        "a Stripe webhook secret",
        &["whsec_"],
        r"whsec_[A-Za-z0-9]{32,64}",
        "Stripe, webhook signatures",
    )
    .weighing(Weight::Likely),
    shape(
        "square-token",
        "a Square token",
        &["sq0atp-"],
        r"sq0atp-[A-Za-z0-9_-]{22}",
        "Square, access tokens",
    ),
    shape(
        "square-secret",
        "a Square OAuth secret",
        &["sq0csp-"],
        r"sq0csp-[A-Za-z0-9_-]{43}",
        "Square, OAuth",
    ),
    shape(
        "square-access-token",
        "a Square access token",
        &["EAAA"],
        r"EAAA[A-Za-z0-9_-]{60}",
        "Square, access tokens",
    ),
    shape(
        "braintree-token",
        "a Braintree token",
        &["access_token$production$"],
        r"access_token\$production\$[a-z0-9]{16}\$[a-f0-9]{32}",
        "PayPal Braintree, access tokens",
    ),
    shape(
        "braintree-sandbox-token",
        "a Braintree token for tests",
        &["access_token$sandbox$"],
        r"access_token\$sandbox\$[a-z0-9]{16}\$[a-f0-9]{32}",
        "PayPal Braintree, access tokens",
    )
    .weighing(Weight::Trial),
    named(
        "paypal-secret",
        "a PayPal secret",
        &["paypal"],
        r"paypal_?(?:client_?)?secret",
        r"E[A-Za-z0-9_-]{79}",
        "PayPal, REST API credentials",
    ),
    shape(
        "shopify-token",
        "a Shopify token",
        &["shpat_"],
        r"shpat_[a-fA-F0-9]{32}",
        "Shopify, access token prefixes",
    ),
    shape(
        "shopify-custom-token",
        "a Shopify custom app token",
        &["shpca_"],
        r"shpca_[a-fA-F0-9]{32}",
        "Shopify, access token prefixes",
    ),
    shape(
        "shopify-private-token",
        "a Shopify private app token",
        &["shppa_"],
        r"shppa_[a-fA-F0-9]{32}",
        "Shopify, access token prefixes",
    ),
    shape(
        "shopify-secret",
        "a Shopify shared secret",
        &["shpss_"],
        r"shpss_[a-fA-F0-9]{32}",
        "Shopify, access token prefixes",
    ),
    shape(
        "plaid-token",
        "a Plaid access token",
        &["access-production-", "access-development-"],
        r"access-(?:production|development)-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
        "Plaid, access tokens",
    ),
    named(
        "adyen-key",
        "an Adyen key",
        &["adyen"],
        r"adyen_?(?:api_?)?key",
        r"AQE[A-Za-z0-9+/=-]{60,200}",
        "Adyen, API credentials",
    ),
    shape(
        "razorpay-live-key",
        "a live Razorpay key id",
        &["rzp_live_"],
        r"rzp_live_[A-Za-z0-9]{14}",
        "Razorpay, API keys",
    )
    .weighing(Weight::Likely),
    shape(
        "razorpay-test-key",
        "a Razorpay key id for tests",
        &["rzp_test_"],
        r"rzp_test_[A-Za-z0-9]{14}",
        "Razorpay, API keys",
    )
    .weighing(Weight::Trial),
    shape(
        "flutterwave-secret",
        "a Flutterwave secret key",
        &["FLWSECK-"],
        r"FLWSECK-[a-f0-9]{32}-X",
        "Flutterwave, API keys",
    ),
    shape(
        "flutterwave-test-secret",
        "a Flutterwave key for tests",
        &["FLWSECK_TEST-"],
        r"FLWSECK_TEST-[a-f0-9]{32}-X",
        "Flutterwave, API keys",
    )
    .weighing(Weight::Trial),
    shape(
        "mercadopago-token",
        "a Mercado Pago token",
        &["APP_USR-"],
        r"APP_USR-[0-9]{12,18}-[0-9]{6}-[a-f0-9]{32}-[0-9]{6,12}",
        "Mercado Pago, credentials",
    ),
    shape(
        "paddle-key",
        "a Paddle key",
        &["pdl_live_apikey_"],
        r"pdl_live_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}",
        "Paddle, API keys",
    ),
    shape(
        "paddle-sandbox-key",
        "a Paddle key for tests",
        &["pdl_sdbx_apikey_"],
        r"pdl_sdbx_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}",
        "Paddle, API keys",
    )
    .weighing(Weight::Trial),
    shape(
        "xendit-key",
        "a Xendit key",
        &["xnd_production_"],
        r"xnd_production_[A-Za-z0-9]{40,80}",
        "Xendit, API keys",
    ),
    shape(
        "midtrans-key",
        "a Midtrans server key",
        &["Mid-server-"],
        r"Mid-server-[A-Za-z0-9_-]{24}",
        "Midtrans, access keys",
    ),
    named(
        "mollie-key",
        "a Mollie key",
        &["mollie"],
        r"mollie_?(?:api_?)?key",
        r"live_[A-Za-z0-9]{30,40}",
        "Mollie, API keys",
    )
    .weighing(Weight::Certain),
    named(
        "gocardless-token",
        "a GoCardless token",
        &["gocardless"],
        r"gocardless_?(?:access_?)?token",
        r"live_[A-Za-z0-9_-]{40}",
        "GoCardless, access tokens",
    )
    .weighing(Weight::Certain),
    shape(
        "duffel-token",
        "a Duffel token",
        &["duffel_live_"],
        r"duffel_live_[A-Za-z0-9_-]{43}",
        "Duffel, access tokens",
    ),
    shape(
        "easypost-key",
        "an EasyPost key",
        &["EZAK"],
        r"EZAK[A-Za-z0-9]{54}",
        "EasyPost, API keys",
    ),
    shape(
        "easypost-test-key",
        "an EasyPost key for tests",
        &["EZTK"],
        r"EZTK[A-Za-z0-9]{54}",
        "EasyPost, API keys",
    )
    .weighing(Weight::Trial),
    shape(
        "shippo-token",
        "a Shippo token",
        &["shippo_live_"],
        r"shippo_live_[a-f0-9]{40}",
        "Shippo, API tokens",
    ),
];
