//! Links and blocks of code of a page, each with its lines.

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

/// A link or image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Where it leads, as written.
    pub(super) to: String,
    /// 1-based lines on which it stands, first and last.
    pub(super) lines: (u32, u32),
}

/// A fenced block of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    /// The first word after the fence.
    pub(super) language: String,
    /// Its lines with their 1-based numbers.
    pub(super) lines: Vec<(u32, String)>,
}

/// Reads a page of Markdown. Never fails.
pub(super) fn read(text: &str) -> (Vec<Link>, Vec<Fence>) {
    let starts: Vec<usize> =
        std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let line_at = |offset: usize| {
        u32::try_from(starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    };
    let (mut links, mut fences) = (Vec::new(), Vec::new());
    let mut open: Option<Fence> = None;
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(
                Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. },
            ) if !matches!(link_type, LinkType::Autolink | LinkType::Email) => {
                let last = range.end.saturating_sub(1).max(range.start);
                let lines = (line_at(range.start), line_at(last));
                links.push(Link { to: dest_url.into_string(), lines });
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let is_end = |c: char| c.is_whitespace() || c == ',' || c == '{';
                let language = info.split(is_end).next().unwrap_or_default().to_ascii_lowercase();
                open = Some(Fence { language, lines: Vec::new() });
            }
            Event::Text(code) => {
                if let Some(fence) = &mut open {
                    let first = line_at(range.start);
                    fence.lines.extend((first..).zip(code.lines().map(str::to_owned)));
                }
            }
            Event::End(TagEnd::CodeBlock) => fences.extend(open.take()),
            _ => {}
        }
    }
    (links, fences)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn links_and_blocks_are_found_with_their_lines() {
        let text = "# T\n\nSee [a](x.md) and ![b](y.png).\n\n```sh\nmake all\n\nmake it\n```\n\n[c]\n\n[c]: z.md\n`[d](no.md)`\n";
        let (links, fences) = read(text);
        let told: Vec<(&str, u32)> =
            links.iter().map(|link| (link.to.as_str(), link.lines.0)).collect();
        assert_eq!(told, [("x.md", 3), ("y.png", 3), ("z.md", 11)]);
        assert_eq!(fences[0].language, "sh");
        assert_eq!(fences[0].lines[2], (8, "make it".to_owned()));
    }

    proptest! {
        #[test]
        fn any_page_is_read_without_panic(text in "(\\PC|\n|```|\\[|\\]\\(|\t){0,200}") {
            let _ = read(&text);
        }
    }
}
