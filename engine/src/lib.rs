//! Runs an integration's SQL over staged rows: typed rows in, one sorted result out. Knows no vendor and no store.
//!
//! Rows are staged as Parquet (`Writer`). A model is planned and run by DataFusion in a child process with limits
//! (`Child`), because an admin wrote it; with the feature `ballista` that process may have a cluster run it. **Invariant:** nothing
//! outside `inside` names DataFusion or Ballista.

mod batch;
mod cells;
mod child;
mod cluster;
mod columns;
mod error;
#[cfg(feature = "datafusion")]
mod inside;
mod key;
mod model;
mod reader;
mod value;
mod writer;

pub use batch::Batch;
pub use child::{Child, main as child_main};
pub use cluster::{ClusterAddress, HAS_BALLISTA};
pub use error::{ModelError, Place, StagingError};
#[cfg(feature = "datafusion")]
pub use inside::InProcess;
pub use key::key;
pub use model::{Answer, Engine, Limits, Model, Table, View};
pub use reader::Reader;
pub use value::{Column, Type, Value};
pub use writer::{Staged, Writer};
