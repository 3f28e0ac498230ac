//! What else changes when an operator cancels a job or tries a dead one again: the feature decides, in the same transaction.
//! **Invariant:** no vendor is asked; a command has the database alone.

use std::{collections::BTreeMap, future::Future, marker::PhantomData, sync::Arc};

use futures::future::{BoxFuture, FutureExt};

use super::{Job, Queue};
use crate::store::{StoreError, Tx};

/// The job that an operator changed.
#[derive(Debug, Clone, Copy)]
pub struct Operated<'a> {
    pub account: &'a str,
    /// Its key; known also where the payload cannot be read.
    pub key: &'a str,
    pub(super) payload: &'a str,
}

impl Operated<'_> {
    /// Its payload; `None` where this version cannot read it.
    pub fn read<J: Job>(&self) -> Option<J> {
        serde_json::from_str(self.payload).ok()
    }
}

/// What became of a wish to try a job again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retried {
    /// It is ready.
    Yes,
    /// It is not dead, or a job with its key lives again.
    No,
    /// It would do nothing; this is what to do instead.
    Useless(String),
}

/// What features do about their jobs, by kind. A kind that it does not have needs nothing.
#[derive(Clone, Default)]
pub struct OperatorHooks(BTreeMap<&'static str, Arc<dyn Hook>>);

impl OperatorHooks {
    /// With those of one more kind.
    #[must_use]
    pub fn with<J: Job>(mut self) -> Self {
        self.0.insert(J::NAME, Arc::new(Of::<J>(PhantomData)));
        self
    }

    pub(super) async fn cancelled(
        &self,
        kind: &str,
        job: Operated<'_>,
        queue: &Queue,
        tx: &mut Tx,
    ) -> Result<(), StoreError> {
        let Some(hook) = self.0.get(kind) else { return Ok(()) };
        hook.cancelled(job, queue, tx).await
    }

    pub(super) async fn retried(
        &self,
        kind: &str,
        job: Operated<'_>,
        queue: &Queue,
        tx: &mut Tx,
    ) -> Result<Result<(), String>, StoreError> {
        let Some(hook) = self.0.get(kind) else { return Ok(Ok(())) };
        hook.retried(job, queue, tx).await
    }
}

trait Hook: Send + Sync {
    fn cancelled<'a>(
        &self,
        job: Operated<'a>,
        queue: &'a Queue,
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    fn retried<'a>(
        &self,
        job: Operated<'a>,
        queue: &'a Queue,
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Result<Result<(), String>, StoreError>>;
}

struct Of<J>(PhantomData<fn() -> J>);

impl<J: Job> Hook for Of<J> {
    fn cancelled<'a>(
        &self,
        job: Operated<'a>,
        queue: &'a Queue,
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        boxed(J::on_cancelled(job, queue, tx))
    }

    fn retried<'a>(
        &self,
        job: Operated<'a>,
        queue: &'a Queue,
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Result<Result<(), String>, StoreError>> {
        boxed(J::on_retry(job, queue, tx))
    }
}

fn boxed<'a, T>(future: impl Future<Output = T> + Send + 'a) -> BoxFuture<'a, T> {
    future.boxed()
}
