//! `cargo bench -- ARGUMENTS`: `wgpu-init bench` with these arguments; `cargo bench -- --help` lists them. As a test every work once, on
//! little and on the CPU.

use std::process::{Command, exit};

fn main() -> std::io::Result<()> {
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let given = arguments.len();
    arguments.retain(|argument| argument != "--bench");
    let mut command = Command::new(env!("CARGO_BIN_EXE_wgpu-init"));
    command.arg("bench");
    if given == arguments.len() {
        command.args(["--work=fill,view,orthogonal", "--size=1", "--repetitions=1", "--device=cpu"]);
    } else {
        command.args(arguments);
    }
    exit(command.status()?.code().unwrap_or(1));
}
