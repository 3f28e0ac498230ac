//! Seventy tickets in every state, one deleted; number 42 is the demonstration's.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{files, people::FIRST};
use crate::{
    clock::stamp,
    credentials::{ADMIN_ID, AGENT_ID, DEMO_TICKET, GROUP_ID, RESTRICTED_AGENT_ID},
    state::Account,
    zendesk::record::{Comment, Status, Ticket},
};

const LAST: u64 = 70;
pub(super) const DELETED: u64 = 13;

/// Subject, what the customer writes, what the agent answers.
type Story = (&'static str, &'static str, &'static str);

const JA: &[Story] = &[
    (
        "ログインできません",
        "昨日からログインできません。\nパスワードを再設定しても同じです。",
        "ご不便をおかけしております。ブラウザーのキャッシュを削除してお試しいただけますか。",
    ),
    (
        "契約プランの変更について",
        "来月からプランを変更したいです。手順を教えてください。",
        "ご連絡ありがとうございます。担当より変更用紙をお送りします。",
    ),
    (
        "納品書の再発行をお願いします",
        "先月分の納品書を紛失しました。再発行をお願いします。",
        "再発行いたしました。添付をご確認ください。",
    ),
    (
        "商品が破損していました",
        "本日届いた箱が潰れていました。写真を添付します。",
        "申し訳ございません。代替品を手配いたします。",
    ),
];
const KO: &[Story] = &[
    (
        "결제 오류 문의",
        "카드 결제가 계속 실패합니다.\n화면을 첨부합니다.",
        "불편을 드려 죄송합니다. 결제 내역을 확인하고 있습니다.",
    ),
    ("계약 갱신 안내 요청", "다음 달 갱신 조건을 알고 싶습니다.", "담당자가 오늘 중으로 연락드리겠습니다."),
    ("배송이 지연되고 있습니다", "주문한 지 열흘이 지났습니다.", "배송사에 확인해 보겠습니다."),
];
const EN: &[Story] = &[
    (
        "Export stops at 80 %",
        "The CSV export stops at 80 % every time. Log attached.",
        "Thanks, that log helps. Could you tell us how many rows you expect?",
    ),
    (
        "Please add two seats",
        "We have two new colleagues starting on Monday. Please add two seats.",
        "Done! They will get an invitation by e-mail.",
    ),
    (
        "Refund for order 10442",
        "The parcel arrived open. I attach a photo.",
        "I am sorry to hear that. A refund is on its way.",
    ),
    (
        "Invoice shows the wrong address",
        "Our address changed in September; please correct invoice and records.",
        "Corrected. The new invoice is attached.",
    ),
    (
        "How do I connect SSO?",
        "We use SAML. Where do I find the settings?",
        "Under Admin > Security. I can stay on the line while you try.",
    ),
];

/// Fills tickets, comments and attachments.
pub(super) fn open_desk(account: &mut Account, base: &str, now: DateTime<Utc>) {
    for id in 1..=LAST {
        let ticket = if id == DEMO_TICKET { demo(account, now) } else { everyday(account, id, now) };
        account.tickets.insert(id, ticket);
    }
    files::attach(account);
    for id in 1..=LAST {
        if let Some(mut ticket) = account.tickets.get(&id).cloned() {
            first_audits(account, &mut ticket, base);
            account.tickets.insert(id, ticket);
        }
    }
    if let Some(ticket) = account.tickets.remove(&DELETED) {
        account.deleted_tickets.insert(DELETED, (ticket, now - TimeDelta::days(3), ADMIN_ID));
    }
    account.tickets_begin_after(LAST);
}

fn requester(account: &Account, place: u64) -> (u64, Option<u64>, String) {
    let id = FIRST + place * 128;
    let user = account.users.get(&id);
    (id, user.and_then(|user| user.organization_id), user.map(|user| user.locale.clone()).unwrap_or_default())
}

/// 請求について: a Japanese customer with a contract and four attachments.
fn demo(account: &mut Account, now: DateTime<Utc>) -> Ticket {
    let (requester_id, organization_id, _) = requester(account, 0);
    let mut ticket = blank(DEMO_TICKET, requester_id, organization_id, now - TimeDelta::days(2));
    ticket.subject = "10月分の請求について".into();
    ticket.status = Status::Open;
    ticket.priority = Some("high".into());
    ticket.tags = vec!["billing".into()];
    (ticket.assignee_id, ticket.group_id) = (Some(AGENT_ID), Some(GROUP_ID));
    ticket.channel = "email";
    let talk = [
        (
            requester_id,
            true,
            "お世話になっております。青葉商事の佐藤です。\n\n10月分の請求書の金額が契約と異なるようです。請求書と領収書を添付しますので、ご確認をお願いいたします。",
        ),
        (
            AGENT_ID,
            true,
            "佐藤様\n\nお問い合わせありがとうございます。確認いたしますので、ご利用明細もお送りいただけますか。",
        ),
        (
            requester_id,
            true,
            "明細をお送りします。あわせて、先日届いた商品の箱が破損していたので写真も添付します。",
        ),
        (AGENT_ID, false, "経理に確認中。契約は9月から新プラン。"),
    ];
    for (hours, (author, public, body)) in (0..).zip(talk) {
        comment(account, &mut ticket, author, public, body, now - TimeDelta::hours(48 - hours * 11));
    }
    ticket.updated_at = now - TimeDelta::hours(15);
    ticket
}

fn everyday(account: &mut Account, id: u64, now: DateTime<Utc>) -> Ticket {
    // Nobody who is suspended or deleted has tickets that are not closed.
    let place = match id {
        2 => 39,
        4 => 38,
        _ => (id * 7) % 38,
    };
    let (requester_id, organization_id, locale) = requester(account, place);
    let stories = match locale.as_str() {
        "ja" => JA,
        "ko" => KO,
        _ => EN,
    };
    let story = stories[usize::try_from(id).unwrap_or_default() % stories.len()];
    // The newest are of this morning, the oldest of last winter.
    let back = i64::try_from(LAST - id).unwrap_or_default();
    let age = 6 + back * back * 3 / 2;
    let mut ticket = blank(id, requester_id, organization_id, now - TimeDelta::hours(age));
    ticket.subject = story.0.into();
    ticket.status = match id {
        2 | 4 => Status::Closed,
        _ => Status::ALL[usize::try_from(id).unwrap_or_default() % 6],
    };
    ticket.priority = [None, Some("low"), Some("normal"), Some("high"), Some("urgent")]
        [usize::try_from(id).unwrap_or_default() % 5]
        .map(str::to_owned);
    ticket.kind = id.is_multiple_of(4).then(|| "question".to_owned());
    ticket.channel = if id.is_multiple_of(3) { "email" } else { "web" };
    if ticket.status != Status::New {
        ticket.assignee_id = Some(if id % 10 == 7 { RESTRICTED_AGENT_ID } else { AGENT_ID });
        ticket.group_id = Some(GROUP_ID);
    }
    if id % 6 == 1 {
        ticket.tags.push("follow_up".into());
    }
    let opened = ticket.created_at;
    comment(account, &mut ticket, requester_id, true, story.1, opened);
    if ticket.status >= Status::Pending {
        comment(account, &mut ticket, AGENT_ID, true, story.2, opened + TimeDelta::hours(5));
    }
    ticket.updated_at = ticket.comments.last().map_or(opened, |last| last.created_at);
    ticket
}

fn blank(id: u64, requester_id: u64, organization_id: Option<u64>, at: DateTime<Utc>) -> Ticket {
    Ticket {
        id,
        subject: String::new(),
        status: Status::New,
        kind: None,
        priority: None,
        requester_id,
        submitter_id: requester_id,
        assignee_id: None,
        group_id: None,
        organization_id,
        external_id: None,
        followup_source_id: None,
        followup_ids: Vec::new(),
        collaborator_ids: Vec::new(),
        follower_ids: Vec::new(),
        tags: Vec::new(),
        custom_fields: Vec::new(),
        satisfaction: None,
        channel: "web",
        comments: Vec::new(),
        audits: Vec::new(),
        created_at: at,
        updated_at: at,
    }
}

fn comment(
    account: &mut Account,
    ticket: &mut Ticket,
    author_id: u64,
    public: bool,
    body: &str,
    at: DateTime<Utc>,
) {
    ticket.comments.push(Comment {
        id: account.fresh_id(),
        audit_id: account.fresh_id(),
        author_id,
        body: body.to_owned(),
        html_body: None,
        public,
        attachments: Vec::new(),
        channel: ticket.channel,
        created_at: at,
    });
}

/// One audit per comment; the first also tells how the ticket began.
fn first_audits(account: &mut Account, ticket: &mut Ticket, base: &str) {
    for (index, comment) in ticket.comments.iter().enumerate() {
        let files: Vec<_> = comment
            .attachments
            .iter()
            .filter_map(|id| account.attachments.get(id))
            .map(|file| file.json(base))
            .collect();
        let mut events = vec![comment.event_json(&files)];
        if index == 0 {
            for (field, value) in [
                ("requester_id", json!(ticket.requester_id.to_string())),
                ("subject", json!(ticket.subject)),
                ("status", json!("new")),
            ] {
                events.push(
                    json!({"id": account.fresh_id(), "type": "Create", "value": value, "field_name": field}),
                );
            }
        }
        ticket.audits.push(json!({
            "id": comment.audit_id, "ticket_id": ticket.id, "created_at": stamp(comment.created_at),
            "author_id": comment.author_id, "metadata": {"system": {}, "custom": {}}, "events": events,
            "via": crate::zendesk::record::via(ticket.channel),
        }));
    }
}
