//! A page looks as its workspace does: language and colours.

use texts::{ConsoleWords, PageWords, PanelWords, Words, language_of, pack};

use super::state::State;
use crate::host::Host;
use crate::host::page::{self, spawn};
use crate::i18n::Locale;
use crate::json::Json;

/// Languages whose words are fetched: English is compiled in.
const FETCHED: [&str; 2] = ["ja", "ko"];

/// The language of a tag, once its words are here; English where they do not come. A tag that `Intl` does not know must not take
/// the page down.
pub(super) async fn locale(tag: String) -> Locale {
    let known = page::knows_language(&tag);
    let fetched = FETCHED.into_iter().find(|language| *language == language_of(&tag)).filter(|_| known);
    let here = match fetched {
        Some(language) if pack::language() != language => load(language, page::words(language).await),
        _ => true,
    };
    let tag: &'static str = if known && here { Box::leak(tag.into_boxed_str()) } else { "en" };
    page::set_language(tag);
    Locale::new(tag)
}

/// How many texts this bundle has.
const TEXTS: usize = if cfg!(feature = "editor") {
    PageWords::START + PageWords::COUNT
} else if cfg!(feature = "console") {
    ConsoleWords::START + ConsoleWords::COUNT
} else if cfg!(feature = "flex") {
    PanelWords::START + PanelWords::COUNT
} else {
    Words::START + Words::COUNT
};

/// Takes the words of this bundle; false where they are not whole.
fn load(language: &'static str, words: Json) -> bool {
    let Json::List(texts) = words else { return false };
    let texts: Vec<&'static str> =
        texts.into_iter().take(TEXTS).map(|text| &*text.text().unwrap_or_default().leak()).collect();
    let is_whole = texts.len() == TEXTS;
    if is_whole {
        pack::load(language, texts.leak());
    }
    is_whole
}

/// The agent's colours and language as the workspace has them now: the session's language is the server's, and that may
/// be minutes old, or not known yet.
pub(super) fn follow(host: &dyn Host, shown: State<Locale>) {
    let looks = host.looks();
    spawn(Box::pin(async move {
        let Ok(looks) = looks.await else { return };
        if let Some(dark) = looks.dark {
            page::set_dark(dark);
        }
        if let Some(tag) = looks.language
            && tag != shown.get_untracked().tag
        {
            shown.set(locale(tag).await);
        }
    }));
}
