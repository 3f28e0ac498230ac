//! From the layers to the structs of the rooms, by `serde`: a struct's fields are the sections, those of a section's struct its
//! settings; a field that is a struct itself groups settings of the same section. **Invariants:** every value that is refused is
//! found, not only the first; a refusal does not quote the value.

use std::{collections::BTreeMap, fmt, slice};

use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use toml::Value;

use super::{Problems, layers::Layers, manual};

/// The settings of `T`. Where a value is refused, the problem is noted and something that its type takes stands in for it, so that
/// the rest is read as well; [`Problems::finish`] then refuses the whole.
pub(super) fn take<T: DeserializeOwned>(layers: &mut Layers, problems: &mut Problems) -> T {
    loop {
        match T::deserialize(Place { layers, section: "", key: "" }) {
            Ok(settings) => return settings,
            Err(Refused { key, why }) => {
                problems.refused(&key, &why, layers.is_unset(&key));
                layers.stand_in(&key);
            }
        }
    }
}

/// The manual's values.
#[cfg(test)]
pub(super) fn defaults<T: DeserializeOwned>(section: &'static str) -> T {
    let layers = Layers::read(None, []).expect("the manual");
    T::deserialize(Place { layers: &layers, section, key: "" }).expect("defaults that can be used")
}

/// A value that a type refuses.
#[derive(Debug)]
struct Refused {
    key: String,
    why: String,
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.key, self.why)
    }
}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self { key: String::new(), why: why.to_string() }
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("must be {expected}"))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("must be {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let words: Vec<_> = expected.iter().map(|word| format!("\"{word}\"")).collect();
        Self::custom(format_args!("must be {}", words.join(" or ")))
    }
}

/// All sections, one section, one setting, or a group of settings in a section.
#[derive(Clone, Copy)]
struct Place<'a> {
    layers: &'a Layers,
    /// Empty: all sections.
    section: &'static str,
    /// Empty: the whole section.
    key: &'static str,
}

impl<'a> Place<'a> {
    fn field(self, name: &'static str) -> Self {
        match self.section {
            "" => Self { section: name, ..self },
            _ => Self { key: name, ..self },
        }
    }

    fn name(&self) -> String {
        format!("{}.{}", self.section, self.key)
    }

    fn value(&self) -> &'a Value {
        let value = self.layers.value(&self.name());
        value.unwrap_or_else(|| panic!("config.default.toml does not have `{}`", self.name()))
    }

    fn text(&self) -> Result<&'a str, Refused> {
        self.value().as_str().map(str::trim).ok_or_else(|| de::Error::custom("must be text in quotes"))
    }

    /// A section without its first setting, or a setting that is empty.
    fn is_off(&self) -> bool {
        let is_empty = |key: &str| {
            self.layers.value(key).and_then(Value::as_str).is_some_and(|text| text.trim().is_empty())
        };
        if self.key.is_empty() {
            return manual::switch_of(self.section).is_some_and(is_empty);
        }
        is_empty(&self.name())
    }
}

impl<'de> Deserializer<'de> for Place<'_> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.value() {
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Boolean(flag) => visitor.visit_bool(*flag),
            _ => visitor.visit_str(""), // refused by what wants a number
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let flag = self.value().as_bool().ok_or_else(|| de::Error::custom("must be true or false"));
        visitor.visit_bool(flag?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.text()? {
            "" => Err(de::Error::custom("must not be empty")),
            text => visitor.visit_str(text),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        if self.is_off() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let texts = texts(self.value()).filter(|texts| texts.iter().all(|text| !text.is_empty()));
        let texts =
            texts.ok_or_else(|| de::Error::custom("must be a list of texts, like [\"one\", \"two\"]"));
        visitor.visit_seq(SeqDeserializer::new(texts?.into_iter()))
    }

    /// Lists of texts, each under its name; in the environment as TOML writes them in one line.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let lists = match self.value() {
            Value::String(text) => format!("lists = {text}")
                .parse()
                .ok()
                .and_then(|mut table: toml::Table| table.remove("lists")),
            value => Some(value.clone()),
        };
        let lists = lists.and_then(|lists| {
            let named = lists.as_table()?.iter();
            named.map(|(name, list)| Some((name.clone(), texts(list)?))).collect::<Option<BTreeMap<_, _>>>()
        });
        let lists = lists.ok_or_else(|| {
            de::Error::custom("must be lists of texts by their names, like { one = [\"a\", \"b\"] }")
        });
        visitor.visit_map(MapDeserializer::new(lists?.into_iter()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_map(Fields { of: self, names: fields.iter(), next: self })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_enum(self.text()?.into_deserializer())
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
        ignored_any
    }
}

/// The fields of a struct, in its order.
struct Fields<'a> {
    of: Place<'a>,
    names: slice::Iter<'static, &'static str>,
    next: Place<'a>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        let Some(name) = self.names.next() else { return Ok(None) };
        self.next = self.of.field(name);
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let place = self.next;
        let whole_place = |refused: Refused| {
            if refused.key.is_empty() { Refused { key: place.name(), ..refused } } else { refused }
        };
        seed.deserialize(place).map_err(whole_place)
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| Some(item.as_str()?.trim().to_owned())).collect()
}
