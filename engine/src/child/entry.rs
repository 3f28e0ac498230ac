//! The child's side: reads the request, confines itself, answers.

use std::process::ExitCode;

use crate::ModelError;

/// What `program engine` does. Called before the process has a second thread.
pub fn main() -> ExitCode {
    match answer() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

/// One line, whatever else was written before.
fn report(error: &ModelError) {
    eprintln!("{}", serde_json::to_string(error).unwrap_or_default());
}

#[cfg(not(feature = "datafusion"))]
fn answer() -> Result<(), ModelError> {
    Err(ModelError::NotBuilt)
}

#[cfg(feature = "datafusion")]
fn answer() -> Result<(), ModelError> {
    inside::answer()
}

#[cfg(feature = "datafusion")]
mod inside {
    use std::{
        io::{self, BufWriter, Read, Write, stdin, stdout},
        num::NonZero,
        panic, process, thread,
    };

    use arrow_array::{Array, RecordBatch};
    use arrow_ipc::writer::StreamWriter;
    use arrow_schema::ArrowError;
    use futures::StreamExt;
    use tokio::runtime;

    use super::report;
    use crate::{
        Answer, Engine, InProcess, Limits, ModelError,
        child::{
            confine::confine,
            remote::Remote,
            request::{Request, Task},
        },
        columns,
    };

    /// More threads need more memory, and leave less to the agents.
    const MOST_THREADS: usize = 4;
    /// A planner descends as deep as a model is nested.
    const PLANNER_STACK: usize = 64 * 1024 * 1024;
    const WORKER_STACK: usize = 4 * 1024 * 1024;
    /// Where a planner that grows its stack gives up; a build with Ballista has that of DataFusion's features.
    const GROWN_STACKS: &str = "/stacker-";
    /// Threads that read files.
    const READERS: usize = 8;
    /// The parent holds one message at a time.
    const MESSAGE: usize = 4 * 1024 * 1024;

    pub(super) fn answer() -> Result<(), ModelError> {
        let mut input = stdin().lock();
        let request = Request::read(&mut input)?;
        drop(input);
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
        confine(&request, threads as u64)?;
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            report(&if place.contains(GROWN_STACKS) {
                ModelError::nested()
            } else {
                ModelError::Crashed(format!("a defect at {place}"))
            });
            process::exit(101);
        }));
        let remote = Remote::of(&request);
        let of_parent = remote.clone();
        thread::spawn(move || end_with_parent(&of_parent));
        let planner = thread::Builder::new().name("engine".to_owned()).stack_size(PLANNER_STACK);
        let planner = planner.spawn(move || {
            let mut runtime = runtime::Builder::new_multi_thread();
            runtime.worker_threads(threads).max_blocking_threads(READERS).thread_stack_size(WORKER_STACK);
            let runtime = remote.needs(runtime.enable_time()).build();
            let runtime = runtime.map_err(|error| ModelError::Start(error.to_string()))?;
            runtime.block_on(work(request, threads, &remote))
        });
        let planner = planner.map_err(|error| ModelError::Start(error.to_string()))?;
        planner.join().expect("a panic has ended the process")
    }

    /// The parent keeps our input open while it wants an answer.
    fn end_with_parent(remote: &Remote) {
        let _ = io::copy(&mut stdin().lock().take(u64::MAX), &mut io::sink());
        remote.cancel();
        process::exit(1);
    }

    async fn work(request: Request, threads: usize, remote: &Remote) -> Result<(), ModelError> {
        let Request { model, task, memory, deadline } = request;
        match task {
            Task::Plan => {
                let columns = InProcess::new(threads, true).plan(&model).await?;
                Output::new(&columns)?.finish()
            }
            Task::Read => {
                InProcess::new(threads, true).read(&model).await?;
                Output::new(&[])?.finish()
            }
            Task::Run { spill, rows, hash_join, now, .. } => {
                let limits = Limits { memory, spill, deadline, rows, now };
                let here = InProcess::new(threads, hash_join);
                let written = write(remote.run(&model, &limits, here).await).await;
                remote.end().await;
                written
            }
        }
    }

    /// The whole answer, as it comes.
    async fn write(answer: Result<Answer, ModelError>) -> Result<(), ModelError> {
        let mut answer = answer?;
        let mut output = Output::new(&answer.columns)?;
        while let Some(batch) = answer.batches.next().await {
            output.write(&batch?.into_cells())?;
        }
        output.finish()
    }

    /// The parent's end of our output.
    struct Output(StreamWriter<BufWriter<io::Stdout>>);

    impl Output {
        fn new(columns: &[crate::Column]) -> Result<Self, ModelError> {
            let writer = StreamWriter::try_new(BufWriter::new(stdout()), &columns::schema(columns));
            let mut output = Self(writer.map_err(|error| closed(&error))?);
            output.flush()?;
            Ok(output)
        }

        /// In messages that the parent can hold.
        fn write(&mut self, rows: &RecordBatch) -> Result<(), ModelError> {
            if size(rows) > MESSAGE && rows.num_rows() > 1 {
                let half = rows.num_rows() / 2;
                self.write(&rows.slice(0, half))?;
                return self.write(&rows.slice(half, rows.num_rows() - half));
            }
            self.0.write(rows).map_err(|error| closed(&error))?;
            self.flush()
        }

        fn flush(&mut self) -> Result<(), ModelError> {
            self.0.get_mut().flush().map_err(|error| closed(&ArrowError::from(error)))
        }

        fn finish(mut self) -> Result<(), ModelError> {
            self.0.finish().map_err(|error| closed(&error))?;
            self.flush()
        }
    }

    /// Bytes of these rows; not of what they are a part of.
    fn size(rows: &RecordBatch) -> usize {
        rows.columns().iter().map(|cells| cells.to_data().get_slice_memory_size().unwrap_or_default()).sum()
    }

    /// The parent no longer reads, so nobody reads this either.
    fn closed(error: &ArrowError) -> ModelError {
        ModelError::Crashed(format!("its output: {error}"))
    }
}
