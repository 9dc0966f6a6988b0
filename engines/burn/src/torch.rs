//! What a parameter of Burn's is called in PyTorch, which module has it there, and which part of PyTorch's tensor it is.

use wgpu_init::{Shape, View};

/// One step into a module: a field, and the container that has it, as [`burn::module::ModuleVisitor::enter_module`] says them.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) field: String,
    pub(crate) container: String,
}

/// How Burn stores a tensor that PyTorch may store otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// Rows are PyTorch's rows.
    AsTorch,
    /// A matrix whose rows are PyTorch's columns: a `Linear` with the layout `Row`.
    Transposed,
}

/// A tensor of PyTorch's, or some of its rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    /// PyTorch's name of the whole tensor.
    pub(crate) name: String,
    /// The class that has it there, by which PyTorch's defaults go.
    pub(crate) class: Option<String>,
    /// Which block of rows it is, of how many: a gate, or one of the three projections of attention.
    pub(crate) block: Option<(u64, u64)>,
}

/// Gates as PyTorch stacks them in `weight_ih`.
const GATES: &[(&str, &str, u64, u64)] = &[
    ("Lstm", "input_gate", 0, 4),
    ("Lstm", "forget_gate", 1, 4),
    ("Lstm", "cell_gate", 2, 4),
    ("Lstm", "output_gate", 3, 4),
    ("Gru", "reset_gate", 0, 3),
    ("Gru", "update_gate", 1, 3),
    ("Gru", "new_gate", 2, 3),
    ("Rnn", "gate", 0, 1),
];

/// Fields with another name in PyTorch; an empty one has no step there.
const FIELDS: &[(&str, &str, &str)] = &[
    ("LayerNorm", "gamma", "weight"),
    ("LayerNorm", "beta", "bias"),
    ("GroupNorm", "gamma", "weight"),
    ("GroupNorm", "beta", "bias"),
    ("BatchNorm", "gamma", "weight"),
    ("BatchNorm", "beta", "bias"),
    ("InstanceNorm", "gamma", "weight"),
    ("InstanceNorm", "beta", "bias"),
    ("RmsNorm", "gamma", "weight"),
    ("PRelu", "alpha", "weight"),
    ("MultiHeadAttention", "output", "out_proj"),
    ("BiLstm", "forward", ""),
    ("BiLstm", "reverse", ""),
    ("BiGru", "forward", ""),
    ("BiGru", "reverse", ""),
    ("BiRnn", "forward", ""),
    ("BiRnn", "reverse", ""),
];

/// Classes with another name in PyTorch. PyTorch's norms of batches and instances have a rank in their name and one law for all; a
/// deformable convolution (`torchvision.ops`) begins as a plain one.
const CLASSES: &[(&str, &str)] = &[
    ("BatchNorm", "BatchNorm2d"),
    ("InstanceNorm", "InstanceNorm2d"),
    ("RmsNorm", "RMSNorm"),
    ("PRelu", "PReLU"),
    ("DeformConv2d", "Conv2d"),
    ("Lstm", "LSTM"),
    ("Gru", "GRU"),
    ("Rnn", "RNN"),
];

/// The class of a container, without the kind that Burn's derive puts before it.
fn class(container: &str) -> Option<&str> {
    container.strip_prefix("Struct:")
}

fn torch_class(class: &str) -> &str {
    CLASSES.iter().find(|(burn, _)| *burn == class).map_or(class, |(_, torch)| torch)
}

impl Place {
    /// Where a parameter stands, from the steps that lead to it, the outermost first.
    pub(crate) fn of(path: &[Level]) -> Self {
        let mut names: Vec<&str> = Vec::with_capacity(path.len());
        let (mut block, mut owner, mut kind, mut suffix) = (None, None, "", "");
        for Level { field, container } in path {
            let field = field.as_str();
            let Some(class) = class(container) else {
                // The name of an enum's variant is no step of PyTorch's; a list's index is.
                if !container.starts_with("Enum:") {
                    names.push(field);
                }
                continue;
            };
            if let Some((_, _, number, of)) = GATES.iter().find(|gate| (gate.0, gate.1) == (class, field)) {
                (block, owner) = (Some((*number, *of)), Some(torch_class(class)));
                continue;
            }
            match (class, field) {
                ("MultiHeadAttention", "query") => (block, owner) = (Some((0, 3)), Some("MultiheadAttention")),
                ("MultiHeadAttention", "key") => (block, owner) = (Some((1, 3)), Some("MultiheadAttention")),
                ("MultiHeadAttention", "value") => (block, owner) = (Some((2, 3)), Some("MultiheadAttention")),
                ("GateController", "input_transform") if block.is_some() => kind = "ih",
                ("GateController", "hidden_transform") if block.is_some() => kind = "hh",
                _ => {
                    if (class, field) == ("MultiHeadAttention", "output") {
                        // PyTorch's name for a Linear whose bias begins as zero.
                        owner = Some("NonDynamicallyQuantizableLinear");
                    }
                    let renamed = FIELDS.iter().find(|known| (known.0, known.1) == (class, field));
                    match renamed.map_or(field, |(_, _, torch)| torch) {
                        "" if field == "reverse" => suffix = "_reverse",
                        "" => {}
                        name => names.push(name),
                    }
                }
            }
        }
        let leaf = names.pop().unwrap_or_default();
        let leaf = match block {
            Some((_, 3)) if owner == Some("MultiheadAttention") => format!("in_proj_{leaf}"),
            Some(_) => format!("{leaf}_{kind}_l0{suffix}"),
            None => leaf.to_owned(),
        };
        let name = names.into_iter().chain([leaf.as_str()]).collect::<Vec<_>>().join(".");
        let innermost = path.iter().rev().find_map(|level| class(&level.container)).map(torch_class);
        Self { name, class: owner.or(innermost).map(str::to_owned), block }
    }

    /// The shape of PyTorch's whole tensor and which view of it Burn stores, from the shape of Burn's.
    ///
    /// # Errors
    /// A shape that is too large.
    pub(crate) fn view(&self, dims: &[u64], stored: Stored) -> wgpu_init::Result<(Shape, View)> {
        let mut whole = dims.to_vec();
        if stored == Stored::Transposed {
            whole.reverse();
        }
        let mut rows = None;
        if let (Some((number, of)), Some(first)) = (self.block, whole.first_mut()) {
            rows = Some(number * *first..(number + 1) * *first);
            *first = first.saturating_mul(of);
        }
        let shape = Shape::new(whole)?;
        let mut view = View::new(&shape);
        if let Some(rows) = rows {
            view = view.part(0, rows)?;
        }
        if stored == Stored::Transposed {
            view = view.permuted([1, 0])?;
        }
        Ok((shape, view))
    }
}
