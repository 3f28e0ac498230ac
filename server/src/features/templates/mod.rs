//! Texts of a new ticket, filled from the task's attributes by the admin's template: `New {{ channel }} from {{ caller }}`.
//! **Invariants:** a task is data, whatever it holds; a template is bounded in steps, in bytes and in time, and runs beside
//! the server's threads; a template that makes no text makes the default text, so that no ticket is lost. See ADR 12.

mod allowed; // what a template may use

use std::{io, panic::resume_unwind, sync::LazyLock, thread, time::Duration};

use minijinja::{Environment, ErrorKind, UndefinedBehavior, context};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

/// Steps; a loop over an attribute takes some hundred.
const FUEL: u64 = 10_000;
/// Characters of a rendered text.
const LONGEST: usize = 4_000;
/// Bytes of a text that a template makes on its way.
const LARGEST: usize = 16 * 1024;
/// Bytes of attributes that a template sees, about; Twilio's own limit for a task is 4 kB.
const ATTRIBUTES: usize = 64 * 1024;
/// Bytes of stack, of which the system gives only what is used: 16 kB for each byte of a template.
const STACK: usize = 64 * 1024 * 1024;
/// How long a ticket waits for its text.
const TIME: Duration = Duration::from_secs(1);
/// Templates that are filled at the same time.
const AT_ONCE: usize = 2;

/// Why a template cannot be saved.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// Admin: correct it there.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] minijinja::Error),
    /// Admin: say it without.
    #[error("uses {0}, which is not allowed in templates")]
    NotAllowed(String),
    /// Admin: shorten it.
    #[error("produces more than 4,000 characters")]
    TooLong,
    /// Admin: shorten it.
    #[error("produces an intermediate text of more than 16 kB")]
    TooLarge,
    /// Admin: loop over less.
    #[error("takes too many steps")]
    TooSlow,
}

/// What a template can name: these, and every attribute.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// As the task has them.
    pub attributes: &'a Value,
    /// `voice`, `sms`, `web`, …
    pub channel: &'a str,
    /// The other end, for people.
    pub caller: &'a str,
    /// `WT…`.
    pub task_sid: &'a str,
}

/// Reads a template and tries it with a task as Flex makes them.
pub fn check(template: &str) -> Result<(), TemplateError> {
    let attributes = json!({
        "type": "inbound", "direction": "inbound", "channelType": "voice", "name": "+81 50-1234-5678",
        "from": "+815012345678", "to": "+815087654321", "caller": "+815012345678", "customerName": "Ada Lovelace",
        "customerAddress": "+815012345678", "call_sid": "CA00000000000000000000000000000000",
        "customers": {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+815012345678"},
        "conversations": {"conversation_id": "CH00000000000000000000000000000000"},
    });
    let sid = "WT00000000000000000000000000000000";
    let task = Task { attributes: &attributes, channel: "voice", caller: "Ada Lovelace", task_sid: sid };
    match fill(template, &values(&task)) {
        Ok(filled) if filled.is_cut => Err(TemplateError::TooLong),
        Ok(_) => Ok(()),
        // With another task it may be filled.
        Err(TemplateError::Unreadable(error)) if error.kind() != ErrorKind::SyntaxError => Ok(()),
        Err(error) => Err(error),
    }
}

/// The text for one engagement; `fallback` where the template makes none in time.
pub async fn render(template: &str, task: &Task<'_>, fallback: &str) -> String {
    let (values, owned) = (values(task), template.to_owned());
    let rendered = match beside(move || fill(&owned, &values)).await {
        Some(Ok(filled)) => filled.text,
        Some(Err(error)) => {
            tracing::warn!(%error, "a template of the Flex settings was not filled; the default text is used");
            String::new()
        }
        None => {
            tracing::warn!(
                "a template of the Flex settings was not filled in time; the default text is used"
            );
            String::new()
        }
    };
    let text: String = rendered.trim().chars().filter(|c| !c.is_control() || *c == '\n').collect();
    if text.is_empty() { fallback.to_owned() } else { text }
}

/// Runs what an admin's template decides on a thread that serves nobody; `None` when it was not done in time.
pub async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    static ROOM: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(AT_ONCE));
    let done = async {
        let room = ROOM.acquire().await.ok()?;
        // The room is taken until the work has ended, also when nobody waits for it any more.
        tokio::task::spawn_blocking(move || {
            let _room = room;
            work()
        })
        .await
        .ok()
    };
    tokio::time::timeout(TIME, done).await.ok().flatten()
}

/// What a template made.
struct Filled {
    text: String,
    /// There was more.
    is_cut: bool,
}

/// In a thread of its own, because the engine reads a template by recursion: four thousand minus signs are that many levels.
fn fill(template: &str, values: &minijinja::Value) -> Result<Filled, TemplateError> {
    thread::scope(|scope| {
        let deep = thread::Builder::new().stack_size(STACK);
        let filling = deep.spawn_scoped(scope, || fill_here(template, values));
        let filled = filling.expect("the operating system gives threads").join();
        filled.unwrap_or_else(|panic| resume_unwind(panic))
    })
}

fn fill_here(template: &str, values: &minijinja::Value) -> Result<Filled, TemplateError> {
    allowed::check(template)?;
    let environment = environment();
    let compiled = environment.template_from_str(template)?;
    let mut output = Bounded { text: Vec::new(), most: LONGEST * 4, is_full: false };
    match compiled.render_captured_to(values, &mut output).map(drop) {
        Err(_) if output.is_full => {}
        Err(error) => {
            return Err(match error.kind() {
                ErrorKind::OutOfFuel => TemplateError::TooSlow,
                _ if error.detail() == Some(TOO_LARGE) => TemplateError::TooLarge,
                _ => TemplateError::Unreadable(error),
            });
        }
        Ok(()) => {}
    }
    let all = String::from_utf8_lossy(&output.text);
    let text: String = all.chars().take(LONGEST).collect();
    Ok(Filled { is_cut: output.is_full || text.len() < all.len(), text })
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None); // Zendesk takes text, not HTML, here
    // The only two of the allowed filters whose result can be much larger than what they are given.
    environment.add_filter("replace", replace);
    environment.add_filter("join", join);
    environment
}

const TOO_LARGE: &str = "the text is too large";

fn too_large() -> minijinja::Error {
    minijinja::Error::new(ErrorKind::InvalidOperation, TOO_LARGE)
}

fn replace(text: &str, from: &str, to: &str) -> Result<String, minijinja::Error> {
    let grown = text.matches(from).count().saturating_mul(to.len()).saturating_add(text.len());
    if grown > LARGEST { Err(too_large()) } else { Ok(text.replace(from, to)) }
}

fn join(items: &minijinja::Value, between: Option<&str>) -> Result<String, minijinja::Error> {
    let mut text = Bounded { text: Vec::new(), most: LARGEST, is_full: false };
    for (number, item) in items.try_iter()?.enumerate() {
        let between = between.filter(|_| number > 0).unwrap_or_default();
        io::Write::write_fmt(&mut text, format_args!("{between}{item}")).map_err(|_| too_large())?;
    }
    Ok(String::from_utf8_lossy(&text.text).into_owned())
}

/// What a template sees of a task, shortened to what a ticket's text could ever need.
fn values(task: &Task<'_>) -> minijinja::Value {
    let Task { attributes, channel, caller, task_sid } = task;
    let attributes = shortened(attributes, &mut { ATTRIBUTES });
    context! { task_sid, channel, caller, ..minijinja::Value::from_serialize(attributes) }
}

/// As much of a value as there is room for; of an object first its plain members, which templates name.
fn shortened(value: &Value, room: &mut usize) -> Option<Value> {
    const NODE: usize = 32;
    *room = room.checked_sub(NODE)?;
    Some(match value {
        Value::String(text) => {
            let text: String = text.chars().take(LONGEST.min(*room)).collect();
            *room = room.saturating_sub(text.len());
            text.into()
        }
        Value::Array(items) => {
            items.iter().map_while(|item| shortened(item, room)).collect::<Vec<_>>().into()
        }
        Value::Object(members) => {
            let is_plain = |(_, value): &(&String, &Value)| !value.is_array() && !value.is_object();
            let (plain, nested): (Vec<_>, Vec<_>) = members.iter().partition(is_plain);
            let members = plain.into_iter().chain(nested).map_while(|(name, value)| {
                *room = room.checked_sub(name.len())?;
                Some((name.clone(), shortened(value, room)?))
            });
            members.collect::<Map<_, _>>().into()
        }
        plain => plain.clone(),
    })
}

/// Takes so many bytes and then refuses, which ends the rendering.
struct Bounded {
    text: Vec<u8>,
    most: usize,
    is_full: bool,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.most - self.text.len();
        self.is_full |= bytes.len() > room;
        self.text.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if self.is_full { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
