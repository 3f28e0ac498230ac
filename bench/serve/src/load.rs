//! Who asks: some connections that are kept, each with one request under way at any moment. **Invariant:** costs as little
//! as it can, because it shares the machine with whom it asks; an answer other than 200 ends everything.

use std::{
    io::{self, Read as _},
    net::Ipv4Addr,
    rc::Rc,
    time::Duration,
};

use clap::Args;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::{JoinSet, LocalSet},
    time::Instant,
};

/// Before counting: connections are open, code and caches are warm.
const WARM_UP: Duration = Duration::from_millis(300);

/// Whom to ask, and for how long.
#[derive(Args)]
pub(crate) struct Options {
    /// Their port on 127.0.0.1
    #[arg(long)]
    port: u16,
    /// How many connections ask at the same time
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// For so many seconds, after a moment to warm up
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
}

/// When counting begins and ends.
#[derive(Clone, Copy)]
struct Window {
    from: Instant,
    until: Instant,
}

/// Answers per second.
pub(crate) fn run(options: &Options) -> io::Result<f64> {
    let mut request = Vec::new();
    io::stdin().read_to_end(&mut request)?;
    let request: Rc<[u8]> = request.into();
    let length = Duration::try_from_secs_f64(options.seconds).map_err(io::Error::other)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answers = LocalSet::new().block_on(&runtime, async {
        let from = Instant::now() + WARM_UP;
        let window = Window { from, until: from + length };
        let mut asking = JoinSet::new();
        for _ in 0..options.connections {
            asking.spawn_local(ask(options.port, Rc::clone(&request), window));
        }
        let mut answers = 0;
        while let Some(asked) = asking.join_next().await {
            answers += asked.map_err(io::Error::other)??;
        }
        Ok::<_, io::Error>(answers)
    })?;
    Ok(f64::from(answers) / length.as_secs_f64())
}

/// One connection: how many answers came while it counted.
async fn ask(port: u16, request: Rc<[u8]>, window: Window) -> io::Result<u32> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 64 * 1024];
    let mut answers = 0;
    loop {
        stream.write_all(&request).await?;
        let mut got = 0;
        let mut whole = None;
        while whole.is_none_or(|whole| got < whole) {
            if got == buffer.len() {
                return Err(io::Error::other("an answer is longer than 64 kB"));
            }
            let read = stream.read(&mut buffer[got..]).await?;
            if read == 0 {
                return Err(io::Error::other("a connection was closed in the middle of an answer"));
            }
            got += read;
            if whole.is_none() {
                whole = whole_length(&buffer[..got])?;
            }
        }
        let now = Instant::now();
        if now >= window.until {
            return Ok(answers);
        }
        answers += u32::from(now >= window.from);
    }
}

/// How long an answer is, head and body; `None` while its head is not whole.
fn whole_length(start: &[u8]) -> io::Result<Option<usize>> {
    let Some(head) = start.windows(4).position(|end| end == b"\r\n\r\n") else { return Ok(None) };
    let lines = String::from_utf8_lossy(&start[..head]);
    if !lines.starts_with("HTTP/1.1 200 ") {
        let first = lines.lines().next().unwrap_or_default();
        return Err(io::Error::other(format!("the answer is not 200: {first}")));
    }
    let length = lines.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let length = length.ok_or_else(|| io::Error::other("an answer does not say how long it is"))?;
    Ok(Some(head + 4 + length))
}
