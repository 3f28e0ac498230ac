//! JSON as the browser has parsed it, and the reading of `wire`'s types from it. **Invariant:** no parser of its own, no
//! I/O: the browser's `JSON.parse` is already there and weighs nothing.

use std::fmt::{self, Display, Write as _};
use std::vec;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// One JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`, and whatever JSON cannot hold.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in its own order.
    Object(Vec<(String, Json)>),
}

/// The value is not what its reader expects. Deliberately without details: the server is ours and tested against `wire`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the JSON that was expected")
    }
}

impl std::error::Error for Unreadable {}

impl serde::de::Error for Unreadable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl Json {
    /// Reads one of `wire`'s types.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, Unreadable> {
        T::deserialize(self)
    }

    /// The member of an object; `Null` where there is none.
    #[must_use]
    pub fn take(&mut self, key: &str) -> Json {
        let Json::Object(members) = self else { return Json::Null };
        match members.iter_mut().find(|(name, _)| name == key) {
            Some((_, value)) => std::mem::replace(value, Json::Null),
            None => Json::Null,
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn text(self) -> Option<String> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    /// An identifier: a whole positive number, or the same in a string.
    #[must_use]
    pub fn id(&self) -> Option<u64> {
        match self {
            Json::Number(number) => whole(*number).filter(|id| *id > 0),
            Json::Text(text) => text.parse().ok().filter(|id| *id > 0),
            _ => None,
        }
    }
}

/// A type asks for what it is and gets that or nothing. (Answering `deserialize_any` would compile every path for every
/// type: the module would be a tenth larger.)
impl<'de> Deserializer<'de> for Json {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self {
            Json::Bool(value) => visitor.visit_bool(value),
            Json::Number(number) => visitor.visit_f64(number),
            Json::Text(text) => visitor.visit_string(text),
            Json::Null | Json::List(_) | Json::Object(_) => visitor.visit_unit(),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if let Json::Bool(value) = self { visitor.visit_bool(value) } else { Err(Unreadable) }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Json::Number(number) = self else { return Err(Unreadable) };
        visitor.visit_u64(whole(number).ok_or(Unreadable)?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if let Json::Number(number) = self { visitor.visit_f64(number) } else { Err(Unreadable) }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_string(self.text().ok_or(Unreadable)?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self == Json::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let Json::List(items) = self else { return Err(Unreadable) };
        visitor.visit_seq(Items(items.into_iter()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let Json::Object(members) = self else { return Err(Unreadable) };
        visitor.visit_map(Members { rest: members.into_iter(), value: Json::Null })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_enum(Name(self.text().ok_or(Unreadable)?))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_str(&self.text().ok_or(Unreadable)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 char str bytes byte_buf unit unit_struct tuple tuple_struct map
    }
}

/// The items of an array.
struct Items(vec::IntoIter<Json>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }
}

/// The members of an object.
struct Members {
    rest: vec::IntoIter<(String, Json)>,
    value: Json,
}

impl<'de> MapAccess<'de> for Members {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unreadable> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(Json::Text(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unreadable> {
        seed.deserialize(std::mem::replace(&mut self.value, Json::Null))
    }
}

/// The name of a variant; `wire`'s enums carry nothing else.
struct Name(String);

impl<'de> EnumAccess<'de> for Name {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unreadable> {
        Ok((seed.deserialize(Json::Text(self.0))?, Self(String::new())))
    }
}

impl<'de> VariantAccess<'de> for Name {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Unreadable> {
        Err(Unreadable)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Unreadable> {
        Err(Unreadable)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Unreadable> {
        Err(Unreadable)
    }
}

/// The whole number in a double that holds one exactly; Zendesk's ids stay below 2^53.
fn whole(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let exact = (0.0..EXACT).contains(&number) && number.fract() == 0.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked: whole and within 0..2^53"
    )]
    exact.then_some(number as u64)
}

/// The text as a JSON string, quotes included.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\0'..'\u{20}' => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::Value;
    use wire::{ArchiveView, Card, ContractState, ErrorCode, ItemState, SessionDocument};

    use super::*;

    /// As `JSON.parse` would give it.
    pub(crate) fn parsed(text: &str) -> Json {
        fn from(value: Value) -> Json {
            match value {
                Value::Null => Json::Null,
                Value::Bool(value) => Json::Bool(value),
                Value::Number(number) => Json::Number(number.as_f64().expect("a number of a test")),
                Value::String(text) => Json::Text(text),
                Value::Array(items) => Json::List(items.into_iter().map(from).collect()),
                Value::Object(members) => {
                    Json::Object(members.into_iter().map(|(key, value)| (key, from(value))).collect())
                }
            }
        }
        from(serde_json::from_str(text).expect("JSON of a test"))
    }

    /// Both readers agree.
    #[track_caller]
    fn check<T: DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) -> T {
        let ours: T = parsed(text).read().expect("readable");
        assert_eq!(ours, serde_json::from_str::<T>(text).expect("readable"));
        ours
    }

    #[test]
    fn a_card_reads_as_the_server_wrote_it() {
        let card: Card = check(
            r#"{"ticket":{"id":42,"subject":"請求","status":"open","requester_id":9007199254740991},
                "customer":{"id":77,"name":"山田 太郎","email":null,"state":"suspended"},
                "contract":{"state":"known","company":"Acme","mrr":1200.5,"more":[1,{"x":null}]},
                "badges":["vip","from_the_future"],"open_tickets":[],"more":true}"#,
        );
        assert_eq!(card.contract.state, ContractState::Known);
        assert_eq!(card.contract.mrr, Some(1200.5));
    }

    #[test]
    fn an_archive_and_a_session_read_too() {
        let view: ArchiveView = check(
            r#"{"run":{"id":"r","state":"running"},"items":[{"attachment_id":1,"comment_id":2,"file_name":"a","size":0,
                "content_type":"x","state":"melted","reason_code":"archive_full"}]}"#,
        );
        assert_eq!(
            (view.items[0].state, view.items[0].reason_code),
            (ItemState::Unknown, Some(ErrorCode::ArchiveFull))
        );
        check::<SessionDocument>(
            r#"{"token":"t","expires_at":"2026-11-22T09:00:00Z","locale":"ja","role":"admin"}"#,
        );
    }

    #[test]
    fn what_is_not_a_card_is_refused() {
        for text in [
            "null",
            "[]",
            r#"{"contract":3}"#,
            r#"{"contract":{"state":["known"]},"badges":[],"open_tickets":[]}"#,
        ] {
            assert_eq!(parsed(text).read::<Card>(), Err(Unreadable), "{text}");
        }
    }

    #[test]
    fn quoted_text_survives() {
        for text in ["", "a\"b\\c", "\u{0}\n\u{1f}\u{7f}", "漢字 🐟\u{2028}"] {
            assert_eq!(serde_json::from_str::<String>(&quote(text)).expect("a JSON string"), text);
        }
    }

    #[test]
    fn an_id_is_a_whole_positive_number() {
        for (text, expected) in [
            ("42", Some(42)),
            (r#""42""#, Some(42)),
            ("0", None),
            ("-1", None),
            ("1.5", None),
            ("null", None),
        ] {
            assert_eq!(parsed(text).id(), expected, "{text}");
        }
    }
}
