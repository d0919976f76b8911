//! Everything else that people have accounts at.

use super::{Proof, Rule, Weight, named, shape};

const UUID: &str = r"[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}";

pub(super) const RULES: &[Rule] = &[
    shape(
        "notion-token",
        "a Notion token",
        &["ntn_"],
        r"ntn_[A-Za-z0-9]{46}",
        "Notion, integration tokens",
    ),
    named(
        "notion-secret",
        "a Notion secret",
        &["notion"],
        r"notion.{0,20}(?:token|secret|key)",
        r"secret_[A-Za-z0-9]{43}",
        "Notion, integration tokens",
    )
    .weighing(Weight::Certain),
    shape(
        "linear-key",
        "a Linear key",
        &["lin_api_"],
        r"lin_api_[A-Za-z0-9]{40}",
        "Linear, API keys",
    ),
    shape(
        "linear-oauth-token",
        "a Linear OAuth token",
        &["lin_oauth_"],
        r"lin_oauth_[a-f0-9]{64}",
        "Linear, OAuth",
    ),
    shape(
        "figma-token",
        "a Figma token",
        &["figd_"],
        r"figd_[A-Za-z0-9_-]{40,60}",
        "Figma, personal access tokens",
    ),
    named(
        "airtable-token",
        "an Airtable token",
        &["airtable"],
        r"airtable.{0,20}(?:token|key|pat)",
        r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}",
        "Airtable, personal access tokens",
    )
    .weighing(Weight::Certain),
    named(
        "asana-token",
        "an Asana token",
        &["asana"],
        r"asana.{0,20}(?:token|pat)",
        r"[0-9]/[0-9]{16}(?:/[0-9]{16})?:[a-f0-9]{32}",
        "Asana, personal access tokens",
    )
    .weighing(Weight::Certain),
    named(
        "clickup-token",
        "a ClickUp token",
        &["clickup"],
        r"clickup_?(?:api_?)?(?:token|key)",
        r"pk_[0-9]{7,9}_[A-Z0-9]{32}",
        "ClickUp, personal tokens",
    )
    .weighing(Weight::Certain),
    shape(
        "contentful-token",
        "a Contentful token",
        &["CFPAT-"],
        r"CFPAT-[A-Za-z0-9_-]{43}",
        "Contentful, personal access tokens",
    ),
    shape(
        "dropbox-token",
        "a Dropbox token",
        &["sl.u.", "sl.B", "sl.A"],
        r"sl\.(?:u\.|[AB])[A-Za-z0-9_-]{130,1300}",
        "Dropbox, short-lived tokens",
    ),
    shape(
        "typeform-token",
        "a Typeform token",
        &["tfp_"],
        r"tfp_[A-Za-z0-9_.-]{44,70}",
        "Typeform, personal access tokens",
    ),
    named(
        "algolia-admin-key",
        "an Algolia admin key",
        &["algolia"],
        r"algolia_?(?:admin_?(?:api_?)?|write_?(?:api_?)?)key",
        r"[a-f0-9]{32}",
        "Algolia, API keys",
    ),
    shape(
        "mapbox-secret-token",
        "a Mapbox secret token",
        &["sk.eyJ"],
        r"sk\.eyJ[A-Za-z0-9_-]{40,120}\.[A-Za-z0-9_-]{20,30}",
        "Mapbox, access tokens",
    ),
    named(
        "facebook-token",
        "a Facebook token",
        &["facebook", "fb_access"],
        r"(?:facebook|fb).{0,20}token",
        r"EAA[A-Za-z0-9]{80,260}",
        "Meta, access tokens",
    )
    .weighing(Weight::Certain),
    named(
        "facebook-secret",
        "a Facebook app secret",
        &["facebook", "fb_app"],
        r"(?:facebook|fb)_?(?:app_?)?secret",
        r"[a-f0-9]{32}",
        "Meta, app settings",
    ),
    named(
        "twitter-secret",
        "an X secret",
        &["twitter", "consumer_secret"],
        r"(?:twitter.{0,20}secret|consumer_secret)",
        r"[A-Za-z0-9]{45,50}",
        "X, developer portal",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "linkedin-secret",
        "a LinkedIn secret",
        &["linkedin"],
        r"linkedin_?client_?secret",
        r"(?:WPL_AP1\.)?[A-Za-z0-9.+/=]{16,40}",
        "LinkedIn, OAuth",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "spotify-secret",
        "a Spotify secret",
        &["spotify"],
        r"spotify_?client_?secret",
        r"[a-f0-9]{32}",
        "Spotify, web API",
    ),
    named(
        "twitch-secret",
        "a Twitch secret",
        &["twitch"],
        r"twitch_?client_?secret",
        r"[a-z0-9]{30}",
        "Twitch, authentication",
    ),
    named(
        "okta-token",
        "an Okta token",
        &["okta"],
        r"okta_?(?:api_?)?token",
        r"00[A-Za-z0-9_-]{40}",
        "Okta, API tokens",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "auth0-secret",
        "an Auth0 secret",
        &["auth0"],
        r"auth0_?client_?secret",
        r"[A-Za-z0-9_-]{64}",
        "Auth0, applications",
    )
    .proved_by(Proof::LooksVeryRandom),
    shape(
        "stytch-secret",
        "a Stytch secret",
        &["secret-live-"],
        r"secret-live-[A-Za-z0-9_-]{36,50}={0,2}",
        "Stytch, API keys",
    ),
    shape(
        "frameio-token",
        "a Frame.io token",
        &["fio-u-"],
        r"fio-u-[A-Za-z0-9_-]{64}",
        "Frame.io, developer tokens",
    ),
    shape(
        "dbt-token",
        "a dbt Cloud token",
        &["dbtc_"],
        r"dbtc_[A-Za-z0-9_-]{36,60}",
        "dbt Cloud, service tokens",
    ),
    named(
        "trello-token",
        "a Trello token",
        &["ATTA"],
        r"trello.{0,20}token",
        r"ATTA[a-f0-9]{72}",
        "Trello, API",
    )
    .weighing(Weight::Certain),
    shape(
        "zapier-webhook",
        "a Zapier webhook",
        &["hooks.zapier.com/"],
        r"hooks\.zapier\.com/hooks/catch/[0-9]{5,10}/[a-z0-9]{6,12}",
        "Zapier, webhooks",
    )
    .weighing(Weight::Likely),
    named(
        "webflow-token",
        "a Webflow token",
        &["webflow"],
        r"webflow_?(?:api_?)?token",
        r"[a-f0-9]{64}",
        "Webflow, API tokens",
    ),
    named(
        "imagekit-key",
        "an ImageKit private key",
        &["imagekit"],
        r"imagekit_?private_?key",
        r"private_[A-Za-z0-9+/]{27}=",
        "ImageKit, API keys",
    )
    .weighing(Weight::Certain),
    named(
        "ably-key",
        "an Ably key",
        &["ably"],
        r"ably_?(?:api_?)?key",
        r"[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{6}:[A-Za-z0-9_-]{43}",
        "Ably, API keys",
    )
    .weighing(Weight::Certain),
    named(
        "deepl-key",
        "a DeepL key",
        &["deepl"],
        r"deepl_?(?:api_?|auth_?)?key",
        r"[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}(?::fx)?",
        "DeepL, authentication",
    ),
    named(
        "openweather-key",
        "an OpenWeather key",
        &["openweather"],
        r"openweather(?:map)?_?(?:api_?)?key",
        r"[a-f0-9]{32}",
        "OpenWeather, API keys",
    ),
    named(
        "etherscan-key",
        "an Etherscan key",
        &["etherscan"],
        r"etherscan_?(?:api_?)?key",
        r"[A-Z0-9]{34}",
        "Etherscan, API keys",
    ),
    named(
        "infura-secret",
        "an Infura secret",
        &["infura"],
        r"infura_?(?:api_?|project_?)?(?:secret|key)",
        r"[a-f0-9]{32}",
        "Infura, API keys",
    ),
    named(
        "ethereum-private-key",
        "a private key of a wallet",
        &["private_key", "privatekey"],
        r"(?:wallet|eth|deployer|account|mnemonic)_?private_?key",
        r"(?:0x)?[a-f0-9]{64}",
        "Ethereum, accounts",
    ),
    named(
        "coinbase-secret",
        "a Coinbase secret",
        &["coinbase"],
        r"coinbase_?(?:api_?)?secret",
        r"[A-Za-z0-9+/=]{32,90}",
        "Coinbase, API keys",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "binance-secret",
        "a Binance secret",
        &["binance"],
        r"binance_?(?:api_?)?secret(?:_?key)?",
        r"[A-Za-z0-9]{64}",
        "Binance, API keys",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "kraken-secret",
        "a Kraken key",
        &["kraken"],
        r"kraken_?(?:api_?)?(?:secret|private_?key)",
        r"[A-Za-z0-9+/]{86}==",
        "Kraken, API keys",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "jira-token",
        "a Jira token",
        &["jira"],
        r"jira_?(?:api_?)?token",
        r"[A-Za-z0-9]{24}",
        "Atlassian, API tokens",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "rapidapi-key",
        "a RapidAPI key",
        &["rapidapi"],
        r"rapidapi[_-]?key",
        r"[a-f0-9]{10}msh[a-f0-9]{15}p[a-f0-9]{6}jsn[a-f0-9]{12}",
        "RapidAPI, API keys",
    )
    .weighing(Weight::Certain),
    named(
        "browserstack-key",
        "a BrowserStack key",
        &["browserstack"],
        r"browserstack_?access_?key",
        r"[A-Za-z0-9]{20}",
        "BrowserStack, access keys",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "saucelabs-key",
        "a Sauce Labs key",
        &["sauce"],
        r"sauce(?:labs)?_?access_?key",
        UUID,
        "Sauce Labs, access keys",
    ),
];
