//! The page of settings for calls and chats. To add a setting: a line here, its words, and what is done by it.

use super::form::{Field, Form, FormEvent, FormModel, Kind, Section, view};
use super::frame::heading;
use super::{Effect, Page};
use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::model::Model;
use crate::screens::Send;
use crate::ui::{Node, el};

const NAVIGATE: Kind = Kind::Choice(&["ticket", "user", "nothing"]);

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind }
}

/// What can be set. The names are those of `wire::FlexSettings`.
pub const FORM: Form = Form {
    id: "flex-settings",
    path: "/api/settings/flex",
    sections: &[
        Section {
            name: "general",
            fields: &[field("enabled", Kind::Switch), field("contract_panel", Kind::Switch)],
        },
        Section {
            name: "navigate",
            fields: &[
                field("navigate_valid", NAVIGATE),
                field("navigate_invalid", NAVIGATE),
                field("navigate_none", NAVIGATE),
                field("talk_partner", Kind::Switch),
            ],
        },
        Section {
            name: "top_bar",
            fields: &[
                field("flex_url", Kind::Text),
                field("flex_width", Kind::Number(300, 1600)),
                field("flex_height", Kind::Number(300, 1200)),
            ],
        },
        Section {
            name: "tickets",
            fields: &[
                field("without_number", Kind::Choice(&["ask", "latest_open", "always_new"])),
                field("choose_first", Kind::Switch),
                field("create_ticket", Kind::Switch),
                field("create_user", Kind::Switch),
                field("subject", Kind::Text),
                field("description", Kind::Long),
                field("automatic_tag", Kind::Text),
                field("assign", Kind::Switch),
                field("missed_ticket", Kind::Switch),
            ],
        },
        Section {
            name: "log",
            fields: &[
                field("log_start", Kind::Switch),
                field("log_switch", Kind::Switch),
                field("log_complete", Kind::Switch),
                field("transcript", Kind::Switch),
                field("recording_inbound", Kind::Switch),
                field("recording_outbound", Kind::Switch),
                field("outcomes", Kind::Lines),
                field("logged_attributes", Kind::Lines),
            ],
        },
        Section {
            name: "outbound",
            fields: &[
                field("outbound_caller_id", Kind::Text),
                field("outbound_queue_sid", Kind::Text),
                field("outbound_workflow_sid", Kind::Text),
                field("outbound_task_channel_sid", Kind::Text),
                field("outbound_country", Kind::Text),
            ],
        },
    ],
};

/// The page.
#[derive(Debug, Default, PartialEq)]
pub struct FlexPage(FormModel);

impl Model for FlexPage {
    type Event = FormEvent;
    type Effect = Effect<FormEvent>;

    fn update(mut self, event: FormEvent) -> (Self, Vec<Effect<FormEvent>>) {
        let effects = self.0.update(&FORM, event);
        (self, effects)
    }
}

impl Page for FlexPage {
    const ADDRESS: &'static str = "flex";

    fn title(words: &ConsoleWords) -> &'static str {
        words.flex
    }

    fn opened(_today: String) -> FormEvent {
        FormEvent::Open
    }

    fn discarded() -> Option<FormEvent> {
        Some(FormEvent::Discard)
    }

    fn is_unsaved(&self) -> bool {
        self.0.is_unsaved(&FORM)
    }

    fn view(&self, locale: Locale, words: &'static ConsoleWords, send: &Send<FormEvent>) -> Node {
        el("div")
            .class("stack wide")
            .test("console-flex", "")
            .with(heading(words.flex, words.flex_what))
            .with(view::form(locale, words, &FORM, &self.0, send))
    }
}
