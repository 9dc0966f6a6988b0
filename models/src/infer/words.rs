//! What names say.

/// The last part of a path that is a word and no number of a sequence: `fc1` of `mlp.fc1`, `to_out` of `attn.to_out.0`.
pub(super) fn last_word(path: &str) -> &str {
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    path.rsplit('.').find(|part| !is_number(part)).unwrap_or_default()
}

/// The words of a part of a name, in small letters and without numbers behind: `q`, `proj` of `q_proj`, `fc` of `fc1`, `patch`, `embed`
/// of `patchEmbed`.
pub(super) fn words(part: &str) -> Vec<String> {
    const MOST: usize = 32;
    let mut words = vec![String::new()];
    let mut before_is_small = false;
    for character in part.chars().take(256) {
        let begins = character.is_uppercase() && before_is_small;
        before_is_small = character.is_lowercase();
        if begins || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut()
            && character.is_alphanumeric()
        {
            word.extend(character.to_lowercase());
        }
    }
    let without_number = |word: String| word.trim_end_matches(|end: char| end.is_ascii_digit()).to_owned();
    words.into_iter().map(without_number).filter(|word| !word.is_empty()).take(MOST).collect()
}

/// Whether a part of a name says that it is a norm.
pub(super) fn is_norm(part: &str) -> bool {
    words(part).iter().any(|word| word.contains("norm") || matches!(&**word, "ln" | "bn" | "gn" | "rms"))
}

/// Whether it says `conv`.
pub(super) fn is_convolution(part: &str) -> bool {
    words(part).iter().any(|word| word.contains("conv"))
}

/// What the name of a matrix without a bias says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matrix {
    Linear,
    Embedding,
    /// Nothing, or both.
    Either,
}

/// Words that libraries call projections by.
const PROJECTIONS: &[&str] = &[
    "attn",
    "classifier",
    "dense",
    "down",
    "expand",
    "fc",
    "ff",
    "ffn",
    "g",
    "gate",
    "head",
    "heads",
    "in",
    "k",
    "key",
    "kv",
    "lin",
    "linear",
    "mlp",
    "modulation",
    "net",
    "o",
    "out",
    "proj",
    "project",
    "projection",
    "projector",
    "q",
    "qk",
    "qkv",
    "query",
    "reduction",
    "router",
    "up",
    "v",
    "value",
    "w",
    "wi",
    "wk",
    "wo",
    "wq",
    "wqkv",
    "wv",
];

/// Words that say that rows are looked up.
const TABLES: &[&str] = &["embed", "embedding", "embeddings", "wpe", "wte"];

/// Words beside `embed` for what is projected and what is looked up alike: `patch_embed`, `time_embedding`.
const INPUTS: &[&str] = &[
    "caption",
    "cond",
    "condition",
    "conditioning",
    "context",
    "feature",
    "features",
    "image",
    "img",
    "input",
    "inputs",
    "latent",
    "latents",
    "patch",
    "patches",
    "pixel",
    "pixels",
    "step",
    "t",
    "text",
    "time",
    "timestep",
    "txt",
    "vision",
    "x",
    "y",
];

/// Words that are neither: with one of these a projection may be a table.
const EITHER: &[&str] = &[
    "codebook",
    "emb",
    "embedder",
    "embeds",
    "encoding",
    "encodings",
    "fourier",
    "freq",
    "freqs",
    "lookup",
    "pos",
    "position",
    "positions",
    "table",
    "time",
    "token",
    "tokens",
    "type",
    "vocab",
];

pub(super) fn matrix(part: &str) -> Matrix {
    let words = words(part);
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    // `to_q`, `to_cond_embed`: what is made, so it is a projection.
    if words.first().is_some_and(|word| word == "to") {
        return Matrix::Linear;
    }
    match (any(TABLES), any(PROJECTIONS)) {
        (true, false) if !any(INPUTS) && !any(&["embedder", "embeds", "emb"]) => Matrix::Embedding,
        (false, true) if !any(EITHER) => Matrix::Linear,
        _ => Matrix::Either,
    }
}
