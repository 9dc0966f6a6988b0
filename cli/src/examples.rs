//! What `--help` shows of each command in use.

use crate::model::MANIFEST_EXAMPLE;
use wgpu_init_models::checkpoint::Drawer;

pub(crate) const TOP: &str = "Examples:
  wgpu-init init gpt2 -o gpt2.safetensors
  wgpu-init plan gpt2
  wgpu-init inspect gpt2.safetensors --plot gpt2.svg

Sizes are in KiB, MiB and GiB, speeds in GB/s, 10^9 bytes a second. Colours: none in pipes, with NO_COLOR=1 or CLICOLOR=0.";

pub(crate) const SAMPLE: &str = "Examples:
  wgpu-init sample --init 'normal(0,0.02)' --name transformer.wte.weight --count 8
  wgpu-init sample --init 'kaiming_normal(fan_in,relu)' --shape 768x3072 --count 8 --format hex
  wgpu-init sample --init orthogonal --shape 6,8 --part ':,4:8' --permute 1,0
  wgpu-init sample --init 'normal(0,1)' --name w --dtype bf16 --count inf --format raw | head -c 1G > normals.bin";

pub(crate) const RECIPES: &str = "Examples:
  wgpu-init recipes
  wgpu-init recipes gpt2 > mine.toml
  wgpu-init recipes gemma2";

pub(crate) const WORDS: &str = "Examples:
  wgpu-init words --seed 7 --name transformer.wte.weight --count 8
  wgpu-init words --name w --count inf --format raw | dieharder -g 200 -a
  wgpu-init words --seed 0 --seed 1 --name a --name b --count inf --format raw | RNG_test stdin32

Several streams come one word of each in turn: the last example writes word 0 of a and of b with seed 0, then of both with seed 1, then
word 1 of all four. bash repeats an option by itself: --name=layer.{0..15}.weight --seed={0..15} are 256 streams.";

pub(crate) const VERIFY: &str = "Examples:
  wgpu-init verify gpt2.safetensors
  wgpu-init verify rank1.safetensors --model gpt2 --seed 42 --shard '*.c_fc.weight=1:1/4'";

pub(crate) const AUDIT: &str = "Exit status: 0 for a checkpoint that is as its rules say, 1 where something was found, 2 where that could not be told.

Examples:
  wgpu-init audit folder/
  wgpu-init audit model.safetensors --recipe gpt2 -v
  wgpu-init audit model.safetensors --from-config config.json --json";

pub(crate) const INSPECT: &str = "Examples:
  wgpu-init inspect gpt2.safetensors
  wgpu-init inspect gpt2.safetensors --plot gpt2.svg
  wgpu-init inspect gpt2.safetensors --metadata";

pub(crate) const DEVICES: &str = "Examples:
  wgpu-init devices
  wgpu-init devices -v";

pub(crate) const TUNE: &str = "Examples:
  wgpu-init tune --device gpu
  wgpu-init tune --device gpu --forget";

pub(crate) const EXPORT: &str = "Examples:
  wgpu-init export --init 'normal(0,0.02)' --name transformer.wte.weight --count 1024 -o normal
  wgpu-init export --init 'normal(0,0.02)' --name w --shape 768,3072 --part ':,:1536' -o shard";

pub(crate) const BENCH: &str =
    "The CPU executor is measured too, unless --no-cpu is said. --device all measures every adapter too. GB/s: 10^9 bytes a second.

Examples:
  wgpu-init bench --size 64
  wgpu-init bench --device all --csv";

pub(crate) fn plan() -> String {
    let manifest = manifest();
    format!(
        "{manifest}

Examples:
  wgpu-init plan gpt2
  wgpu-init plan config.json --set initializer_range=0.01
  wgpu-init plan model.safetensors --rules rules.toml --json
  wgpu-init plan gpt2 --shard '*.c_fc.*=-1:0/4' --permute '*.c_fc.weight=1,0'"
    )
}

fn manifest() -> String {
    format!(
        "A manifest reads like
  {MANIFEST_EXAMPLE}
where \"model\", a recipe's name, and \"module\", a class of torch.nn, may be missing. A dtype is spelt as in safetensors or PyTorch: F32, \
         F16, BF16, F8_E4M3 and F8_E5M2 are drawn, F64 is f32 widened, other floating-point numbers are drawn with --dtype, integers and bools are left out \
         unless a rule says their dtype and a constant or arange."
    )
}

/// With what it takes of memory.
pub(crate) fn init() -> String {
    let manifest = manifest();
    format!(
        "{manifest}

Tensors stream through {} buffers of {} MiB on the CPU, {} of {} MiB on a GPU, whatever the model's size; with orthogonal \
         matrices of up to {} MiB.

Examples:
  wgpu-init init gpt2 -o gpt2.safetensors
  wgpu-init init config.json --seed 42 --dtype bf16 -o model.safetensors
  wgpu-init init model.safetensors --init 'normal(0,0.02)' --device cpu -o new.safetensors
  wgpu-init init gpt2 --shard '*.c_fc.weight=1:0/4' -o rank0.safetensors
  wgpu-init init config.json -o folder/ --rank 0 --ranks 4
  wgpu-init init larger.json --from old.safetensors --redraw 'score.*' -o new.safetensors
  wgpu-init init resnet50 --permute '{{*conv?,*downsample.0}}.weight=2,3,1,0' -o engine.safetensors",
        Drawer::CHUNKS,
        Drawer::CPU_CHUNK >> 20,
        Drawer::CHUNKS + 1,
        Drawer::GPU_CHUNK >> 20,
        Drawer::LARGEST_CHUNK >> 20
    )
}

#[cfg(test)]
mod tests {
    use crate::args::Arguments;
    use clap::{CommandFactory, Parser};

    /// Each command shows some, and each of them is one that it understands.
    #[test]
    fn examples_are_commands() {
        let mut commands = vec![Arguments::command()];
        commands.extend(Arguments::command().get_subcommands().cloned());
        for mut command in commands {
            let help = command.render_long_help().to_string();
            let mut examples = help.lines().map(str::trim).filter(|line| line.starts_with("wgpu-init ")).peekable();
            assert!(examples.peek().is_some(), "{help}");
            for example in examples {
                // What a shell takes for itself is none of the command's.
                let words = example.split_whitespace().take_while(|word| !matches!(*word, ">" | "|"));
                let words = words.map(|word| word.trim_matches('\''));
                assert!(Arguments::try_parse_from(words).is_ok(), "{example}");
            }
        }
    }
}
