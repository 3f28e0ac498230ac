//! A new ticket's subject and description, as an admin wrote them over the task's attributes. **Invariant:** a template
//! that a task does not fill is no reason to have no ticket: what is missing is empty, what does not end is cut off.

use minijinja::{Environment, UndefinedBehavior, context};
use serde_json::Value;

/// Steps; an admin's loop over an attribute is fine, one over nothing is not.
const FUEL: u64 = 20_000;
/// Characters that anybody reads of a rendered text.
const LONGEST: usize = 4_000;

/// Why a template cannot be saved.
#[derive(Debug, thiserror::Error)]
#[error("the template cannot be read: {0}")]
pub struct TemplateError(#[from] minijinja::Error);

/// Whether it is a template.
pub fn check(template: &str) -> Result<(), TemplateError> {
    environment().template_from_str(template)?;
    Ok(())
}

/// The text for one engagement; `fallback` where the template makes none.
pub fn render(template: &str, task: &Task<'_>, fallback: &str) -> String {
    let Task { attributes, channel, caller, task_sid } = task;
    let values = context! { task_sid, channel, caller, ..minijinja::Value::from_serialize(attributes) };
    let rendered = environment().render_str(template, values).unwrap_or_else(|error| {
        tracing::info!(%error, "a template of the Flex settings could not be filled");
        String::new()
    });
    let text: String =
        rendered.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST).collect();
    if text.is_empty() { fallback.to_owned() } else { text }
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

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None); // Zendesk takes text, not HTML, here
    environment
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_template_is_filled_from_the_task() {
        let attributes =
            json!({"name": "Ada", "customers": {"plan": "Gold"}, "quoted": "<b>", "channel": "mine"});
        let check = |template: &str, expected: &str| {
            let task =
                Task { attributes: &attributes, channel: "voice", caller: "+815012345678", task_sid: "WT1" };
            assert_eq!(render(template, &task, "New ticket"), expected, "{template}");
        };
        check("{{ channel }}: {{ caller }}", "voice: +815012345678");
        check("{{ name }} ({{ customers.plan }})", "Ada (Gold)");
        check("{{ nobody.at.all }}", "New ticket");
        check("{% if name == 'Ada' %}Hello{% endif %}", "Hello");
        check("{{ quoted }}", "<b>");
        check("", "New ticket");
        check("  plain  ", "plain");
        check("{{ name.strftime() }}", "New ticket");
        check(
            "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}",
            "New ticket",
        );
    }

    #[test]
    fn what_is_no_template_is_refused_with_its_place() {
        assert!(super::check("{{ name }} {% if x %}y{% endif %}").is_ok());
        let refused = super::check("{{ name").expect_err("it is not closed").to_string();
        assert!(refused.starts_with("the template cannot be read: "), "{refused}");
    }
}
