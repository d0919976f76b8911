//! Texts that leave this machine, without what the gate would find in them.

use super::search::spans;

/// Around a key that goes over several lines.
const KEY_BEGINS: &str = "-----BEGIN ";
const KEY_ENDS: &str = "-----END ";

/// `text` with `mask` in the place of everything that looks like a secret. Lines stay lines; of a private key
/// all are masked up to its end, or up to that of the text.
pub fn without_secrets(text: &str, mask: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_key = false;
    for line in text.split_inclusive('\n') {
        let (body, end) = match line.strip_suffix('\n') {
            Some(body) => (body, "\n"),
            None => (line, ""),
        };
        let begins = body.contains(KEY_BEGINS) && body.contains("PRIVATE KEY");
        if in_key || begins {
            in_key = !body.contains(KEY_ENDS);
            out.push_str(mask);
        } else {
            let mut from = 0;
            for span in spans(body) {
                out.push_str(&body[from..span.start]);
                out.push_str(mask);
                from = span.end;
            }
            out.push_str(&body[from..]);
        }
        out.push_str(end);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_are_masked_and_the_rest_stays() {
        let token = format!("ghp_{}", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6");
        let text = format!("first\nkey = {token} # said twice: {token}\nlast");
        let told = without_secrets(&text, "[masked]");
        assert_eq!(told, "first\nkey = [masked] # said twice: [masked]\nlast");
    }

    #[test]
    fn a_private_key_is_masked_to_its_end() {
        let text = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb";
        assert_eq!(without_secrets(text, "x"), "a\nx\nx\nx\nb");
        assert_eq!(without_secrets("-----BEGIN PRIVATE KEY-----\nMIIE", "x"), "x\nx");
    }

    proptest! {
        #[test]
        fn a_text_without_secrets_stays_as_it_is(text in "([a-z ]{0,30}\n){0,5}[a-z ]{0,30}") {
            prop_assert_eq!(without_secrets(&text, "x"), text);
        }
    }
}
