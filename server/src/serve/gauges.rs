//! What monitoring sees of the queue, as the database has it: the same from every replica. **Invariant:** a kind that has no
//! job any more goes to zero, it does not keep its last figure.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    causes::with_causes,
    queue::{Queue, State},
};

/// How often the queue is counted; Prometheus asks every 15 s by default.
const EVERY: Duration = Duration::from_secs(10);

const STATES: [State; 3] = [State::Ready, State::Leased, State::Dead];

/// Counts for ever.
pub(super) async fn run(queue: Queue) {
    let mut kinds = BTreeSet::new();
    loop {
        if let Err(error) = measure(&queue, &mut kinds).await {
            tracing::warn!(error = %with_causes(&error), "the queue could not be counted for /metrics; it is tried again in {} s", EVERY.as_secs());
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn measure(queue: &Queue, kinds: &mut BTreeSet<String>) -> Result<(), crate::store::StoreError> {
    let depths = queue.depth().await?;
    kinds.extend(depths.iter().map(|depth| depth.kind.clone()));
    for kind in &*kinds {
        for state in STATES {
            let depth = depths.iter().find(|depth| depth.kind == *kind && depth.state == state);
            let jobs = depth.map_or(0, |depth| depth.jobs);
            metrics::gauge!("deskside_jobs", "kind" => kind.clone(), "state" => state.as_str())
                .set(figure(jobs));
        }
        let ready = depths.iter().find(|depth| depth.kind == *kind && depth.state == State::Ready);
        let oldest = ready.map_or(0.0, |depth| depth.oldest.as_seconds_f64());
        metrics::gauge!("deskside_jobs_oldest_ready_seconds", "kind" => kind.clone()).set(oldest);
    }
    let dead = depths.iter().filter(|depth| depth.state == State::Dead).map(|depth| depth.jobs).sum();
    metrics::gauge!("deskside_dead_letters").set(figure(dead));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 jobs")]
const fn figure(count: u64) -> f64 {
    count as f64
}
