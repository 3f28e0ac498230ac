//! Joins the models to the server and the workspace: what a model asks for is done here, and the answer is its next
//! event. **Invariant:** no decisions; those are the models'.

mod desk;
mod machine;
mod rehearsal;
mod roots;

pub use roots::start;
