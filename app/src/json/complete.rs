//! What the console reads and writes beyond what agents' pages do: enums with data, however they are tagged, maps, and whole
//! numbers of 64 bits, exact (ADR 19). **Invariant:** in the console's bundle only, and as serde would.

mod exact;

use std::collections::BTreeMap;

pub use exact::{mark, unmark};

use super::read::found;
use super::{Json, Read, quote, whole};

/// A type that can be written.
pub trait Write {
    /// Adds the value's JSON text.
    fn write(&self, to: &mut String);

    /// The value's JSON text.
    fn json(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }
}

/// How an enum says which of its variants a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// `"name"`, or `{"name": content}`.
    External,
    /// A member of the content has the name.
    Internal(&'static str),
    /// One member has the name, another the content.
    Adjacent(&'static str, &'static str),
}

impl Tag {
    /// The name of the variant, and its content.
    #[must_use]
    pub fn open(self, mut json: Json) -> Option<(String, Json)> {
        match (self, json) {
            (Self::External, Json::Text(name)) => Some((name, Json::Null)),
            (Self::External, Json::Object(members)) if members.len() == 1 => members.into_iter().next(),
            (Self::External, _) => None,
            (Self::Internal(tag), value) => {
                json = value;
                Some((json.take(tag).text()?, json))
            }
            (Self::Adjacent(tag, content), value) => {
                json = value;
                Some((json.take(tag).text()?, json.take(content)))
            }
        }
    }

    /// The JSON text of a variant: `content` is the text of its content, nothing where it has none.
    pub fn close(self, name: &str, content: Option<&str>, to: &mut String) {
        let name = quote(name);
        let members = content.and_then(|content| content.strip_prefix('{')).unwrap_or("}");
        let comma = if members == "}" { "" } else { "," };
        match (self, content) {
            (Self::External, None) => *to += &name,
            (Self::External, Some(content)) => to.extend(["{", &name, ":", content, "}"]),
            (Self::Internal(tag), _) => to.extend(["{", &quote(tag), ":", &name, comma, members]),
            (Self::Adjacent(tag, _), None) => to.extend(["{", &quote(tag), ":", &name, "}"]),
            (Self::Adjacent(tag, key), Some(content)) => {
                to.extend(["{", &quote(tag), ":", &name, ",", &quote(key), ":", content, "}"]);
            }
        }
    }
}

/// A struct's members, written one after the other.
#[derive(Debug, Default)]
pub struct Members(String);

impl Members {
    /// Adds one.
    pub fn add(&mut self, name: &str, value: &dyn Write) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0 += &quote(name);
        self.0.push(':');
        value.write(&mut self.0);
    }

    /// The object's JSON text.
    #[must_use]
    pub fn end(mut self) -> String {
        self.0 += if self.0.is_empty() { "{}" } else { "}" };
        self.0
    }
}

impl Write for String {
    fn write(&self, to: &mut String) {
        *to += &quote(self);
    }
}

macro_rules! plain {
    ($($type:ty)*) => {
        $(impl Write for $type {
            fn write(&self, to: &mut String) {
                *to += &self.to_string();
            }
        })*
    };
}

plain! { bool i64 u32 u64 f64 }

impl Read for u32 {
    fn part(json: Json, readable: &mut bool) -> Self {
        found(u64::part(json, readable).try_into().ok(), readable)
    }
}

impl Read for i64 {
    fn part(json: Json, readable: &mut bool) -> Self {
        let number = match json {
            Json::Whole(number) => number.parse().ok(),
            Json::Number(number) if number < 0.0 => {
                whole(-number).and_then(|number| i64::try_from(number).ok()).map(|number| -number)
            }
            json => u64::part(json, readable).try_into().ok(),
        };
        found(number, readable)
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self, to: &mut String) {
        match self {
            Some(value) => value.write(to),
            None => *to += "null",
        }
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, to: &mut String) {
        to.push('[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                to.push(',');
            }
            item.write(to);
        }
        to.push(']');
    }
}

impl<T: Read> Read for BTreeMap<String, T> {
    fn part(json: Json, readable: &mut bool) -> Self {
        let Json::Object(members) = json else {
            *readable = false;
            return Self::new();
        };
        members.into_iter().map(|(name, value)| (name, T::part(value, readable))).collect()
    }
}

impl<T: Write> Write for BTreeMap<String, T> {
    fn write(&self, to: &mut String) {
        let mut members = Members::default();
        for (name, value) in self {
            members.add(name, value);
        }
        *to += &members.end();
    }
}

/// Writes structs: all their members.
#[allow(unused_macros, reason = "for pages to come")]
macro_rules! written {
    ($($type:path { $($member:ident),* })*) => {
        $(impl $crate::json::complete::Write for $type {
            fn write(&self, to: &mut String) {
                let mut members = $crate::json::complete::Members::default();
                $(members.add(stringify!($member), &self.$member);)*
                *to += &members.end();
            }
        })*
    };
}
#[allow(unused_imports, reason = "for pages to come")]
pub(crate) use written;

/// Reads and writes an enum whose variants carry nothing, one value, or members; and what stands for a name that is not known.
#[allow(unused_macros, reason = "for pages to come")]
macro_rules! tagged {
    ($type:path, $tag:expr, { $($variant:ident = $name:literal $body:tt),* $(; $other:ident = $other_name:literal)? }) => {
        impl $crate::json::Read for $type {
            #[allow(unused_mut, unused_variables)]
            fn part(json: $crate::json::Json, readable: &mut bool) -> Self {
                let opened = $tag.open(json);
                *readable &= opened.is_some();
                let (name, mut content) = opened.unwrap_or_default();
                $(if name == $name {
                    return tagged!(@read Self, $variant, content, readable, $body);
                })*
                tagged!(@other Self, content, readable, ($($variant $body)*) $(, $other)?)
            }
        }

        impl $crate::json::complete::Write for $type {
            fn write(&self, to: &mut String) {
                $(tagged!(@write Self, $variant, $name, $tag, self, to, $body);)*
                $(tagged!(@write Self, $other, $other_name, $tag, self, to, ());)?
            }
        }
    };
    (@read $this:ident, $variant:ident, $content:ident, $readable:ident, ()) => { $this::$variant };
    (@read $this:ident, $variant:ident, $content:ident, $readable:ident, (_)) => {
        $this::$variant($crate::json::Read::part($content, $readable))
    };
    (@read $this:ident, $variant:ident, $content:ident, $readable:ident, { $($member:ident),* }) => {
        $this::$variant { $($member: $crate::json::member(&mut $content, stringify!($member), $readable)),* }
    };
    // Of a name that is not known: what stands for it, or any value, and it is not readable.
    (@other $this:ident, $content:ident, $readable:ident, ($first:ident $body:tt $($rest:tt)*)) => {{
        *$readable = false;
        tagged!(@read $this, $first, $content, $readable, $body)
    }};
    (@other $this:ident, $content:ident, $readable:ident, $all:tt, $other:ident) => { $this::$other };
    (@write $this:ident, $variant:ident, $name:literal, $tag:expr, $self:ident, $to:ident, ()) => {
        if let $this::$variant = $self {
            $tag.close($name, None, $to);
        }
    };
    (@write $this:ident, $variant:ident, $name:literal, $tag:expr, $self:ident, $to:ident, (_)) => {
        if let $this::$variant(value) = $self {
            $tag.close($name, Some(&$crate::json::complete::Write::json(value)), $to);
        }
    };
    (@write $this:ident, $variant:ident, $name:literal, $tag:expr, $self:ident, $to:ident, { $($member:ident),* }) => {
        if let $this::$variant { $($member),* } = $self {
            let mut members = $crate::json::complete::Members::default();
            $(members.add(stringify!($member), $member);)*
            $tag.close($name, Some(&members.end()), $to);
        }
    };
}
#[allow(unused_imports, reason = "for pages to come")]
pub(crate) use tagged;

#[cfg(test)]
mod tests;
