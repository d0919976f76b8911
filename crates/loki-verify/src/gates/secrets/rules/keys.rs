//! Private keys and tokens that are no single issuer's.

use super::{Proof, Rule, Weight, named, shape};

pub(super) const RULES: &[Rule] = &[
    shape(
        "private-key",
        "a private key",
        &["PRIVATE KEY"],
        r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP |SSH2 ENCRYPTED )?PRIVATE KEY(?: BLOCK)?-----",
        "RFC 7468, section 10; RFC 4880, section 6.2",
    )
    .proved_by(Proof::KeyFollows),
    shape("putty-private-key", "a PuTTY private key", &["Private-Lines"], r"Private-Lines: [0-9]{1,3}", "PuTTY, appendix C: PPK file format").proved_by(Proof::KeyFollows),
    shape("encoded-private-key", "a private key in base64", &["LS0tLS1CRUdJTi"], r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{6,40}UFJJVkFURSBLRV[A-Za-z0-9+/=]{60,4000}", "RFC 7468 in RFC 4648"),
    shape("age-secret-key", "an age secret key", &["AGE-SECRET-KEY-1"], r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}", "age, file format"),
    named("jwk-private-key", "a private key in JSON", &["\"kty\"", "'kty'"], r#"["']kty["'].{1,400}["']d["']"#, r"[A-Za-z0-9_-]{42,700}", "RFC 7517; RFC 7518, section 6").weighing(Weight::Certain),
    named("wireguard-private-key", "a WireGuard private key", &["PrivateKey", "private_key"], r"\bprivate_?key", r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", "WireGuard, wg(8)"),
    shape("minisign-secret-key", "a minisign secret key", &["RWRTY0Iy"], r"RWRTY0Iy[A-Za-z0-9+/]{200,220}={0,2}", "minisign, file formats"),
    shape("jwt", "a signed token (JWT)", &["eyJ"], r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{40,800}", "RFC 7519").proved_by(Proof::Jwt).weighing(Weight::Likely),
    named("authorization-basic", "a name and password for HTTP", &["Basic "], r"authorization[^\w]{1,6}basic", r"[A-Za-z0-9+/]{12,200}={0,2}", "RFC 7617").proved_by(Proof::DecodesToPair),
    named("authorization-bearer", "a bearer token", &["Bearer "], r"authorization[^\w]{1,6}bearer", r"[A-Za-z0-9_.~+/-]{32,500}", "RFC 6750").proved_by(Proof::LooksVeryRandom),
    named("netrc-password", "a password of .netrc", &["machine "], r"\bmachine\s+\S{1,200}\s+login\s+\S{1,200}\s+password", r"[^\s]{8,200}", "curl, .netrc").proved_by(Proof::LooksVeryRandom),
];
