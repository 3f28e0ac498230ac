//! The parent's side of one child process: starts it, reads its rows, ends it.

use std::{path::Path, process::Stdio, sync::Arc, time::Duration};

use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{ChildStderr, ChildStdin, ChildStdout, Command},
    runtime::Handle,
    sync::OwnedSemaphorePermit,
    task::{JoinHandle, spawn_blocking},
    time::{Instant, timeout, timeout_at},
};

use super::{death, request::Request};
use crate::{Batch, Column, ModelError, columns};

/// What is read from the pipe at once.
const CHUNK: usize = 64 * 1024;
/// What is kept of the child's error output.
const ERRORS: u64 = 64 * 1024;
/// What a child has to take its job back from a cluster, when its answer is not wanted. Without a cluster it ends at once.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(3);

/// What a process may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes.
    pub(super) memory: u64,
    pub(super) deadline: Instant,
    /// The whole time until the deadline, for the error.
    pub(super) seconds: u64,
}

impl Bounds {
    pub(super) fn from_now(memory: u64, time: Duration) -> Self {
        Self { memory, deadline: Instant::now() + time, seconds: time.as_secs() }
    }
}

/// Why there are no more rows.
#[derive(Debug)]
pub(super) enum Failure {
    /// The child said so itself.
    Reported(ModelError),
    /// The child died or was killed.
    Died(ModelError),
}

impl Failure {
    pub(super) fn error(self) -> ModelError {
        match self {
            Self::Reported(error) | Self::Died(error) => error,
        }
    }
}

/// What a run keeps until its child is dead: the folder of its temporary files and its turn, given back in this order.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) _spill: Option<TempDir>,
    pub(super) _turn: OwnedSemaphorePermit,
}

/// A child process. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct Process {
    child: Option<tokio::process::Child>,
    held: Arc<Held>,
    output: ChildStdout,
    errors: Option<JoinHandle<String>>,
    /// Open as long as the child shall live.
    input: Option<ChildStdin>,
    decoder: StreamDecoder,
    received: Buffer,
    /// Rows that came together with their columns.
    early: Option<Batch>,
    columns: Vec<Column>,
    bounds: Bounds,
}

impl Process {
    pub(super) async fn start(
        program: &Path,
        request: &Request,
        bounds: Bounds,
        held: &Arc<Held>,
    ) -> Result<Self, Failure> {
        let started = Self::spawn(program, request, bounds, held.clone()).await;
        started.map_err(|error| Failure::Died(ModelError::Start(error.to_string())))
    }

    async fn spawn(
        program: &Path,
        request: &Request,
        bounds: Bounds,
        held: Arc<Held>,
    ) -> std::io::Result<Self> {
        let mut process = Command::new(program)
            .arg("engine")
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(mut input), Some(output), Some(errors)) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take())
        else {
            unreachable!("all three are pipes");
        };
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        let errors = tokio::spawn(read_errors(errors));
        // A child that died already is explained by its error output, not by the closed pipe.
        let _ = input.write_all(&line).await;
        Ok(Self {
            child: Some(process),
            held,
            output,
            errors: Some(errors),
            input: Some(input),
            decoder: StreamDecoder::new(),
            received: Buffer::default(),
            early: None,
            columns: Vec::new(),
            bounds,
        })
    }

    /// Those of the result; known after [`Process::read_columns`].
    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(super) async fn read_columns(&mut self) -> Result<(), Failure> {
        while self.decoder.schema().is_none() {
            if !self.receive().await? {
                return Err(self.ended().await.err().unwrap_or_else(|| garbled("it answered nothing")));
            }
            self.early = self.decode()?;
        }
        let schema = self.decoder.schema().expect("it was just read");
        self.columns = columns::columns(&schema).ok_or_else(|| garbled("it answered unknown types"))?;
        Ok(())
    }

    /// The next rows; `None` when the result is whole.
    pub(super) async fn next(&mut self) -> Result<Option<Batch>, Failure> {
        if let Some(batch) = self.early.take() {
            return Ok(Some(batch));
        }
        loop {
            if let Some(batch) = self.decode()? {
                return Ok(Some(batch));
            }
            if !self.receive().await? {
                self.ended().await?;
                return Ok(None);
            }
        }
    }

    fn decode(&mut self) -> Result<Option<Batch>, Failure> {
        let cells = self.decoder.decode(&mut self.received).map_err(|error| garbled(&error.to_string()))?;
        match cells {
            Some(cells) => Batch::new(cells).map(Some).ok_or_else(|| garbled("it answered unknown types")),
            None => Ok(None),
        }
    }

    /// Reads on; `false` when the child has closed its output.
    async fn receive(&mut self) -> Result<bool, Failure> {
        let mut chunk = Vec::with_capacity(CHUNK);
        let read = timeout_at(self.bounds.deadline, self.output.read_buf(&mut chunk)).await;
        let read = read.map_err(|_| self.late())?;
        let read = read.map_err(|error| garbled(&error.to_string()))?;
        self.received = chunk.into();
        Ok(read > 0)
    }

    /// How the child ended: well only if it says so and its output is whole.
    async fn ended(&mut self) -> Result<(), Failure> {
        let Some(child) = &mut self.child else { return Ok(()) };
        let status = timeout_at(self.bounds.deadline, child.wait()).await.map_err(|_| self.late())?;
        let status = status.map_err(|error| garbled(&error.to_string()))?;
        self.child = None;
        let errors = match self.errors.take() {
            Some(errors) => errors.await.unwrap_or_default(),
            None => String::new(),
        };
        if status.success() {
            return self.decoder.finish().map_err(|_| garbled("its answer is cut off"));
        }
        Err(death::explain(status, &errors, &self.bounds))
    }

    fn late(&self) -> Failure {
        Failure::Died(ModelError::Time { seconds: self.bounds.seconds })
    }
}

impl Drop for Process {
    /// Turn and folder are given back when nobody uses them any more.
    fn drop(&mut self) {
        let (Some(mut process), Ok(runtime)) = (self.child.take(), Handle::try_current()) else { return };
        let (held, input) = (self.held.clone(), self.input.take());
        runtime.spawn(async move {
            drop(input);
            if timeout(CANCEL_TIMEOUT, process.wait()).await.is_err() {
                let _ = process.kill().await;
            }
            let _ = spawn_blocking(move || drop(held)).await;
        });
    }
}

/// What the child wrote, cut off where it is too long; read to the end, so that the child never waits for us.
async fn read_errors(mut from: ChildStderr) -> String {
    let mut bytes = Vec::new();
    let _ = (&mut from).take(ERRORS).read_to_end(&mut bytes).await;
    let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

fn garbled(what: &str) -> Failure {
    Failure::Died(ModelError::Crashed(what.to_owned()))
}
