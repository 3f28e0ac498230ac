//! wasm-bindgen as a library: `Cargo.lock` pins both sides of the bridge. **Invariant:** a page calls `start` and nothing
//! else. Classes that a dependency exports go first, so that wasm-bindgen collects what only they reach.

use std::fmt::Display;
use std::path::Path;

use walrus::{FunctionBuilder, FunctionKind, Module, ModuleConfig, RawCustomSection};
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
    empty(module, UNUSED_FUNCTIONS)?;
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

/// Functions of this name end the page when they are called.
fn empty(module: &mut Module, unused: &str) -> Outcome {
    let named = module
        .funcs
        .iter_local()
        .filter(|(id, _)| module.funcs.get(*id).name.as_deref().is_some_and(|name| name.contains(unused)));
    let named: Vec<_> = named.map(|(id, function)| (id, function.ty())).collect();
    if named.is_empty() {
        return Err(Problem::new(
            "the app's wasm has no function of the unused streams: see xtask/src/app/bindgen.rs",
        ));
    }
    for (id, ty) in named {
        let (takes, gives) = module.types.params_results(ty);
        let (takes, gives) = (takes.to_vec(), gives.to_vec());
        let mut body = FunctionBuilder::new(&mut module.types, &takes, &gives);
        body.func_body().unreachable();
        let takes = takes.iter().map(|kind| module.locals.add(*kind)).collect();
        module.funcs.get_mut(id).kind = FunctionKind::Local(body.local_func(takes));
    }
    Ok(())
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
    use super::without_blocks;

    #[test]
    fn a_class_goes_with_the_version_before_it() {
        let pair = |name: &[u8; 2]| [b"\x02\0\0\0{}", &b"\x02\0\0\0"[..], name].concat();
        let (ours, unused) = (pair(b"ok"), pair(b"no"));
        assert_eq!(without_blocks(&[&*ours, &*unused, &*ours].concat(), "no"), Some(ours.repeat(2)));
        assert_eq!(without_blocks(&ours[..ours.len() - 1], "no"), None);
    }
}
