//! What is counted and timed.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Upper bounds of what is measured in seconds.
const SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The process has one recorder; several servers in one process (tests) share it.
pub(super) fn handle() -> PrometheusHandle {
    static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return handle.clone();
    }
    let buckets = PrometheusBuilder::new().set_buckets(&SECONDS).expect("there are buckets");
    let recorder = buckets.build_recorder();
    let handle = HANDLE.get_or_init(|| recorder.handle()).clone();
    // Lost the race to another server of this process: its recorder is the one.
    let _ = metrics::set_global_recorder(recorder);
    handle
}
