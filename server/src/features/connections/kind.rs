//! Which vendors an account can be connected with.

/// What a connection leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Zendesk.
    Zendesk,
    /// Salesforce.
    Salesforce,
    #[value(help = "A MySQL or MariaDB database")]
    Mysql,
    #[value(help = "A PostgreSQL database")]
    Postgres,
    /// Reports: files in a folder of this server.
    Report,
    /// Twilio and Flex. In the settings file only, as the two below.
    #[value(skip)]
    Twilio,
    /// Where the archive goes.
    #[value(skip)]
    Objects,
    /// The company's own webhook.
    #[value(skip)]
    Notify,
}

const ALL: [Kind; 8] = [
    Kind::Zendesk,
    Kind::Salesforce,
    Kind::Mysql,
    Kind::Postgres,
    Kind::Report,
    Kind::Twilio,
    Kind::Objects,
    Kind::Notify,
];

impl Kind {
    /// As it is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zendesk => "zendesk",
            Self::Salesforce => "salesforce",
            Self::Mysql => "mysql",
            Self::Postgres => "postgres",
            Self::Report => "report",
            Self::Twilio => "twilio",
            Self::Objects => "objects",
            Self::Notify => "notify",
        }
    }

    /// Whether it is the word of a kind.
    pub(super) fn is_word(word: &str) -> bool {
        Self::read(word).is_some()
    }

    /// From its word.
    pub fn read(word: &str) -> Option<Self> {
        ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether its connections can be kept in the database.
    pub(super) const fn is_kept(self) -> bool {
        !matches!(self, Self::Twilio | Self::Objects | Self::Notify)
    }
}
