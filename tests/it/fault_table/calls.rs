//! The calls of a run, in their order, and how each is recognised for one ticket among many.

use deskside_sandbox::Matching;

/// One call of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// A token is fetched; of no ticket.
    Token,
    /// The ticket is read.
    Ticket,
    /// Its comments are listed.
    Comments,
    /// The second page of them.
    NextPage,
    /// A download begins at the account's own host.
    FirstHop,
    /// The bytes come from another.
    Content,
    /// A small file is put into the store, whole.
    Put,
    /// A large one: its upload is started.
    Start,
    /// A part of it is sent.
    Part,
    /// The parts become an object.
    Complete,
    /// Is there one of its final name already?
    Head,
    /// It gets its final name.
    Copy,
    /// Its first one goes.
    Delete,
    /// The copy is read back.
    ReadBack,
    /// The copy's size is asked for, right before redaction.
    CopyCheck,
    /// The attachment is redacted.
    Redact,
    /// The same on a closed ticket.
    RedactClosed,
    /// The comments are listed again, as proof.
    Proof,
    /// The second page of that.
    NextProof,
    /// What was moved is written down in the store.
    Manifest,
    /// The ticket gets its tag.
    Tag,
    /// It loses the other one.
    Untag,
    /// The note is written.
    Note,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The account's API.
    Zendesk,
    /// The host of the bytes.
    Content,
    /// The archive's store.
    Store,
}

/// What is needed to recognise a ticket's calls.
pub struct Marks {
    /// Its number.
    pub ticket: u64,
    /// The comment that carries its files.
    pub comment: u64,
    /// The word in its first file's address.
    pub token: String,
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::Token,
        Self::Ticket,
        Self::Comments,
        Self::NextPage,
        Self::FirstHop,
        Self::Content,
        Self::Put,
        Self::Start,
        Self::Part,
        Self::Complete,
        Self::Head,
        Self::Copy,
        Self::Delete,
        Self::ReadBack,
        Self::CopyCheck,
        Self::Redact,
        Self::RedactClosed,
        Self::Proof,
        Self::NextProof,
        Self::Manifest,
        Self::Tag,
        Self::Untag,
        Self::Note,
    ];

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Ticket => "ticket",
            Self::Comments => "comments",
            Self::NextPage => "comments, page 2",
            Self::FirstHop => "download, first hop",
            Self::Content => "download, bytes",
            Self::Put => "store: put",
            Self::Start => "store: start upload",
            Self::Part => "store: part",
            Self::Complete => "store: complete",
            Self::Head => "store: is it there",
            Self::Copy => "store: final name",
            Self::Delete => "store: delete first name",
            Self::ReadBack => "store: read back",
            Self::CopyCheck => "store: is the copy there",
            Self::Redact => "redaction",
            Self::RedactClosed => "redaction, closed",
            Self::Proof => "proof",
            Self::NextProof => "proof, page 2",
            Self::Manifest => "store: manifest",
            Self::Tag => "tag",
            Self::Untag => "other tag",
            Self::Note => "note",
        }
    }

    /// Who is asked.
    pub const fn asked(self) -> Asked {
        match self {
            Self::Content => Asked::Content,
            Self::Put
            | Self::Start
            | Self::Part
            | Self::Complete
            | Self::Head
            | Self::Copy
            | Self::Delete
            | Self::ReadBack
            | Self::CopyCheck
            | Self::Manifest => Asked::Store,
            _ => Asked::Zendesk,
        }
    }

    /// It is made for files in parts only.
    pub const fn needs_parts(self) -> bool {
        matches!(self, Self::Start | Self::Part | Self::Complete | Self::Head | Self::Copy | Self::Delete)
    }

    /// It is made for long talks only.
    pub const fn needs_pages(self) -> bool {
        matches!(self, Self::NextPage | Self::NextProof)
    }

    /// Its answer is nothing but a status.
    pub const fn answers_nothing(self) -> bool {
        matches!(self, Self::Put | Self::Part | Self::Head | Self::CopyCheck | Self::Manifest)
    }

    /// How it is recognised, and how many of that look come before it.
    pub fn of(self, marks: &Marks) -> (Matching, u32) {
        let Marks { ticket, comment, token } = marks;
        let on = |host: &str, method: &str| Matching {
            host: Some(host.to_owned()),
            method: Some(method.to_owned()),
            ..Matching::default()
        };
        let ends = |method, suffix: String| Matching { path_suffix: Some(suffix), ..on("zendesk", method) };
        let holds = |host, method, part: String| Matching { path_contains: Some(part), ..on(host, method) };
        let stored = |host, method| holds(host, method, format!("/{ticket}/"));
        let comments = || ends("GET", format!("/tickets/{ticket}/comments"));
        match self {
            Self::Token => (ends("POST", "/oauth/tokens".to_owned()), 0),
            Self::Ticket => (ends("GET", format!("/tickets/{ticket}")), 0),
            Self::Comments => (comments(), 0),
            Self::NextPage | Self::Proof => (comments(), 1),
            Self::NextProof => (comments(), 3),
            Self::FirstHop => (holds("zendesk", "GET", format!("/attachments/token/{token}")), 0),
            Self::Content => (holds("content", "GET", format!("/{token}")), 0),
            Self::Redact => {
                let redaction = holds("zendesk", "PUT", format!("/tickets/{ticket}/comments/"));
                (Matching { path_suffix: Some("/redact".to_owned()), ..redaction }, 0)
            }
            Self::RedactClosed => (ends("PUT", format!("/comment_redactions/{comment}")), 0),
            Self::Tag => (ends("PUT", format!("/tickets/{ticket}/tags")), 0),
            Self::Untag => (ends("DELETE", format!("/tickets/{ticket}/tags")), 0),
            Self::Note => (ends("PUT", format!("/tickets/{ticket}")), 0),
            Self::Put => (stored("put", "PUT"), 0),
            Self::Start => (stored("start", "POST"), 0),
            Self::Part => (stored("part", "PUT"), 0),
            Self::Complete => (stored("complete", "POST"), 0),
            Self::Head | Self::CopyCheck => (stored("head", "HEAD"), 0),
            Self::Copy => (stored("copy", "PUT"), 0),
            Self::Delete => (stored("delete", "POST"), 0),
            Self::ReadBack => (stored("get", "GET"), 0),
            Self::Manifest => (stored("manifest", "PUT"), 0),
        }
    }
}
