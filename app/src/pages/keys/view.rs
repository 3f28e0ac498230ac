//! The form, the key that was just made with what to do with it, and the list.

use std::rc::Rc;

use wire::ErrorCode;

use super::{FORM, Key, KeysEvent, KeysPage, Listing, Made, NAME};
use crate::console::RequestState;
use crate::console::frame::{explained, heading, sheet};
use crate::console::table::table;
use crate::i18n::Locale;
use crate::i18n::pages::PageWords;
use crate::pages::failed;
use crate::screens::{Send, tell};
use crate::ui::{Node, Tone, Weight, button, el, empty, pill, skeleton};

/// The ids of what can be copied.
const TOKEN: &str = "key-token";
const COMMANDS: &str = "key-commands";

/// The page.
#[must_use]
pub fn view(locale: Locale, words: &'static PageWords, page: &KeysPage, send: &Send<KeysEvent>) -> Node {
    let root = el("div")
        .class("stack wide")
        .test("page-keys", "")
        .with(heading(words.keys, words.keys_what))
        .with(el("p").class("said").attr("role", "status").test("keys-done", "").with(done(words, page)));
    match (&page.state, &page.list) {
        (RequestState::Failed(why), _) if why.code() == Some(ErrorCode::ConnectionEditorsOnly) => root
            .with(empty(words.keys_denied, words.keys_denied_why).test("problem", "connection_editors_only")),
        (RequestState::Failed(why), _) => root.with(failed(locale, why, KeysEvent::Again, send)),
        (_, None) => root.with(skeleton(words.loading)),
        (_, Some(list)) => root
            .all(page.revoking.as_ref().map(|key| question(locale, words, page, key, send)))
            .all(page.made.as_ref().map(|made| fresh(words, page, list, made, send)))
            .with(form(locale, words, page, send))
            .with(keys(locale, words, list, send)),
    }
}

fn done(words: &'static PageWords, page: &KeysPage) -> String {
    page.revoked.as_ref().map_or(String::new(), |name| (words.revoke_done)(name))
}

fn form(locale: Locale, words: &'static PageWords, page: &KeysPage, send: &Send<KeysEvent>) -> Node {
    let why = match &page.working {
        RequestState::Failed(why) if page.revoking.is_none() => Some(why),
        _ => None,
    };
    let is_pending = page.working == RequestState::Pending && page.revoking.is_none();
    let input = el("input")
        .attr("id", NAME)
        .attr("name", NAME)
        .attr("maxlength", "40")
        .attr("autocomplete", "off")
        .attr("aria-describedby", "key-name-help key-name-error")
        .key(["name/", &page.round.to_string()].concat());
    let input = if why.is_some() { input.attr("aria-invalid", "true") } else { input };
    let field = el("div")
        .class("field")
        .with(el("label").attr("for", NAME).with(words.key_name))
        .with(el("span").class("small subtle").attr("id", "key-name-help").with(words.key_name_help))
        .with(input)
        .with(
            el("div").class("said").attr("id", "key-name-error").all(why.map(|why| explained(locale, why))),
        );
    let text = if is_pending { words.working } else { words.key_create };
    let submit = el("button").attr("type", "submit").class("btn primary").test("key-create", "").with(text);
    el("form")
        .class("stack narrow")
        .attr("id", FORM)
        .attr("novalidate", "")
        .submit(Rc::new(tell(send, KeysEvent::Create)))
        .with(field)
        .with(el("div").class("acts").with(submit))
}

/// The key, this once, and how it is used.
fn fresh(
    words: &'static PageWords,
    page: &KeysPage,
    list: &Listing,
    made: &Made,
    send: &Send<KeysEvent>,
) -> Node {
    let copied = |id: &'static str| match page.copied {
        Some((copied, true)) if copied == id => words.copied,
        Some((copied, false)) if copied == id => words.copy_by_hand,
        _ => "",
    };
    let copy = |id: &'static str, what: &'static str, testid: &'static str| {
        let said = el("span").class("small subtle").attr("role", "status").with(copied(id));
        let copy = button(Weight::Plain, words.copy, tell(send, KeysEvent::Copy(id)));
        let copy = copy.attr("aria-label", (words.copy_of)(what)).test(testid, "");
        el("div").class("acts").with(copy).with(said)
    };
    let token = el("code").class("copied").attr("id", TOKEN).test("key-token", "").with(made.token.clone());
    let commands = el("pre")
        .class("copied")
        .attr("id", COMMANDS)
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", words.commands)
        .test("key-commands", "")
        .with(commands(&list.address));
    let hide = button(Weight::Plain, words.key_hide, tell(send, KeysEvent::Hide)).test("key-hide", "");
    let content = el("div")
        .class("stack")
        .with(el("p").with(words.key_once))
        .with(token)
        .with(copy(TOKEN, words.key, "key-copy"))
        .with(el("p").with(words.key_use))
        .with(commands)
        .with(copy(COMMANDS, words.commands, "key-commands-copy"))
        .with(el("div").with(hide));
    let close = Rc::new(|| ()); // a key that was not copied yet is not lost by a key that was pressed
    sheet((words.key_made)(&made.key.name), close, content)
        .test("key-made", made.key.id.clone())
        .key("made".into())
}

/// The key is read from standard input: other users of the machine see the arguments of its processes.
fn commands(address: &str) -> String {
    [
        "export DESKSIDE_KEY='deskside_mk_…'\n\n",
        "echo \"Authorization: Bearer $DESKSIDE_KEY\" |\n  curl -H @- -X POST \\\n  \"",
        address,
        "/integrations/INTEGRATION/runs\"\n\n",
        "echo \"Authorization: Bearer $DESKSIDE_KEY\" |\n  curl -H @- --max-time 90 \\\n  \"",
        address,
        "/runs/RUN?wait=60\"\n",
    ]
    .concat()
}

fn question(
    locale: Locale,
    words: &'static PageWords,
    page: &KeysPage,
    key: &Key,
    send: &Send<KeysEvent>,
) -> Node {
    let failed = match &page.working {
        RequestState::Failed(why) => Some(explained(locale, why)),
        _ => None,
    };
    let text = if page.working == RequestState::Pending { words.working } else { words.revoke };
    let yes = button(Weight::Primary, text, tell(send, KeysEvent::Yes)).test("question-yes", "");
    let no = button(Weight::Plain, words.cancel, tell(send, KeysEvent::Cancel)).test("question-no", "");
    let content = el("div")
        .class("stack")
        .with(el("p").with(words.revoke_why))
        .with(el("div").class("said").all(failed))
        .with(el("div").class("acts").with(yes).with(no));
    let close = Rc::new(tell(send, KeysEvent::Cancel));
    sheet((words.revoke_title)(&key.name), close, content).test("key-question", "").key("question".into())
}

fn keys(locale: Locale, words: &'static PageWords, list: &Listing, send: &Send<KeysEvent>) -> Node {
    if list.keys.is_empty() {
        return empty(words.no_keys, words.no_keys_why).test("keys-empty", "");
    }
    let heads = [words.key_name, words.key_added, words.last_used, words.key_state];
    let rows = list.keys.iter().map(|key| (key.id.clone(), line(locale, words, key, send)));
    table(words.keys, "keys", heads, rows)
}

fn line(locale: Locale, words: &'static PageWords, key: &Key, send: &Send<KeysEvent>) -> Node {
    let small = |text: String| el("div").class("small subtle").with(text);
    let by = match key.made_by.strip_prefix("agent:") {
        Some(id) => (words.agent)(id),
        None if key.made_by == "operator" => words.operator.into(),
        None => key.made_by.clone(),
    };
    let used = match &key.last_used_at {
        Some(at) => el("span").class("num").with(locale.date_time(at)),
        None => el("span").class("subtle").with(words.never_used),
    };
    // A table's cells have no heads where it is narrow.
    let used = el("td")
        .with(el("span").class("small subtle alone").with([words.last_used, ": "].concat()))
        .with(used);
    let state = match &key.revoked_at {
        Some(at) => {
            let text = (words.key_revoked)(&locale.date(at));
            el("td").with(pill(Tone::Plain, text, "key-state", "revoked".into()))
        }
        None => {
            let revoke = button(Weight::Link, words.revoke, tell(send, KeysEvent::Ask(key.clone())))
                .attr("id", ["revoke-", &key.id].concat())
                .attr("aria-label", [words.revoke, ": ", &key.name].concat())
                .test("key-revoke", key.id.clone());
            let live = pill(Tone::Ok, words.key_live, "key-state", "live".into());
            el("td").with(el("div").class("stated").with(live).with(revoke))
        }
    };
    el("tr")
        .test("key", key.id.clone())
        .with(el("td").with(el("b").with(key.name.clone())))
        .with(el("td").with(el("div").class("num").with(locale.date_time(&key.made_at))).with(small(by)))
        .with(used)
        .with(state)
}
