//! A page looks as its workspace does: language and colours.

use super::state::State;
use crate::host::Host;
use crate::host::page::{self, spawn};
use crate::i18n::Locale;

/// A tag that `Intl` does not know must not take the page down.
pub(super) fn locale(tag: String) -> Locale {
    let known = page::knows_language(&tag);
    let tag: &'static str = if known { Box::leak(tag.into_boxed_str()) } else { "en" };
    page::set_language(tag);
    Locale::new(tag)
}

/// The agent's colours and language as the workspace has them now: the session's language is the server's, and that may
/// be minutes old, or not known yet.
pub(super) fn follow(host: &dyn Host, shown: State<Locale>) {
    let looks = host.looks();
    spawn(Box::pin(async move {
        let Ok(looks) = looks.await else { return };
        if let Some(tag) = looks.language
            && tag != shown.get_untracked().tag
        {
            shown.set(locale(tag));
        }
        if let Some(dark) = looks.dark {
            page::set_dark(dark);
        }
    }));
}
