//! What is wrong with a file. **Invariant:** no content of it: files, columns and lines are named, cells are not.

use std::io;
use std::sync::Arc;

use wire::ErrorCode;

use crate::connectors::{FailureKind, Vendor, VendorSettings};

pub(in crate::connectors) static FILES: Vendor = Vendor {
    id: "report",
    name: "the folder",
    credentials: "the server's user",
    oauth_client: "",
    forbidden: "let the server's user read it",
    not_found: "",
    settings: VendorSettings {
        credentials: "`folder` of the connection",
        permission: "`sources.folders`",
        allowed_hosts: "`sources.folders`",
        address: "`folder` of the connection",
    },
    code: |_| ErrorCode::SourceUnreadable,
};

/// Why a file was not read. Whoever wrote it corrects it, unless it says something else.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FileProblem {
    /// Operator.
    #[error(
        "the folder of the connection is not below one of `sources.folders`; add it there, or choose another"
    )]
    FolderNotAllowed,
    /// Operator.
    #[error("the folder of the connection does not exist here; make it, or correct `folder`")]
    NoFolder,
    /// Admin.
    #[error("`path` must be the name of one file in the connection's folder, without `/` and `..`")]
    Path,
    #[error("there is no file `{name}` in the connection's folder; put it there, or correct `path`")]
    NoFile { name: String },
    #[error("`{name}` is not a file of the connection's folder; put a copy of the file there")]
    NotAFile { name: String },
    #[error("`{name}` has {bytes} bytes, and at most {limit} are read; divide it")]
    TooLarge { name: String, bytes: u64, limit: u64 },
    /// Nobody: the next run reads it again.
    #[error(
        "`{name}` was changed while it was read; write it under another name, and rename it when it is complete"
    )]
    Changed { name: String },
    #[error("`{name}` is an Excel workbook or an archive; save it as CSV, or unpack it")]
    Packed { name: String },
    #[error(
        "`{name}` has bytes that are in no text (NUL); save it as UTF-8, or set `encoding`, for example to `utf-16le`"
    )]
    NotText { name: String },
    #[error("`{name}` is empty; its first line must name the columns")]
    Empty { name: String },
    /// Operator.
    #[error("`{name}` cannot be read; see that the disk works and that the server's user may read it")]
    Unreadable {
        name: String,
        #[source]
        cause: Arc<io::Error>,
    },
    /// Admin.
    #[error("`encoding` is no encoding that is known; write it like `utf-8`, `shift_jis` or `windows-1252`")]
    Encoding,
    /// Admin.
    #[error("`delimiter` must be one of `,` `;` `|` or a tab")]
    Delimiter,
    /// Admin.
    #[error("`types` names the column `{column}`, which `{name}` does not have")]
    UnknownColumn { name: String, column: String },
    /// Admin.
    #[error(
        "the type of `{column}` must be one of text, integer, decimal, decimal(12,2), boolean, date, timestamp, json"
    )]
    UnknownType { column: String },
    #[error(
        "line {line} of `{name}` has a value in column `{column}` that is not {expected}; correct it, or change `types`"
    )]
    Type { name: String, line: u64, column: String, expected: &'static str },
    #[error(
        "`{name}` has {count} rows whose number of cells is not the header's {expected}, first in line {line} with {found}; quote \
         cells that hold the delimiter or a line break"
    )]
    Ragged { name: String, count: u64, line: u64, found: usize, expected: usize },
    #[error(
        "line {line} of `{name}` opens a quote that is not closed at the end of its cell; close it, or write it twice \
         where it belongs to the value"
    )]
    OpenQuote { name: String, line: u64 },
    #[error("line {line} of `{name}` is not a JSON object; write one object in each line")]
    NotAnObject { name: String, line: u64 },
    #[error("line {line} of `{name}` has more than {limit} bytes; divide it")]
    LineTooLarge { name: String, line: u64, limit: usize },
}

impl FileProblem {
    pub(in crate::connectors) const fn kind(&self) -> FailureKind {
        match self {
            Self::Changed { .. } | Self::Unreadable { .. } => FailureKind::Unavailable,
            Self::FolderNotAllowed => FailureKind::Blocked,
            Self::NoFolder | Self::NoFile { .. } => FailureKind::NotFound,
            Self::TooLarge { .. } | Self::LineTooLarge { .. } => FailureKind::TooLarge,
            _ => FailureKind::Rejected,
        }
    }
}

/// The system refuses to read it.
pub(super) fn cannot_read(name: &str, cause: io::Error) -> FileProblem {
    FileProblem::Unreadable { name: name.to_owned(), cause: Arc::new(cause) }
}
