//! Messages: chat, mail, telephones.

use super::{Proof, Rule, Weight, named, shape};

const UUID: &str = r"[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}";

pub(super) const RULES: &[Rule] = &[
    // It holds the beginning of the next one.
    shape(
        "slack-configuration-token",
        "a Slack configuration token",
        &["xoxe.xox", "xoxe-"],
        r"xoxe(?:\.xox[bp])?-[0-9]-[A-Za-z0-9]{140,180}",
        "Slack, token types",
    ),
    shape(
        "slack-token",
        "a Slack token",
        &["xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-"],
        r"xox[baprs]-[0-9A-Za-z-]{20,250}",
        "Slack, token types",
    ),
    shape(
        "slack-app-token",
        "a Slack app token",
        &["xapp-"],
        r"xapp-[0-9]-[A-Z0-9]{9,12}-[0-9]{10,14}-[a-f0-9]{64}",
        "Slack, token types",
    ),
    shape(
        "slack-webhook",
        "a Slack webhook",
        &["hooks.slack.com/"],
        r"hooks\.slack\.com/(?:services|workflows)/T[A-Z0-9]{8,12}/[AB][A-Z0-9]{8,12}/[A-Za-z0-9]{20,30}",
        "Slack, incoming webhooks",
    ),
    named(
        "discord-token",
        "a Discord bot token",
        &["discord", "bot_token"],
        r"(?:discord.{0,20}token|bot_?token)",
        r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}",
        "Discord, authentication",
    )
    .weighing(Weight::Certain),
    shape(
        "discord-webhook",
        "a Discord webhook",
        &["/api/webhooks/"],
        r"discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60,80}",
        "Discord, webhooks",
    ),
    shape(
        "telegram-token",
        "a Telegram bot token",
        &[":AA"],
        r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}",
        "Telegram, Bot API",
    ),
    shape(
        "teams-webhook",
        "a Microsoft Teams webhook",
        &["webhook.office.com"],
        r"webhook\.office\.com/webhookb2/[a-f0-9-]{36}@[a-f0-9-]{36}/IncomingWebhook/[a-f0-9]{32}/[a-f0-9-]{36}",
        "Microsoft Teams, incoming webhooks",
    ),
    named(
        "twilio-token",
        "a Twilio auth token",
        &["twilio"],
        r"twilio_?auth_?token",
        r"[a-f0-9]{32}",
        "Twilio, auth tokens",
    ),
    named(
        "twilio-key",
        "a Twilio key",
        &["twilio"],
        r"twilio.{0,20}",
        r"SK[a-f0-9]{32}",
        "Twilio, API keys",
    ),
    shape(
        "sendgrid-key",
        "a SendGrid key",
        &["SG."],
        r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
        "Twilio SendGrid, API keys",
    ),
    shape("mailgun-key", "a Mailgun key", &["key-"], r"key-[a-f0-9]{32}", "Mailgun, API keys")
        .weighing(Weight::Likely),
    named(
        "mailgun-private-key",
        "a Mailgun private key",
        &["mailgun"],
        r"mailgun_?(?:api_?)?key",
        r"[a-f0-9]{32}-[a-f0-9]{8}-[a-f0-9]{8}",
        "Mailgun, API keys",
    ),
    shape(
        "mailchimp-key",
        "a Mailchimp key",
        &["-us"],
        r"[a-f0-9]{32}-us[0-9]{1,2}",
        "Mailchimp, API keys",
    )
    .weighing(Weight::Likely),
    shape(
        "brevo-key",
        "a Brevo key",
        &["xkeysib-"],
        r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
        "Brevo, API keys",
    ),
    shape(
        "brevo-smtp-key",
        "a Brevo SMTP key",
        &["xsmtpsib-"],
        r"xsmtpsib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
        "Brevo, SMTP keys",
    ),
    named(
        "postmark-token",
        "a Postmark token",
        &["postmark"],
        r"postmark_?(?:server_?|api_?|account_?)?token",
        UUID,
        "Postmark, server tokens",
    ),
    shape(
        "resend-key",
        "a Resend key",
        &["re_"],
        r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}",
        "Resend, API keys",
    )
    .proved_by(Proof::LooksVeryRandom)
    .weighing(Weight::Likely),
    named(
        "mailjet-secret",
        "a Mailjet secret",
        &["mailjet", "mj_apikey"],
        r"(?:mailjet_?(?:api_?)?secret(?:_?key)?|mj_apikey_private)",
        r"[a-f0-9]{32}",
        "Mailjet, API keys",
    ),
    named(
        "messagebird-key",
        "a MessageBird key",
        &["messagebird"],
        r"messagebird_?(?:api_?|access_?)?key",
        r"[A-Za-z0-9]{25}",
        "Bird, API keys",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "vonage-secret",
        "a Vonage secret",
        &["vonage", "nexmo"],
        r"(?:vonage|nexmo)_?(?:api_?)?secret",
        r"[A-Za-z0-9]{16}",
        "Vonage, API settings",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "intercom-token",
        "an Intercom token",
        &["dG9rO"],
        r"intercom.{0,20}token",
        r"dG9rO[A-Za-z0-9+/]{50,80}={0,2}",
        "Intercom, access tokens",
    )
    .weighing(Weight::Certain),
    shape(
        "hubspot-token",
        "a HubSpot token",
        &["pat-na", "pat-eu"],
        r"pat-(?:na|eu)[0-9]-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
        "HubSpot, private apps",
    ),
    named(
        "line-token",
        "a LINE channel token",
        &["line_channel"],
        r"line_channel_?access_?token",
        r"[A-Za-z0-9+/]{150,200}=",
        "LINE, Messaging API",
    ),
    named(
        "zendesk-token",
        "a Zendesk token",
        &["zendesk"],
        r"zendesk_?(?:api_?)?token",
        r"[A-Za-z0-9]{40}",
        "Zendesk, API tokens",
    )
    .proved_by(Proof::LooksVeryRandom),
    named(
        "pusher-secret",
        "a Pusher secret",
        &["pusher"],
        r"pusher_?(?:app_?)?secret",
        r"[a-f0-9]{20}",
        "Pusher, app keys",
    ),
    shape(
        "onesignal-key",
        "a OneSignal key",
        &["os_v2_app_", "os_v2_org_"],
        r"os_v2_(?:app|org)_[a-z0-9]{100,120}",
        "OneSignal, API keys",
    ),
];
