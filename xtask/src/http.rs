//! Just enough HTTP to ask our own servers on 127.0.0.1 whether they are there. **Invariant:** never leaves the machine.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::problem::{Outcome, Problem};

/// Longer than any of our answers takes.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// A status, headers and a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(':'));
        headers.find_map(|(known, value)| known.eq_ignore_ascii_case(name).then(|| value.trim()))
    }
}

/// Asks for a page.
pub(crate) fn get(port: u16, path: &str) -> Outcome<Answer> {
    ask(port, "GET", path, None, "")
}

/// Asks for a page, with a session.
pub(crate) fn get_as(port: u16, path: &str, bearer: &str) -> Outcome<Answer> {
    ask(port, "GET", path, Some(bearer), "")
}

/// Sends JSON, or a form where the body does not open with a brace.
pub(crate) fn post(port: u16, path: &str, body: &str) -> Outcome<Answer> {
    ask(port, "POST", path, None, body)
}

/// Sends JSON or a form, with a session.
pub(crate) fn post_as(port: u16, path: &str, bearer: &str, body: &str) -> Outcome<Answer> {
    ask(port, "POST", path, Some(bearer), body)
}

/// Puts JSON in the place of what is there, with a session.
pub(crate) fn put_as(port: u16, path: &str, bearer: &str, body: &str) -> Outcome<Answer> {
    ask(port, "PUT", path, Some(bearer), body)
}

/// Takes a body that is too large to hold.
pub(crate) fn download(port: u16, path: &str, into: &mut impl Write) -> Outcome {
    let copied = open(port, &request(port, "GET", path, None, "")).and_then(|stream| {
        let mut stream = BufReader::new(stream);
        let mut first = String::new();
        stream.read_line(&mut first)?;
        if first.split(' ').nth(1) != Some("200") {
            return Err(io::Error::other(format!("the answer is not 200: {}", first.trim_end())));
        }
        let mut line = first;
        while line.trim_end() != "" {
            line.clear();
            stream.read_line(&mut line)?;
        }
        io::copy(&mut stream, into)
    });
    copied
        .map(drop)
        .map_err(|cause| Problem::new(format!("the download from 127.0.0.1:{port} failed: {cause}")))
}

fn ask(port: u16, method: &str, path: &str, bearer: Option<&str>, body: &str) -> Outcome<Answer> {
    let exchange = open(port, &request(port, method, path, bearer, body)).and_then(|mut stream| {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    });
    let answer = exchange.map_err(|cause| {
        Problem::new(format!(
            "{method} {path} on 127.0.0.1:{port} got no answer: {cause}; is the server still running?"
        ))
    })?;
    parse(&answer)
        .ok_or_else(|| Problem::new(format!("{method} {path} on 127.0.0.1:{port} did not answer with HTTP")))
}

fn request(port: u16, method: &str, path: &str, bearer: Option<&str>, body: &str) -> String {
    let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
    let session = bearer.map(|bearer| format!("Authorization: Bearer {bearer}\r\n")).unwrap_or_default();
    // 1.0: the answer ends where the connection ends.
    format!(
        "{method} {path} HTTP/1.0\r\nHost: localhost:{port}\r\n{session}Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn open(port: u16, request: &str) -> io::Result<TcpStream> {
    let mut stream =
        TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), ANSWER_TIMEOUT)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

fn parse(answer: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let (first, head) = head.split_once("\r\n").unwrap_or((head, ""));
    let status = first.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// A port that nobody uses now, and that no call gets twice. It is below those that the system hands out: nobody gets it
/// between this look and its use.
pub(crate) fn free_port() -> Outcome<u16> {
    const FIRST: u16 = 20_000;
    const COUNT: u32 = 12_000;
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    for _ in 0..COUNT {
        let place = (std::process::id() + TAKEN.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let port = FIRST + u16::try_from(place).expect("it is below 12,000");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Problem::new(format!("no port of 127.0.0.1 from {FIRST} on is free")))
}

#[cfg(test)]
mod tests {
    use super::{Answer, parse};

    #[test]
    fn status_and_body_are_read_and_nonsense_is_not() {
        let check = |text: &str, expected: Option<(u16, &str, &str)>| {
            let expected = expected.map(|(status, head, body)| Answer {
                status,
                head: head.to_owned(),
                body: body.to_owned(),
            });
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        };
        check("HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello", Some((200, "A: b", "hello")));
        check("HTTP/1.0 404 Not Found\r\n\r\n", Some((404, "", "")));
        check("SSH-2.0-x", None);
    }

    #[test]
    fn a_header_is_found_whatever_its_case() {
        let answer = parse(b"HTTP/1.1 302 Found\r\nA: b\r\nlocation: http://x/y\r\n\r\n").expect("HTTP");
        assert_eq!(answer.header("Location"), Some("http://x/y"));
        assert_eq!(answer.header("Link"), None);
    }
}
