//! What goes wrong with a call, and for how long.

use deskside_sandbox::Fault;

pub use crate::fault_table::Lasts;

/// One kind of trouble.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// For people.
    pub name: &'static str,
    pub fault: Fault,
}

const fn kind(name: &'static str, fault: Fault) -> Kind {
    Kind { name, fault }
}

const fn status(name: &'static str, status: u16) -> Kind {
    kind(name, Fault::Status { status, retry_after: None })
}

const fn asks_to_wait(name: &'static str, status: u16) -> Kind {
    kind(name, Fault::Status { status, retry_after: Some(2) })
}

pub const KINDS: [Kind; 13] = [
    kind("done, no answer in time", Fault::Late { late_ms: 2_500 }),
    kind("falls silent", Fault::Silent { silent_after: 10 }),
    kind("done, answer lost", Fault::LostAnswer { lost_answer: 502 }),
    kind("done, reset", Fault::Reset { reset: true }),
    kind("truncated", Fault::Truncate { truncate: 10 }),
    status("500", 500),
    status("503", 503),
    asks_to_wait("503, Retry-After", 503),
    asks_to_wait("429, Retry-After", 429),
    status("401", 401),
    status("403", 403),
    status("404", 404),
    status("422", 422),
];

impl Kind {
    /// It needs impatient settings.
    pub const fn outlasts_the_window(self) -> bool {
        matches!(self.fault, Fault::Late { .. } | Fault::Silent { .. })
    }
}
