//! Enums that cross as words. The other side may be older or newer, so it is given text, and knows the words that it knows.

macro_rules! words {
    ($(#[$about:meta])* $enum:ident $($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $enum { $($(#[$doc])* $name,)* }

        impl $enum {
            /// Every word.
            pub const ALL: &[&str] = &[$($text,)*];

            /// As it crosses.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}
pub(crate) use words;
