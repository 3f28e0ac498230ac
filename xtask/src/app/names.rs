//! Short names for what the module and its script call of each other: wasm-bindgen's are long, end in a hash, and esbuild
//! cannot touch them. **Invariant:** every import and every export is renamed on both sides, or there is no bundle.

use std::collections::HashMap;
use std::mem;

use walrus::Module;

use crate::problem::{Outcome, Problem};

/// Renames in the module; answers the script with the same names.
pub(super) fn shorten(module: &mut Module, script: &str) -> Outcome<String> {
    let from = module.imports.iter().next().map(|import| import.module.clone()).unwrap_or_default();
    let (mut imports, mut exports) = (HashMap::new(), HashMap::new());
    for (index, import) in module.imports.iter_mut().enumerate() {
        if mem::replace(&mut import.module, short(0)) != from {
            return Err(unknown(&import.name));
        }
        imports.insert(mem::replace(&mut import.name, short(index)), short(index));
    }
    for (index, export) in module.exports.iter_mut().enumerate() {
        exports.insert(mem::replace(&mut export.name, short(index)), short(index));
    }
    let script = rename(script, imports, &exports)?;
    Ok(script.replace(&format!("\"{from}\": "), &format!("\"{}\": ", short(0))))
}

/// An import is a member of an object, `name: function`; an export is called as `wasm.name`.
fn rename(
    script: &str,
    mut imports: HashMap<String, String>,
    exports: &HashMap<String, String>,
) -> Outcome<String> {
    let is_in_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
    let (mut renamed, mut rest) = (String::with_capacity(script.len()), script);
    while let Some(start) = rest.find(is_in_name) {
        renamed.push_str(&rest[..start]);
        let (name, after) = rest[start..]
            .split_at(rest[start..].find(|letter| !is_in_name(letter)).unwrap_or(rest.len() - start));
        if renamed.ends_with("wasm.") {
            renamed.push_str(exports.get(name).ok_or_else(|| unknown(name))?);
        } else if after.starts_with(": function") {
            renamed.push_str(&imports.remove(name).ok_or_else(|| unknown(name))?);
        } else {
            renamed.push_str(name);
        }
        rest = after;
    }
    renamed.push_str(rest);
    imports.keys().next().map_or(Ok(renamed), |name| Err(unknown(name)))
}

/// `a` to `Z`, then two letters, and so on.
fn short(mut index: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut name = String::new();
    loop {
        name.push(char::from(LETTERS[index % LETTERS.len()]));
        index /= LETTERS.len();
        if index == 0 {
            return name;
        }
    }
}

fn unknown(name: &str) -> Problem {
    Problem::new(format!(
        "wasm-bindgen's script and module disagree about `{name}`: adapt xtask/src/app/names.rs to this version"
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{rename, short};

    const SCRIPT: &str = "const all = {\n  __wbg_now_1a: function(a) { wasm.memory; memory(a) },\n};";

    fn table(name: &str, short: &str) -> HashMap<String, String> {
        HashMap::from([(name.to_owned(), short.to_owned())])
    }

    #[test]
    fn both_sides_get_the_same_names() {
        let renamed = rename(SCRIPT, table("__wbg_now_1a", "a"), &table("memory", "b"));
        assert_eq!(renamed.as_deref(), Ok("const all = {\n  a: function(a) { wasm.b; memory(a) },\n};"));
    }

    #[test]
    fn a_name_that_one_side_lacks_is_a_problem() {
        assert!(rename(SCRIPT, table("__wbg_now_1a", "a"), &HashMap::new()).is_err());
        assert!(rename(SCRIPT, HashMap::new(), &table("memory", "b")).is_err());
        assert!(rename("", table("__wbg_now_1a", "a"), &HashMap::new()).is_err());
    }

    #[test]
    fn names_do_not_repeat() {
        let names: std::collections::HashSet<_> = (0..3000).map(short).collect();
        assert_eq!((names.len(), short(0), short(52)), (3000, "a".into(), "ab".into()));
    }
}
