//! Enums whose values are words in the database.

/// An enum that is kept as a word.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it is kept.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl $crate::store::query::Column for $name {
            fn of(row: &$crate::store::Row, column: &'static str) -> Result<Self, $crate::store::StoreError> {
                match row.get::<String>(column)?.as_str() {
                    $($word => Ok(Self::$variant),)*
                    _ => Err($crate::store::StoreError::corrupt(stringify!($name))),
                }
            }
        }
    };
}
pub(in crate::store) use words;
