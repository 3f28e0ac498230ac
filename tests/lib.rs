//! Nothing: the suites are test targets. This crate exists so that they share one manifest.
