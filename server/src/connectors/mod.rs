//! Whom we talk to.
