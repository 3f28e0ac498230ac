//! JSON that is changed and written again: by the editor alone, which keeps what it does not show. **Invariant:** members stay in
//! their order, and what was not changed is written as it was read.

use super::{Json, quote};

static NULL: Json = Json::Null;

impl Json {
    /// The member of an object; `Null` where there is none.
    #[must_use]
    pub fn at(&self, key: &str) -> &Self {
        let Self::Object(members) = self else { return &NULL };
        members.iter().find(|(name, _)| name == key).map_or(&NULL, |(_, value)| value)
    }

    /// What a list holds; nothing of what is none.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// The members of an object; none of what is none.
    #[must_use]
    pub fn members(&self) -> &[(String, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// A text, or what stands for a number; empty for all else.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Whole(text) => text.clone(),
            Self::Number(_) => self.clone().read::<i64>().unwrap_or_default().to_string(),
            Self::Bool(value) => value.to_string(),
            Self::Null | Self::List(_) | Self::Object(_) => String::new(),
        }
    }

    /// Sets a member; of what is no object it makes one.
    pub fn put(&mut self, key: &str, value: impl Into<Self>) {
        if !matches!(self, Self::Object(_)) {
            *self = Self::Object(vec![]);
        }
        let Self::Object(members) = self else { return };
        match members.iter_mut().find(|(name, _)| name == key) {
            Some((_, there)) => *there = value.into(),
            None => members.push((key.to_owned(), value.into())),
        }
    }

    /// Sets a member to a text, or removes it where the text is empty.
    pub fn put_text(&mut self, key: &str, text: &str) {
        if text.trim().is_empty() {
            self.remove(key);
        } else {
            self.put(key, text.trim());
        }
    }

    /// Removes a member.
    pub fn remove(&mut self, key: &str) {
        if let Self::Object(members) = self {
            members.retain(|(name, _)| name != key);
        }
    }

    /// As JSON text.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(_) | Self::Number(_) | Self::Whole(_) => self.shown(),
            Self::Text(text) => quote(text),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::written).collect();
                ["[", &items.join(","), "]"].concat()
            }
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| [&quote(name), ":", &value.written()].concat();
                let members: Vec<String> = members.iter().map(member).collect();
                ["{", &members.join(","), "}"].concat()
            }
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::List(items)
    }
}

/// Where two values differ: the place of each part, and its text in both; a part that only one has is empty in the other.
#[must_use]
pub fn differences(before: &Json, after: &Json) -> Vec<(String, String, String)> {
    let mut found = vec![];
    compare("", before, after, &mut found);
    found
}

fn compare(place: &str, before: &Json, after: &Json, found: &mut Vec<(String, String, String)>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Json::List(_), Json::List(_) | Json::Null) | (Json::Null, Json::List(_)) => {
            let (before, after) = (before.items(), after.items());
            for at in 0..before.len().max(after.len()) {
                let place = [place, "[", &at.to_string(), "]"].concat();
                compare(&place, before.get(at).unwrap_or(&NULL), after.get(at).unwrap_or(&NULL), found);
            }
        }
        (Json::Object(_), Json::Object(_) | Json::Null) | (Json::Null, Json::Object(_)) => {
            let names = before.members().iter().map(|(name, _)| name);
            let more = after.members().iter().map(|(name, _)| name);
            let more = more.filter(|name| !before.members().iter().any(|(known, _)| known == *name));
            for name in names.chain(more) {
                let dot = if place.is_empty() { "" } else { "." };
                compare(&[place, dot, name].concat(), before.at(name), after.at(name), found);
            }
        }
        _ => found.push((place.to_owned(), told(before), told(after))),
    }
}

fn told(value: &Json) -> String {
    match value {
        Json::List(_) | Json::Object(_) => value.written(),
        _ => value.shown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::tests::parsed;

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            r#"{"a":[1,"x\"y",null,true],"b":{"c":{}},"d":9007199254740991}"#,
            r#"{"alert":{"zendesk_group":26155588908160},"log_days":30}"#,
            "[]",
            r#""""#,
        ] {
            assert_eq!(parsed(text).written(), text);
        }
        assert_eq!(Json::Whole("9007199254740993".into()).written(), "9007199254740993");
    }

    #[test]
    fn a_member_is_changed_in_its_place() {
        let mut json = parsed(r#"{"a":1,"b":2,"c":3}"#);
        json.put("b", "x");
        json.put("d", true);
        json.put_text("a", "  ");
        assert_eq!(json.written(), r#"{"b":"x","c":3,"d":true}"#);
        assert_eq!(json.at("nothing"), &Json::Null);
    }

    #[test]
    fn each_part_that_differs_is_named() {
        let before =
            parsed(r#"{"name":"A","mapping":[{"field":"x"},{"field":"y"}],"model":null,"same":[1]}"#);
        let after = parsed(r#"{"name":"B","mapping":[{"field":"z"}],"model":{"sql":"SELECT 1"},"same":[1]}"#);
        let found = differences(&before, &after);
        let found: Vec<_> = found.iter().map(|(at, from, to)| (&**at, &**from, &**to)).collect();
        assert_eq!(
            found,
            [
                ("mapping[0].field", "x", "z"),
                ("mapping[1].field", "y", ""),
                ("model.sql", "", "SELECT 1"),
                ("name", "A", "B"),
            ]
        );
    }
}
