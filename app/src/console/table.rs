//! A table whose rows have keys: a row that is new or changed leaves the others, and the focus in them, alone.

use crate::ui::{Node, el};

/// A table that can be scrolled sideways, also by the keyboard; where there is little room, each row is a card. `label` is what it is called; each row's key is its own.
#[must_use]
pub fn table(
    label: &'static str,
    testid: &'static str,
    heads: impl IntoIterator<Item = &'static str>,
    rows: impl IntoIterator<Item = (String, Node)>,
) -> Node {
    let heads = heads.into_iter().map(|head| el("th").attr("scope", "col").with(head));
    scrolled(label, el("table").class("lines").test(testid, ""), heads, rows)
}

/// The same of numbers: they are compared along their columns, so there are columns however little room there is. The first cell of each row is
/// its name, and stays in sight.
#[cfg(any(feature = "editor", test))]
#[must_use]
pub fn numbers(
    label: &'static str,
    testid: &'static str,
    heads: impl IntoIterator<Item = String>,
    rows: impl IntoIterator<Item = (String, Node)>,
) -> Node {
    let heads = heads.into_iter().map(|head| el("th").attr("scope", "col").with(head));
    scrolled(label, el("table").class("numbers").test(testid, ""), heads, rows)
}

fn scrolled(
    label: &'static str,
    table: Node,
    heads: impl Iterator<Item = Node>,
    rows: impl IntoIterator<Item = (String, Node)>,
) -> Node {
    let rows = rows.into_iter().map(|(key, row)| row.key(key));
    let table = table.with(el("thead").with(el("tr").all(heads))).with(el("tbody").all(rows));
    el("div")
        .class("scroll")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", label)
        .with(table)
}
