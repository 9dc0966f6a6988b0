//! Classes of modules told from any names and shapes, and as anybody says them: a decision for each, in order, and only classes that are known.

use crate::target::edited;
use arbitrary::{Result, Unstructured};
use wgpu_init::Shape;
use wgpu_init_models::infer::{ClassOf, Inference};
use wgpu_init_models::{Parameter, Recipe, Variables};

const PIECES: &[&str] = &[
    "weight",
    "bias",
    "running_mean",
    "running_var",
    "num_batches_tracked",
    "weight_ih_l0",
    "weight_hh_l0",
    "bias_ih_l0_reverse",
    "in_proj_weight",
    "in_proj_bias",
    "out_proj",
    "weight_g",
    "weight_v",
    "parametrizations",
    "original0",
    "h",
    "0",
    "11",
    "layers",
    "conv1",
    "bn1",
    "norm",
    "embed_tokens",
    "lm_head",
    "q_proj",
    "scale",
    "",
    "é",
    "weight_orig",
    "A_log",
    "pos_embed",
];

pub(crate) fn target(bytes: &[u8]) {
    let _ = read(&mut Unstructured::new(bytes));
}

fn read(u: &mut Unstructured<'_>) -> Result<()> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for _ in 0..u.int_in_range(0..=12)? {
        // Mostly a sibling of one that is there.
        let name = match u.choose(&parameters) {
            Ok(one) if u.ratio(1, 2)? => {
                let stem = one.name.rsplit_once('.').map_or("", |(stem, _)| stem);
                format!("{stem}.{}", u.choose(PIECES)?)
            }
            _ => {
                let mut pieces = Vec::new();
                for _ in 0..u.int_in_range(1..=4)? {
                    pieces.push(*u.choose(PIECES)?);
                }
                pieces.join(".")
            }
        };
        let mut dims = Vec::new();
        for _ in 0..u.int_in_range(0..=5)? {
            dims.push(if u.ratio(1, 10)? { u.arbitrary()? } else { *u.choose(&[0, 1, 3, 16, 48, 64])? });
        }
        let Ok(shape) = Shape::new(dims) else { continue };
        if parameters.iter().any(|one| one.name == name) {
            continue;
        }
        let parameter = Parameter::new(name, shape);
        let class = edited(u, "Linear", &["LSTM", "Embedding", "é", "MultiheadAttention", "Conv2d", ""])?;
        parameters.push(if u.ratio(1, 8)? { parameter.in_module(class) } else { parameter });
    }
    let text = edited(u, "*.embed.weight=Embedding", &["=", "*", "{", "[", "Linear", " ", "é"])?;
    let said: Vec<ClassOf> = text.parse().into_iter().collect();
    let inference = Inference::new(&parameters, &said);
    assert_eq!(inference.decisions().len(), parameters.len());
    for (decision, (parameter, with_class)) in
        inference.decisions().iter().zip(parameters.iter().zip(inference.parameters()))
    {
        assert_eq!((&decision.name, &decision.shape), (&parameter.name, &parameter.shape));
        assert_eq!((&with_class.name, &with_class.shape), (&parameter.name, &parameter.shape));
        let is_said = said.iter().any(|of| of.is_for(&parameter.name));
        if let (Some(class), false) = (&parameter.module, is_said) {
            assert_eq!(decision.reading.class(), Some(class.as_str()), "the list says {class}");
        }
        assert!(!decision.evidence.is_empty(), "{decision:?}");
    }
    let rules = Recipe::TorchDefault.rules(&Variables::new()).expect("built in");
    match inference.assign(&rules, &Variables::new(), &|_| true) {
        Ok(assigned) => assert_eq!(assigned.list.len(), parameters.len()),
        Err(error) => assert!(!inference.explain(error).to_string().is_empty()),
    }
    Ok(())
}
