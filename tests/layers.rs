//! Layers beyond PyTorch's defaults: blocks of rows with initializers of their own, and what PyTorch is believed to do.

use wgpu_init::layer::{
    Block, Cell, Conv, ConvTranspose, Embedding, Gate, Layer, LayerParameter, Linear, MultiheadAttention, Parameter,
    Projection, Recurrent, RecurrentCell, Role, TransformerEncoder, TransformerEncoderLayer, torch_default,
};
use wgpu_init::scheme::{FanMode, Nonlinearity};
use wgpu_init::{CpuExecutor, DType, Distribution, Error, Fill, Initializer, Result, Seed, Shape};

const SEED: Seed = Seed::new(11);

fn built(layer: Result<Layer>) -> Layer {
    layer.unwrap_or_else(|error| panic!("{error}"))
}

fn find<'a>(layer: &'a Layer, name: &str) -> &'a LayerParameter {
    let found = layer.parameters().iter().find(|parameter| parameter.name == name);
    found.unwrap_or_else(|| panic!("there is no {name}"))
}

fn resolved(initializer: Initializer, dims: &[u64]) -> Distribution {
    initializer.distribution(&Shape::new(dims).expect("a shape")).expect("valid")
}

/// The distributions of a parameter's stretches with their elements.
fn parts(parameter: &LayerParameter) -> Vec<(core::ops::Range<u64>, Distribution)> {
    let parts = parameter.parts().expect("valid");
    parts.into_iter().map(|part| (part.elements().clone(), *part.distribution())).collect()
}

/// The parameter's bytes, written at byte 8 of a larger target.
fn bytes(parameter: &LayerParameter, dtype: DType) -> Vec<u8> {
    let length = usize::try_from(parameter.shape.elements() * dtype.size()).expect("small");
    let mut target = vec![0xA5; length + 16];
    let fills = parameter.fills(SEED, &parameter.name, dtype, 8).expect("valid");
    CpuExecutor::new().run_in(&mut target, &fills).expect("valid");
    assert!(target[..8].iter().chain(&target[length + 8..]).all(|byte| *byte == 0xA5), "bytes beside it were written");
    target[8..length + 8].to_vec()
}

/// Every element is that of its block's distribution over the whole tensor: the same word at the same place.
#[test]
fn a_block_has_its_own_distribution_and_the_tensors_own_words() {
    let gru = built(
        Recurrent::new(Cell::Gru, 5, 6)
            .gate("weight_ih_l0", Gate::Update, Initializer::normal(0.0, 2.0))
            .gate("weight_ih_l0", Gate::New, Initializer::ones())
            .layer(),
    );
    let embedding = built(Embedding::new(7, 3).padding_idx(-2).layer());
    for parameter in [find(&gru, "weight_ih_l0"), find(&embedding, "weight")] {
        for dtype in DType::ALL.iter().copied() {
            let size = usize::try_from(dtype.size()).expect("small");
            let got = bytes(parameter, dtype);
            for (elements, distribution) in parts(parameter) {
                let mut whole = vec![0; got.len()];
                let fill = Fill::of(parameter.shape.elements(), distribution).named(SEED, &parameter.name).dtype(dtype);
                CpuExecutor::new().run([(&mut whole[..], fill)]).expect("valid");
                let range = usize::try_from(elements.start).expect("small") * size
                    ..usize::try_from(elements.end).expect("small") * size;
                assert_eq!(got[range.clone()], whole[range], "{} {dtype} {elements:?}", parameter.name);
            }
        }
    }
    let rows: Vec<_> = parts(find(&embedding, "weight"));
    assert_eq!(rows[1], (15..18, Distribution::constant(0.0).expect("valid")));
    assert_eq!(rows.len(), 3);
}

#[test]
fn a_gates_fans_are_those_of_its_own_rows() {
    let xavier = Initializer::xavier_uniform(1.0);
    let stacked = built(Recurrent::new(Cell::Lstm, 8, 4).parameter("weight_ih_l0", xavier).layer());
    assert_eq!(parts(find(&stacked, "weight_ih_l0")), [(0..128, resolved(xavier, &[16, 8]))]);
    let each = built(Recurrent::new(Cell::Lstm, 8, 4).each_gate("weight_ih_l0", xavier).layer());
    let one = resolved(xavier, &[4, 8]);
    let expected = [0, 32, 64, 96].map(|start| (start..start + 32, one));
    assert_eq!(parts(find(&each, "weight_ih_l0")), expected);
    // Other parameters are as before.
    assert_eq!(find(&each, "weight_hh_l0"), find(&stacked, "weight_hh_l0"));
    let cell = built(RecurrentCell::new(Cell::Gru, 8, 4).each_gate("weight_hh", xavier).layer());
    assert_eq!(
        parts(find(&cell, "weight_hh")),
        [0, 16, 32].map(|start| (start..start + 16, resolved(xavier, &[4, 4])))
    );
    // An RNN is one block.
    let rnn = built(Recurrent::new(Cell::Rnn, 8, 4).each_gate("weight_ih_l0", xavier).layer());
    assert_eq!(parts(find(&rnn, "weight_ih_l0")), [(0..32, one)]);
}

#[test]
fn gates_stand_in_pytorchs_order() {
    let lstm = [Gate::Input, Gate::Forget, Gate::Cell, Gate::Output];
    let gru = [Gate::Reset, Gate::Update, Gate::New];
    for (cell, gates) in [(Cell::Lstm, &lstm[..]), (Cell::Gru, &gru[..])] {
        for (number, gate) in gates.iter().enumerate() {
            let layer = built(Recurrent::new(cell, 2, 3).gate("bias_hh_l0", *gate, Initializer::ones()).layer());
            let start = number as u64 * 3;
            assert_eq!(find(&layer, "bias_hh_l0").blocks[0].rows, start..start + 3, "{cell:?} {gate:?}");
        }
    }
}

#[test]
fn a_block_goes_before_the_whole_and_the_last_of_two_before_the_first() {
    let ones = Initializer::ones();
    for layer in [
        Recurrent::new(Cell::Lstm, 2, 3)
            .gate("bias_ih_l0", Gate::Forget, ones)
            .parameter("bias_ih_l0", Initializer::zeros()),
        Recurrent::new(Cell::Lstm, 2, 3)
            .parameter("bias_ih_l0", Initializer::zeros())
            .gate("bias_ih_l0", Gate::Forget, Initializer::constant(7.0))
            .gate("bias_ih_l0", Gate::Forget, ones),
    ] {
        let [zero, one] = [0.0, 1.0].map(|value| Distribution::constant(value).expect("valid"));
        assert_eq!(parts(find(&built(layer.layer()), "bias_ih_l0")), [(0..3, zero), (3..6, one), (6..12, zero)]);
    }
    // The padding row stays zero.
    let embedding = built(Embedding::new(4, 2).padding_idx(0).weight(ones).layer());
    assert_eq!(parts(find(&embedding, "weight")).len(), 2);
}

#[test]
fn attention_projections_by_their_own_fans() {
    let xavier = Initializer::xavier_uniform(1.0);
    let one = built(MultiheadAttention::new(6, 2).each_projection(xavier).layer());
    let own = resolved(xavier, &[6, 6]);
    assert_eq!(parts(find(&one, "in_proj_weight")), [(0..36, own), (36..72, own), (72..108, own)]);
    let key = MultiheadAttention::new(6, 2).projection(Projection::Key, Initializer::zeros());
    let parts = parts(find(&built(key.clone().layer()), "in_proj_weight"));
    assert_eq!((parts.len(), parts[1].0.clone()), (3, 36..72));
    assert_eq!(parts[0].1, resolved(xavier, &[18, 6]), "the others keep the stacked fans");
    let separate = built(key.kdim(5).layer());
    assert_eq!(find(&separate, "k_proj_weight").initializer, Initializer::zeros());
    assert_eq!(find(&separate, "q_proj_weight").initializer, xavier);
}

#[test]
fn what_pytorch_is_believed_to_do() {
    let xavier = Initializer::xavier_uniform(1.0);
    let he = Initializer::kaiming_normal(FanMode::FanOut, Nonlinearity::Relu);
    let linear = built(Linear::new(10, 5).believed().layer());
    assert_eq!(
        [find(&linear, "weight").initializer, find(&linear, "bias").initializer],
        [xavier, Initializer::zeros()]
    );
    for layer in [Conv::new(3, 8, [3, 3]).believed().layer(), ConvTranspose::new(3, 8, [3]).believed().layer()] {
        let layer = built(layer);
        assert_eq!([find(&layer, "weight").initializer, find(&layer, "bias").initializer], [he, Initializer::zeros()]);
    }
    assert_eq!(built(Linear::new(2, 2).without_bias().believed().layer()).parameters().len(), 1);
    assert_eq!(built(Conv::new(2, 2, [3]).without_bias().believed().layer()).parameters().len(), 1);

    let lstm = built(Recurrent::new(Cell::Lstm, 8, 4).layers(2).bidirectional().proj_size(2).believed().layer());
    let plain = built(Recurrent::new(Cell::Lstm, 8, 4).layers(2).bidirectional().proj_size(2).layer());
    for suffix in ["_l0", "_l0_reverse", "_l1", "_l1_reverse"] {
        let weight = parts(find(&lstm, &format!("weight_ih{suffix}")));
        let inputs = if suffix.starts_with("_l0") { 8 } else { 4 };
        assert_eq!(weight.len(), 4);
        assert!(weight.iter().all(|(_, distribution)| *distribution == resolved(xavier, &[4, inputs])), "{suffix}");
        let forget = bytes(find(&lstm, &format!("bias_ih{suffix}")), DType::F32);
        let values: Vec<f32> = forget.chunks_exact(4).map(bytemuck::pod_read_unaligned).collect();
        assert_eq!(values, [[0.0; 4], [1.0; 4], [0.0; 4], [0.0; 4]].concat(), "{suffix}");
        assert_eq!(bytes(find(&lstm, &format!("bias_hh{suffix}")), DType::F32), [0; 64], "{suffix}");
        let recurrent = find(&lstm, &format!("weight_hh{suffix}"));
        assert!(recurrent.blocks.iter().all(|block| block.initializer == Initializer::orthogonal(1.0)), "{suffix}");
        assert_eq!(recurrent.blocks.len(), 4, "{suffix}");
        let projection = format!("weight_hr{suffix}");
        assert_eq!(find(&lstm, &projection), find(&plain, &projection), "as PyTorch has it");
    }
    let gru = built(RecurrentCell::new(Cell::Gru, 8, 4).believed().layer());
    assert_eq!(bytes(find(&gru, "bias_ih"), DType::F16), [0; 24]);
    assert_eq!(built(RecurrentCell::new(Cell::Lstm, 8, 4).without_bias().believed().layer()).parameters().len(), 2);
}

/// Sizes and blocks out of a file may be anything: products, sums and ranges that make no sense are errors and not panics.
/// A class is known by its source, not by the end of its name.
#[test]
fn only_norms_whose_source_was_read_have_a_default() {
    let of = |class: &str, name: &str| {
        let parameter = Parameter::new(name, Shape::new([8]).expect("a shape")).in_module(class);
        torch_default(&[parameter])[0].map(|initializer| initializer.to_string())
    };
    let (ones, zeros) = (Some("constant(1)".to_owned()), Some("constant(0)".to_owned()));
    for class in ["LayerNorm", "RMSNorm", "GroupNorm", "BatchNorm2d", "LazyBatchNorm1d", "LlamaRMSNorm", "T5LayerNorm"]
    {
        assert_eq!((of(class, "n.weight"), of(class, "n.bias")), (ones.clone(), zeros.clone()), "{class}");
    }
    for class in ["MixtralRMSNorm", "MambaRMSNorm", "Gemma3nRMSNorm", "DetrFrozenBatchNorm2d", "Qwen3NextRMSNormGated"]
    {
        assert_eq!(of(class, "n.weight"), ones, "{class}");
    }
    // The weight is added to 1.
    for class in ["GemmaRMSNorm", "Gemma2RMSNorm", "Gemma3RMSNorm", "RecurrentGemmaRMSNorm", "Qwen3NextRMSNorm"] {
        assert_eq!(of(class, "n.weight"), zeros, "{class}");
    }
    // Unknown; with parameters of its own beside; whose constructor and `_init_weights` disagree; without a lazy form in PyTorch.
    for class in [
        "MyRMSNorm",
        "FusedLayerNorm",
        "EsmFold2AdaptiveLayerNorm",
        "IntLayerNorm",
        "LazyEmbedding",
        "LazyLlamaRMSNorm",
    ] {
        assert_eq!(of(class, "n.weight"), None, "{class}");
    }
    assert_eq!(of("LlamaRMSNorm", "n.gamma"), None);
}

#[test]
fn sizes_past_2_64_and_rows_that_are_not_there_are_errors() {
    let big = u64::MAX / 2;
    for (name, layer) in [
        ("gates", Recurrent::new(Cell::Lstm, 1, big).layer()),
        ("gates of a cell", RecurrentCell::new(Cell::Gru, 1, big).layer()),
        ("directions", Recurrent::new(Cell::Rnn, 1, u64::MAX).layers(2).bidirectional().layer()),
        ("projection", Recurrent::new(Cell::Lstm, 1, 1 << 61).layers(2).proj_size(1 << 60).bidirectional().layer()),
        ("layers", Recurrent::new(Cell::Rnn, 1, 1).layers(u64::MAX).believed().layer()),
        ("attention", MultiheadAttention::new(big, 1).layer()),
        ("stack", TransformerEncoder::new(&TransformerEncoderLayer::new(2, 1), u64::MAX).layer()),
        ("width", TransformerEncoderLayer::new(big, 1).layer()),
        ("kernel", Conv::new(2, 2, [u64::MAX, u64::MAX]).layer()),
    ] {
        let error = layer.expect_err(name);
        assert!(matches!(error, Error::InvalidLayer { .. } | Error::TooManyElements { .. }), "{name}: {error}");
    }
    // By the class alone, shapes may be just as large.
    for (class, name, dims) in [
        ("MultiheadAttention", "in_proj_weight", vec![u64::MAX]),
        ("MultiheadAttention", "k_proj_weight", vec![1, u64::MAX]),
        ("LSTM", "weight_hr_l0", vec![1, u64::MAX]),
    ] {
        let parameter = Parameter::new(name, Shape::new(dims).expect("a shape")).in_module(class);
        assert_eq!(torch_default(&[parameter]), [None], "{class}");
    }

    let parameter = |dims: &[u64], blocks: &[(u64, u64)]| LayerParameter {
        name: "weight".to_owned(),
        shape: Shape::new(dims).expect("a shape"),
        role: Role::Parameter,
        initializer: Initializer::ones(),
        blocks: blocks
            .iter()
            .map(|(start, end)| Block { rows: *start..*end, initializer: Initializer::zeros() })
            .collect(),
        copy_of: None,
    };
    for (dims, blocks) in [
        (&[9, 2][..], &[(5, 3)][..]),
        (&[9, 2], &[(0, 10)]),
        (&[9, 2], &[(u64::MAX - 1, u64::MAX)]),
        (&[], &[(0, 1)]),
        (&[0, u64::MAX, u64::MAX], &[(0, 1)]),
    ] {
        let error = parameter(dims, blocks).parts().expect_err("no rows of the shape");
        assert!(matches!(error, Error::RowsOutOfBounds { .. }), "{dims:?} {blocks:?}: {error}");
    }
    assert_eq!(parameter(&[9, 2], &[(4, 6), (0, 5)]).parts(), Err(Error::RowsOverlap { row: 4 }));
    let ranges: Vec<_> =
        parts(&parameter(&[9, 2], &[(4, 6), (2, 2), (0, 1)])).into_iter().map(|(elements, _)| elements).collect();
    assert_eq!(ranges, [0..2, 2..8, 8..12, 12..18]);
    assert!(parts(&parameter(&[0, u64::MAX, u64::MAX], &[(0, 0)])).is_empty());
}

/// Laws that depend on their place begin where their rows begin: a block at row 4 is what a tensor of its rows alone would be.
#[test]
fn a_block_of_rows_is_the_tensor_of_those_rows() {
    use wgpu_init::Part;
    use wgpu_init::scheme::{Scaling, Side, Window};
    let laws = [
        (Initializer::sinusoids(10_000.0), vec![6]),
        (Initializer::sinusoids_interleaved(10_000.0), vec![6]),
        (Initializer::ramp(-1.0, 0.25), vec![7]),
        (Initializer::a_log(), vec![5]),
        (Initializer::stft(Side::Imag, Window::Hann, Scaling::Density, false), vec![1, 5]),
        (Initializer::eye(2.0), vec![5]),
    ];
    for (initializer, row) in laws {
        let of = |rows: u64| Shape::new([&[rows], &row[..]].concat()).expect("a shape");
        let (whole, alone) = (of(11), of(5));
        for dtype in DType::ALL.iter().copied() {
            let elements = |fill: &Fill| wgpu_init::cpu::reference::elements(fill).expect("valid").collect::<Vec<_>>();
            let expected = Fill::new(alone.clone(), initializer).expect("valid").dtype(dtype);
            let part = Part::rows(&whole, 4..9, &initializer).expect("rows of it");
            let block = Fill::of_part(whole.elements(), &part).dtype(dtype);
            assert_eq!(elements(&block), elements(&expected), "{initializer} {dtype}");
            let size = usize::try_from(alone.elements() * dtype.size()).expect("small");
            let mut bytes = [vec![0; size], vec![0; size]];
            let [a, b] = &mut bytes;
            CpuExecutor::new().run([(&mut a[..], &block), (&mut b[..], &expected)]).expect("valid");
            assert_eq!(bytes[0], bytes[1], "{initializer} {dtype}");
        }
    }
}
