//! How long answers took: `deskside_http_seconds{method,route,status}`. A series is looked up by its labels once and then
//! kept, because that costs more than the sample. **Invariant:** there are only so many series, whatever clients send.

use std::{
    collections::HashMap,
    sync::{OnceLock, RwLock},
    time::Duration,
};

use axum::http::{Method, StatusCode};
use metrics::Histogram;

/// Methods as labels; a client may make up others.
const METHODS: [&str; 10] =
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "other"];
/// Classes of statuses as labels.
const CLASSES: [&str; 6] = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// The series of every route that was asked for.
#[derive(Default)]
pub struct Timings(RwLock<HashMap<String, OfRoute>>);

type OfRoute = [[OnceLock<Histogram>; CLASSES.len()]; METHODS.len()];

impl Timings {
    /// One answer. `route` is a template, of which there are as many as in the route table.
    pub fn record(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let routes = self.0.read().expect("nobody panics while measuring");
        if let Some(series) = routes.get(route) {
            return sample(series, method, route, status, took);
        }
        drop(routes);
        let mut routes = self.0.write().expect("nobody panics while measuring");
        sample(routes.entry(route.to_owned()).or_default(), method, route, status, took);
    }
}

fn sample(series: &OfRoute, method: &Method, route: &str, status: StatusCode, took: Duration) {
    let method = METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(METHODS.len() - 1);
    let class = usize::from(status.as_u16() / 100).min(CLASSES.len() - 1);
    let histogram = series[method][class].get_or_init(|| {
        metrics::histogram!("deskside_http_seconds", "method" => METHODS[method], "route" => route.to_owned(),
            "status" => CLASSES[class])
    });
    histogram.record(took.as_secs_f64());
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn methods_that_clients_make_up_share_one_series() {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            let timings = Timings::default();
            for (method, status) in [("GET", 200), ("GET", 204), ("GET", 404), ("BREW", 404), ("STEEP", 404)]
            {
                let method = method.parse().expect("a method");
                let status = StatusCode::from_u16(status).expect("a status");
                timings.record(&method, "/{id}", status, Duration::from_millis(1));
            }
        });
        let text = recorder.handle().render();
        let mut counts: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix("deskside_http_seconds_count")).collect();
        counts.sort_unstable();
        assert_eq!(
            counts,
            [
                r#"{method="GET",route="/{id}",status="2xx"} 2"#,
                r#"{method="GET",route="/{id}",status="4xx"} 1"#,
                r#"{method="other",route="/{id}",status="4xx"} 2"#,
            ]
        );
    }
}
