//! What goes wrong with a call, and for how long. **Invariant:** a kind is only tried where it can show.

use deskside_sandbox::{Elsewhere, Fault};

use super::calls::{Asked, Call};

/// One kind of trouble.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// For people.
    pub name: &'static str,
    /// As the stand-ins make it.
    pub fault: Fault,
    /// It befalls what we send, not what is answered.
    pub sent: bool,
}

/// For how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lasts {
    /// One call: what a second try inside the call may mend.
    Once,
    /// More calls than a call tries: what the queue mends.
    AWhile,
    /// Until somebody mends it and asks again.
    UntilMended,
}

impl Lasts {
    /// Each.
    pub const ALL: [Self; 3] = [Self::Once, Self::AWhile, Self::UntilMended];

    /// How many calls meet it.
    pub const fn times(self) -> u32 {
        match self {
            Self::Once => 1,
            Self::AWhile => 4,
            Self::UntilMended => u32::MAX,
        }
    }
}

/// Longer than anybody in the table waits for an answer.
const TOO_LONG_MS: u64 = 2_500;

const fn kind(name: &'static str, fault: Fault) -> Kind {
    Kind { name, fault, sent: false }
}

const fn status(name: &'static str, status: u16) -> Kind {
    kind(name, Fault::Status { status, retry_after: None })
}

const fn asks_to_wait(name: &'static str, status: u16) -> Kind {
    kind(name, Fault::Status { status, retry_after: Some(40) })
}

const fn lures(name: &'static str, redirect: Elsewhere) -> Kind {
    kind(name, Fault::Redirect { redirect })
}

const KINDS: [Kind; 25] = [
    kind("no answer in time", Fault::Delay { delay_ms: TOO_LONG_MS }),
    kind("done, no answer in time", Fault::Late { late_ms: TOO_LONG_MS }),
    kind("done, answer lost", Fault::LostAnswer { lost_answer: 502 }),
    kind("done, reset", Fault::Reset { reset: true }),
    kind("truncated", Fault::Truncate { truncate: 10 }),
    kind("falls silent", Fault::Silent { silent_after: 10 }),
    kind("flipped byte", Fault::FlipByte { flip_byte: 0 }),
    Kind { name: "flipped byte, sent", fault: Fault::FlipByte { flip_byte: 0 }, sent: true },
    status("500", 500),
    status("502", 502),
    status("503", 503),
    asks_to_wait("503, Retry-After", 503),
    status("429", 429),
    asks_to_wait("429, Retry-After", 429),
    status("401", 401),
    status("403", 403),
    status("404", 404),
    status("400 ExpiredToken", 400),
    status("507 full", 507),
    status("200, failed", 200),
    status("200, nothing done", 200),
    lures("redirect, private", Elsewhere::Private),
    lures("redirect, metadata", Elsewhere::Metadata),
    lures("redirect, stranger", Elsewhere::Stranger),
    lures("redirect, circle", Elsewhere::Itself),
];

impl Kind {
    /// The kinds that can show in a call, each with its place among all.
    pub fn of(call: Call) -> impl Iterator<Item = (usize, Self)> {
        KINDS.into_iter().enumerate().filter(move |(_, kind)| kind.shows_in(call))
    }

    /// Nobody else in the same account can be asked meanwhile.
    pub fn is_everybodys(self) -> bool {
        self.name.starts_with("429")
    }

    /// It needs impatient settings.
    pub fn outlasts_the_window(self) -> bool {
        matches!(self.fault, Fault::Delay { .. } | Fault::Late { .. } | Fault::Silent { .. })
    }

    fn shows_in(self, call: Call) -> bool {
        let store = call.asked() == Asked::Store;
        let download = matches!(call, Call::FirstHop | Call::Content);
        match self.name {
            // What has no body cannot break off, fall silent or be damaged; nor do redirects have one that is read.
            "truncated" | "falls silent" | "flipped byte"
                if call.answers_nothing() || call == Call::FirstHop =>
            {
                false
            }
            // The upload's id would be another one, which nobody knows: that is the row `404`.
            "flipped byte" if call == Call::Start => false,
            // Zendesk names no checksum: this one is TLS's to see, and then it is the row `done, reset`.
            "flipped byte" if call == Call::Content => false,
            "done, reset" => !matches!(call, Call::Head | Call::CopyCheck), // it has no body to break before
            "flipped byte, sent" => matches!(call, Call::Put | Call::Part | Call::Manifest),
            "401" => !store && call != Call::Content,
            "404" => call != Call::Delete, // it would be a lie: then it is gone
            "400 ExpiredToken" => store,
            "507 full" => store && call != Call::Delete,
            "200, failed" => matches!(call, Call::Complete | Call::Copy),
            "200, nothing done" => {
                matches!(call, Call::Redact | Call::RedactClosed | Call::FirstHop | Call::Content)
            }
            // The store is the operator's own: the library that asks it goes where it sends us.
            "502" | "503, Retry-After" | "429, Retry-After" | "redirect, private" | "redirect, stranger" => {
                !store
            }
            "redirect, metadata" | "redirect, circle" => download,
            _ => true,
        }
    }
}
