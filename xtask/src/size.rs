//! What the agent's first load weighs, and where the bytes are. **Invariant:** measures the files that ship, compressed as
//! they are sent; names come from the same module before they were taken out.

use std::collections::BTreeMap;

use crate::app::{self, Bundle, CODE, FIRST_LOAD, code_by_function, sections};
use crate::house;
use crate::problem::{Outcome, Problem};

/// What the same card costs in React with Zendesk Garden, in kB (1000 bytes), brotli.
const AIM: usize = 78_000;
/// Beyond this nothing is merged.
const STOP: usize = 79_000;
/// The pages that no agent waits for beside a ticket (ADR 5): title, parts, and their limit.
const OTHERS: [(&str, &[&str], usize); 3] = [
    ("Flex's panel", &["loader", "flex_js", "flex_wasm", "flex_css"], 78_000),
    ("The console", &["loader", "console_js", "console_wasm", "console_css"], 106_500),
    ("Seldom opened, in the console", &["editor_js", "editor_wasm", "editor_css"], 108_000),
];
/// How many names are worth reading.
const SHOWN: usize = 25;

/// Prints the tables; a problem when the first load is heavier than it may be.
pub(crate) fn run() -> Outcome {
    let bundle = app::build()?;
    let brotli = first_load("First load", FIRST_LOAD, &bundle)?;
    let mut too_heavy = Vec::new();
    for (title, parts, stop) in OTHERS {
        let brotli = first_load(title, parts, &bundle)?;
        if brotli > stop {
            too_heavy.push(format!("{title}: {brotli} bytes (brotli) of at most {stop}"));
        }
    }
    let named = house::read_bytes(&app::named_wasm())?;
    let shipped = house::read_bytes(&bundle.file("wasm"))?;
    table("Sections of the wasm, bytes", sections(&shipped)?, usize::MAX);
    let functions = code_by_function(&named)?;
    let code = format!("Its section `{CODE}` by crate, bytes");
    table(&code, sum_by(functions.iter().map(|(name, size)| (crate_of(name), *size))), SHOWN);
    table(
        "Its largest functions, bytes",
        sum_by(functions.iter().map(|(name, size)| (short(name), *size))),
        SHOWN,
    );
    verdict(brotli)?;
    if too_heavy.is_empty() { Ok(()) } else { Err(Problem::several("pages are too heavy:", &too_heavy)) }
}

/// Prints every file of a first load; their sum as it travels.
fn first_load(title: &str, parts: &[&str], bundle: &Bundle) -> Outcome<usize> {
    println!("\n{title:<28}{:>10}{:>10}{:>10}", "raw", "gzip", "brotli");
    let mut sums = [0; 3];
    for part in parts {
        let file = bundle.file(part);
        let sizes = ["", ".gz", ".br"].map(|end| {
            let mut name = file.clone().into_os_string();
            name.push(end);
            house::read_bytes(name.as_ref()).map(|bytes| bytes.len())
        });
        let [raw, gzip, brotli] = sizes;
        let sizes = [raw?, gzip?, brotli?];
        row(&file.file_name().unwrap_or_default().to_string_lossy(), sizes);
        sums = std::array::from_fn(|at| sums[at] + sizes[at]);
    }
    row("sum", sums);
    Ok(sums[2])
}

fn row(name: &str, [raw, gzip, brotli]: [usize; 3]) {
    println!("{name:<28}{raw:>10}{gzip:>10}{brotli:>10}");
}

fn verdict(brotli: usize) -> Outcome {
    let (aim, stop) = (AIM / 1000, STOP / 1000);
    #[expect(clippy::cast_precision_loss, reason = "a few hundred kilobytes")]
    let now = brotli as f64 / 1000.0;
    if brotli > STOP {
        return Err(Problem::new(format!(
            "the first load is {now:.1} kB (brotli), and {stop} kB is the limit: the tables above say where it is"
        )));
    }
    let where_we_are = if brotli > AIM { "above the aim, below the limit" } else { "within the aim" };
    println!("\nfirst load {now:.1} kB (brotli): {where_we_are} (aim {aim} kB, limit {stop} kB)");
    Ok(())
}

fn table(title: &str, mut rows: Vec<(String, usize)>, shown: usize) {
    rows.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    println!("\n{title}");
    rows.iter().take(shown).for_each(|(name, size)| println!("{size:>10}  {name}"));
    let rest: usize = rows.iter().skip(shown).map(|(_, size)| size).sum();
    if rest > 0 {
        println!("{rest:>10}  ({} more)", rows.len() - shown);
    }
}

fn sum_by(sizes: impl Iterator<Item = (String, usize)>) -> Vec<(String, usize)> {
    let mut sums = BTreeMap::new();
    sizes.for_each(|(name, size)| *sums.entry(name).or_default() += size);
    sums.into_iter().collect()
}

/// The crate that a function's code comes from: the first in the name, or the one whose type a generic is made for.
fn crate_of(function: &str) -> String {
    let name = function
        .trim_start_matches(['<', '&', '(', '[', '*'])
        .trim_start_matches("mut ")
        .trim_start_matches("dyn ");
    let krate: String =
        name.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    let qualified = name[krate.len()..].starts_with("::") || name[krate.len()..].starts_with('[');
    if qualified && !krate.is_empty() { krate } else { "(no crate: exports, closures, runtime)".to_owned() }
}

/// Without the hash that makes each copy of a generic unique, so that copies add up.
fn short(function: &str) -> String {
    let name =
        function.rsplit_once("::h").filter(|(_, hash)| hash.len() == 16).map_or(function, |(name, _)| name);
    let cut: String = name.chars().take(110).collect();
    if cut.len() < name.len() { format!("{cut}…") } else { cut }
}

#[cfg(test)]
mod tests {
    use super::{crate_of, short, verdict};

    #[test]
    fn a_function_belongs_to_the_crate_of_its_name() {
        let check = |name: &str, expected: &str| assert_eq!(crate_of(name), expected, "{name}");
        check("leptos::mount::run::h0123456789abcdef", "leptos");
        check("<app::model::Card as core::fmt::Debug>::fmt::h0123456789abcdef", "app");
        check("<&mut serde_json::Value as x::Y>::z", "serde_json");
        check("main", "(no crate: exports, closures, runtime)");
        check("<[A] as b>::c", "(no crate: exports, closures, runtime)");
    }

    #[test]
    fn copies_of_a_generic_have_one_name() {
        assert_eq!(short("a::b::h0123456789abcdef"), "a::b");
        assert_eq!(short("a::hello"), "a::hello");
    }

    #[test]
    fn above_the_limit_is_a_problem() {
        assert!(verdict(78_000).is_ok());
        assert!(verdict(79_000).is_ok());
        assert!(verdict(79_001).is_err());
    }
}
