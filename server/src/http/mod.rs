//! Who may ask what.
