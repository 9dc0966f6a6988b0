//! Layers beyond PyTorch's defaults: blocks of rows with initializers of their own, and what PyTorch is believed to do.

use wgpu_init::layer::{
    Cell, Conv1d, Conv2d, ConvTranspose1d, Embedding, Gate, Layer, LayerParameter, Linear, MultiheadAttention,
    Parameter, Projection, Recurrent, RecurrentCell, TransformerEncoder, TransformerEncoderLayer, torch_default,
};
use wgpu_init::scheme::{FanMode, Nonlinearity};
use wgpu_init::{CpuExecutor, DType, Distribution, Error, Fill, Initializer, Part, Result, Seed, Shape};

const SEED: Seed = Seed::new(11);

fn built(layer: Result<Layer>) -> Layer {
    layer.unwrap_or_else(|error| panic!("{error}"))
}

fn find<'a>(layer: &'a Layer, name: &str) -> &'a LayerParameter {
    let found = layer.parameters().iter().find(|parameter| parameter.name() == name);
    found.unwrap_or_else(|| panic!("there is no {name}"))
}

/// The initializer of all rows of a tensor that has no blocks.
fn all(parameter: &LayerParameter) -> Initializer {
    let [(_, initializer)] = parameter.initializers()[..] else { panic!("{parameter:?} has blocks") };
    initializer
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
    let length = usize::try_from(parameter.shape().elements() * dtype.size()).expect("small");
    let mut target = vec![0xA5; length + 16];
    let fills = parameter.fills(SEED, "", dtype, 8).expect("valid");
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
                let fill =
                    Fill::of(parameter.shape().elements(), distribution).named(SEED, parameter.name()).dtype(dtype);
                CpuExecutor::new().run([(&mut whole[..], fill)]).expect("valid");
                let range = usize::try_from(elements.start).expect("small") * size
                    ..usize::try_from(elements.end).expect("small") * size;
                assert_eq!(got[range.clone()], whole[range], "{} {dtype} {elements:?}", parameter.name());
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
            assert_eq!(
                find(&layer, "bias_hh_l0")
                    .initializers()
                    .into_iter()
                    .find(|(_, own)| *own == Initializer::ones())
                    .expect("a gate")
                    .0,
                start..start + 3,
                "{cell:?} {gate:?}"
            );
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
    assert_eq!(all(find(&separate, "k_proj_weight")), Initializer::zeros());
    assert_eq!(all(find(&separate, "q_proj_weight")), xavier);
}

#[test]
fn what_pytorch_is_believed_to_do() {
    let xavier = Initializer::xavier_uniform(1.0);
    let he = Initializer::kaiming_normal(FanMode::FanOut, Nonlinearity::Relu);
    let linear = built(Linear::new(10, 5).textbook().layer());
    assert_eq!([all(find(&linear, "weight")), all(find(&linear, "bias"))], [xavier, Initializer::zeros()]);
    for layer in [Conv2d::new(3, 8, 3).textbook().layer(), ConvTranspose1d::new(3, 8, 3).textbook().layer()] {
        let layer = built(layer);
        assert_eq!([all(find(&layer, "weight")), all(find(&layer, "bias"))], [he, Initializer::zeros()]);
    }
    assert_eq!(built(Linear::new(2, 2).without_bias().textbook().layer()).parameters().len(), 1);
    assert_eq!(built(Conv1d::new(2, 2, 3).without_bias().textbook().layer()).parameters().len(), 1);

    let lstm = built(Recurrent::new(Cell::Lstm, 8, 4).layers(2).bidirectional().proj_size(2).textbook().layer());
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
        let orthogonal = recurrent.initializers().iter().all(|(_, own)| *own == Initializer::orthogonal(1.0));
        assert!(orthogonal, "{suffix}");
        assert_eq!(recurrent.initializers().len(), 4, "{suffix}");
        let projection = format!("weight_hr{suffix}");
        assert_eq!(find(&lstm, &projection), find(&plain, &projection), "as PyTorch has it");
    }
    let gru = built(RecurrentCell::new(Cell::Gru, 8, 4).textbook().layer());
    assert_eq!(bytes(find(&gru, "bias_ih"), DType::F16), [0; 24]);
    assert_eq!(built(RecurrentCell::new(Cell::Lstm, 8, 4).without_bias().textbook().layer()).parameters().len(), 2);
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
        ("layers", Recurrent::new(Cell::Rnn, 1, 1).layers(u64::MAX).textbook().layer()),
        ("attention", MultiheadAttention::new(big, 1).layer()),
        ("stack", TransformerEncoder::new(&TransformerEncoderLayer::new(2, 1), u64::MAX).layer()),
        ("width", TransformerEncoderLayer::new(big, 1).layer()),
        ("kernel", Conv2d::new(2, 2, u64::MAX).layer()),
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

    let blocks_of = |dims: &[u64], blocks: &[(u64, u64)]| {
        let blocks = blocks.iter().map(|(start, end)| (*start..*end, Initializer::zeros()));
        Part::blocks(&Shape::new(dims).expect("a shape"), blocks)
    };
    for (dims, blocks) in [
        (&[9, 2][..], &[(5, 3)][..]),
        (&[9, 2], &[(0, 10)]),
        (&[9, 2], &[(u64::MAX - 1, u64::MAX)]),
        (&[], &[(0, 1)]),
        (&[0, u64::MAX, u64::MAX], &[(0, 1)]),
    ] {
        let error = blocks_of(dims, blocks).expect_err("no rows of the shape");
        assert!(matches!(error, Error::RowsOutOfBounds { .. }), "{dims:?} {blocks:?}: {error}");
    }
    assert_eq!(blocks_of(&[9, 2], &[(4, 6), (0, 5)]), Err(Error::RowsOverlap { row: 4 }));
    let ones = Distribution::constant(1.0).expect("valid");
    let covered = Part::cover(&blocks_of(&[9, 2], &[(4, 6), (2, 2), (0, 1)]).expect("rows"), ones, 18);
    let ranges: Vec<_> = covered.iter().map(|part| part.elements().clone()).collect();
    assert_eq!(ranges, [0..2, 2..8, 8..12, 12..18]);
    assert_eq!(blocks_of(&[0, u64::MAX, u64::MAX], &[(0, 0)]), Ok(Vec::new()));
}

/// Laws that depend on their place begin where their rows begin: a block at row 4 is what a tensor of its rows alone would be.
#[test]
fn a_block_of_rows_is_the_tensor_of_those_rows() {
    use wgpu_init::scheme::{Scaling, Side, Window};
    let laws = [
        (Initializer::sinusoids(10_000.0), vec![6]),
        (Initializer::sinusoids_interleaved(10_000.0), vec![6]),
        (Initializer::sinusoids_concatenated(10_000.0), vec![6]),
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

/// A whole layer in one buffer: every tensor in its place under its full name, with blocks and copies, and nothing between them.
#[test]
fn a_layer_fills_one_buffer_with_all_its_tensors() {
    let encoder = built(TransformerEncoder::new(&TransformerEncoderLayer::new(8, 2).dim_feedforward(16), 2).layer());
    let embedding = built(Embedding::new(5, 3).padding_idx(1).layer());
    for (layer, prefix) in [(&encoder, "model.encoder"), (&embedding, "")] {
        for dtype in DType::ALL.iter().copied() {
            let places = layer.bytes(dtype, 300).expect("small");
            let end = usize::try_from(places.last().expect("tensors").end).expect("small");
            let mut arena = vec![0xA5; end + 8];
            CpuExecutor::new().run_in(&mut arena, layer.fills(SEED, prefix, dtype, 300).expect("valid")).expect("fits");
            let mut untouched = 0;
            for (parameter, place) in layer.parameters().iter().zip(&places) {
                assert_eq!(place.start % wgpu_init::ALIGNMENT, 0, "{parameter:?}");
                assert_eq!(place.end - place.start, parameter.shape().elements() * dtype.size(), "{parameter:?}");
                let own = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
                // What the tensor's first occurrence draws, element by element.
                let stream = own(parameter.copy_of().unwrap_or_else(|| parameter.name()));
                let parts = parameter.parts().expect("valid").into_iter();
                let expected: Vec<u8> = parts
                    .flat_map(|part| {
                        let fill = Fill::of_part(parameter.shape().elements(), &part).named(SEED, &stream).dtype(dtype);
                        let elements: Vec<u32> = wgpu_init::cpu::reference::elements(&fill).expect("valid").collect();
                        let size = usize::try_from(dtype.size()).expect("small");
                        elements
                            .into_iter()
                            .flat_map(move |bits| bits.to_le_bytes()[..size].to_vec())
                            .collect::<Vec<_>>()
                    })
                    .collect();
                let place = usize::try_from(place.start).expect("small")..usize::try_from(place.end).expect("small");
                assert_eq!(arena[place.clone()], expected, "{} {dtype}", parameter.name());
                assert!(arena[untouched..place.start].iter().all(|byte| *byte == 0xA5), "before {}", parameter.name());
                untouched = place.end;
            }
            assert!(arena[untouched..].iter().all(|byte| *byte == 0xA5));
        }
    }
    // Copies are equal, and say which tensor they are when something is wrong.
    let fills = encoder.fills(SEED, "encoder", DType::F32, 0).expect("valid");
    let names: Vec<&str> = fills.iter().filter_map(Fill::name).collect();
    assert!(names.contains(&"encoder.layers.1.linear1.weight") && names.len() == fills.len(), "{names:?}");
    let copy = find(&encoder, "layers.1.linear1.weight");
    assert_eq!(copy.copy_of(), Some("layers.0.linear1.weight"));
    assert_eq!(bytes(copy, DType::F32), bytes(find(&encoder, "layers.0.linear1.weight"), DType::F32));

    let too_large = built(Linear::new(1 << 31, 1 << 31).layer());
    assert!(matches!(too_large.fills(SEED, "", DType::F32, 0), Err(Error::OffsetOverflow { .. })));
    assert!(matches!(embedding.bytes(DType::F32, u64::MAX - 3), Err(Error::OffsetOverflow { .. })));
}

/// A stack copies its layer with everything that was said for it; what is said for one copy makes that one its own.
#[test]
fn a_stack_keeps_the_overrides_of_its_layer() {
    let one = TransformerEncoderLayer::new(8, 2).dim_feedforward(16);
    let one =
        one.parameter("linear1.weight", Initializer::orthogonal(1.0)).parameter("linear2.bias", Initializer::ones());
    let own = Initializer::normal(0.0, 0.5);
    let stack = built(TransformerEncoder::new(&one, 3).parameter("layers.2.linear1.weight", own).layer());
    for number in 0..3 {
        let weight = find(&stack, &format!("layers.{number}.linear1.weight"));
        assert_eq!(all(weight), if number == 2 { own } else { Initializer::orthogonal(1.0) });
        assert_eq!(weight.copy_of(), (number == 1).then_some("layers.0.linear1.weight"));
        let bias = find(&stack, &format!("layers.{number}.linear2.bias"));
        assert_eq!((all(bias), bias.copy_of()), (Initializer::ones(), None));
    }
    let wrong = TransformerEncoder::new(&one.weight(Initializer::zeros()), 2).layer().expect_err("no such parameter");
    assert!(wrong.to_string().contains("no parameter \"weight\", it has self_attn.in_proj_weight"), "{wrong}");
    // An initializer that does not suit the shape is told with the parameter's name, where the layer is made.
    let unfit = Linear::new(4, 2).bias(Initializer::xavier_uniform(1.0)).layer().expect_err("one axis");
    assert!(unfit.to_string().starts_with("Linear: bias: "), "{unfit}");
}
