//! Which attachments the account wants archived. What is left alone is left alone with a reason that an agent can read.
//! **Invariant:** no I/O and no clock; in doubt a file stays where it is.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use wire::{ErrorCode, Sender};

use super::settings::{kibibytes, mebibytes};
use crate::{
    connectors::zendesk::{self, Attachment, Comment, MalwareScan},
    setting::days,
};

/// Zendesk's scanner comes seconds after a file, under load minutes. What is older and not scanned never will be: it was
/// there before the scanner.
const SCANNED_WITHIN: TimeDelta = TimeDelta::hours(1);

/// What the operator decides.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Policy {
    /// Larger files are left alone, bytes.
    #[serde(rename = "max_file_mb", deserialize_with = "mebibytes")]
    pub max_bytes: u64,
    /// Smaller ones too, bytes.
    #[serde(rename = "min_file_kb", deserialize_with = "kibibytes")]
    pub min_bytes: u64,
    /// And those whose comment is younger.
    #[serde(rename = "min_age_days", deserialize_with = "days::<0, 36_500, _>")]
    pub min_age: TimeDelta,
    /// Only these types, like `image/*`; empty: all.
    pub include_types: Vec<String>,
    /// Never these.
    pub exclude_types: Vec<String>,
    /// Whether images inside a comment's text are taken.
    pub inline: bool,
    /// Whether files are taken that somebody of the company sent to the customer.
    pub sent_by_us: bool,
    /// What becomes of infected files that an admin of Zendesk has given free.
    pub infected: Infected,
    /// Tickets with one of these tags are not touched.
    #[serde(deserialize_with = "zendesk::tags")]
    pub hold_tags: Vec<String>,
}

/// What becomes of an infected file that can be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Infected {
    /// It stays.
    Skip,
    /// It is archived, apart from the others.
    Quarantine,
}

/// One attachment and what decides about it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The attachment.
    pub attachment: &'a Attachment,
    /// The comment that carries it.
    pub comment: &'a Comment,
    /// Who wrote that comment.
    pub sender: Sender,
    /// The ticket's tags.
    pub tags: &'a [String],
}

/// What a run does with an attachment that it is asked to archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It takes it.
    Take,
    /// It takes it, apart from the others: it is infected.
    Quarantine,
    /// It leaves it alone, and says why.
    Skip(ErrorCode, String),
    /// It leaves it alone until somebody changes something.
    Hold(ErrorCode, String),
    /// Zendesk has not yet looked into it; it will be asked again.
    Wait,
}

impl Policy {
    /// What to do with an attachment. Infected files cannot be downloaded, and are never removed unseen.
    pub fn judge(&self, candidate: Candidate<'_>, now: DateTime<Utc>) -> Verdict {
        use ErrorCode as C;
        let Candidate { attachment, comment, sender, tags } = candidate;
        let skip = |code, why: &str| Verdict::Skip(code, why.to_owned());
        if let Some(tag) = tags.iter().find(|tag| self.hold_tags.iter().any(|hold| is_same_tag(hold, tag))) {
            return Verdict::Hold(C::ArchiveLegalHold, format!("the ticket has the tag `{tag}`"));
        }
        let infected = attachment.malware_scan_result == MalwareScan::MalwareFound;
        match attachment.malware_scan_result {
            MalwareScan::MalwareFound if !attachment.malware_access_override => {
                let why = "Zendesk found malware in it; it stays in Zendesk and is not copied";
                return skip(C::AttachmentMalware, why);
            }
            MalwareScan::MalwareFound if self.infected == Infected::Skip => {
                let why = "Zendesk found malware in it: it stays, because `archive.infected` is `skip`";
                return skip(C::AttachmentMalware, why);
            }
            MalwareScan::NotScanned if now - comment.created_at < SCANNED_WITHIN => return Verdict::Wait,
            _ => {}
        }
        match sender {
            Sender::Customer => {}
            _ if self.sent_by_us || !comment.public => {}
            Sender::Agent => {
                return skip(C::ArchiveSentByUs, "it was sent to the customer, who would lose it");
            }
            Sender::Unknown => {
                let why = "its sender is neither the ticket's requester nor a customer copied on it, so the customer may \
                           have got it from you";
                return skip(C::ArchiveSenderUnknown, why);
            }
        }
        if !self.inline && attachment.inline {
            return skip(C::ArchiveByPolicy, "it is an image inside a comment's text, and those stay");
        }
        if attachment.size > self.max_bytes {
            let why =
                format!("it is larger than the {} MB that the archive takes", self.max_bytes / 1_000_000);
            return skip(C::AttachmentTooLarge, &why);
        }
        if attachment.size < self.min_bytes {
            let why =
                format!("it is smaller than the {} kB that are worth archiving", self.min_bytes / 1_000);
            return skip(C::ArchiveByPolicy, &why);
        }
        let old_enough_at = self.old_enough_at(comment);
        if now < old_enough_at {
            let days = self.min_age.num_days();
            let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
            let from = old_enough_at.format("%Y-%m-%d");
            let why = format!("it is younger than {days}; it can be archived from {from}");
            return skip(C::ArchiveTooNew, &why);
        }
        let fits =
            |patterns: &[String]| patterns.iter().any(|pattern| is_of(&attachment.content_type, pattern));
        if fits(&self.exclude_types) || !(self.include_types.is_empty() || fits(&self.include_types)) {
            let why = format!("files of the type `{}` stay", base(&attachment.content_type));
            return skip(C::ArchiveByPolicy, &why);
        }
        if infected { Verdict::Quarantine } else { Verdict::Take }
    }
}

impl Policy {
    /// When a comment's files are old enough.
    pub fn old_enough_at(&self, comment: &Comment) -> DateTime<Utc> {
        comment.created_at.checked_add_signed(self.min_age).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// Zendesk stores tags in small letters.
fn is_same_tag(set: &str, there: &str) -> bool {
    set.trim().to_lowercase() == there.to_lowercase()
}

/// A media type without its parameters.
fn base(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// Whether a media type is the pattern, or of its kind where that ends in `/*`.
fn is_of(content_type: &str, pattern: &str) -> bool {
    let (kind, pattern) = (base(content_type), pattern.trim());
    match pattern.strip_suffix('*') {
        Some(family) => kind.get(..family.len()).is_some_and(|start| start.eq_ignore_ascii_case(family)),
        None => kind.eq_ignore_ascii_case(pattern),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn lenient() -> Policy {
        Policy {
            max_bytes: 2_000_000,
            min_bytes: 0,
            min_age: TimeDelta::zero(),
            include_types: vec![],
            exclude_types: vec![],
            inline: true,
            sent_by_us: false,
            infected: Infected::Skip,
            hold_tags: vec!["legal_hold".to_owned()],
        }
    }

    #[derive(Default)]
    struct Case {
        attachment: Option<Value>,
        private: bool,
        by: Option<Sender>,
        /// A minute old instead of five days.
        fresh: bool,
        tags: &'static [&'static str],
    }

    #[track_caller]
    fn check(policy: &Policy, case: &Case, expected: &str) {
        let mut fields = json!({"id": 1, "file_name": "a.pdf", "size": 10_000, "content_type": "application/pdf",
            "malware_scan_result": "malware_not_found"});
        if let Some(Value::Object(own)) = case.attachment.clone() {
            fields.as_object_mut().expect("an object").extend(own);
        }
        let attachment: Attachment = serde_json::from_value(fields).expect("an attachment");
        let written = if case.fresh { "2026-11-24T23:59:00Z" } else { "2026-11-20T00:00:00Z" };
        let comment = json!({"id": 2, "public": !case.private, "created_at": written});
        let comment: Comment = serde_json::from_value(comment).expect("a comment");
        let tags: Vec<_> = case.tags.iter().map(|tag| (*tag).to_owned()).collect();
        let candidate = Candidate {
            attachment: &attachment,
            comment: &comment,
            sender: case.by.unwrap_or(Sender::Customer),
            tags: &tags,
        };
        let now = "2026-11-25T00:00:00Z".parse().expect("a time");
        let got = match policy.judge(candidate, now) {
            Verdict::Take => "take".to_owned(),
            Verdict::Quarantine => "quarantine".to_owned(),
            Verdict::Wait => "wait".to_owned(),
            Verdict::Skip(code, why) => format!("skip {}: {why}", code.as_str()),
            Verdict::Hold(code, why) => format!("hold {}: {why}", code.as_str()),
        };
        assert_eq!(got, expected);
    }

    fn of(attachment: Value) -> Case {
        Case { attachment: Some(attachment), ..Case::default() }
    }

    #[test]
    fn what_a_customer_sent_is_taken() {
        check(&lenient(), &Case::default(), "take");
        check(&lenient(), &of(json!({"size": 2_000_000, "inline": true})), "take");
        check(&lenient(), &of(json!({"malware_scan_result": "failed_to_scan"})), "take");
    }

    #[test]
    fn what_we_sent_stays_unless_it_was_for_us_or_the_operator_says_so() {
        let sent = "skip archive_sent_by_us: it was sent to the customer, who would lose it";
        let unknown = "skip archive_sender_unknown: its sender is neither the ticket's requester nor a customer copied on it, \
                       so the customer may have got it from you";
        let all = Policy { sent_by_us: true, ..lenient() };
        for (by, stays) in [(Sender::Agent, sent), (Sender::Unknown, unknown)] {
            check(&lenient(), &Case { by: Some(by), ..Case::default() }, stays);
            check(&lenient(), &Case { by: Some(by), private: true, ..Case::default() }, "take");
            check(&all, &Case { by: Some(by), ..Case::default() }, "take");
        }
    }

    #[test]
    fn a_tag_holds_the_whole_ticket() {
        let held = "hold archive_legal_hold: the ticket has the tag `legal_hold`";
        check(&lenient(), &Case { tags: &["vip", "legal_hold"], ..Case::default() }, held);
        check(&lenient(), &Case { tags: &["vip"], ..Case::default() }, "take");
        let capital = Policy { hold_tags: vec![" Legal_Hold ".to_owned()], ..lenient() };
        check(&capital, &Case { tags: &["legal_hold"], ..Case::default() }, held);
    }

    #[test]
    fn infected_files_stay_and_those_that_the_scanner_is_still_to_see_wait() {
        let infected =
            "skip attachment_malware: Zendesk found malware in it; it stays in Zendesk and is not copied";
        check(&lenient(), &of(json!({"malware_scan_result": "malware_found"})), infected);
        let given_free =
            || of(json!({"malware_scan_result": "malware_found", "malware_access_override": true}));
        let stays = "skip attachment_malware: Zendesk found malware in it: it stays, because `archive.infected` is `skip`";
        check(&lenient(), &given_free(), stays);
        let apart = Policy { infected: Infected::Quarantine, ..lenient() };
        check(&apart, &given_free(), "quarantine");
        check(&apart, &of(json!({"malware_scan_result": "malware_found"})), infected);
        check(
            &Policy { max_bytes: 5, ..apart.clone() },
            &given_free(),
            "skip attachment_too_large: it is larger than the 0 MB that the archive takes",
        );
        let unscanned = || json!({"malware_scan_result": "not_scanned"});
        check(&lenient(), &of(unscanned()), "take");
        check(&lenient(), &Case { fresh: true, ..of(unscanned()) }, "wait");
    }

    #[test]
    fn size_age_place_and_type_are_the_operators() {
        let strict = Policy {
            min_bytes: 5_000,
            min_age: TimeDelta::days(5),
            include_types: vec!["image/*".to_owned(), "application/pdf".to_owned()],
            exclude_types: vec!["image/svg+xml".to_owned()],
            inline: false,
            ..lenient()
        };
        for (attachment, expected) in [
            (json!({}), "take"),
            (json!({"content_type": "IMAGE/JPEG; q=1"}), "take"),
            (
                json!({"content_type": "image/svg+xml"}),
                "skip archive_by_policy: files of the type `image/svg+xml` stay",
            ),
            (
                json!({"content_type": "text/csv"}),
                "skip archive_by_policy: files of the type `text/csv` stay",
            ),
            (
                json!({"size": 4_999}),
                "skip archive_by_policy: it is smaller than the 5 kB that are worth archiving",
            ),
            (
                json!({"size": 2_000_001}),
                "skip attachment_too_large: it is larger than the 2 MB that the archive takes",
            ),
            (
                json!({"inline": true}),
                "skip archive_by_policy: it is an image inside a comment's text, and those stay",
            ),
        ] {
            check(&strict, &of(attachment), expected);
        }
        let older = Policy { min_age: TimeDelta::days(6), ..strict };
        let too_new = "skip archive_too_new: it is younger than 6 days; it can be archived from 2026-11-26";
        check(&older, &Case::default(), too_new);
        let day = Policy { min_age: TimeDelta::days(1), ..lenient() };
        let too_new = "skip archive_too_new: it is younger than 1 day; it can be archived from 2026-11-25";
        check(&day, &Case { fresh: true, ..Case::default() }, too_new);
    }
}
