//! A bar for each day, the highest as high as there is room. What it says is said in words, too: at each bar, or in a table beside it.

use crate::ui::{Node, el};

/// One day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// How much.
    pub value: u64,
    /// The same in words, with its day.
    pub told: String,
}

/// The bars; `most` is the highest in words, `ends` are the first and the last day.
#[must_use]
pub fn bars(label: &'static str, testid: &'static str, most: String, all: &[Bar], ends: [String; 2]) -> Node {
    let highest = all.iter().map(|bar| bar.value).max().unwrap_or_default();
    scaled(label, testid, (highest, most), all, ends)
}

/// The same, where `highest` would be as high as there is room: so pictures beside one another can be compared.
#[must_use]
pub fn scaled(
    label: &'static str,
    testid: &'static str,
    (highest, most): (u64, String),
    all: &[Bar],
    ends: [String; 2],
) -> Node {
    let bar = |Bar { value, told }: &Bar| {
        let fill = el("i").attr("style", ["height:", &percent(*value, highest).to_string(), "%"].concat());
        let bar = el("li").attr("title", told.clone()).with(fill);
        // A reader who listens hears the days on which there was something.
        if *value == 0 {
            bar.attr("aria-hidden", "true")
        } else {
            bar.with(el("span").class("sr").with(told.clone()))
        }
    };
    let [first, last] = ends.map(|text| el("span").with(text));
    el("div")
        .class("picture")
        .test(testid, all.len().to_string())
        .with(el("div").class("small subtle num").with(most))
        .with(el("ol").class("bars").attr("aria-label", label).all(all.iter().map(bar)))
        .with(el("div").class("row small subtle").with(el("span").class("grow").with(first)).with(last))
}

/// What is there shows, however little it is beside the most.
fn percent(value: u64, most: u64) -> u64 {
    if value == 0 { 0 } else { (value.saturating_mul(100) / most.max(1)).max(2) }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_day_on_which_little_left_is_seen_beside_one_on_which_much_did() {
        for (value, most, expected) in
            [(0, 100, 0), (1, 1_000_000, 2), (50, 100, 50), (100, 100, 100), (0, 0, 0)]
        {
            assert_eq!(percent(value, most), expected, "{value} of {most}");
        }
    }
}
