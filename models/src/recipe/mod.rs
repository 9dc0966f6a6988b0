//! Recipes: how the published models are initialised, as rules.

mod family;
mod library;

pub use family::Family;

use library::Library;

use crate::{Assignments, Error, Parameter, Result, Rules, Variables};
use core::{fmt, str::FromStr};

/// How a family of models is initialised: built-in [`Rules`], whose text says what comes from where.
///
/// Variables that a caller may set are listed at the top of each file, e.g. `initializer_range`; the rest is counted from names
/// and shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recipe {
    /// PyTorch's defaults, by the modules' classes ([`torch_default`](crate::torch_default)).
    TorchDefault,
    /// GPT-2 (Radford et al. 2019, section 2.3): N(0, 0.02²), residual projections scaled by 1/√(2·`n_layer`), biases 0.
    Gpt2,
    /// Llama and its relatives: N(0, 0.02²), norms 1.
    Llama,
    /// BERT: N(0, 0.02²), biases 0, the padding token's row 0.
    Bert,
    /// T5 (Mesh TensorFlow's scales): N(0, 1/fan) by projection, embeddings N(0, 1).
    T5,
    /// ViT: N(0, 0.02²) truncated, biases 0.
    Vit,
    /// Whisper: N(0, 0.02²), the encoder's positions are sinusoids.
    Whisper,
    /// Mamba: N(0, 0.1²), with the state space's own initializers.
    Mamba,
    /// Mixtral: N(0, 0.02²) for attention, router and experts.
    Mixtral,
    /// What transformers itself does for the `model_type` of a `config.json` ([`Family`]).
    Transformers,
    /// What torchvision 0.29 does for an architecture or class, e.g. `resnet50` or `ResNet`: the text variable `architecture`.
    Torchvision,
    /// What timm 1.0 does for an architecture or class: the text variable `architecture`, or that field of a `config.json`.
    Timm,
    /// What diffusers 0.42 does for a class: the text variable `architecture`, or the `_class_name` of a `config.json`.
    Diffusers,
    /// ResNet: He normal by `fan_out` for convolutions (He et al. 2015), PyTorch's default for the classifier.
    Resnet50,
}

impl Recipe {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::TorchDefault,
        Self::Gpt2,
        Self::Llama,
        Self::Bert,
        Self::T5,
        Self::Vit,
        Self::Whisper,
        Self::Mamba,
        Self::Mixtral,
        Self::Resnet50,
        Self::Transformers,
        Self::Torchvision,
        Self::Timm,
        Self::Diffusers,
    ];

    /// The name that [`FromStr`] reads.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TorchDefault => "torch-default",
            Self::Gpt2 => "gpt2",
            Self::Llama => "llama",
            Self::Bert => "bert",
            Self::T5 => "t5",
            Self::Vit => "vit",
            Self::Whisper => "whisper",
            Self::Mamba => "mamba",
            Self::Mixtral => "mixtral",
            Self::Resnet50 => "resnet50",
            Self::Transformers => "transformers",
            Self::Torchvision => "torchvision",
            Self::Timm => "timm",
            Self::Diffusers => "diffusers",
        }
    }

    /// The kinds of transformers' models that it is right for, as their `model_type`; none if it asks for no kind.
    const fn types(self) -> &'static [&'static str] {
        match self {
            Self::TorchDefault | Self::Transformers | Self::Torchvision | Self::Timm | Self::Diffusers => &[],
            Self::Gpt2 => &["gpt2"],
            Self::Llama => &["llama", "mistral", "qwen2", "qwen3"],
            Self::Bert => &["bert"],
            Self::T5 => &["t5", "mt5"],
            Self::Vit => &["vit"],
            Self::Whisper => &["whisper"],
            Self::Mamba => &["mamba", "mamba2"],
            Self::Mixtral => &["mixtral"],
            Self::Resnet50 => &["resnet"],
        }
    }

    /// The rules as TOML: a start for rules of one's own. Of [`Self::Transformers`] those of all families, one after the other.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::TorchDefault => include_str!("torch-default.toml"),
            Self::Gpt2 => include_str!("gpt2.toml"),
            Self::Llama => include_str!("llama.toml"),
            Self::Bert => include_str!("bert.toml"),
            Self::T5 => include_str!("t5.toml"),
            Self::Vit => include_str!("vit.toml"),
            Self::Whisper => include_str!("whisper.toml"),
            Self::Mamba => include_str!("mamba.toml"),
            Self::Mixtral => include_str!("mixtral.toml"),
            Self::Resnet50 => include_str!("resnet50.toml"),
            Self::Transformers => family::TEXT,
            Self::Torchvision => include_str!("torchvision.txt"),
            Self::Timm => include_str!("timm.txt"),
            Self::Diffusers => include_str!("diffusers.txt"),
        }
    }

    /// The rules for a model: the recipe's own, or those that it has for the model's kind.
    ///
    /// # Errors
    /// Of [`Self::Transformers`]: [`Error::NoModelType`], [`Error::UnknownFamily`] and [`Error::ScaleOfZero`]. Of the libraries' recipes:
    /// [`Error::NoArchitecture`] and [`Error::UnknownArchitecture`]. Of [`Self::TorchDefault`]: [`Error::OfLibrary`]. Of the others
    /// [`Error::OtherModel`] for a `model_type` of transformers that is initialised in another way.
    pub fn rules(self, variables: &Variables) -> Result<Rules> {
        if self == Self::Transformers {
            return Family::of(variables)?.rules_for(variables);
        }
        if let Some(library) = Library::of(self) {
            return library.rules(variables);
        }
        if self == Self::TorchDefault
            && let Some(library) = Self::of_library(variables)
        {
            return Err(Error::OfLibrary { recipe: self.name(), library: library.name() });
        }
        let types = self.types();
        if let Some(got) = variables.text("model_type")
            && !types.is_empty()
            && !types.contains(&got)
            && Family::named(got).is_some()
        {
            return Err(Error::OtherModel { recipe: self.name(), got: got.to_owned(), known: types });
        }
        self.own_rules()
    }

    /// The architectures or classes that the recipe of a library has rules for; none of any other recipe.
    pub fn architectures(self) -> impl Iterator<Item = &'static str> {
        Library::of(self).into_iter().flat_map(Library::architectures)
    }

    /// The rules of one of its [`architectures`](Self::architectures) as TOML.
    #[must_use]
    pub fn rules_of(self, architecture: &str) -> Option<String> {
        Library::of(self)?.rules_of(architecture)
    }

    /// The recipe of the library that made a model, where its `config.json` says so and the recipe knows the architecture:
    /// `_class_name` for diffusers, `architecture` for timm.
    #[must_use]
    pub fn of_library(variables: &Variables) -> Option<Self> {
        let fields = [(Self::Diffusers, "config._class_name"), (Self::Timm, "config.architecture")];
        let knows = |(recipe, field): &(Self, &str)| {
            let is_there = variables.text(field).is_some();
            let library = Library::of(*recipe).filter(|_| is_there);
            library.is_some_and(|library| library.rules(variables).is_ok())
        };
        fields.into_iter().find(knows).map(|(recipe, _)| recipe)
    }

    /// Whether it goes by the classes of modules, which [`infer`](crate::infer) tells where a model does not list them: `torch-default`, but
    /// for a `model_type` of transformers, which initialises modules of any class in its own way.
    #[must_use]
    pub fn infers(self, variables: &Variables) -> bool {
        self == Self::TorchDefault && Family::of(variables).is_err()
    }

    /// Rules that are the same for all models.
    pub(crate) fn own_rules(self) -> Result<Rules> {
        match Library::of(self) {
            Some(_) => Err(Error::NoArchitecture { recipe: self.name() }),
            None if self == Self::Transformers => Err(Error::NoModelType),
            None => self.text().parse(),
        }
    }

    /// [`Rules::assign`] of [`rules`](Self::rules).
    ///
    /// # Errors
    /// As there.
    pub fn assign(self, parameters: &[Parameter], variables: &Variables) -> Result<Assignments> {
        self.rules(variables)?.assign(parameters, variables)
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Recipe {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|recipe| recipe.name() == text).copied();
        let known = || Self::ALL.iter().map(|recipe| recipe.name()).collect();
        found.ok_or_else(|| Error::UnknownRecipe { text: text.to_owned(), known: known() })
    }
}
