//! `deskside notices`: who was told of a customer's contract, and why not.

use wire::NoticeLine;

use crate::{
    features::notices::Notices,
    store::{StoreError, notices::Filter},
};

/// What was asked.
#[derive(Debug, clap::Subcommand)]
pub enum Ask {
    /// List notices, newest first, by the hundred.
    List {
        /// Those before this one: the id that the page before ended with.
        #[arg(long, value_name = "ID")]
        before: Option<String>,
    },
}

/// Does what was asked: the text to print.
pub async fn run(notices: &Notices, ask: Ask) -> Result<String, StoreError> {
    let Ask::List { before } = ask;
    let page = notices.list(Filter { before: before.as_deref(), ..Filter::default() }, (None, false)).await?;
    let mut lines: Vec<String> = page.notices.iter().map(line).collect();
    if lines.is_empty() {
        lines.push("no notices".to_owned());
    }
    lines.extend(page.next.map(|id| format!("more: deskside notices list --before {id}")));
    Ok(lines.join("\n"))
}

fn line(notice: &NoticeLine) -> String {
    let about = match (notice.ticket_id, &notice.company) {
        (Some(ticket), Some(company)) => format!("ticket {ticket} of {company}"),
        (Some(ticket), None) => format!("ticket {ticket}"),
        (None, company) => company.clone().unwrap_or_default(),
    };
    let told = match (&notice.told_to, &notice.channel) {
        (Some(who), Some(channel)) => format!(" to {who} by {channel}"),
        (Some(who), None) => format!(" to {who}"),
        _ => String::new(),
    };
    let why = notice.reason.as_ref().map(|reason| format!(": {}", reason.message)).unwrap_or_default();
    let resolved = if notice.resolved_at.is_some() { ", resolved" } else { "" };
    format!("{}  {:<12} {about}: {}{told}{resolved}{why}", notice.at, notice.kind, notice.outcome)
}
