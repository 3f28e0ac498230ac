//! Runs an integration's SQL over staged rows: typed rows in, one sorted result out. Knows no vendor and no store.

mod value;

pub use value::{Column, Type, Value};
