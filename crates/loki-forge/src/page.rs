//! Lists that come in pages.

use reqwest::Url;
use reqwest::header::{HeaderMap, LINK};
use serde_json::Value;

use crate::ForgeError;
use crate::web::Site;

/// Elements asked for at once.
pub(crate) const PAGE_SIZE: &str = "100";
/// Most pages of one list.
const PAGES_MAX: usize = 50;

/// The elements of a list that begins at `url` and goes on as its `Link` headers say, at most
/// `most`; whether there are more.
pub(crate) fn list(
    site: &Site,
    url: Url,
    what: &str,
    most: usize,
) -> Result<(Vec<Value>, bool), ForgeError> {
    let mut elements = Vec::new();
    let mut next = Some(url);
    for _ in 0..PAGES_MAX {
        let Some(url) = next else { break };
        let reply = site.get(url.clone(), what)?;
        let Value::Array(page) = reply.body else {
            return Err(site.odd("a list is expected".to_owned()));
        };
        next = next_page(&reply.headers, &url);
        elements.extend(page);
        if elements.len() >= most {
            break;
        }
    }
    let has_more = next.is_some() || elements.len() > most;
    elements.truncate(most);
    Ok((elements, has_more))
}

/// The address that is called `next`.
///
/// Source: RFC 8288, section 3.
pub(crate) fn next_page(headers: &HeaderMap, from: &Url) -> Option<Url> {
    let value = headers.get(LINK)?.to_str().ok()?;
    let mut rest = value;
    while let Some((address, after)) = rest.split_once('<').and_then(|(_, at)| at.split_once('>')) {
        // Parameters go on until the next address.
        let parameters = after.split('<').next().unwrap_or(after);
        let is_next = parameters.split([';', ',']).any(|parameter| {
            let parameter = parameter.trim();
            parameter.eq_ignore_ascii_case("rel=\"next\"")
                || parameter.eq_ignore_ascii_case("rel=next")
        });
        if is_next {
            return from.join(address).ok().filter(|next| next != from);
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn next(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(LINK, HeaderValue::from_str(value).unwrap());
        let from = Url::parse("https://h/a?page=1").unwrap();
        next_page(&headers, &from).map(String::from)
    }

    #[test]
    fn the_next_page_is_what_the_header_calls_so() {
        let github = "<https://h/a?page=2>; rel=\"next\", <https://h/a?page=9>; rel=\"last\"";
        assert_eq!(next(github).as_deref(), Some("https://h/a?page=2"));
        let gitlab = "<https://h/a?page=1>; rel=\"first\", <https://h/a?page=3>; rel=\"next\"";
        assert_eq!(next(gitlab).as_deref(), Some("https://h/a?page=3"));
        assert_eq!(next("</a?page=2>; rel=next").as_deref(), Some("https://h/a?page=2"));
    }

    #[test]
    fn what_is_no_next_page_ends_the_list() {
        for value in [
            "<https://h/a?page=9>; rel=\"last\"",
            "<https://h/a?page=1>; rel=\"next\"",
            "<https://h",
            "rel=\"next\"",
            "",
            "<>; <>; rel=x",
        ] {
            assert_eq!(next(value), None, "{value}");
        }
    }
}
