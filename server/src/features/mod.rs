//! What Deskside does.
