//! What a store keeps beside an object.

use object_store::{Attribute, Attributes};

/// What a store keeps beside an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// A media type.
    pub content_type: String,
    /// A whole `Content-Disposition`.
    pub disposition: String,
    /// More, under names of letters and digits: Azure takes no others.
    pub more: Vec<(&'static str, String)>,
}

impl About {
    /// As a bucket keeps it.
    pub(super) fn attributes(&self) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, header(&self.content_type).into());
        attributes.insert(Attribute::ContentDisposition, header(&self.disposition).into());
        for (name, value) in &self.more {
            attributes.insert(Attribute::Metadata((*name).into()), header(value).into());
        }
        attributes
    }

    /// As a file beside a file, in a folder: JSON.
    pub(super) fn sidecar(&self) -> String {
        let mut text: serde_json::Map<String, serde_json::Value> =
            self.more.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
        text.insert("content_type".to_owned(), self.content_type.as_str().into());
        text.insert("content_disposition".to_owned(), self.disposition.as_str().into());
        format!("{:#}\n", serde_json::Value::Object(text))
    }
}

/// As a signed header can carry it: plain letters, and no two spaces, which a signature counts as one.
fn header(value: &str) -> String {
    let plain: String =
        value.chars().map(|letter| if matches!(letter, ' '..='~') { letter } else { '_' }).collect();
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
