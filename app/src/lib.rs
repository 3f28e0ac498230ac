//! Deskside in the agent's workspace: the card beside a ticket, the files to put away, the ticket that pops.
//! **Invariant:** only `host`, `api` and `format` touch the browser; no vendor's credential ever comes here.

pub mod api;
#[cfg(any(feature = "console", test))]
pub mod console;
#[cfg(any(feature = "editor", test))]
pub mod editor;
pub mod format;
pub mod host;
pub mod i18n;
pub mod json;
pub mod model;
#[cfg(any(feature = "editor", test))]
pub mod pages;
#[cfg(target_arch = "wasm32")]
mod run;
pub mod screens;
pub mod ui;

/// One thread, and memory that is seldom asked for: small code before fast code.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Called by the loader.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn start() {
    run::start();
}
