//! What we do later.
