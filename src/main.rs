//! The `usance` program.

fn main() -> std::process::ExitCode {
    usance::cli::main().into()
}
