//! The destination's fields as an integration uses them, and those that it makes. **Invariants:** nothing is made before the comparison is
//! whole; a field that exists is never changed but for options that are added; what is missing is said with its connection and object.

use chrono::{DateTime, Utc};
use wire::{Definition, FieldToCreate};

use super::{
    attempt::Attempt,
    destination::{Defined, Destination},
    values::Field,
};
use crate::{connectors::zendesk::FieldKind, queue::JobError, store::integrations::Level};

/// Those of one destination.
pub(super) struct Fields {
    /// As sentences name it: users of the connection `zendesk`.
    of: String,
    defined: Vec<Defined>,
    /// Those that can be written, now or once what is lacking was made.
    there: Vec<Field>,
    lacking: Vec<Lacking>,
}

/// Between two sentences about fields.
const ALSO: &str = " Also: ";

/// What a run makes before it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lacking {
    Field(Field, FieldToCreate),
    /// Field, name, tag.
    Option(String, String, String),
}

impl Lacking {
    fn told(&self) -> String {
        match self {
            Self::Field(field, wish) => {
                format!("the field `{}` of type {} (\"{}\")", field.name, wish.kind, wish.title)
            }
            Self::Option(field, name, tag) => {
                format!("the option `{tag}` (\"{name}\") of the field `{field}`")
            }
        }
    }
}

/// The kinds of fields that can be made.
pub(super) fn kind(word: &str) -> Option<FieldKind> {
    Some(match word {
        "text" => FieldKind::Text,
        "textarea" => FieldKind::Textarea,
        "checkbox" => FieldKind::Checkbox,
        "date" => FieldKind::Date,
        "integer" => FieldKind::Integer,
        "decimal" => FieldKind::Decimal,
        "dropdown" => FieldKind::Dropdown,
        _ => return None,
    })
}

impl Fields {
    /// Reads them; an error where mapped ones are there and are not what the mapping says.
    pub async fn of(definition: &Definition, to: &dyn Destination) -> Result<Self, JobError> {
        let destination = &definition.destination;
        let of = format!("{} of the connection `{}`", destination.object, destination.connection);
        Self::among(of, definition, to.fields().await?).map_err(JobError::give_up)
    }

    fn among(of: String, definition: &Definition, defined: Vec<Defined>) -> Result<Self, String> {
        let open = defined.iter().filter(|defined| defined.closed.is_none());
        let mut there: Vec<Field> = open.map(|defined| defined.field.clone()).collect();
        let (mut lacking, mut wrong) = (Vec::new(), Vec::new());
        for mapping in &definition.mapping {
            let Some(wish) = &mapping.create else { continue };
            let Some(kind) = kind(&wish.kind) else { continue }; // refused when it was saved
            let tags = wish.options.iter().map(|option| option.value.clone());
            let known = defined.iter().find(|known| known.field.name == mapping.field).or_else(|| {
                // Triggers name keys in lower case: two that differ by it would be one to them.
                defined.iter().find(|known| known.field.name.eq_ignore_ascii_case(&mapping.field))
            });
            let Some(known) = known else {
                let field = Field::new(&mapping.field, kind, tags.collect());
                // Nothing that is kept of a record is a value of it.
                let field = Field { made_at: DateTime::<Utc>::MAX_UTC, ..field };
                there.push(field.clone());
                lacking.push(Lacking::Field(field, wish.clone()));
                continue;
            };
            let name = &known.field.name;
            if *name != mapping.field {
                wrong.push(format!("the field of {of} is called `{name}`: map it by that name"));
                continue;
            }
            if known.closed.is_none() && known.field.kind != kind {
                let is = serde_json::json!(known.field.kind);
                wrong.push(format!(
                    "the field `{name}` of {of} is of type {}, and the integration makes it as {}; Zendesk changes no field's type: \
                     correct `create.type`, or map another field",
                    is.as_str().unwrap_or_default(),
                    wish.kind
                ));
                continue;
            }
            for option in &wish.options {
                if !known.field.options.contains(&option.value) {
                    lacking.push(Lacking::Option(name.clone(), option.name.clone(), option.value.clone()));
                }
            }
            if let Some(field) = there.iter_mut().find(|field| field.name == *name) {
                let new: Vec<String> = tags.filter(|tag| !field.options.contains(tag)).collect();
                field.options.extend(new.iter().cloned());
                field.new_options = new;
            }
        }
        let fields = Self { of, defined, there, lacking };
        if wrong.is_empty() {
            return Ok(fields);
        }
        let others = definition.mapping.iter().filter(|mapping| mapping.create.is_none());
        wrong.extend(others.filter_map(|mapping| fields.get(&mapping.field).err()));
        Err(wrong.join(ALSO))
    }

    /// An error where mapped ones cannot be written; it names them all.
    pub fn check(&self, definition: &Definition) -> Result<(), String> {
        let mapped = definition.mapping.iter();
        let missing: Vec<_> = mapped.filter_map(|mapping| self.get(&mapping.field).err()).collect();
        if missing.is_empty() { Ok(()) } else { Err(missing.join(ALSO)) }
    }

    /// All that can be written.
    pub fn there(&self) -> &[Field] {
        &self.there
    }

    /// One that can be written; the error says what to do.
    pub fn get(&self, name: &str) -> Result<&Field, String> {
        let of = &self.of;
        let found = self.there.iter().find(|field| field.name == name);
        found.ok_or_else(|| {
            let closed = self.defined.iter().find(|defined| defined.field.name == name);
            if let Some(why) = closed.and_then(|defined| defined.closed) {
                return format!("there is no field `{name}` that can be written among the {of}: it {why}");
            }
            let near = self
                .there
                .iter()
                .min_by_key(|field| strsim::damerau_levenshtein(&field.name, name))
                .map(|field| format!(" Did you mean `{}`?", field.name))
                .unwrap_or_default();
            format!(
                "there is no field `{name}` that can be written among the {of}: make it in Zendesk, or give its mapping a \
                 `create`.{near}"
            )
        })
    }

    /// What a run would make: a sentence's end for each.
    pub fn lacking(&self) -> Vec<String> {
        self.lacking.iter().map(|lacking| format!("{} of {}", lacking.told(), self.of)).collect()
    }

    /// Makes what is lacking, and says so in the log; then reads the fields again. Who died in between finds what was made.
    pub async fn made(
        self,
        attempt: &Attempt<'_>,
        definition: &Definition,
        to: &dyn Destination,
    ) -> Result<Self, JobError> {
        if self.lacking.is_empty() {
            return Ok(self);
        }
        for lacking in &self.lacking {
            let made = match lacking {
                Lacking::Field(field, wish) => to.make_field(field, wish).await,
                Lacking::Option(field, name, tag) => to.add_option(field, (name, tag)).await,
            };
            let told = format!("{} of {}", lacking.told(), self.of);
            match made {
                Ok(()) => attempt.log(Level::Info, &format!("created {told}")).await?,
                // It may be there all the same: the answer was lost, or somebody else was quicker.
                Err(_) if !Self::of(definition, to).await?.lacking.contains(lacking) => {
                    attempt.log(Level::Info, &format!("{told} is there by now")).await?;
                }
                Err(error) => {
                    let why = format!(
                        "{told} cannot be created: {}; make it in Zendesk yourself, or connect with an admin of Zendesk",
                        error.chain()
                    );
                    return Err(JobError::new(error.advice(), why));
                }
            }
        }
        let now = Self::of(definition, to).await?;
        match now.lacking().first() {
            None => Ok(now),
            Some(told) => Err(JobError::retry(format!("{told} was created and is not there"))),
        }
    }
}
