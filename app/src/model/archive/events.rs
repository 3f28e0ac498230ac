//! What can happen to the archive of a ticket, and what is to be done about it.

use wire::{ArchiveView, AttachmentId, StartedRun, TicketId};

use crate::model::Fault;

/// Which files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All that are still in Zendesk.
    All,
    /// One of them.
    One(AttachmentId),
    /// Those that failed.
    Failed,
    /// Those that arrived after the agent asked for the others.
    New,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum ArchiveEvent {
    /// The agent is known, and this ticket (or none) is on the screen.
    Open(Option<TicketId>),
    /// The server answered question `ask`.
    Listed {
        /// Which question.
        ask: u32,
        /// When, RFC 3339 UTC.
        at: String,
        /// What it said.
        result: Result<ArchiveView, Fault>,
    },
    /// The agent asks for the list once more.
    Reload,
    /// The list may have changed.
    Look {
        /// Something did change: the server must not answer from its cache.
        fresh: bool,
    },
    /// It is time to ask once more.
    Due {
        /// While question `ask` was the last.
        ask: u32,
    },
    /// The agent wants these away.
    Wish(Which),
    /// The agent thought better of it.
    Cancel,
    /// The agent confirmed.
    Confirm,
    /// The server answered the wish.
    Started {
        /// Which question.
        ask: u32,
        /// The run, or why there is none.
        result: Result<StartedRun, Fault>,
    },
    /// The agent wants to see an archived file.
    Show(AttachmentId),
    /// The server does not show it.
    NotShown(Fault),
    /// The agent takes it back: all of it, or this file.
    Undo(Option<AttachmentId>),
    /// The server answered that.
    UndoAnswered {
        /// Of which run.
        run: String,
        /// Which file; absent: all.
        only: Option<AttachmentId>,
        /// When, RFC 3339 UTC.
        at: String,
        /// The run as it is now, or why it was not undone.
        result: Result<ArchiveView, Fault>,
    },
    /// A second of the time to undo has passed.
    Left {
        /// Which countdown: its end, as the server wrote it.
        until: String,
        /// Seconds.
        seconds: u32,
    },
    /// Progress of the run.
    Progress {
        /// Which run.
        run: String,
        /// When, RFC 3339 UTC.
        at: String,
        /// All files as they are now.
        view: ArchiveView,
    },
    /// The run's progress has ended.
    Ended {
        /// Which run.
        run: String,
    },
    /// The server was lost; the follower is trying again.
    Lost {
        /// Which run.
        run: String,
    },
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveEffect {
    /// Ask the server for the list.
    List {
        /// Names the question.
        ask: u32,
        /// Of which ticket.
        ticket: TicketId,
        /// Past the server's cache.
        fresh: bool,
    },
    /// Say `Due` in so many seconds.
    Later {
        /// Names the question.
        ask: u32,
        /// How many.
        seconds: u32,
    },
    /// Ask the server to begin.
    Start {
        /// Names the question.
        ask: u32,
        /// Of which ticket.
        ticket: TicketId,
        /// Which files.
        ids: Vec<AttachmentId>,
    },
    /// Ask the server for a link to an archived file, and open it in a tab of its own.
    Show(AttachmentId),
    /// Ask the server to stop the run, or this file of it, while it still can.
    Undo {
        /// Which run.
        run: String,
        /// Which file; absent: all.
        only: Option<AttachmentId>,
        /// Seconds to wait first.
        after: u32,
    },
    /// Say `Left`: at once, or when the second that is shown is over.
    Count {
        /// The end, as the server wrote it.
        until: String,
        /// At once.
        now: bool,
    },
    /// Follow a run until it ends, through every loss of the server; an earlier follower stops.
    Follow(String),
    /// Stop following.
    Unfollow,
    /// Move the keyboard's focus.
    Focus(Place),
}

/// Where the keyboard's focus goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The question that was just asked.
    Confirmation,
    /// The button that asked it.
    Button(Which),
    /// The heading, because the button is gone.
    Heading,
}
