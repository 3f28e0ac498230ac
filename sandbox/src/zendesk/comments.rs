//! A ticket's comments, with their attachments.

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::{
    access::Caller,
    input::{Params, id},
    paging::{Paging, by_cursor, page},
    refusal::{Answer, Refusal, ok},
    ticket_change::files,
    tickets::visible,
};
use crate::world::World;

/// `GET /tickets/{id}/comments`: oldest first; inline images only with `include_inline_images=true`.
pub(crate) async fn list(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    params: Params,
) -> Answer {
    caller.staff()?;
    let account = world.account();
    let ticket = visible(&account, &caller, id(&which)?)?;
    let inline = params.get("include_inline_images") == Some("true");
    let newest_first = if by_cursor(&params) {
        params.get("sort") == Some("-created_at")
    } else {
        params.get("sort_order") == Some("desc")
    };
    let mut rows: Vec<Value> = ticket
        .comments
        .iter()
        .map(|comment| {
            let mut row = comment.json(&files(comment, &account, world.base()));
            if let Some(files) = row["attachments"].as_array_mut() {
                files.retain(|file| inline || file["inline"] == false);
            }
            row
        })
        .collect();
    if newest_first {
        rows.reverse();
    }
    let path = format!("{}/api/v2/tickets/{}/comments.json", world.base(), ticket.id);
    let mut body = page("comments", rows, &path, &params, Paging::Both)?;
    if params.get("include").is_some_and(|include| include.split(',').any(|part| part == "users")) {
        let mut authors: Vec<_> = ticket.comments.iter().map(|comment| comment.author_id).collect();
        authors.sort_unstable();
        authors.dedup();
        let users = authors.iter().filter_map(|id| account.users.get(id)).map(|user| user.json(world.base()));
        body["users"] = users.collect();
    }
    Ok(ok(body))
}

/// `GET /tickets/{id}/comments/count`.
pub(crate) async fn count(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.staff()?;
    let account = world.account();
    let value = visible(&account, &caller, id(&which)?)?.comments.len();
    Ok(ok(json!({"count": {"value": value, "refreshed_at": crate::clock::stamp(world.now())}})))
}

/// `PUT /tickets/{id}/comments/{comment}/make_private`.
pub(crate) async fn make_private(
    State(world): State<World>,
    caller: Caller,
    Path((which, comment)): Path<(String, String)>,
) -> Answer {
    caller.staff()?;
    let (which, comment) = (id(&which)?, id(&comment)?);
    let mut account = world.account();
    visible(&account, &caller, which)?;
    let ticket = account.tickets.get_mut(&which).ok_or_else(Refusal::not_found)?;
    let comment =
        ticket.comments.iter_mut().find(|known| known.id == comment).ok_or_else(Refusal::not_found)?;
    comment.public = false;
    Ok(ok(json!({})))
}
