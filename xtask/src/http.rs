//! Just enough HTTP to ask our own servers on 127.0.0.1 whether they are there. **Invariant:** never leaves the machine.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::problem::{Outcome, Problem};

/// Longer than any of our answers takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// A status and a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Asks for a page.
pub(crate) fn get(port: u16, path: &str) -> Outcome<Answer> {
    ask(port, "GET", path, "")
}

/// Sends JSON, or a form where the body does not open with a brace.
pub(crate) fn post(port: u16, path: &str, body: &str) -> Outcome<Answer> {
    ask(port, "POST", path, body)
}

fn ask(port: u16, method: &str, path: &str, body: &str) -> Outcome<Answer> {
    let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
    // 1.0: the answer ends where the connection ends.
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: localhost:{port}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(port, &request).map_err(|cause| {
        Problem::new(format!(
            "{method} {path} on 127.0.0.1:{port} got no answer: {cause}; is the server still running?"
        ))
    })?;
    parse(&answer)
        .ok_or_else(|| Problem::new(format!("{method} {path} on 127.0.0.1:{port} did not answer with HTTP")))
}

fn exchange(port: u16, request: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

fn parse(answer: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned() })
}

/// A port that nobody uses now.
pub(crate) fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener
        .map(|address| address.port())
        .map_err(|cause| Problem::new(format!("no free port on 127.0.0.1: {cause}")))
}

#[cfg(test)]
mod tests {
    use super::{Answer, parse};

    #[test]
    fn status_and_body_are_read_and_nonsense_is_not() {
        let check = |text: &str, expected: Option<(u16, &str)>| {
            let expected = expected.map(|(status, body)| Answer { status, body: body.to_owned() });
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        };
        check("HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello", Some((200, "hello")));
        check("HTTP/1.0 404 Not Found\r\n\r\n", Some((404, "")));
        check("SSH-2.0-x", None);
    }
}
