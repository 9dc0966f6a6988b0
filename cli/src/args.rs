//! What the command line can say.

use crate::device::DeviceChoice;
use crate::examples;
use crate::folder::FolderArguments;
use crate::keys::{Count, KeysArguments, StreamArguments, parse_count};
use crate::other::FromArguments;
use crate::part::{Order, Slices, parse_order, parse_slices};
use crate::ranks::RankArguments;
use crate::report::ReportArguments;
use crate::views::Views;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use wgpu_init::{DType, Initializer, Seed};
use wgpu_init_models::infer::{ClassOf, InferError};
use wgpu_init_models::{Recipe, Variables};

/// Initialises neural-network parameters: the same bits on every GPU and CPU.
///
/// Without a command: initialises GPT-2 small (148 tensors, 124,439,808 parameters) to gpt2.safetensors, on a hardware GPU if
/// there is one, else on the CPU.
#[derive(Debug, Parser)]
#[command(name = "wgpu-init", version, after_help = examples::TOP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Initialise a whole model and write it as a safetensors checkpoint
    #[command(after_help = examples::init())]
    Init(InitArguments),
    /// Print how each parameter of a model would be initialised, and by which rule
    #[command(after_help = examples::plan())]
    Plan(PlanArguments),
    /// List the recipes, or print the rules of one as a start for rules of one's own
    #[command(after_help = examples::RECIPES)]
    Recipes(RecipesArguments),
    /// Print elements of one tensor
    #[command(after_help = examples::SAMPLE)]
    Sample(SampleArguments),
    /// Print raw 32-bit Philox words, in hexadecimal or as bytes without end for a test battery
    #[command(after_help = examples::WORDS)]
    Words(WordsArguments),
    /// Recompute a checkpoint from its metadata and compare it bit by bit
    #[command(after_help = examples::VERIFY)]
    Verify(VerifyArguments),
    /// Ask whether a checkpoint that anybody wrote is what its rules say at step 0, and what would explain it
    #[command(after_help = examples::AUDIT)]
    Audit(AuditArguments),
    /// Show shape, dtype, min, max, mean, std and a histogram of every tensor of a safetensors file
    #[command(after_help = examples::INSPECT)]
    Inspect(InspectArguments),
    /// List the adapters that there are, and the self-test's result on each
    #[command(after_help = examples::DEVICES)]
    Devices(DevicesArguments),
    /// Measure which of the equivalent shaders is fastest on a device, and use it from now on; no bit changes
    #[command(after_help = examples::TUNE)]
    Tune(TuneArguments),
    /// Write what another WebGPU host needs to draw the same elements: kernel, buffers, dispatch
    #[command(after_help = examples::EXPORT)]
    Export(ExportArguments),
    /// Measure fills on a device and on the CPU, in GB/s and as a percentage of a clear
    #[command(after_help = examples::BENCH)]
    Bench(BenchArguments),
}

#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// A .safetensors file (only its header is read), an index of shards, a config.json, a folder with one of these, a manifest
    /// .json, or a bundled model: gpt2, gpt2-xl, llama-tiny, llama-3.1-8b, llama-3.1-70b, mixtral-8x7b, bert-base, t5-small,
    /// vit-base, whisper-tiny, mamba-130m, resnet50
    pub(crate) model: String,
    #[command(flatten)]
    pub(crate) contents: ContentsArguments,
    #[command(flatten)]
    pub(crate) device: DeviceArgument,
    /// The checkpoint to write: a file, or a folder as Hugging Face's libraries read it, which ends in / or is there already
    #[arg(short, long, required_unless_present = "no_write")]
    pub(crate) output: Option<PathBuf>,
    /// Replace files that exist. A file by itself that this command has written of the same model is replaced without being asked
    #[arg(long, requires = "output")]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) folder: FolderArguments,
    /// Compute everything, write nothing: for digests and timings
    #[arg(long, conflicts_with = "output")]
    pub(crate) no_write: bool,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
}

/// What of a model is in a checkpoint.
#[derive(Debug, Args)]
pub(crate) struct ContentsArguments {
    /// Seed of the whole model: decimal or 0x…
    #[arg(long, default_value = "0", value_parser = parse_seed, allow_hyphen_values = true)]
    pub(crate) seed: Seed,
    /// Member of an ensemble: folds this number into the seed, so that members are independent
    #[arg(long, value_parser = parse_u64, allow_hyphen_values = true)]
    pub(crate) member: Option<u64>,
    #[command(flatten)]
    pub(crate) scheme: SchemeArguments,
    #[command(flatten)]
    pub(crate) views: Views,
    /// Element type of the checkpoint, whatever the rules say; keep: what a rule says, else as the model lists the tensor
    #[arg(long, default_value = "keep")]
    pub(crate) dtype: DTypeChoice,
    #[command(flatten)]
    pub(crate) from: FromArguments,
}

/// How tensors are initialised. Without any: the recipe that a config.json or the model's name points to.
#[derive(Debug, Default, Args)]
pub(crate) struct SchemeArguments {
    /// One initializer for every tensor, e.g. normal(0,0.02), uniform(-0.1,0.1), trunc_normal(0,0.02,-0.04,0.04), zeros
    #[arg(long, conflicts_with_all = ["recipe", "rules"], value_parser = parse_initializer)]
    pub(crate) init: Option<Initializer>,
    /// How the model is initialised in its publication: torch-default, gpt2, llama, bert, t5, vit, whisper, mamba, mixtral, resnet50,
    /// transformers; or by a library: torchvision/resnet50, timm/vit_base_patch16_224, diffusers (`recipes` lists all)
    #[arg(long, conflicts_with = "rules", value_parser = parse_recipe)]
    pub(crate) recipe: Option<RecipeName>,
    /// A TOML file of rules: patterns of names, shapes and module classes, and an initializer for each
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// Sets a variable of the rules or the recipe, e.g. n_layer=24; may be repeated
    #[arg(long, value_name = "NAME=NUMBER", value_parser = parse_variable, conflicts_with = "init")]
    pub(crate) set: Vec<(String, f64)>,
    /// For rules of a file too: tell the modules' classes from names and shapes, where the model does not list them. The recipe
    /// torch-default always does; plan --classes shows them
    #[arg(long, conflicts_with = "init")]
    pub(crate) infer: bool,
    /// The class of the modules of some parameters, e.g. '*.query_pos.weight=Embedding'; may be repeated. Implies --infer
    #[arg(long, value_name = "PATTERN=CLASS", value_parser = parse_class, conflicts_with = "init")]
    pub(crate) class: Vec<ClassOf>,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    /// As for `init`
    pub(crate) model: String,
    #[command(flatten)]
    pub(crate) scheme: SchemeArguments,
    #[command(flatten)]
    pub(crate) views: Views,
    /// Element type, whatever the rules say; keep: what a rule says, else as the model lists the tensor
    #[arg(long, default_value = "keep")]
    pub(crate) dtype: DTypeChoice,
    /// Write JSON: an array of {"name", "shape", "dtype", "bytes", "init", "rule"}, init as --init reads it; with "stored" where a
    /// file holds a part or another order of the axes
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the class of each parameter's module, and what it is told by, in place of the plan; with --json an array of {"name", "shape",
    /// "class", "alike", "readings", "evidence"}
    #[arg(long, conflicts_with_all = ["init", "recipe", "rules", "set"])]
    pub(crate) classes: bool,
    /// Refused in words: a plan is asked for with the arguments of the job, and a similar name (--set) would not help
    #[arg(long, hide = true, value_parser = refuse_seed, allow_hyphen_values = true)]
    pub(crate) seed: Option<Seed>,
}

#[derive(Debug, Args)]
pub(crate) struct SampleArguments {
    #[command(flatten)]
    pub(crate) draw: DrawArguments,
    /// Number of elements of each stream, or inf: until the reader leaves; with --shape, all of them unless said
    #[arg(long, value_parser = parse_count, allow_hyphen_values = true, required_unless_present = "shape")]
    pub(crate) count: Option<Count>,
    #[command(flatten)]
    pub(crate) keys: KeysArguments,
    #[command(flatten)]
    pub(crate) device: DeviceArgument,
    /// hex: the element's bits; text: the shortest decimal that reads back; raw: little-endian bytes
    #[arg(long, default_value = "text")]
    pub(crate) format: Format,
}

/// Which elements of which tensor.
#[derive(Debug, Args)]
pub(crate) struct DrawArguments {
    /// The initializer, e.g. normal(0,0.02)
    #[arg(long, value_parser = parse_initializer)]
    pub(crate) init: Initializer,
    /// Shape of the whole tensor, e.g. 768,3072 or 768x3072: for initializers that depend on it, such as
    /// kaiming_normal(fan_in,relu), and for parts
    #[arg(long, value_parser = parse_shape)]
    pub(crate) shape: Option<Dims>,
    /// Only a box of the tensor: numpy's slices without steps, one for each axis (axes without one are whole), e.g.
    /// ':,4:8' or '0:2,-1'. A number alone keeps its axis, ends past the size are errors
    #[arg(long, value_name = "SLICES", requires = "shape", value_parser = parse_slices, allow_hyphen_values = true)]
    pub(crate) part: Option<Slices>,
    /// The axes in the order in which the elements are written, the outermost first: 1,0 is the transposed matrix
    #[arg(long, value_name = "AXES", requires = "shape", value_parser = parse_order, allow_hyphen_values = true)]
    pub(crate) permute: Option<Order>,
    /// Index of the first element, in the order in which they are written
    #[arg(long, default_value = "0", value_parser = parse_u64, allow_hyphen_values = true)]
    pub(crate) offset: u64,
    /// Element type
    #[arg(long, default_value = "f32", value_parser = parse_dtype)]
    pub(crate) dtype: DType,
}

#[derive(Debug, Args)]
pub(crate) struct RecipesArguments {
    /// A recipe, or a model_type of transformers (where a recipe has that name too, transformers/MODEL_TYPE)
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct WordsArguments {
    #[command(flatten)]
    pub(crate) keys: KeysArguments,
    /// Index of the first word
    #[arg(long, default_value = "0", value_parser = parse_u64, allow_hyphen_values = true)]
    pub(crate) offset: u64,
    /// Number of words of each stream, or inf: until the reader leaves
    #[arg(long, value_parser = parse_count, allow_hyphen_values = true)]
    pub(crate) count: Count,
    /// hex: a word a line; raw: little-endian bytes, as test batteries read them
    #[arg(long, default_value = "hex")]
    pub(crate) format: WordFormat,
}

/// What a checkpoint's metadata say, or the command line, but not both.
const TOLD: [&str; 13] = [
    "seed", "member", "init", "recipe", "rules", "set", "infer", "class", "part", "shard", "permute", "dtype", "redraw",
];

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("told").args(TOLD).multiple(true).requires("model"))]
pub(crate) struct VerifyArguments {
    /// A checkpoint that `init` wrote, a file or a folder; with --model, any safetensors files
    pub(crate) file: PathBuf,
    /// The model that the file should hold, as for `init`, with the options that `init` would have: then its metadata are not asked
    #[arg(long)]
    pub(crate) model: Option<String>,
    #[command(flatten)]
    pub(crate) contents: ContentsArguments,
    #[command(flatten)]
    pub(crate) device: DeviceArgument,
    #[command(flatten)]
    pub(crate) ranks: RankArguments,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    /// A safetensors file, an index of several, or a folder with one of these
    #[arg(value_name = "FILE|DIR")]
    pub(crate) checkpoint: String,
    /// How the model should be initialised, by name. Without one: the recipe that the config.json beside the checkpoint points to
    #[arg(long, conflicts_with_all = ["rules", "init"], value_parser = parse_recipe)]
    pub(crate) recipe: Option<RecipeName>,
    /// The same as a TOML file of rules
    #[arg(long, value_name = "FILE", conflicts_with = "init")]
    pub(crate) rules: Option<PathBuf>,
    /// One initializer for every tensor
    #[arg(long, value_parser = parse_initializer)]
    pub(crate) init: Option<Initializer>,
    /// The model's config.json, where it does not lie beside the checkpoint or another is meant
    #[arg(long, value_name = "config.json")]
    pub(crate) from_config: Option<PathBuf>,
    /// Sets a variable of the rules or the recipe, e.g. n_layer=24; may be repeated
    #[arg(long, value_name = "NAME=NUMBER", value_parser = parse_variable, conflicts_with = "init")]
    pub(crate) set: Vec<(String, f64)>,
    /// For rules of a file too: tell the modules' classes from names and shapes
    #[arg(long, conflicts_with = "init")]
    pub(crate) infer: bool,
    /// The class of the modules of some parameters, e.g. '*.query_pos.weight=Embedding'; may be repeated. Implies --infer
    #[arg(long, value_name = "PATTERN=CLASS", value_parser = parse_class, conflicts_with = "init")]
    pub(crate) class: Vec<ClassOf>,
    /// The chance, at most, that something is found in a checkpoint that is as its rules say
    #[arg(long, value_name = "CHANCE", default_value_t = 0.001)]
    pub(crate) level: f64,
    /// List all tensors, not only those in which something was found
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Write JSON: an object with "clean", "findings" and "tensors"
    #[arg(long, conflicts_with = "verbose")]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// A safetensors file, or a folder of them
    pub(crate) file: PathBuf,
    /// Print all of the metadata, and nothing else
    #[arg(long, conflicts_with = "plot")]
    pub(crate) metadata: bool,
    /// Also draw histograms and the norms of layers, as SVG
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) plot: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DevicesArguments {
    /// Also list drivers, features, limits and the path that would run
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TuneArguments {
    #[command(flatten)]
    pub(crate) device: DeviceArgument,
    /// Forget what was found, and compiled pipelines
    #[arg(long)]
    pub(crate) forget: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    pub(crate) draw: DrawArguments,
    /// Number of elements; with --shape, all of them unless said
    #[arg(long, value_parser = parse_u64, allow_hyphen_values = true, required_unless_present = "shape")]
    pub(crate) count: Option<u64>,
    /// Seed: decimal or 0x…
    #[arg(long, default_value = "0", value_parser = parse_seed, allow_hyphen_values = true)]
    pub(crate) seed: Seed,
    #[command(flatten)]
    pub(crate) stream: StreamArguments,
    /// The folder to write the shaders (.wgsl), dispatch.json and the buffers (.bin) to; made if missing
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    /// Replace files that exist. Those of an earlier export that nobody has changed are replaced without being asked
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Where the kernel reads the table of normal quantiles
    #[arg(long, default_value = "uniform")]
    pub(crate) table: TableChoice,
}

/// What `bench` measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchWork {
    /// Fills of single tensors and of lists of tensors, beside a clear and rand's generators
    Fill,
    /// Boxes of a tensor, beside a stretch of as many elements
    View,
    /// Every equivalent shader of a device
    Variant,
    /// Orthogonal matrices, single ones and batches of small ones
    Orthogonal,
    /// On the CPU, 2^16 to 2^33 elements of one tensor, part after part in one buffer: minutes, without a smaller --size
    Growth,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// What to measure
    #[arg(long, value_enum, value_delimiter = ',', default_value = "fill")]
    pub(crate) work: Vec<BenchWork>,
    /// Only lines with this text in work, law, dtype, view or shader
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) only: String,
    /// Write JSON: an array with an object for each line of the table
    #[arg(long)]
    pub(crate) json: bool,
    /// Write CSV
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    /// Sizes of the single tensors in MiB; the largest is that of views and variants, and matrices and growth have no more [default: 1,64]
    #[arg(long, value_name = "MIB", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1..=65_536))]
    pub(crate) size: Option<Vec<u64>>,
    /// The model whose tensors are recorded together, as for `init` [default: gpt2, or none beside --size]
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Also measure writing the model (gpt2 unless one is named) as a checkpoint of f32 to a file in this folder, beside writing and copying as many bytes there;
    /// twice the model's size is needed. The files are removed
    #[arg(long, value_name = "DIR")]
    pub(crate) checkpoint: Option<PathBuf>,
    /// Leave the CPU executor out
    #[arg(long, conflicts_with = "checkpoint")]
    pub(crate) no_cpu: bool,
    /// Only warm fills of the single tensors: no fresh memory, no uploads, no starts, no lists of tensors
    #[arg(long, conflicts_with_all = ["checkpoint", "model"])]
    pub(crate) warm_only: bool,
    /// How often each line is measured
    #[arg(long, default_value = "7", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) repetitions: u32,
    #[command(flatten)]
    pub(crate) device: DeviceArgument,
}

#[derive(Debug, Args)]
pub(crate) struct DeviceArgument {
    /// auto: a hardware GPU if there is one, else the CPU; gpu: the first adapter, software ones included; cpu; or an index
    /// or a part of a name as `devices` lists them
    #[arg(long, default_value = "auto")]
    pub(crate) device: DeviceChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DTypeChoice {
    F32,
    F16,
    Bf16,
    #[value(name = "f8_e4m3fn", alias = "f8_e4m3")]
    F8E4M3Fn,
    #[value(name = "f8_e5m2")]
    F8E5M2,
    Keep,
}

impl DTypeChoice {
    /// The dtype, or none for `keep`.
    pub(crate) const fn fixed(self) -> Option<DType> {
        match self {
            Self::F32 => Some(DType::F32),
            Self::F16 => Some(DType::F16),
            Self::Bf16 => Some(DType::Bf16),
            Self::F8E4M3Fn => Some(DType::F8E4M3Fn),
            Self::F8E5M2 => Some(DType::F8E5M2),
            Self::Keep => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Hex,
    Text,
    Raw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WordFormat {
    Hex,
    Raw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableChoice {
    Uniform,
    Workgroup,
}

pub(crate) fn parse_u64(text: &str) -> Result<u64, String> {
    if text.starts_with('-') {
        return Err("it must not be negative: write a number from 0 to 2^64 - 1".to_owned());
    }
    let parsed = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| "write a number from 0 to 2^64 - 1, decimal or 0x followed by hexadecimal digits".to_owned())
}

/// Sizes of a shape. A type of its own: clap takes a list for many values.
#[derive(Clone, Debug)]
pub(crate) struct Dims(pub(crate) Vec<u64>);

fn parse_shape(text: &str) -> Result<Dims, String> {
    let size = |size: &str| {
        size.trim().parse::<u64>().map_err(|_| format!("{size:?} is not a size; write 768,3072 or 768x3072"))
    };
    text.split([',', 'x']).map(size).collect::<Result<_, _>>().map(Dims)
}

pub(crate) fn parse_seed(text: &str) -> Result<Seed, String> {
    parse_u64(text).map(Seed::new)
}

fn refuse_seed(_: &str) -> Result<Seed, String> {
    Err("a plan draws nothing and is the same for every seed: leave it out, and give it to `init`".to_owned())
}

fn parse_initializer(text: &str) -> Result<Initializer, wgpu_init::Error> {
    text.parse()
}

fn parse_dtype(text: &str) -> Result<DType, wgpu_init::Error> {
    text.parse()
}

fn parse_variable(text: &str) -> Result<(String, f64), String> {
    let (name, number) = text.split_once('=').ok_or("write NAME=NUMBER, e.g. n_layer=24")?;
    let number: f64 = number.trim().parse().map_err(|_| format!("{number:?} is not a number"))?;
    if number.is_finite() { Ok((name.trim().to_owned(), number)) } else { Err(format!("{number} is not finite")) }
}

/// A recipe; of a library with the architecture, e.g. `timm/vit_base_patch16_224`.
#[derive(Clone, Debug)]
pub(crate) struct RecipeName {
    pub(crate) recipe: Recipe,
    pub(crate) architecture: Option<String>,
}

impl From<Recipe> for RecipeName {
    fn from(recipe: Recipe) -> Self {
        Self { recipe, architecture: None }
    }
}

impl RecipeName {
    /// The variables of a model, with the architecture that is said.
    pub(crate) fn variables(&self, of_model: &Variables) -> Variables {
        let mut variables = of_model.clone();
        if let Some(architecture) = &self.architecture {
            variables.set_text("architecture", architecture);
        }
        variables
    }
}

fn parse_recipe(text: &str) -> Result<RecipeName, wgpu_init_models::Error> {
    if let Some((library, architecture)) = text.split_once('/')
        && let Ok(recipe) = library.parse::<Recipe>()
        && recipe.architectures().next().is_some()
    {
        return Ok(RecipeName { recipe, architecture: Some(architecture.to_owned()) });
    }
    text.parse().map(Recipe::into)
}

fn parse_class(text: &str) -> Result<ClassOf, InferError> {
    text.parse()
}
