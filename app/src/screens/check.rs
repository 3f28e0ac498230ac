//! How a screen's test looks at it: as an agent would, by what is written there.

use std::rc::Rc;

use super::Send;
use super::dial::Dialling;
use crate::model::dial::DialModel;
use crate::ui::Node;

/// Nobody listens.
pub(crate) fn nobody<E>() -> Send<E> {
    Rc::new(|_| ())
}

/// Nobody calls from here.
pub(super) fn no_flex() -> Dialling<'static> {
    Dialling { model: &DialModel::IDLE, press: None }
}

/// The texts on the screen, one per line.
#[expect(clippy::needless_pass_by_value, reason = "as a screen returns it")]
pub(crate) fn text(node: Node) -> String {
    let html = node.to_html();
    let texts = html.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text);
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}
