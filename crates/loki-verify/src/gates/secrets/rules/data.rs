//! Databases, and addresses with passwords in them.

use super::{Proof, Rule, Weight, named, shape};

pub(super) const RULES: &[Rule] = &[
    shape("planetscale-token", "a PlanetScale token", &["pscale_tkn_"], r"pscale_tkn_[A-Za-z0-9_.-]{32,64}", "PlanetScale, service tokens"),
    shape("planetscale-password", "a PlanetScale password", &["pscale_pw_"], r"pscale_pw_[A-Za-z0-9_.-]{32,64}", "PlanetScale, passwords"),
    shape("planetscale-oauth-token", "a PlanetScale OAuth token", &["pscale_oauth_"], r"pscale_oauth_[A-Za-z0-9_.-]{32,64}", "PlanetScale, OAuth"),
    shape("supabase-token", "a Supabase access token", &["sbp_"], r"sbp_[a-f0-9]{40}", "Supabase, access tokens"),
    shape("supabase-secret-key", "a Supabase secret key", &["sb_secret_"], r"sb_secret_[A-Za-z0-9_-]{31,40}", "Supabase, API keys"),
    shape("neon-key", "a Neon key", &["napi_"], r"napi_[a-z0-9]{60,70}", "Neon, API keys"),
    shape("databricks-token", "a Databricks token", &["dapi"], r"dapi[a-f0-9]{32}(?:-[0-9])?", "Databricks, personal access tokens"),
    shape("postgres-url", "a PostgreSQL password", &["postgres://", "postgresql://", "postgresql+"], r"postgres(?:ql)?(?:\+[a-z0-9]{2,12})?://[^\s:@/\x22'`<>]{1,64}:[^\s@/\x22'`<>]{3,120}@[A-Za-z0-9._-]{1,120}", "RFC 3986, section 3.2.1").proved_by(Proof::Password).weighing(Weight::Likely),
    shape("mysql-url", "a MySQL password", &["mysql://", "mysql+", "mariadb://"], r"(?:mysql|mariadb)(?:\+[a-z0-9]{2,12})?://[^\s:@/\x22'`<>]{1,64}:[^\s@/\x22'`<>]{3,120}@[A-Za-z0-9._-]{1,120}", "RFC 3986, section 3.2.1").proved_by(Proof::Password).weighing(Weight::Likely),
    shape("mongodb-url", "a MongoDB password", &["mongodb://", "mongodb+srv://"], r"mongodb(?:\+srv)?://[^\s:@/\x22'`<>]{1,64}:[^\s@/\x22'`<>]{3,120}@[A-Za-z0-9._-]{1,120}", "MongoDB, connection strings").proved_by(Proof::Password).weighing(Weight::Likely),
    shape("redis-url", "a Redis password", &["redis://", "rediss://"], r"rediss?://[^\s:@/\x22'`<>]{0,64}:[^\s@/\x22'`<>]{3,120}@[A-Za-z0-9._-]{1,120}", "RFC 3986, section 3.2.1").proved_by(Proof::Password).weighing(Weight::Likely),
    shape("amqp-url", "a message broker's password", &["amqp://", "amqps://"], r"amqps?://[^\s:@/\x22'`<>]{1,64}:[^\s@/\x22'`<>]{3,120}@[A-Za-z0-9._-]{1,120}", "AMQP URI specification").proved_by(Proof::Password).weighing(Weight::Likely),
    shape("sqlserver-url", "a SQL Server password", &["sqlserver://", "mssql://", "mssql+"], r"(?:sqlserver|mssql)(?:\+[a-z0-9]{2,12})?://[^\s:@/\x22'`<>]{1,64}:[^\s@/\x22'`<>]{3,120}@[A-Za-z0-9._-]{1,120}", "RFC 3986, section 3.2.1").proved_by(Proof::Password).weighing(Weight::Likely),
    shape("url-password", "a password in an address", &["://"], r"(?:https?|ftps?|sftp|smtps?|ldaps?)://[^\s:@/\x22'`<>]{1,64}:[^\s@/\x22'`<>]{6,120}@[A-Za-z0-9-]{1,60}\.[A-Za-z0-9._-]{2,120}", "RFC 3986, section 3.2.1").proved_by(Proof::Password).weighing(Weight::Likely),
    shape("cloudinary-url", "a Cloudinary secret", &["cloudinary://"], r"cloudinary://[0-9]{15}:[A-Za-z0-9_-]{27}@[a-z0-9_-]{2,40}", "Cloudinary, environment variable"),
    named("connection-string-password", "a password in a connection string", &["password=", "pwd="], r"(?:server|data source|host|addr)\s*=[^;\x22']{1,120};.{0,200}\b(?:password|pwd)", r"[^\s;\x22'{}<>$%]{8,120}", "ADO.NET, connection strings").proved_by(Proof::LooksVeryRandom),
    named("snowflake-password", "a Snowflake password", &["snowflake"], r"snowflake_?password", r"[^\s\x22'{}<>$%,;]{12,100}", "Snowflake, connection parameters").proved_by(Proof::LooksVeryRandom),
];
