//! How a language other than English travels: as a list of texts, one for each field of [`SharedWords`](crate::SharedWords) and its like.
//! The app carries English in its code; the others are compiled here, checked, and written into files when the app is built.
//! **Invariant:** a packed language says what its source says; a test asks for each sentence.

use std::cell::Cell;

use wire::{BadgeName, ErrorCode, ItemState, LogStage, LogState, Sender, TicketStatus};

use crate::keys::keys;

/// The texts of a language that is not compiled in: of [`SharedWords`](crate::SharedWords), and after them what else the bundle says.
pub type Pack = &'static [&'static str];

thread_local! {
    static LOADED: Cell<(&'static str, Pack)> = const { Cell::new(("", &[])) };
}

/// The language that was loaded; empty: none but English.
#[must_use]
pub fn language() -> &'static str {
    LOADED.get().0
}

/// From now on this language is loaded, too.
pub fn load(language: &'static str, pack: Pack) {
    LOADED.set((language, pack));
}

/// What the fields of a set of texts can be.
pub trait Text: Copy + 'static {
    /// The text with `{0}` and `{1}` for its values; a line for each value of a table.
    fn packed(self) -> String;

    /// What says the same from the pack.
    fn of<const AT: usize>() -> Self;

    /// Whether the text is as packed for other values, too: a pack has no plural forms.
    fn keeps(self, _packed: &str) -> bool {
        true
    }
}

#[inline(never)]
fn entry(at: usize) -> &'static str {
    LOADED.get().1.get(at).copied().unwrap_or_default()
}

#[inline(never)]
fn one(at: usize, value: &str) -> String {
    fill(entry(at), &[value])
}

#[inline(never)]
fn two(at: usize, first: &str, second: &str) -> String {
    fill(entry(at), &[first, second])
}

#[inline(never)]
fn number(at: usize, number: u64) -> String {
    one(at, &number.to_string())
}

#[inline(never)]
fn numbers(at: usize, first: u64, second: u64) -> String {
    two(at, &first.to_string(), &second.to_string())
}

/// `values` in place of `{0}`, `{1}`, ….
pub(crate) fn fill(template: &str, values: &[&str]) -> String {
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text += before;
        let place = usize::from(after.bytes().next().unwrap_or(b'0') - b'0');
        text += values.get(place).copied().unwrap_or_default();
        rest = after.get(2..).unwrap_or_default();
    }
    text + rest
}

/// The line of a table that belongs to the value at this place; nothing where it is empty.
#[inline(never)]
fn line(at: usize, place: usize) -> Option<&'static str> {
    entry(at).split('\n').nth(place).filter(|line| !line.is_empty())
}

/// The line of a table that belongs to a key.
#[inline(never)]
fn line_of(at: usize, key: &str) -> Option<&'static str> {
    entry(at).split('\n').find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}

fn table(lines: impl Iterator<Item = Option<String>>) -> String {
    lines.map(Option::unwrap_or_default).collect::<Vec<_>>().join("\n")
}

fn keyed(of: impl Fn(&str) -> Option<String>) -> String {
    let lines = keys().filter_map(|key| Some([key, "=", of(key)?.as_str()].concat()));
    lines.collect::<Vec<_>>().join("\n")
}

impl Text for &'static str {
    fn packed(self) -> String {
        self.into()
    }

    fn of<const AT: usize>() -> Self {
        entry(AT)
    }
}

/// A number that no text has by itself.
const ODD: u32 = 987_654_320;

macro_rules! numbers {
    ($($number:ty)*) => {
        $(#[allow(clippy::cast_lossless, reason = "`usize` has no other way, and 64 bits are enough")]
        impl Text for fn($number) -> String {
            fn packed(self) -> String {
                self(ODD as $number).replace(&ODD.to_string(), "{0}")
            }

            fn of<const AT: usize>() -> Self {
                |value| number(AT, value as u64)
            }

            fn keeps(self, packed: &str) -> bool {
                (0..3).all(|number| self(number) == fill(packed, &[&number.to_string()]))
            }
        }

        #[allow(clippy::cast_lossless, reason = "as above")]
        impl Text for fn($number, $number) -> String {
            fn packed(self) -> String {
                let text = self(ODD as $number, (ODD + 1) as $number);
                text.replace(&ODD.to_string(), "{0}").replace(&(ODD + 1).to_string(), "{1}")
            }

            fn of<const AT: usize>() -> Self {
                |first, second| numbers(AT, first as u64, second as u64)
            }

            fn keeps(self, packed: &str) -> bool {
                [(0, 1), (1, 0), (2, 2)].iter().all(|(first, second)| {
                    self(*first, *second) == fill(packed, &[&first.to_string(), &second.to_string()])
                })
            }
        })*
    };
}

numbers! { u32 u64 usize }

impl Text for fn(&str) -> String {
    fn packed(self) -> String {
        self("{0}")
    }

    fn of<const AT: usize>() -> Self {
        |value| one(AT, value)
    }
}

impl Text for fn(&str, &str) -> String {
    fn packed(self) -> String {
        self("{0}", "{1}")
    }

    fn of<const AT: usize>() -> Self {
        |first, second| two(AT, first, second)
    }
}

impl Text for fn(usize, &str) -> String {
    fn packed(self) -> String {
        self(ODD as usize, "{1}").replace(&ODD.to_string(), "{0}")
    }

    fn of<const AT: usize>() -> Self {
        |number, value| two(AT, &number.to_string(), value)
    }

    fn keeps(self, packed: &str) -> bool {
        (0..3).all(|number| self(number, "x") == fill(packed, &[&number.to_string(), "x"]))
    }
}

impl Text for fn(&str, u64, &str) -> String {
    fn packed(self) -> String {
        self("{0}", ODD.into(), "{2}").replace(&ODD.to_string(), "{1}")
    }

    fn of<const AT: usize>() -> Self {
        |first, number, last| fill(entry(AT), &[first, &number.to_string(), last])
    }

    fn keeps(self, packed: &str) -> bool {
        (0..3).all(|number| self("a", number, "b") == fill(packed, &["a", &number.to_string(), "b"]))
    }
}

impl Text for fn(usize) -> &'static str {
    fn packed(self) -> String {
        self(2).into()
    }

    fn of<const AT: usize>() -> Self {
        |_| entry(AT)
    }

    fn keeps(self, packed: &str) -> bool {
        (0..3).all(|number| self(number) == packed)
    }
}

impl Text for fn(&str) -> Option<&'static str> {
    fn packed(self) -> String {
        keyed(|key| self(key).map(str::to_owned))
    }

    fn of<const AT: usize>() -> Self {
        |key| line_of(AT, key)
    }
}

impl Text for fn(&str) -> &'static str {
    fn packed(self) -> String {
        keyed(|key| Some(self(key)).filter(|text| !text.is_empty()).map(str::to_owned))
    }

    fn of<const AT: usize>() -> Self {
        |key| line_of(AT, key).unwrap_or_default()
    }
}

/// A label, and what is to be known of it.
impl Text for fn(&str) -> (&'static str, &'static str) {
    fn packed(self) -> String {
        keyed(|key| {
            let (label, help) = self(key);
            (!label.is_empty()).then(|| [label, "\t", help].concat())
        })
    }

    fn of<const AT: usize>() -> Self {
        |key| line_of(AT, key).and_then(|line| line.split_once('\t')).unwrap_or_default()
    }
}

/// Values that have a text each. Does not compile when a variant is missing.
macro_rules! values {
    ($($type:ident { $($variant:ident)* })*) => {
        $(impl Value for $type {
            const ALL: &[Self] = {
                const _: fn($type) = |all| match all { $($type::$variant => (),)* };
                &[$($type::$variant),*]
            };
        }

        texts_of!($type);)*
    };
}

macro_rules! texts_of {
    ($type:ident) => {
        impl Text for fn($type) -> Option<&'static str> {
            fn packed(self) -> String {
                table($type::ALL.iter().map(|value| self(*value).map(str::to_owned)))
            }

            fn of<const AT: usize>() -> Self {
                |value| line(AT, value as usize)
            }
        }

        impl Text for fn($type) -> &'static str {
            fn packed(self) -> String {
                table($type::ALL.iter().map(|value| Some(self(*value).to_owned())))
            }

            fn of<const AT: usize>() -> Self {
                |value| line(AT, value as usize).unwrap_or_default()
            }
        }
    };
}

/// Each at the place of its discriminant.
trait Value: Copy + 'static {
    const ALL: &[Self];
}

values! {
    BadgeName { NewCustomer RenewalNear HighMrr Vip Unknown }
    ItemState { InZendesk Planned Stored Verified Redacted Skipped Held Failed Unknown }
    LogStage { Start Switch Complete Missed }
    LogState { Off Ahead Waiting Written GivenUp Unknown }
    Sender { Customer Agent Unknown }
    TicketStatus { New Open Pending Hold Solved Closed Deleted Unknown }
}

impl Value for ErrorCode {
    const ALL: &[Self] = ErrorCode::ALL;
}

texts_of!(ErrorCode);

/// Declares a set of texts: what it has, how it is packed, and how it says the same from a pack.
macro_rules! texts {
    (
        $start:expr;
        $(#[$meta:meta])*
        pub struct $name:ident { $($(#[$doc:meta])* pub $field:ident : $type:ty,)* }
    ) => {
        $(#[$meta])*
        pub struct $name { $($(#[$doc])* pub $field: $type,)* }

        impl $name {
            /// Where its texts begin in a pack.
            pub const START: usize = $start;
            /// How many texts it has.
            pub const COUNT: usize = [$(stringify!($field)),*].len();

            /// Every text, as it is packed.
            #[must_use]
            pub fn packed(&self) -> Vec<String> {
                vec![$($crate::pack::Text::packed(self.$field)),*]
            }

            /// The same from a pack that was loaded.
            #[must_use]
            pub fn of_pack() -> Self {
                #[allow(non_camel_case_types)]
                enum At { $($field),* }
                Self { $($field: $crate::pack::Text::of::<{ $start + At::$field as usize }>(),)* }
            }

            /// What was loaded, if it is of this language.
            #[must_use]
            pub fn loaded(language: &str) -> Option<&'static Self> {
                thread_local! {
                    static MADE: std::cell::Cell<Option<(&'static str, &'static $name)>> =
                        const { std::cell::Cell::new(None) };
                }
                let loaded = $crate::pack::language();
                if loaded.is_empty() || loaded != language {
                    return None;
                }
                if let Some((_, words)) = MADE.get().filter(|(made, _)| *made == loaded) {
                    return Some(words);
                }
                let words: &'static Self = Box::leak(Box::new(Self::of_pack()));
                MADE.set(Some((loaded, words)));
                Some(words)
            }

            /// The names of texts that say something else from a pack than in their source.
            #[must_use]
            pub fn unlike(&self) -> Vec<&'static str> {
                let mut unlike = vec![];
                $({
                    let packed = $crate::pack::Text::packed(self.$field);
                    if !$crate::pack::Text::keeps(self.$field, &packed) {
                        unlike.push(stringify!($field));
                    }
                })*
                unlike
            }
        }
    };
}
pub(crate) use texts;

#[cfg(test)]
mod tests;
