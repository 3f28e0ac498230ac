//! A language in a file says what its source says.

use super::*;
use crate::{
    ConsoleWords, EditorWords, PageWords, PanelWords, SharedWords, Words, console, editor, pages, panel,
    shared, words,
};

#[test]
fn a_packed_language_says_what_its_source_says() {
    for tag in ["ja", "ko"] {
        let (shared, words) = (shared(tag), words(tag));
        let (panel, console, editor) = (panel::words(tag), console::words(tag), editor::words(tag));
        let pages = pages::words(tag);
        let unlike = [
            shared.unlike(),
            words.unlike(),
            panel.unlike(),
            console.unlike(),
            editor.unlike(),
            pages.unlike(),
        ]
        .concat();
        assert_eq!(unlike, [""; 0], "{tag}: these have forms that a pack does not have");
        load(tag, leaked([shared.packed(), words.packed(), panel.packed()].concat()));
        assert_eq!(SharedWords::of_pack().packed(), shared.packed());
        assert_eq!(Words::of_pack().packed(), words.packed());
        assert_eq!(PanelWords::of_pack().packed(), panel.packed());
        load(tag, leaked([shared.packed(), console.packed()].concat()));
        assert_eq!(ConsoleWords::of_pack().packed(), console.packed());
        load(tag, leaked([shared.packed(), editor.packed(), pages.packed()].concat()));
        assert_eq!(PageWords::of_pack().packed(), pages.packed());
        assert_eq!(EditorWords::of_pack().packed(), editor.packed());
    }
}

fn leaked(texts: Vec<String>) -> Pack {
    texts.into_iter().map(|text| &*text.leak()).collect::<Vec<_>>().leak()
}

#[test]
fn a_value_is_at_the_place_of_its_discriminant() {
    for (place, code) in ErrorCode::ALL.iter().enumerate() {
        assert_eq!(*code as usize, place);
    }
    assert_eq!(LogState::ALL.iter().map(|state| *state as usize).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn values_take_their_places() {
    for (template, values, expected) in [
        ("", vec![], ""),
        ("a {0}b", vec!["1"], "a 1b"),
        ("{1}、{0}", vec!["a", "b"], "b、a"),
        ("{0}", vec!["{0}"], "{0}"),
    ] {
        assert_eq!(fill(template, &values), expected);
    }
}
