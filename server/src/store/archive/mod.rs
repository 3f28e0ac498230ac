//! Where each ticket's archive run and each attachment stands.

mod askers; // who asked for a run
mod attachments;
mod copies; // a copy that nobody needs any more
mod items; // one attachment, one life
mod runs; // one ticket's move, unique while live
mod undo; // the time in which a run can be undone
mod updates; // what we lately changed on a ticket // a live run is asked for more, or less

use super::words;

pub use askers::{AskerRow, add_asker, askers_of_run};
pub use attachments::{add_attachments, keep_attachments};
pub use copies::{adopt_copy, give_up_copy};
pub use items::{ItemChange, ItemRow, ItemState, NewItem, advance, item, items_of_ticket, open_items_of_run};
pub use items::{plan_item, prove_item, set_done_bytes, take_over_untold};
pub use runs::{
    NewRun, Problem, RunChange, RunRow, RunState, current_run, end_before, latest_run, run, set_run,
};
pub use runs::{release_next_run, start_next_run, start_run};
pub use undo::{Window, cancel_run, hold_run, settle_window};
pub use updates::{count_update, crowded_until};

/// What becomes of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Set<T> {
    /// It stays.
    #[default]
    Keep,
    /// It becomes this.
    To(T),
    /// It becomes empty.
    Clear,
}
