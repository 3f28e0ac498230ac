//! The pieces of the editor's form. A field's name is its id, and its words are found by the last part of it.

use std::rc::Rc;

use crate::console::frame::{coded, in_english};
use crate::editor::check::Wrong;
use crate::editor::draft::{Draft, ON};
use crate::editor::reading::Column;
use crate::editor::{EditorEvent, EditorPage};
use crate::i18n::editor::EditorWords;
use crate::i18n::{Locale, sentence};
use crate::screens::{Send, tell};
use crate::ui::{Node, Weight, button, el};

/// The form that is drawn.
#[derive(Clone, Copy)]
pub(super) struct Form<'a> {
    pub locale: Locale,
    pub words: &'static EditorWords,
    pub page: &'a EditorPage,
    pub draft: &'a Draft,
    pub send: &'a Send<EditorEvent>,
}

/// One of several: its value, and its name.
pub(super) type Choice = (String, String);

impl Form<'_> {
    /// A button that tells this.
    pub fn act(&self, text: &'static str, testid: &'static str, event: EditorEvent) -> Node {
        button(Weight::Plain, text, tell(self.send, event)).test(testid, "")
    }

    /// A part of the page, with its number.
    pub fn step(&self, number: &'static str, content: impl IntoIterator<Item = Node>) -> Node {
        let (title, what) = (self.words.step)(number);
        let id = ["step-", number].concat();
        let heading = el("h2").attr("id", id.clone()).attr("tabindex", "-1");
        el("section")
            .class("step stack")
            .attr("aria-labelledby", id)
            .attr("data-testid", ["wizard-step-", number].concat())
            .with(
                heading.with(el("span").class("number").attr("aria-hidden", "true").with(number)).with(title),
            )
            .with(coded("p", what).class("subtle"))
            .all(content)
    }

    /// The words of a field: by its name, or by the last part of it.
    fn named(&self, name: &str) -> (&'static str, &'static str) {
        let part = if name.starts_with("c.") || name.starts_with("key.") {
            name
        } else {
            name.rsplit('.').next().unwrap_or(name)
        };
        let part = match (part, name.starts_with('o')) {
            ("name", true) if name != "name" => "owner_name",
            ("email", true) => "owner_email",
            _ => part,
        };
        (self.words.field)(part)
    }

    /// One field with its label, its help, and what is wrong with it.
    pub fn field(&self, name: &str, input: Node) -> Node {
        let (label, help) = self.named(name);
        let is_wrong = self.page.wrong_at(name);
        self.labelled(name, (label, help), input, is_wrong)
    }

    fn labelled(
        &self,
        name: &str,
        (label, help): (&'static str, &'static str),
        input: Node,
        wrong: Option<&Wrong>,
    ) -> Node {
        let (help_id, error_id) = ([name, "-help"].concat(), [name, "-error"].concat());
        let ids = [wrong.map(|_| error_id.as_str()), (!help.is_empty()).then_some(help_id.as_str())];
        let ids: Vec<&str> = ids.into_iter().flatten().collect();
        let mut input = input.attr("name", name.to_owned()).attr("id", name.to_owned());
        if !ids.is_empty() {
            input = input.attr("aria-describedby", ids.join(" "));
        }
        if wrong.is_some_and(|wrong| !wrong.is_risk()) {
            input = input.attr("aria-invalid", "true");
        }
        let help = (!help.is_empty()).then(|| coded("span", help).class("small subtle").attr("id", help_id));
        el("div")
            .class("field")
            .with(el("label").attr("for", name.to_owned()).with(label))
            .with(input)
            .all(wrong.map(|wrong| self.said(name, wrong).attr("id", error_id)))
            .all(help)
    }

    /// A field whose row may be wrong while somebody chooses: `live` is what is wrong now.
    pub fn live(&self, name: &str, input: Node, live: Option<&Wrong>) -> Node {
        let wrong = live.or_else(|| self.page.wrong_at(name));
        self.labelled(name, self.named(name), input, wrong)
    }

    /// What is wrong, in a sentence.
    fn said(&self, name: &str, wrong: &Wrong) -> Node {
        let class = if wrong.is_risk() { "small warned" } else { "small error" };
        let kind = |kind: &str| {
            let known = (self.words.kind)(kind);
            if known.is_empty() { kind.to_owned() } else { known.to_owned() }
        };
        let words = self.words;
        let text = match wrong {
            Wrong::Empty => words.wrong_empty.into(),
            Wrong::Alias => words.wrong_alias.into(),
            Wrong::AliasTwice => words.wrong_alias_twice.into(),
            Wrong::Id => words.wrong_id.into(),
            Wrong::NoColumn(name) => (words.wrong_column)(name),
            Wrong::NoField(name) => (words.wrong_field)(name),
            Wrong::Clash(from, to) => (words.wrong_clash)(&kind(from), &kind(to)),
            Wrong::Risk(from, to) => (words.wrong_risk)(&kind(from), &kind(to)),
            Wrong::Constant(to) => (words.wrong_constant)(&kind(to)),
            Wrong::NoOption(value) => (words.wrong_option)(value),
            Wrong::OtherType(to) => (words.wrong_type)(&kind(to)),
            Wrong::Server(message) => {
                return in_english(&sentence(message)).class(class).test("field-error", name.to_owned());
            }
        };
        coded("span", &text).class(class).test("field-error", name.to_owned())
    }

    /// One line.
    pub fn text(&self, name: &str) -> Node {
        self.field(name, self.line(name))
    }

    /// The element of one line.
    pub fn line(&self, name: &str) -> Node {
        el("input")
            .attr("type", "text")
            .attr("autocomplete", "off")
            .attr("spellcheck", "false")
            .attr("value", self.draft.get(name).to_owned())
    }

    /// One line that names a column of the model; those that are known are offered.
    pub fn column(&self, name: &str, live: Option<&Wrong>) -> Node {
        self.live(name, self.line(name).attr("list", COLUMNS), live)
    }

    /// One of several. What is not among them stays, and is shown.
    pub fn select(&self, name: &str, choices: &[Choice]) -> Node {
        self.field(name, self.options(name, choices))
    }

    /// The element of one of several. Of other choices it is another element, so that none of them is taken for another.
    pub fn options(&self, name: &str, choices: &[Choice]) -> Node {
        let chosen = self.draft.get(name);
        let is_known = choices.iter().any(|(value, _)| value == chosen);
        let unknown = (!is_known).then(|| (chosen.to_owned(), chosen.to_owned()));
        let option = |(value, name): &Choice| {
            let option = el("option").attr("value", value.clone()).with(name.clone());
            if value == chosen { option.attr("selected", "") } else { option }
        };
        let all: Vec<Node> = choices.iter().chain(&unknown).map(option).collect();
        let values: Vec<&str> = choices.iter().map(|(value, _)| value.as_str()).collect();
        el("select").key([name, "/", &values.join(",")].concat()).all(all)
    }

    /// One of several by the words of this set, with a sentence about the chosen one.
    pub fn choice(&self, name: &str, set: &str, values: &[&str]) -> Node {
        let choices: Vec<Choice> = values
            .iter()
            .map(|value| ((*value).to_owned(), (self.words.option)(&[set, ".", value].concat()).0.to_owned()))
            .collect();
        let about = (self.words.option)(&[set, ".", self.draft.get(name)].concat()).1;
        let about = (!about.is_empty()).then(|| coded("span", about).class("small"));
        self.select(name, &choices).all(about)
    }

    /// On or off. A hidden field of the same name says that it is off: a box that is not ticked says nothing.
    pub fn switch(&self, name: &str) -> Node {
        let (label, help) = self.named(name);
        let tick =
            el("input").attr("type", "checkbox").attr("name", name.to_owned()).attr("id", name.to_owned());
        let tick = tick.attr("value", ON);
        let tick = if self.draft.get(name) == ON { tick.attr("checked", "") } else { tick };
        let off = el("input").attr("type", "hidden").attr("name", name.to_owned()).attr("value", "");
        let text = el("div")
            .class("stacked")
            .with(el("label").attr("for", name.to_owned()).with(label))
            .all((!help.is_empty()).then(|| coded("span", help).class("small subtle")));
        el("div").class("field switch").with(off).with(tick).with(text)
    }

    /// SQL, with the numbers of its lines. The Tab key leaves it, as it leaves every field.
    pub fn sql(&self, name: &str) -> Node {
        let text = self.draft.get(name);
        let lines = text.split('\n').count().max(4);
        let numbers: Vec<String> = (1..=lines).map(|line| line.to_string()).collect();
        let numbers = el("pre").attr("aria-hidden", "true").with(numbers.join("\n"));
        let (label, help) = self.named(name);
        let help_id = [name, "-help"].concat();
        let error = self
            .page
            .wrong_at(name)
            .map(|wrong| self.said(name, wrong).attr("id", [name, "-error"].concat()));
        let area = el("textarea")
            .attr("name", name.to_owned())
            .attr("id", name.to_owned())
            .attr("rows", lines.to_string())
            .attr("wrap", "off")
            .attr("spellcheck", "false")
            .attr("autocapitalize", "off")
            .attr(
                "aria-describedby",
                if error.is_some() { [&help_id, " ", name, "-error"].concat() } else { help_id.clone() },
            )
            .with(text.to_owned());
        let area = if error.is_some() { area.attr("aria-invalid", "true") } else { area };
        el("div")
            .class("field")
            .with(el("label").attr("for", name.to_owned()).with(label))
            .with(el("div").class("code").with(numbers).with(area))
            .all(error)
            .with(coded("span", help).class("small subtle").attr("id", help_id))
    }

    /// Several plain lines.
    pub fn lines(&self, name: &str) -> Node {
        let area = el("textarea").attr("rows", "3").attr("spellcheck", "false");
        self.field(name, area.with(self.draft.get(name).to_owned()))
    }
}

/// The id of the list of the model's columns.
pub(super) const COLUMNS: &str = "model-columns";

/// The columns that are offered where one is named.
pub(super) fn columns(form: &Form<'_>, columns: &[Column]) -> Node {
    let option = |column: &Column| {
        el("option").attr("value", column.name.clone()).with((form.words.kind)(&column.kind))
    };
    el("datalist").attr("id", COLUMNS).all(columns.iter().map(option))
}

/// A press that tells one thing, for elements that are no buttons.
pub(super) fn told(send: &Send<EditorEvent>, event: EditorEvent) -> Rc<dyn Fn()> {
    Rc::new(tell(send, event))
}
