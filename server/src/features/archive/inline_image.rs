//! An image inside a comment's text is redacted on a closed ticket by its place in that text: Zendesk wants the comment's `html_body`
//! back, with the attribute `redact` on the image. Source: Zendesk, Ticket Comments, "Redact Ticket Comment In Agent Workspace".
//! **Invariant:** no I/O; nothing else of the text is changed.

/// The text with `redact` on each image that shows this attachment; `None` where no image does.
pub fn marked(html: &str, content_url: &str) -> Option<String> {
    let wanted = address(content_url);
    let mut marked = String::with_capacity(html.len() + 16);
    let (mut rest, mut found) = (html, false);
    while let Some(begin) = find_image(rest) {
        let Some(end) = end_of_tag(&rest[begin..]).map(|end| begin + end) else { break };
        let tag = &rest[begin..end];
        marked.push_str(&rest[..begin]);
        if source(tag).is_some_and(|source| !wanted.is_empty() && address(&source) == wanted) {
            found = true;
            let at = tag.trim_end_matches('/').trim_end().len();
            marked.push_str(&tag[..at]);
            marked.push_str(" redact");
            marked.push_str(&tag[at..]);
        } else {
            marked.push_str(tag);
        }
        rest = &rest[end..];
    }
    marked.push_str(rest);
    found.then_some(marked)
}

/// Where the next `<img` begins.
fn find_image(html: &str) -> Option<usize> {
    let bytes = html.as_bytes();
    (0..bytes.len().saturating_sub(4)).find(|at| {
        bytes[*at..*at + 4].eq_ignore_ascii_case(b"<img")
            && (bytes[at + 4].is_ascii_whitespace() || bytes[at + 4] == b'/')
    })
}

/// Where the `>` of a tag is, outside of quotes.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    tag.bytes().position(|byte| {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'>') => return true,
            _ => {}
        }
        false
    })
}

/// The value of `src`.
fn source(tag: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    let at = loop {
        let at = from + lower[from..].find("src")?;
        let is_name = lower.as_bytes()[at - 1].is_ascii_whitespace();
        let after = lower[at + 3..].trim_start();
        if is_name && after.starts_with('=') {
            break tag.len() - after.len() + 1;
        }
        from = at + 3;
    };
    let value = tag[at..].trim_start();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split(|letter: char| letter.is_whitespace() || letter == '>').next()?,
    };
    Some(value.replace("&amp;", "&"))
}

/// An attachment's address without its name, which may be written in several ways.
fn address(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://acme.zendesk.com/attachments/token/abc/?name=pixel.gif";

    #[test]
    fn the_image_of_an_attachment_is_marked_and_nothing_else_changes() {
        for (html, expected) in [
            (
                r#"<p>見 <img src="https://acme.zendesk.com/attachments/token/abc/?name=pixel.gif" alt="a > b"> x</p>"#,
                Some(
                    r#"<p>見 <img src="https://acme.zendesk.com/attachments/token/abc/?name=pixel.gif" alt="a > b" redact> x</p>"#,
                ),
            ),
            (
                "<IMG alt='' SRC = 'https://acme.zendesk.com/attachments/token/abc?name=pixel.gif&amp;x=1' />",
                Some(
                    "<IMG alt='' SRC = 'https://acme.zendesk.com/attachments/token/abc?name=pixel.gif&amp;x=1' redact />",
                ),
            ),
            (
                "<img data-src='https://acme.zendesk.com/attachments/token/abc/' src='https://acme.zendesk.com/attachments/token/other/'>",
                None,
            ),
            (
                "<img src=https://acme.zendesk.com/attachments/token/abc/><img src='b'>",
                Some("<img src=https://acme.zendesk.com/attachments/token/abc redact/><img src='b'>"),
            ),
            ("<img src='https://acme.zendesk.com/attachments/token/abcd/'>", None),
            ("<p>https://acme.zendesk.com/attachments/token/abc/?name=pixel.gif</p>", None),
            ("<img src=\"https://acme.zendesk.com/attachments/token/abc/", None),
            ("<img", None),
            ("", None),
        ] {
            assert_eq!(marked(html, URL).as_deref(), expected, "{html}");
        }
        assert_eq!(marked("<img src=''>", ""), None);
    }
}
