use super::*;
use wgpu_init::Shape;

fn list(text: &str) -> Vec<Parameter> {
    let parameter = |line: &str| {
        let (name, sizes) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let dims: Vec<u64> = sizes.split_whitespace().map(|size| size.parse().expect("a size")).collect();
        Parameter::new(name, Shape::new(dims).expect("a shape"))
    };
    text.split(',').map(parameter).collect()
}

/// The reading of the first parameter.
fn first(text: &str) -> String {
    Inference::new(&list(text), &[]).decisions()[0].reading.to_string()
}

#[test]
fn modules_are_told_by_their_tensors() {
    for (text, class) in [
        ("bn.weight 8, bn.bias 8, bn.running_mean 8, bn.running_var 8, bn.num_batches_tracked", "BatchNorm2d"),
        ("running_var 8, running_mean 8", "BatchNorm2d"),
        ("bn.weight 8, bn.running_mean 8", "-"),
        ("bn.weight 8, bn.running_mean 8, bn.running_var 9", "-"),
        ("bn.weight 8 8, bn.running_mean 8, bn.running_var 8", "-"),
        ("bn.weight 8, bn.v 8, bn.running_mean 8, bn.running_var 8", "-"),
        ("n.weight 8, n.bias 8", "LayerNorm"),
        ("mlp.grn.weight 8, mlp.grn.bias 8", "LayerNorm or GlobalResponseNorm"),
        ("n.weight 8 4 4, n.bias 8 4 4", "LayerNorm"),
        ("n.weight 1, n.bias 1", "-"),
        ("n.weight 8, n.bias 9", "-"),
        ("q_norm.weight 8", "RMSNorm"),
        ("ln_1.weight 8", "RMSNorm"),
        ("prelu.weight 1", "PReLU or RMSNorm"),
        ("x.weight 8", "RMSNorm or PReLU"),
        ("fc.weight 8 4, fc.bias 8", "Linear"),
        ("fc.weight 8 8, fc.bias 8", "Linear"),
        ("fc.weight 8 4, fc.bias 4", "Conv1D"),
        ("fc.weight 8 8, fc.bias 8, other.weight 8 4, other.bias 4", "Linear or Conv1D"),
        ("fc.weight 8 4, fc.bias 3", "-"),
        ("fc.weight 8 4, fc.bias 8, fc.gain 8", "-"),
        ("fc.bias 8", "-"),
        ("attn.to_out.0.weight 8 8", "Linear"),
        ("embed_tokens.weight 80 8", "Embedding"),
        ("patch_embedding.weight 80 8", "Linear or Embedding"),
        ("time_proj.weight 80 8", "Linear or Embedding"),
        ("x_embedder.weight 80 8", "Linear or Embedding"),
        ("blob.weight 80 8", "Linear or Embedding"),
        ("conv_pw.weight 4 800", "-"),
        ("c.weight 8 4 3, c.bias 8", "Conv1d"),
        ("c.weight 8 4 33, c.bias 8", "Conv1d or Bilinear"),
        ("conv.weight 8 4 33, conv.bias 8", "Conv1d"),
        ("bilinear.weight 8 4 3, bilinear.bias 8", "Bilinear"),
        ("c.weight 8 4 3 3", "Conv2d"),
        ("c.weight 8 4 3 3, c.bias 4", "ConvTranspose2d"),
        ("c.weight 8 2 3 3, c.bias 4", "ConvTranspose2d"),
        ("c.weight 8 4 3 3 3, c.bias 8", "Conv3d"),
        ("c.weight 8 4 3 3 3 3, c.bias 8", "-"),
        ("r.weight_ih_l0 32 4, r.weight_hh_l0 32 8", "LSTM"),
        ("r.weight_ih_l0 24 4, r.weight_hh_l0 24 8", "GRU"),
        ("r.weight_ih_l0 8 4, r.weight_hh_l0 8 8", "RNN"),
        ("r.weight_ih_l0 32 4, r.weight_hh_l0 32 3, r.weight_hr_l0 3 8", "LSTM"),
        ("r.weight_ih 32 4, r.weight_hh 32 8", "LSTMCell"),
        ("r.weight_ih_l0 16 4, r.weight_hh_l0 16 8", "-"),
        ("r.weight_ih_l0 0 4, r.weight_hh_l0 0 0", "-"),
        ("a.out_proj.weight 8 8, a.out_proj.bias 8, a.in_proj_weight 24 8", "NonDynamicallyQuantizableLinear"),
        ("a.out_proj.weight 8 8, a.out_proj.bias 8", "Linear"),
        ("a.in_proj_weight 24 8, a.in_proj_bias 24", "MultiheadAttention"),
        ("a.in_proj_weight 25 8, a.in_proj_bias 24", "-"),
        ("c.weight_v 8 4, c.weight_g 8 1, c.bias 8", "-"),
        ("c.parametrizations.weight.original0 8 1 1", "-"),
        ("cls_token 1 1 8", "-"),
        ("weight", "-"),
    ] {
        assert_eq!(first(text), class, "{text}");
    }
}

#[test]
fn what_is_said_goes_before_what_is_seen() {
    let mut parameters = list("blob.weight 80 8, fc.weight 8 4, fc.bias 8");
    parameters[1].module = Some("MyLinear".to_owned());
    let said: Vec<ClassOf> = ["blob.*=Embedding", "*=Linear"].map(|text| text.parse().expect("a class")).to_vec();
    let readings = |said: &[ClassOf]| -> Vec<String> {
        Inference::new(&parameters, said).decisions().iter().map(|one| one.reading.to_string()).collect()
    };
    assert_eq!(readings(&said), ["Embedding", "Linear", "Linear"]);
    assert_eq!(readings(&[]), ["Linear or Embedding", "MyLinear", "Linear"]);
    for text in ["blob", "=Linear", "a=", "a=b c", "[=Linear"] {
        let is_glob = text == "=Linear";
        assert_eq!(text.parse::<ClassOf>().is_ok(), is_glob, "{text}");
    }
}

#[test]
fn what_cannot_be_told_is_an_error_with_its_readings() {
    let rules = crate::Recipe::TorchDefault.rules(&Variables::new()).expect("rules");
    let assign =
        |text: &str, said: &[ClassOf]| Inference::new(&list(text), said).assign(&rules, &Variables::new(), &|_| true);
    let error = assign("blob.weight 80 8, fc.weight 8 4, fc.bias 8, scale 8", &[]).expect_err("two readings");
    let Error::Infer(InferError::Undecided { undecided, .. }) = &error else { panic!("{error}") };
    let names: Vec<_> = undecided.iter().map(|one| (&*one.name, one.readings)).collect();
    assert_eq!(names, [("blob.weight", &["Linear", "Embedding"][..]), ("scale", &[])]);
    let text = error.to_string();
    assert!(text.contains("--class 'blob.weight=Linear' or --class 'blob.weight=Embedding'"), "{text}");
    let said = ["blob.*=Embedding".parse().expect("a class")];
    let list = assign("blob.weight 80 8, fc.weight 8 4", &said).expect("decided").list;
    assert_eq!(list[0].drawn().expect("drawn").distribution.to_string(), "normal(0,1)");
    assert_eq!(
        list[1].drawn().expect("drawn").distribution.to_string(),
        "uniform(-0.49999999999999994,0.49999999999999994)"
    );
}

/// `torch.nn.Transformer` draws the matrices of its layers again; the biases stay as the layers drew them.
#[test]
fn matrices_of_a_transformer_have_no_default_law() {
    let text = "x.encoder.layers.0.linear1.weight 16 8, x.encoder.layers.0.linear1.bias 16, \
                x.encoder.layers.0.self_attn.in_proj_weight 24 8, x.decoder.layers.0.multihead_attn.in_proj_weight 24 8, head.weight 9 8";
    let readings: Vec<_> =
        Inference::new(&list(text), &[]).decisions().iter().map(|one| one.reading.to_string()).collect();
    assert_eq!(readings, ["-", "Linear", "MultiheadAttention", "MultiheadAttention", "Linear"]);
    assert_eq!(first(&text.replace("multihead_attn", "attn")), "Linear");
}

/// Lists from elsewhere: long, with names of any length and bytes, one name twice.
#[test]
fn hostile_lists_are_taken_in_reasonable_time() {
    let dot = ".".repeat(100_000);
    let long = "é_".repeat(100_000);
    let mut parameters = list("a.weight 8, a.weight 9, .weight 3, . 3, weight. 3");
    let shape = || Shape::new([0, 4]).expect("a shape");
    for name in [dot.clone() + "weight", long.clone() + ".weight", long, "\u{0}".to_owned(), String::new()] {
        parameters.push(Parameter::new(name, shape()));
    }
    parameters.extend((0..200_000).map(|at| Parameter::new(format!("same.{}", at % 3 * at), shape())));
    let start = std::time::Instant::now();
    let inference = Inference::new(&parameters, &[]);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    assert!(inference.decisions().iter().all(|one| one.evidence.len() < 1000));
    assert_eq!(inference.decisions().len(), parameters.len());
}
