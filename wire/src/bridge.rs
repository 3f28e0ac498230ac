//! Messages between the Flex plugin and the app in its iframe, and between the plugin and the page that frames Flex in
//! Zendesk's top bar. Each side pins the other's origin and window.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{DialOrder, DialOutcome, PopNotice};

/// What the agent did with the engagement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Accepted it.
    Accept,
    /// Selected it among several.
    Select,
}

/// One Flex task, as the plugin sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
pub struct EngagementFacts {
    /// `WT…`.
    pub task_sid: String,
    /// The task's attributes, whatever they hold.
    #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
    pub attributes: Value,
    /// `voice`, `chat`, `sms`, …
    #[serde(default)]
    pub channel: Option<String>,
    /// `WR…`: the agent's part of it.
    #[serde(default)]
    pub reservation_sid: Option<String>,
    /// What Flex knows of it beside the attributes.
    #[serde(default)]
    pub call: CallFacts,
}

/// How a call or a chat stands, as Flex shows it to this agent. What is absent is not known. Times are milliseconds since
/// 1970, by the browser's clock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[serde(default)]
pub struct CallFacts {
    /// The reservation's: `pending`, `accepted`, `wrapping`, `completed`, …
    pub status: Option<String>,
    /// `inbound` or `outbound`.
    pub direction: Option<String>,
    /// The queue's name.
    pub queue: Option<String>,
    /// Who calls, as Flex shows it: where Flex masks numbers it is masked.
    pub from: Option<String>,
    /// Who is called.
    pub to: Option<String>,
    /// When it came in.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub created_ms: Option<u64>,
    /// When this agent took it.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub accepted_ms: Option<u64>,
    /// When the conversation ended.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub ended_ms: Option<u64>,
}

/// From the plugin to the app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToApp {
    /// The agent's Flex token; sent in answer to `ready` and again on every renewal.
    Token {
        /// Opaque; only the server reads it.
        token: String,
        /// BCP 47, as Flex shows itself.
        #[serde(default)]
        locale: Option<String>,
        /// Flex's theme is dark.
        #[serde(default)]
        dark: bool,
    },
    /// The agent accepted or selected an engagement.
    Engagement {
        engagement: EngagementFacts,
        /// What the agent did.
        stage: Stage,
    },
    /// The agent is done with an engagement.
    Ended {
        /// Which, with the attributes that it ended with.
        engagement: EngagementFacts,
    },
    /// An engagement stands otherwise than before.
    Call { task_sid: String, call: CallFacts },
    /// The agent wanted to complete an engagement whose ticket is still to be chosen, and the plugin kept them from it.
    ChooseFirst { task_sid: String },
    /// No engagement is selected.
    Idle,
    /// What became of an order to call somebody.
    Dialed {
        id: String,
        /// Whether it calls, or why not.
        outcome: DialOutcome,
    },
    /// Flex changed between light and dark.
    Theme {
        /// Now dark.
        dark: bool,
    },
    /// Flex is in Zendesk's top bar: what is popped is shown by way of it.
    TopBar,
    /// The top bar's page has shown it.
    Shown {
        /// Its `PopNotice::notice`.
        notice: String,
    },
}

/// From the app to the plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromApp {
    /// The app listens.
    Ready,
    /// The server refused the token: send a fresh one.
    TokenExpired,
    /// Call somebody, and say `dialed`.
    Dial {
        /// Whom, and how.
        order: DialOrder,
    },
    /// Whether the agent has still to choose a ticket before the engagement may be completed. Also the answer to
    /// `choose_first`: a panel that does not answer keeps nobody.
    Choice {
        /// Of which engagement.
        task_sid: String,
        /// Whether they still have to choose.
        open: bool,
        /// What to tell an agent who completes it all the same, in their language.
        told: String,
    },
    /// The panel's content is this high, in CSS pixels.
    Height {
        /// CSS pixels.
        height: u32,
    },
    /// The top bar's page is to show this.
    Show { notice: PopNotice },
}

/// From the plugin to the page that frames Flex in Zendesk's top bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToTopBar {
    /// The plugin runs. It carries nothing: who hears it is not known yet.
    Hello,
    /// Somebody calls or writes, or is called.
    Ringing {
        /// Which task.
        task_sid: String,
    },
    /// It rings no more: taken, refused, given up.
    Silent {
        /// Which task.
        task_sid: String,
    },
    /// Show this in Zendesk.
    Show { notice: PopNotice },
}

/// From the page that frames Flex in Zendesk's top bar to the plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromTopBar {
    /// In answer to `hello`.
    Welcome,
    /// Zendesk was asked to show it.
    Shown {
        /// Its `PopNotice::notice`.
        notice: String,
    },
}
