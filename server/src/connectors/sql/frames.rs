//! A stream of PostgreSQL's messages in which none is larger than a row may be: the driver would keep a message of a gigabyte in
//! memory. Docs: <https://www.postgresql.org/docs/current/protocol-message-formats.html>: a letter, then the length with itself.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsStream};

const HEADER: usize = 5;

/// Reads what the server sends, and ends with an error at a message that is too large.
pub(super) struct Bounded<S> {
    pub(super) stream: S,
    /// Set when a message was too large. Shared with whoever sees the driver's error, which says "closed" then.
    pub(super) exceeded: Arc<AtomicBool>,
    /// Absent: it is not messages that come, but TLS.
    limit: Option<usize>,
    header: [u8; HEADER],
    has: usize,
    /// Of the message's body.
    remaining: usize,
}

impl<S> Bounded<S> {
    pub(super) fn new(stream: S, limit: Option<usize>, exceeded: Arc<AtomicBool>) -> Self {
        Self { stream, exceeded, limit, header: [0; HEADER], has: 0, remaining: 0 }
    }

    fn passes(&mut self, mut bytes: &[u8]) -> bool {
        let Some(limit) = self.limit else { return true };
        while !bytes.is_empty() {
            if self.remaining > 0 {
                let body = self.remaining.min(bytes.len());
                (self.remaining, bytes) = (self.remaining - body, &bytes[body..]);
                continue;
            }
            let part = (HEADER - self.has).min(bytes.len());
            self.header[self.has..self.has + part].copy_from_slice(&bytes[..part]);
            (self.has, bytes) = (self.has + part, &bytes[part..]);
            if self.has == HEADER {
                let [_, length @ ..] = self.header;
                let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
                if length > limit {
                    return false;
                }
                (self.has, self.remaining) = (0, length.saturating_sub(HEADER - 1));
            }
        }
        true
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, into))?;
        if this.passes(&into.filled()[before..]) {
            return Poll::Ready(Ok(()));
        }
        this.exceeded.store(true, Ordering::Relaxed);
        Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "a row is too large")))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Bounded<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_too_large_ends_the_stream() {
        let check = |chunks: &[&[u8]], limit, expected| {
            let mut bounded = Bounded::new((), limit, Arc::default());
            assert_eq!(chunks.iter().all(|chunk| bounded.passes(chunk)), expected, "{chunks:?}");
        };
        let small = b"D\0\0\0\x08rows";
        check(&[small, small], Some(8), true);
        check(&[small], Some(7), false);
        check(&[b"D\0", b"\0", b"\0\x08r", b"owsD\0\0\0", b"\x09"], Some(8), false);
        check(&[b"Z\0\0\0\x04", small], Some(8), true);
        check(&[b"D\xff\xff\xff\xff"], Some(8), false);
        check(&[b"D\xff\xff\xff\xff"], None, true);
    }
}
