//! Links to files of the repository that are not there.

use loki_model::Severity;

use super::markdown::read;
use super::pages;
use crate::delta::{Delta, FileDelta};
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::layout::{file_name, is_under, parent, resolved};

pub(super) const BROKEN_LINK: Rule = Rule {
    id: "docs/broken-link",
    severity: Severity::Warning,
    what: "A relative link or image on an added line of Markdown leads to no file of the repository.",
    why: "A reader who follows it finds nothing, and so does whoever checks what the page says.",
    example: "+See the [guide](docs/guide.md).        # there is no docs/guide.md",
    fix: "Add the file, or correct the path: it is read from the directory of the page.",
    look,
};

/// Directories that web sites are served from, whatever the pages of their sources are called.
const SERVED_DIRS: &[&str] = &["static", "public", "assets", "_static", "images", "img"];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    for page in pages(delta) {
        let text = page.after.as_deref().unwrap_or_default();
        for link in read(text).0 {
            if !page.is_any_added(link.lines.0, link.lines.1) {
                continue;
            }
            let Some(target) = target(&page.path, &link.to) else { continue };
            if !exists(cx, &target) && !was_broken(delta, page, &link.to, &target) {
                let message = format!("links to `{target}`, which does not exist");
                found.add(BROKEN_LINK.at(&page.path, link.lines.0, message));
            }
        }
    }
}

/// The path from the root of the repository that a link on `page` means; nothing for what is no such
/// link, or may be one to a page that a web site generates.
fn target(page: &str, to: &str) -> Option<String> {
    let path = to.split(['#', '?']).next().unwrap_or_default();
    let has_scheme = path.split('/').next().is_some_and(|first| first.contains(':'));
    if path.is_empty()
        || has_scheme
        || path.starts_with('/')
        || path.contains(['{', '}', '<', '$', '*', '\\'])
    {
        return None;
    }
    let path = decoded(path)?;
    // Beyond the repository are pages of the site that hosts it.
    let target = resolved(parent(page), &path)?;
    let ending = file_name(&target).rsplit_once('.').map(|(_, ending)| ending);
    let is_file = ending.is_some_and(|ending| {
        (1..=8).contains(&ending.len())
            && ending.chars().all(|c| c.is_ascii_alphanumeric())
            && !ending.chars().all(|c| c.is_ascii_digit())
            && !matches!(ending, "html" | "htm" | "php" | "aspx")
    });
    is_file.then_some(target)
}

/// The text with percent encoding taken away; nothing where that is wrong.
///
/// Source: RFC 3986, section 2.1.
fn decoded(path: &str) -> Option<String> {
    let mut out = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

fn exists(cx: &Cx<'_>, target: &str) -> bool {
    let is_file = |path: &str| cx.layout.has(path);
    // What is behind a link or in a submodule is not known.
    let is_behind =
        std::iter::successors(Some(parent(target)), |dir| (!dir.is_empty()).then(|| parent(dir)))
            .any(|dir| !dir.is_empty() && is_file(dir));
    let is_served = || {
        let name = file_name(target);
        cx.layout.all_files().any(|path| {
            file_name(path) == name && parent(path).split('/').any(|dir| SERVED_DIRS.contains(&dir))
        })
    };
    is_file(target)
        || is_behind
        || cx.layout.all_files().any(|path| is_under(path, target))
        || is_served()
}

/// Whether the page led there before, and it was as broken.
fn was_broken(delta: &Delta, page: &FileDelta, to: &str, target: &str) -> bool {
    let before = page.before.as_deref().unwrap_or_default();
    let led_there = read(before).0.iter().any(|link| link.to == to);
    led_there && delta.file(target).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn relative_paths_to_files_are_targets_and_nothing_else_is() {
        for (to, expected) in [
            ("guide.md", Some("docs/guide.md")),
            ("../a%20b.png#x", Some("a b.png")),
            ("./x.rs?plain=1#L3", Some("docs/x.rs")),
            ("../../issues/1.md", None),
            ("https://x.org/a.md", None),
            ("mailto:a@b.c", None),
            ("#part", None),
            ("/img/a.png", None),
            ("guide", None),
            ("guide.html", None),
            ("{{ site.url }}/a.md", None),
            ("v1.2", None),
            ("a%zz.md", None),
        ] {
            assert_eq!(target("docs/page.md", to).as_deref(), expected, "{to}");
        }
    }

    proptest! {
        #[test]
        fn any_link_is_resolved_without_panic(to in "(\\PC|%|/|\\.\\.){0,40}") {
            let _ = target("a/b.md", &to);
        }
    }
}
