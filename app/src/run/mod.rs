//! Joins the models to the server and the workspace: what a model asks for is done here, and the answer is its next
//! event. **Invariant:** no decisions; those are the models'.

#[cfg(feature = "console")]
mod console;
#[cfg(not(feature = "console"))]
mod console {
    pub(super) fn start() {}
}
mod desk;
mod dial;
#[cfg(feature = "editor")]
mod editor;
#[cfg(not(feature = "editor"))]
mod editor {
    pub(super) fn start() {}
}
#[cfg(feature = "console")]
mod effects;
#[cfg(feature = "console")]
mod island;
mod looks;
mod machine;
mod mount;
mod panel;
mod panel_screen;
mod rehearsal;
mod roots;
mod session;
mod state;

/// Starts the pages of this bundle.
pub fn start() {
    if cfg!(feature = "editor") {
        editor::start();
    } else if cfg!(feature = "console") {
        console::start();
    } else if cfg!(feature = "flex") {
        panel::start();
    } else {
        roots::start();
    }
}
