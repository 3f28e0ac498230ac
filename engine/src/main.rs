//! The child process alone, as tests and benchmarks start it. The server has the same as a hidden subcommand.

fn main() -> std::process::ExitCode {
    engine::child_main()
}
