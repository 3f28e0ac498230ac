//! Messages between the Flex plugin and the app in its iframe. Each side pins the other's origin and window.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{DialOrder, DialOutcome};

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
        /// Which.
        engagement: EngagementFacts,
        /// What the agent did.
        stage: Stage,
    },
    /// The agent is done with an engagement.
    Ended {
        /// Which, with the attributes that it ended with.
        engagement: EngagementFacts,
    },
    /// No engagement is selected.
    Idle,
    /// What became of an order to call somebody.
    Dialed {
        /// Which.
        id: String,
        /// Whether it calls, or why not.
        outcome: DialOutcome,
    },
    /// Flex changed between light and dark.
    Theme {
        /// Now dark.
        dark: bool,
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
    /// The panel's content is this high, in CSS pixels.
    Height {
        /// CSS pixels.
        height: u32,
    },
}
