//! Makes the folder of the built app exist, so that the server builds before the app does.

fn main() {
    let dist = concat!(env!("CARGO_MANIFEST_DIR"), "/../app/dist");
    std::fs::create_dir_all(dist).expect("the folder of the built app can be made");
    println!("cargo:rerun-if-changed={dist}");
}
