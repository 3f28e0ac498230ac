//! Where a reader stopped, in debug builds. **Invariant:** a release build has none of it.

use std::cell::RefCell;

use super::{Json, Read};

thread_local! {
    static STOPPED: RefCell<Stopped> = const { RefCell::new(Stopped { expected: "", path: Vec::new() }) };
}

/// The innermost value that could not be read, and the way to it, from the inside out.
struct Stopped {
    expected: &'static str,
    path: Vec<String>,
}

/// Reads a part, and remembers which it was where it is the first that cannot be read.
pub(super) fn at<T: Read>(json: Json, readable: &mut bool, step: impl FnOnce() -> String) -> T {
    let before = *readable;
    let value = T::part(json, readable);
    if before && !*readable {
        STOPPED.with_borrow_mut(|stopped| {
            if stopped.path.is_empty() {
                stopped.expected = kind_of::<T>();
            }
            stopped.path.push(step());
        });
    }
    value
}

/// What was expected where, in one reading of a `T`; the next reading begins anew.
pub(super) fn told<T>() -> String {
    STOPPED.with_borrow_mut(|stopped| {
        let path: String = stopped.path.drain(..).rev().collect();
        match path.trim_start_matches('.') {
            "" => ["expected ", kind_of::<T>()].concat(),
            path => ["expected ", stopped.expected, " at ", path].concat(),
        }
    })
}

/// A type without its path, and without the `Option` around it.
fn kind_of<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let name =
        name.strip_prefix("core::option::Option<").and_then(|name| name.strip_suffix('>')).unwrap_or(name);
    let start = name.find('<').map_or(name, |end| &name[..end]).rfind("::").map_or(0, |at| at + 2);
    &name[start..]
}
