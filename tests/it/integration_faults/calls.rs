//! The calls of a run, in their order.

use deskside_sandbox::{Fault, FaultRule, Matching};

/// One call of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Token,
    /// What changed since the last run, as a source.
    Export,
    /// The same, as what the destination holds.
    ExportAgain,
    /// The destination's fields, before the comparison.
    Fields,
    /// The same before the first write.
    FieldsAgain,
    /// The first hundred rows.
    Update,
    /// The others.
    SecondUpdate,
    /// How the jobs stand.
    Jobs,
    /// What the records hold of which the answer was lost.
    ReadBack,
}

impl Call {
    pub const ALL: [Self; 9] = [
        Self::Token,
        Self::Export,
        Self::ExportAgain,
        Self::Fields,
        Self::FieldsAgain,
        Self::Update,
        Self::SecondUpdate,
        Self::Jobs,
        Self::ReadBack,
    ];

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Export => "export, as a source",
            Self::ExportAgain => "export, as destination",
            Self::Fields => "fields, comparing",
            Self::FieldsAgain => "fields, delivering",
            Self::Update => "first update",
            Self::SecondUpdate => "second update",
            Self::Jobs => "state of the jobs",
            Self::ReadBack => "reading back",
        }
    }

    /// It is made only after an answer was lost.
    pub fn needs_a_lost_answer(self) -> bool {
        self == Self::ReadBack
    }

    /// So many of these calls meet this.
    pub fn rule(self, fault: Fault, times: u32) -> FaultRule {
        let (method, path_suffix, skip) = match self {
            Self::Token => ("POST", "/oauth/tokens", 0),
            Self::Export => ("GET", "/incremental/users/cursor", 0),
            Self::ExportAgain => ("GET", "/incremental/users/cursor", 1),
            Self::Fields => ("GET", "/user_fields", 0),
            Self::FieldsAgain => ("GET", "/user_fields", 1),
            Self::Update => ("PUT", "/users/update_many", 0),
            Self::SecondUpdate => ("PUT", "/users/update_many", 1),
            Self::Jobs => ("GET", "/job_statuses/show_many", 0),
            Self::ReadBack => ("GET", "/users/show_many", 0),
        };
        let on = Matching {
            host: Some("zendesk".to_owned()),
            method: Some(method.to_owned()),
            path_suffix: Some(path_suffix.to_owned()),
            ..Matching::default()
        };
        FaultRule { on, times, skip, fault }
    }
}
