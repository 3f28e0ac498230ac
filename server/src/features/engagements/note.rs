//! The internal note of a stage. **Invariant:** no I/O; everything that came from outside is escaped, and cut off.

use std::fmt::Write;

use serde_json::Value;
use wire::{LogFacts, LogStage};

use crate::connectors::twilio::ChatLine;
use crate::features::{escape, recordings::Recorded, tasks::TaskAttributes};
use crate::store::wrapups::WrapUp;

/// Characters of one value, and of all that was written in a chat.
const LONGEST_VALUE: usize = 500;
const LONGEST_TRANSCRIPT: usize = 30_000;

/// What a note is made of.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub task_sid: &'a str,
    pub stage: LogStage,
    pub leg: &'a str,
    pub attributes: &'a TaskAttributes,
    pub facts: &'a LogFacts,
    /// What agents wrote in our panel.
    pub noted: &'a [WrapUp],
    /// Which attributes the admin wants to see.
    pub shown: &'a [String],
    /// Where the recording can be heard.
    pub recording: &'a Recorded,
    pub transcript: &'a [ChatLine],
    /// More was written in the chat.
    pub cut_off: bool,
}

/// What marks a note, so that a job that died after writing it does not write it twice.
pub(super) fn marker(task_sid: &str, stage: LogStage, leg: &str) -> String {
    format!("Deskside {task_sid} {} {leg}", name(stage)).trim_end().to_owned()
}

/// Whether a comment is the note of this marker. Of two notes, one's marker may begin as the other's does.
pub(super) fn has(html: &str, marker: &str) -> bool {
    html.match_indices(marker).any(|(at, found)| {
        let rest = &html[at + found.len()..];
        !rest.starts_with(|next: char| next == ' ' || next.is_ascii_alphanumeric())
    })
}

/// Every stage, in the order in which they come.
pub(super) const STAGES: [LogStage; 4] =
    [LogStage::Start, LogStage::Switch, LogStage::Complete, LogStage::Missed];

/// A stage's name in the store and in a marker.
pub(super) fn name(stage: LogStage) -> &'static str {
    match stage {
        LogStage::Start => "start",
        LogStage::Switch => "switch",
        LogStage::Complete => "complete",
        LogStage::Missed => "missed",
    }
}

/// The stage of a name.
pub(super) fn stage(named: &str) -> Option<LogStage> {
    STAGES.into_iter().find(|stage| name(*stage) == named)
}

/// The note's HTML.
pub(super) fn html(told: &Told<'_>) -> String {
    let Told { stage, attributes, facts, .. } = told;
    let channel = attributes.text("channelType").or(facts.channel.as_deref()).unwrap_or("voice");
    let kind = if channel == "voice" { "Call" } else { "Chat" };
    let happened = match stage {
        LogStage::Complete if !told.leg.is_empty() => return afterwards(told, kind),
        LogStage::Start => "accepted",
        LogStage::Switch => "selected again",
        LogStage::Complete => "completed",
        LogStage::Missed => "missed: nobody took it",
    };
    let mut html = format!("<p><strong>{kind} {happened}</strong></p><ul>");
    let mut line = |name: &str, value: &str| item(name, value, &mut html);
    let known = |value: &Option<String>| value.clone().unwrap_or_default();
    line("Channel", channel);
    line("Direction", if attributes.is_outbound() { "outbound" } else { "inbound" });
    line("Queue", &known(&facts.queue));
    line("From", attributes.text("from").or_else(|| attributes.text("customerAddress")).unwrap_or_default());
    line("To", attributes.text("to").or_else(|| attributes.text("outbound_to")).unwrap_or_default());
    line("Agent", &known(&facts.agent));
    line("At", &known(&facts.at));
    line("Waited", &facts.wait_s.map(span).unwrap_or_default());
    line("Talked", &facts.talk_s.map(span).unwrap_or_default());
    line(
        "Ended by",
        facts
            .hang_up_by
            .as_deref()
            .or_else(|| attributes.text("conversations.hang_up_by"))
            .unwrap_or_default(),
    );
    // Whoever chose an outcome in our panel chose last.
    let outcome = told.noted.iter().rev().map(|noted| noted.outcome.as_str()).find(|text| !text.is_empty());
    let outcome = outcome.or(facts.outcome.as_deref()).or_else(|| attributes.text("conversations.outcome"));
    line("Outcome", outcome.unwrap_or_default());
    let content = facts.notes.as_deref().or_else(|| attributes.text("conversations.content"));
    line("Notes", content.unwrap_or_default());
    noted(told.noted, &mut html);
    let mut line = |name: &str, value: &str| item(name, value, &mut html);
    for shown in told.shown {
        let value = match attributes.member(shown) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        };
        line(shown, &value);
    }
    html.push_str("</ul>");
    match told.recording {
        Recorded::Nothing => {}
        Recorded::Link(address) => {
            let _ = write!(html, "<p><a href=\"{}\">Recording</a></p>", escape(address));
        }
        Recorded::NotThisCalls => {
            html.push_str("<p>No link to a recording: the one that the task names is not of this call.</p>");
        }
    }
    if !told.transcript.is_empty() {
        transcript(told.transcript, told.cut_off, &mut html);
    }
    let _ = write!(html, "<p>{}</p>", escape(&marker(told.task_sid, *stage, told.leg)));
    html
}

fn item(name: &str, value: &str, html: &mut String) {
    let value: String = value.trim().chars().take(LONGEST_VALUE).collect();
    if !value.is_empty() {
        let _ = write!(html, "<li>{}: {}</li>", escape(name), escape(&value));
    }
}

/// What agents wrote, with their own line breaks.
fn noted(all: &[WrapUp], html: &mut String) {
    for noted in all.iter().filter(|noted| !noted.body.trim().is_empty()) {
        let lines: Vec<String> = noted.body.trim().lines().map(escape).collect();
        let _ = write!(html, "<li>Notes: {}</li>", lines.join("<br>"));
    }
}

/// What somebody noted when the last note was written already.
fn afterwards(told: &Told<'_>, kind: &str) -> String {
    let mut html = format!("<p><strong>{kind}: noted afterwards</strong></p><ul>");
    let outcome = told.noted.iter().map(|noted| noted.outcome.as_str()).next_back();
    item("Outcome", outcome.unwrap_or_default(), &mut html);
    noted(told.noted, &mut html);
    let _ = write!(html, "</ul><p>{}</p>", escape(&marker(told.task_sid, told.stage, told.leg)));
    html
}

fn transcript(lines: &[ChatLine], mut cut_off: bool, html: &mut String) {
    html.push_str("<p><strong>Transcript</strong></p><ul>");
    let mut left = LONGEST_TRANSCRIPT;
    for line in lines {
        let body = line.body.as_deref().filter(|body| !body.is_empty()).unwrap_or("(a file)");
        if body.len() > left {
            cut_off = true;
            break;
        }
        left -= body.len();
        let at = line.date_created.map(|at| at.format("%H:%M ").to_string()).unwrap_or_default();
        let author = line.author.as_deref().unwrap_or("?");
        let _ = write!(html, "<li>{at}<strong>{}</strong>: {}</li>", escape(author), escape(body));
    }
    if cut_off {
        html.push_str("<li>… cut off: the rest is in Twilio.</li>");
    }
    html.push_str("</ul>");
}

/// `1 h 02 min 03 s`.
fn span(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, seconds) => format!("{hours} h {minutes:02} min {seconds:02} s"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told<'a>(
        attributes: Value,
        facts: &'a LogFacts,
        shown: &'a [String],
        transcript: &'a [ChatLine],
    ) -> String {
        html(&Told {
            task_sid: "WT1",
            stage: LogStage::Complete,
            leg: "",
            attributes: &attributes.into(),
            facts,
            noted: &[],
            shown,
            recording: &Recorded::Link("https://desk.example/r?a=1&b=2".into()),
            transcript,
            cut_off: false,
        })
    }

    #[test]
    fn a_note_says_what_is_known_and_nothing_else() {
        let attributes = json!({"from": "+815012345678", "to": "+81311112222", "direction": "inbound", "secret": "x",
            "plan": {"name": "Gold"}, "conversations": {"outcome": "Solved"}});
        let facts = LogFacts {
            queue: Some("Billing".into()),
            wait_s: Some(12),
            talk_s: Some(3723),
            ..LogFacts::default()
        };
        let html = told(attributes, &facts, &["plan.name".into(), "absent".into()], &[]);
        for has in [
            "Call completed",
            "Queue: Billing",
            "From: +815012345678",
            "Waited: 12 s",
            "Talked: 1 h 02 min 03 s",
            "Outcome: Solved",
            "plan.name: Gold",
            "href=\"https://desk.example/r?a=1&amp;b=2\"",
            "Deskside WT1 complete",
        ] {
            assert!(html.contains(has), "{has}: {html}");
        }
        for lacks in ["secret", "absent", "Notes", "Transcript"] {
            assert!(!html.contains(lacks), "{lacks}: {html}");
        }
    }

    #[test]
    fn what_came_from_outside_is_text() {
        let line = ChatLine {
            author: Some("<b>".into()),
            body: Some("<script>alert(1)</script>".into()),
            date_created: None,
        };
        let attributes = json!({"from": "<img src=x>", "channelType": "web"});
        let html = told(attributes, &LogFacts::default(), &[], &[line]);
        assert!(
            html.contains("Chat completed") && html.contains("&lt;script&gt;") && !html.contains("<img"),
            "{html}"
        );
    }

    #[test]
    fn a_chat_without_end_is_cut_off() {
        let line = ChatLine { author: None, body: Some("x".repeat(1_000)), date_created: None };
        let html = told(json!({}), &LogFacts::default(), &[], &vec![line; 100]);
        assert!(html.len() < 40_000 && html.contains("cut off"), "{}", html.len());
    }
}
