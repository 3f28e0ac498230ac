//! A connection that cuts a slow client off: one that does not finish its request's headers, or does not take its answer.
//! hyper's own limit for headers also runs while a connection is idle, so it must be as long as connections may be idle.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};

/// Counts the beginnings and ends of a connection's requests: an odd number is a request that is being answered, which is no
/// time to be impatient with its client.
#[derive(Clone, Default)]
pub(super) struct Patience(Arc<AtomicU64>);

impl Patience {
    /// The headers are here.
    pub(super) fn request_begins(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The answer is on its way.
    pub(super) fn request_ends(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The connection.
pub(super) struct Patient {
    stream: TcpStream,
    patience: Patience,
    /// How far `patience` was when this connection was last read.
    seen: u64,
    headers: Duration,
    stalled: Duration,
    /// Until when the headers of the request that has begun must be here.
    reading: Option<Pin<Box<Sleep>>>,
    /// Until when the client must take something of the answer.
    writing: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    /// The first request must come as if it had begun.
    pub(super) fn new(stream: TcpStream, patience: Patience, headers: Duration, stalled: Duration) -> Self {
        Self { stream, patience, seen: 0, headers, stalled, reading: Some(timer(headers)), writing: None }
    }

    fn wrote<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.writing = None;
            return written;
        }
        let stalled = self.stalled;
        let timer = self.writing.get_or_insert_with(|| timer(stalled));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

fn timer(after: Duration) -> Pin<Box<Sleep>> {
    Box::pin(sleep_until(Instant::now() + after))
}

impl AsyncRead for Patient {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let requests = this.patience.0.load(Ordering::Relaxed);
        if std::mem::replace(&mut this.seen, requests) != requests {
            this.reading = None;
        }
        let is_answering = requests % 2 == 1;
        if let Some(timer) = &mut this.reading
            && timer.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        if !is_answering && this.reading.is_none() && buf.filled().len() > before {
            this.reading = Some(timer(this.headers));
        }
        read
    }
}

impl AsyncWrite for Patient {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.wrote(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bytes);
        this.wrote(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
