//! wasm-bindgen as a library: `Cargo.lock` pins both sides of the bridge. **Invariant:** a page calls `start` and nothing
//! else. Classes that a dependency exports go first, so that wasm-bindgen collects what only they reach.

use std::fmt::Display;
use std::path::Path;

use walrus::ir::Value;
use walrus::{
    ConstExpr, Data, DataKind, FunctionBuilder, FunctionKind, Module, ModuleConfig, RawCustomSection,
};
use wasm_bindgen_cli_support::Bindgen;

use super::names;
use crate::house;
use crate::problem::{Outcome, Problem};

/// Streams that JavaScript reads from Rust: `leptos` needs `server_fn`, that needs `wasm-streams`, and the linker keeps every
/// export. Nothing of ours makes such a stream. Source: `IntoUnderlyingSource` in `wasm-streams`.
const UNUSED_CLASSES: &str = "IntoUnderlying";
/// What makes their promises, and nothing else here. After the linker nobody can tell a dead vtable, so what these name is emptied: some
/// 8 kB of code.
const UNUSED_FUNCTIONS: &str = "future_to_promise";
/// What ends the page after it has put a message together that nobody reads: no hook is set, and what the standard library writes to
/// goes nowhere. Emptied, it ends the page at once, and whatever made its message is collected. As compiled names have it.
const PANICS: &[&str] = &[
    "4core9panicking",
    "4core6option13unwrap_failed",
    "4core6option13expect_failed",
    "4core6result13unwrap_failed",
    "4core3str16slice_error_fail",
    "4core4cell22panic_already_borrowed",
    "4core4cell30panic_already_mutably_borrowed",
    "5alloc5alloc18handle_alloc_error",
    "5alloc7raw_vec12handle_error",
    "5alloc7raw_vec17capacity_overflow",
];
/// The section in which `#[wasm_bindgen]` describes what it was put on, one block for each.
const DESCRIPTIONS: &str = "__wasm_bindgen_unstable";

/// Writes the module and its script, as `{name}_bg.wasm` and `{name}.js`, and `{name}_start.js`, which exports what the loader
/// calls and nothing else of the script.
pub(super) fn bind(source: &Path, work: &Path, name: &str) -> Outcome {
    let mut module = ModuleConfig::new()
        .strict_validate(false) // as wasm-bindgen reads it: the linker's output is taken as valid
        .generate_producers_section(false)
        .parse(&house::read_bytes(source)?)
        .map_err(refused)?;
    remove_unused(&mut module)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_module(name, module).typescript(false).omit_default_module_path(true);
    let mut output = bindgen.web(true).and_then(Bindgen::generate_output).map_err(refused)?;
    if output.js().contains("export class") {
        return Err(Problem::new(
            "a dependency exports a class to JavaScript, and nothing here uses one: remove it in xtask/src/app/bindgen.rs",
        ));
    }
    let script = output.js().to_owned();
    let script = names::shorten(output.wasm_mut(), &script)?;
    output.emit(work).map_err(refused)?;
    house::write(&work.join(format!("{name}.js")), script)?;
    let start = format!("export {{ default }} from \"./{name}.js\";\n");
    house::write(&work.join(format!("{name}_start.js")), start)
}

fn remove_unused(module: &mut Module) -> Outcome {
    let mangled = UNUSED_CLASSES.to_lowercase();
    let unused: Vec<_> = module
        .exports
        .iter()
        .filter(|export| export.name.contains(&mangled))
        .map(walrus::Export::id)
        .collect();
    for export in unused {
        module.exports.delete(export);
    }
    if empty(module, |name| name.contains(UNUSED_FUNCTIONS)) == 0 {
        return Err(Problem::new(
            "the app's wasm has no function of the unused streams: see xtask/src/app/bindgen.rs",
        ));
    }
    if empty(module, |name| PANICS.iter().any(|panic| name.contains(panic))) == 0 {
        return Err(Problem::new("the app's wasm cannot panic by these names: see xtask/src/app/bindgen.rs"));
    }
    forget_places(module);
    let Some(RawCustomSection { name, data }) = module.customs.remove_raw(DESCRIPTIONS) else {
        return Err(Problem::new(
            "the app's wasm has nothing that wasm-bindgen could read; delete target and build again",
        ));
    };
    let data = without_blocks(&data, UNUSED_CLASSES).ok_or_else(|| {
        Problem::new("wasm-bindgen describes the app in a new form: adapt xtask/src/app/bindgen.rs")
    })?;
    module.customs.add(RawCustomSection { name, data });
    Ok(())
}

/// Functions of these names end the page when they are called. How many there are.
fn empty(module: &mut Module, is_unused: impl Fn(&str) -> bool) -> usize {
    let named = module
        .funcs
        .iter_local()
        .filter(|(id, _)| module.funcs.get(*id).name.as_deref().is_some_and(&is_unused));
    let named: Vec<_> = named.map(|(id, function)| (id, function.ty())).collect();
    for (id, ty) in &named {
        let (takes, gives) = module.types.params_results(*ty);
        let (takes, gives) = (takes.to_vec(), gives.to_vec());
        let mut body = FunctionBuilder::new(&mut module.types, &takes, &gives);
        body.func_body().unreachable();
        let takes = takes.iter().map(|kind| module.locals.add(*kind)).collect();
        module.funcs.get_mut(*id).kind = FunctionKind::Local(body.local_func(takes));
    }
    named.len()
}

/// The places in the source that panics would name (`core::panic::Location`) become zeros: nobody is told of them any more, and they
/// hardly compress.
fn forget_places(module: &mut Module) {
    let start_of = |data: &Data| match data.kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } => usize::try_from(start).ok(),
        _ => None,
    };
    let parts: Vec<_> = module.data.iter().filter_map(|data| Some((data.id(), start_of(data)?))).collect();
    let mut memory = Vec::new();
    for (id, start) in &parts {
        let value = &module.data.get(*id).value;
        memory.resize(memory.len().max(start + value.len()), 0);
        memory[*start..start + value.len()].copy_from_slice(value);
    }
    without_places(&mut memory);
    for (id, start) in parts {
        let value = &mut module.data.get_mut(id).value;
        let end = start + value.len();
        value.copy_from_slice(&memory[start..end]);
    }
}

/// A place is four words: where its file's name is, how long that is, line and column.
fn without_places(memory: &mut [u8]) {
    const WORDS: usize = 16;
    let is_source = |name: &[u8]| {
        let name = name.strip_suffix(b"\0").unwrap_or(name);
        name.ends_with(b".rs") && name.iter().all(u8::is_ascii_graphic)
    };
    let mut names = vec![];
    for at in (0..memory.len().saturating_sub(WORDS)).step_by(4) {
        let word = |index: usize| memory.get(at + 4 * index..).and_then(length).unwrap_or_default();
        let name = word(0)..word(0).saturating_add(word(1));
        let is_count = |word| (1..100_000).contains(&word);
        if is_count(word(2)) && is_count(word(3)) && memory.get(name.clone()).is_some_and(is_source) {
            memory[at..at + WORDS].fill(0);
            names.push(name);
        }
    }
    for name in names {
        memory[name].fill(0);
    }
}

/// Without the blocks that name a class. Blocks come in pairs, each with its length before it: a version and what was
/// written in that version.
fn without_blocks(mut data: &[u8], class: &str) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(data.len());
    while !data.is_empty() {
        let version = 4 + length(data)?;
        let both = version + 4 + length(data.get(version..)?)?;
        let (pair, rest) = data.split_at_checked(both)?;
        if !pair.windows(class.len()).any(|window| window == class.as_bytes()) {
            kept.extend_from_slice(pair);
        }
        data = rest;
    }
    Some(kept)
}

fn length(data: &[u8]) -> Option<usize> {
    data.first_chunk().map(|bytes| u32::from_le_bytes(*bytes) as usize)
}

fn refused(cause: impl Display) -> Problem {
    Problem::new(format!("wasm-bindgen cannot bundle the app: {cause:#}"))
}

#[cfg(test)]
mod tests {
    use super::{without_blocks, without_places};

    /// A name at 4, its place at 16, and a text with two numbers that is none.
    #[test]
    fn a_place_in_the_source_goes_with_its_files_name() {
        let place = |name: u32, long: u32| [name, long, 7, 21].map(u32::to_le_bytes).concat();
        let [one, other] = [place(4, 8), place(5, 3)];
        let mut memory = [b"\0\0\0\0src/a.rs\0\0\0\0", &*one, &other, b"\0\0\0\0"].concat();
        without_places(&mut memory);
        assert_eq!(memory, [&[0; 32][..], &other, &[0; 4]].concat());
    }

    #[test]
    fn a_class_goes_with_the_version_before_it() {
        let pair = |name: &[u8; 2]| [b"\x02\0\0\0{}", &b"\x02\0\0\0"[..], name].concat();
        let (ours, unused) = (pair(b"ok"), pair(b"no"));
        assert_eq!(without_blocks(&[&*ours, &*unused, &*ours].concat(), "no"), Some(ours.repeat(2)));
        assert_eq!(without_blocks(&ours[..ours.len() - 1], "no"), None);
    }
}
