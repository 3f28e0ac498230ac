//! Looks into a WebAssembly module: its sections, the bytes of each function, and the module without names.

use wasmparser::{BinaryReaderError, KnownCustom, Name, Parser, Payload};

use crate::problem::{Outcome, Problem};

/// What the code section is called here.
pub(crate) const CODE: &str = "code";

/// Each section's name and size, in the file's order.
pub(crate) fn sections(wasm: &[u8]) -> Outcome<Vec<(String, usize)>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(unreadable)?;
        if let Payload::CustomSection(section) = &payload {
            found.push((format!("custom: {}", section.name()), section.range().len()));
        } else if let Some((id, range)) = payload.as_section() {
            found.push((section_name(id).to_owned(), range.len()));
        }
    }
    Ok(found)
}

/// Each function's name and size.
pub(crate) fn code_by_function(wasm: &[u8]) -> Outcome<Vec<(String, usize)>> {
    let (mut imported, mut sizes, mut names) = (0, Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(unreadable)? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported +=
                        usize::from(matches!(import.map_err(unreadable)?.ty, wasmparser::TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(subsections) = section.as_known() {
                    for subsection in subsections {
                        if let Name::Function(map) = subsection.map_err(unreadable)? {
                            for naming in map {
                                let naming = naming.map_err(unreadable)?;
                                names.push((naming.index as usize, naming.name.to_owned()));
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let mut functions: Vec<_> = sizes.into_iter().map(|size| ("(unnamed)".to_owned(), size)).collect();
    for (index, name) in names {
        if let Some(function) = index.checked_sub(imported).and_then(|index| functions.get_mut(index)) {
            function.0 = name;
        }
    }
    Ok(functions)
}

/// The module as it ships: custom sections (names, producers) serve nobody in a browser.
pub(super) fn without_names(wasm: &[u8]) -> Outcome<Vec<u8>> {
    const HEADER: usize = 8; // magic and version
    let mut kept = wasm.get(..HEADER).unwrap_or_default().to_vec();
    let mut start = HEADER;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(unreadable)?;
        let Some((id, range)) = payload.as_section() else { continue };
        if id != 0 {
            kept.extend_from_slice(&wasm[start..range.end]);
        }
        start = range.end;
    }
    Ok(kept)
}

fn section_name(id: u8) -> &'static str {
    match id {
        1 => "types",
        2 => "imports",
        3 => "functions",
        4 => "tables",
        5 => "memory",
        6 => "globals",
        7 => "exports",
        8 => "start",
        9 => "elements",
        10 => CODE,
        11 => "data",
        12 => "data count",
        _ => "other",
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn unreadable(cause: BinaryReaderError) -> Problem {
    Problem::new(format!("the app's wasm cannot be read: {cause}; delete target/xtask/app and build again"))
}

#[cfg(test)]
mod tests {
    use super::{code_by_function, sections, without_names};

    /// One function of no arguments, named `f`: type, function, code and name sections.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b\0\x0b\x04name\x01\x04\x01\0\x01f";

    #[test]
    fn every_section_is_listed_with_its_size() {
        let names: Vec<_> = sections(MODULE).expect("a module").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["types", "functions", "code", "custom: name"]);
    }

    #[test]
    fn functions_are_known_by_name() {
        assert_eq!(code_by_function(MODULE).expect("a module"), [("f".to_owned(), 2)]);
    }

    #[test]
    fn what_ships_has_no_names() {
        assert_eq!(without_names(MODULE).expect("a module"), &MODULE[..MODULE.len() - 13]);
    }

    #[test]
    fn what_is_not_wasm_is_refused() {
        assert!(sections(b"\0elf").is_err());
    }
}
