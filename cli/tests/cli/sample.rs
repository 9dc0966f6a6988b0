//! `sample` and `words`: numbers on standard output.

use super::{failure, run, stdout};
use std::ops::Range;
use wgpu_init::cpu::reference;
use wgpu_init::value::word::value_word;
use wgpu_init::{DType, Fill, Seed, Shape, Stream};

/// The stored bits of elements `offset..offset + count`.
fn bits(init: &str, dtype: DType, seed: u64, stream: Stream, offset: u64, count: u64) -> Vec<u32> {
    let fill = Fill::new(Shape::new([u64::MAX]).unwrap(), init.parse().unwrap()).unwrap();
    let fill = fill.keyed(Seed::new(seed), stream).dtype(dtype).elements(offset..offset + count);
    reference::elements(&fill).unwrap().collect()
}

#[test]
fn hex_shows_the_bits_on_every_device() {
    for (init, dtype, name) in [
        ("normal(0,0.02)", DType::F32, "f32"),
        ("uniform(-0.1,0.1)", DType::F16, "f16"),
        ("trunc_normal(0,0.02,-0.04,0.04)", DType::Bf16, "bf16"),
        ("constant(0.3)", DType::F8E5M2, "f8_e5m2"),
        ("normal(0,200)", DType::F8E4M3Fn, "f8_e4m3fn"),
    ] {
        let offset = (1u64 << 34) + 1;
        let digits = usize::try_from(2 * dtype.size()).unwrap();
        let expected: String = bits(init, dtype, 3, Stream::from_name("w"), offset, 101)
            .iter()
            .map(|bits| format!("{bits:0digits$x}\n"))
            .collect();
        for device in ["cpu", "gpu"] {
            let offset = offset.to_string();
            let got = stdout([
                "sample", "--init", init, "--count", "101", "--offset", &offset, "--seed", "3", "--name", "w",
                "--dtype", name, "--format", "hex", "--device", device,
            ]);
            assert_eq!(got, expected, "{init} {name} on {device}");
        }
    }
}

#[test]
fn text_reads_back_to_the_same_bits() {
    let arguments = ["sample", "--init", "normal(0,0.02)", "--count", "1000", "--device", "cpu", "--format", "text"];
    let expected = bits("normal(0,0.02)", DType::F32, 0, Stream::new(0), 0, 1000);
    let got: Vec<u32> = stdout(arguments).lines().map(|line| line.parse::<f32>().unwrap().to_bits()).collect();
    assert_eq!(got, expected);
    // Text is what it writes unless asked.
    assert_eq!(stdout(arguments), stdout(&arguments[..arguments.len() - 2]));
    let halves = stdout(arguments.into_iter().chain(["--dtype", "f16"]));
    let expected = bits("normal(0,0.02)", DType::F16, 0, Stream::new(0), 0, 1000);
    let got: Vec<u32> = halves.lines().map(|line| line.parse::<half::f16>().unwrap().to_bits().into()).collect();
    assert_eq!(got, expected);
    let quarters = stdout(arguments.into_iter().chain(["--dtype", "f8_e4m3fn"]));
    let expected = bits("normal(0,0.02)", DType::F8E4M3Fn, 0, Stream::new(0), 0, 1000);
    let expected: Vec<f64> = expected.into_iter().map(|bits| DType::F8E4M3Fn.decode(bits)).collect();
    assert_eq!(quarters.lines().map(|line| line.parse::<f64>().unwrap()).collect::<Vec<_>>(), expected);
}

#[test]
fn raw_is_little_endian_bytes_across_chunks() {
    // More than one step of 2^20 elements.
    let count = (1u64 << 20) + 3;
    let text = count.to_string();
    let output = run([
        "sample",
        "--init",
        "uniform(0,1)",
        "--count",
        &text,
        "--dtype",
        "bf16",
        "--device",
        "cpu",
        "--format",
        "raw",
    ]);
    assert!(output.status.success());
    let expected: Vec<u8> = bits("uniform(0,1)", DType::Bf16, 0, Stream::new(0), 0, count)
        .iter()
        .flat_map(|bits| bits.to_le_bytes().into_iter().take(2))
        .collect();
    assert!(output.stdout == expected);
}

#[test]
fn words_are_the_raw_words() {
    let got = stdout(["words", "--seed", "0", "--stream", "0", "--offset", "0", "--count", "4"]);
    // Random123's known answer for zeros.
    assert_eq!(got, "6627e8d5\ne169c58d\nbc57ac4c\n9b00dbd8\n");
    let offset = (1u64 << 40) + 2;
    let got = stdout(["words", "--seed", "9", "--name", "a.b", "--offset", &offset.to_string(), "--count", "7"]);
    let stream = Stream::from_name("a.b").get();
    let expected: String = (offset..offset + 7).map(|i| format!("{:08x}\n", value_word(9, stream, i))).collect();
    assert_eq!(got, expected);
}

/// The first bytes of what is written without end. The reader then leaves, which must be no error and say nothing.
fn first_bytes(count: usize, arguments: &[&str]) -> Vec<u8> {
    use std::io::Read;
    use std::process::Stdio;
    let mut child = super::command().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = vec![0; count];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    first
}

/// In the stated order: for each index, for each seed, for each stream.
fn in_turn<T>(seeds: &[u64], streams: &[Stream], indices: Range<u64>, of: impl Fn(u64, Stream, u64) -> T) -> Vec<T> {
    let keys: Vec<_> = seeds.iter().flat_map(|seed| streams.iter().map(|stream| (*seed, *stream))).collect();
    indices
        .flat_map(|index| keys.iter().map(move |(seed, stream)| (*seed, *stream, index)))
        .map(|(a, b, c)| of(a, b, c))
        .collect()
}

#[test]
fn a_reader_that_stops_is_no_error() {
    let init = ["sample", "--init", "normal(0,1)", "--name", "w", "--device", "cpu", "--count"];
    first_bytes(10, &[&init[..], &["4000000", "--format", "text"]].concat());
    first_bytes(10, &[&init[..], &["inf", "--format", "text"]].concat());
    first_bytes(10, &["words", "--name", "w", "--count", "inf"]);
}

#[test]
fn words_without_end_are_those_of_each_stream_in_turn() {
    const COUNT: usize = 3 << 20;
    let offset = (1u64 << 40) + 3;
    let text = offset.to_string();
    let arguments = ["words", "--offset", &text, "--count", "inf", "--format", "raw", "--name", "a.b"];
    for (more, seeds, names) in [
        (&[][..], &[0][..], &["a.b"][..]),
        (&["--seed", "7", "--name", "c", "--seed", "0x9", "--name", "d"], &[7, 9], &["a.b", "c", "d"]),
    ] {
        let streams: Vec<_> = names.iter().map(|name| Stream::from_name(name)).collect();
        let got = first_bytes(4 * COUNT, &[&arguments[..], more].concat());
        let indices = offset..offset + (COUNT / seeds.len() / streams.len()) as u64;
        let words = in_turn(seeds, &streams, indices, |seed, stream, index| value_word(seed, stream.get(), index));
        let expected: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
        assert!(got == expected, "{more:?}");
    }
}

#[test]
fn interleaved_words_have_an_end_and_text() {
    let arguments =
        ["words", "--seed", "1", "--seed", "2", "--stream", "5", "--stream", "0x6", "--offset", "2", "--count", "5"];
    let streams = [Stream::new(5), Stream::new(6)];
    let words = in_turn(&[1, 2], &streams, 2..7, |seed, stream, index| value_word(seed, stream.get(), index));
    let expected: String = words.iter().map(|word| format!("{word:08x}\n")).collect();
    assert_eq!(stdout(arguments), expected);
    let raw = run(arguments.into_iter().chain(["--format", "raw"])).stdout;
    assert_eq!(raw, words.into_iter().flat_map(u32::to_le_bytes).collect::<Vec<_>>());
    // The last words that there are.
    let last = stdout(["words", "--stream", "5", "--offset", "0xfffffffffffffffd", "--count", "inf"]);
    let expected: String = (u64::MAX - 2..u64::MAX).map(|index| format!("{:08x}\n", value_word(0, 5, index))).collect();
    assert_eq!(last, expected);
}

#[test]
fn samples_of_several_streams_come_in_turn() {
    let arguments = ["sample", "--init", "normal(0,0.02)", "--dtype", "bf16", "--device", "cpu", "--format", "raw"];
    let keys = ["--name", "w", "--name", "v", "--seed", "3", "--seed", "4", "--offset", "5"];
    let streams = ["w", "v"].map(Stream::from_name);
    // More than one step of 2^20 elements.
    let count = (1u64 << 18) + 2;
    let of = |seed, stream| bits("normal(0,0.02)", DType::Bf16, seed, stream, 5, count);
    let each = [of(3, streams[0]), of(3, streams[1]), of(4, streams[0]), of(4, streams[1])];
    let turns = (0..usize::try_from(count).unwrap()).flat_map(|i| each.iter().map(move |of| of[i]));
    let expected: Vec<u8> = turns.flat_map(|bits| bits.to_le_bytes().into_iter().take(2)).collect();
    let got = run([&arguments[..], &keys, &["--count", &count.to_string()]].concat());
    assert!(got.status.success() && got.stdout == expected);
    assert!(first_bytes(4 << 18, &[&arguments[..], &keys, &["--count", "inf"]].concat()) == expected[..4 << 18]);
    let shaped = ["--shape", "4,5", "--count", "inf"];
    let error = failure([&arguments[..], &shaped].concat());
    assert!(error.contains("leave --count inf out"), "{error}");
    for command in [["words", "--count", "-1"], ["words", "--count", "Inf"]] {
        let error = failure(command);
        assert!(error.contains("or inf"), "{error}");
    }
}

/// A scheme needs the tensor's shape; with it, the values are those of the distribution that the shape gives.
#[test]
fn a_scheme_is_sampled_with_the_shape_of_its_tensor() {
    let sample = |init: &str, shape: Option<&str>, count: &str| {
        let mut arguments = vec!["sample", "--init", init, "--count", count, "--format", "hex", "--device", "cpu"];
        arguments.extend(shape.into_iter().flat_map(|shape| ["--shape", shape]));
        run(arguments)
    };
    let text = |output: std::process::Output| String::from_utf8(output.stdout).unwrap();
    // fan_in 128: √2/√128 = 1/8.
    let scheme = sample("kaiming_normal(fan_in,relu)", Some("10,128"), "5");
    assert_eq!(text(scheme), text(sample("normal(0,0.125)", None, "5")));
    let other = sample("kaiming_normal(fan_in,relu)", Some("10x128"), "5");
    assert_eq!(text(other), text(sample("normal(0,0.125)", None, "5")));
    for (shape, count, says) in [
        (None, "5", "say it with --shape"),
        (Some("10,y"), "5", "\"y\" is not a size"),
        (Some("10"), "5", "rank 1"),
        (Some("10,12"), "121", "the shape has 120"),
    ] {
        let output = sample("kaiming_normal(fan_in,relu)", shape, count);
        assert!(!output.status.success() && output.stdout.is_empty());
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(says), "{error}");
    }
}

/// What depends on the place in a matrix: a window is that of the whole, a whole needs a shape.
#[test]
fn structures_by_window() {
    for init in ["orthogonal(1.0)", "eye(0.5)", "sparse(0.3,0.01)"] {
        let arguments = ["sample", "--init", init, "--format", "hex", "--device", "cpu"];
        let lines = |window: [&str; 4]| {
            let out = run(arguments.into_iter().chain(["--shape", "6,5"]).chain(window)).stdout;
            String::from_utf8(out).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let whole = lines(["--offset", "0", "--count", "30"]);
        assert_eq!(whole.len(), 30);
        assert_eq!(lines(["--offset", "7", "--count", "16"]), whole[7..23], "{init}");
        let text = failure([&arguments[..], &["--count", "4"]].concat());
        assert!(text.contains("say it with --shape"), "{init}: {text}");
    }
}

/// Lines of a sample of a tensor of [7, 9].
fn of_matrix(init: &str, dtype: &str, device: &str, more: &[&str]) -> Vec<String> {
    let arguments = ["sample", "--init", init, "--dtype", dtype, "--device", device, "--shape", "7,9", "--name", "w"];
    let text = stdout(arguments.iter().chain(&["--format", "hex"]).chain(more));
    text.lines().map(str::to_owned).collect()
}

/// A part has the elements of the whole, in the order of the axes that was asked for; a window is one of what is written.
#[test]
fn a_part_has_the_numbers_of_the_whole() {
    for (init, dtype) in [
        ("normal(0,0.02)", "f32"),
        ("xavier_uniform(1)", "bf16"),
        ("orthogonal(1.0)", "f32"),
        ("orthogonal(1.0)", "bf16"),
        ("sparse(0.3,0.01)", "f16"),
    ] {
        let whole = of_matrix(init, dtype, "cpu", &["--count", "63"]);
        let expected = |rows: Range<usize>, columns: Range<usize>, transposed: bool| -> Vec<String> {
            let at = |row: usize, column: usize| whole[row * 9 + column].clone();
            if transposed {
                return columns.flat_map(|column| rows.clone().map(move |row| at(row, column))).collect();
            }
            rows.flat_map(|row| columns.clone().map(move |column| at(row, column))).collect()
        };
        let sample = |more: &[&str]| of_matrix(init, dtype, "cpu", more);
        let what = format!("{init} {dtype}");
        assert_eq!(sample(&["--part", ":,3:8"]), expected(0..7, 3..8, false), "{what}");
        assert_eq!(sample(&["--part", "-2"]), expected(5..6, 0..9, false), "{what}");
        assert_eq!(sample(&["--permute", "1,0"]), expected(0..7, 0..9, true), "{what}");
        let part = ["--part", "1:,:-2", "--permute", "1,0"];
        let transposed = expected(1..7, 0..7, true);
        assert_eq!(sample(&part), transposed, "{what}");
        // From within one column to within another, within one, from the middle on; and nothing.
        for (window, elements) in [
            (&["--offset", "3", "--count", "28"][..], 3..31),
            (&["--offset", "7", "--count", "3"], 7..10),
            (&["--offset", "17"], 17..42),
            (&["--offset", "42"], 42..42),
        ] {
            assert_eq!(sample(&[&part[..], window].concat()), transposed[elements], "{what} {window:?}");
        }
        if init == "orthogonal(1.0)" && dtype == "bf16" {
            let window = [&part[..], &["--offset", "3", "--count", "28"]].concat();
            assert_eq!(of_matrix(init, dtype, "gpu", &window), transposed[3..31], "on a GPU");
        }
    }
}

/// More than one step of 2^20 elements, none of which ends where a row does.
#[test]
fn a_large_part_is_drawn_in_steps() {
    let sample = |more: &[&str]| {
        let arguments = ["sample", "--init", "uniform(0,1)", "--dtype", "bf16", "--device", "cpu", "--format", "raw"];
        let output = run(arguments.iter().chain(&["--shape", "1100,1101"]).chain(more));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let whole = sample(&["--count", "1211100"]);
    let part = sample(&["--part", "1:,:-1", "--permute", "1,0"]);
    let elements = (0..1100).flat_map(|column| (1..1100).map(move |row| 2 * (row * 1101 + column)));
    let expected: Vec<u8> = elements.flat_map(|byte| [whole[byte], whole[byte + 1]]).collect();
    assert!(part == expected);
}

#[test]
fn a_shape_alone_is_the_whole_tensor() {
    let sample = |more: &[&str]| stdout(["sample", "--init", "normal(0,1)", "--device", "cpu"].iter().chain(more));
    assert_eq!(sample(&["--shape", "6,8"]), sample(&["--count", "48"]));
    assert_eq!(sample(&["--shape", "6,8", "--offset", "40"]).lines().count(), 8);
}

#[test]
fn parts_that_are_none_say_why() {
    for (arguments, says) in [
        (&["--shape", "6,8", "--part", ":,4:9"][..], "\"4:9\" of axis 1 of the shape [6, 8]"),
        (&["--shape", "6,8", "--part", "::2"], "has a step"),
        (&["--shape", "6,8", "--part", ":,:,:"], "the shape [6, 8] has 2 axes"),
        (&["--shape", "6,8", "--permute", "1,1"], "--permute: the order [1, 1] of a tensor of rank 2"),
        (&["--shape", "6,8", "--permute", "-1,0"], "\"-1\" is not an axis"),
        (&["--shape", "6,8", "--part", ":,4:8", "--count", "25"], "elements 0..25 were asked for, the part has 24"),
        (&["--shape", "6,8", "--part", ":,4:8", "--offset", "25"], "the part has 24"),
        (&["--shape", "6,8", "--permute", "1,0", "--count", "49"], "the shape has 48"),
        (&["--part", ":,4:8"], "--shape"),
        (&["--permute", "1,0"], "--shape"),
    ] {
        let start = ["--init", "normal(0,1)", "--name", "w"];
        let text = failure(["sample", "--device", "cpu"].iter().chain(&start).chain(arguments));
        assert!(text.contains(says), "{arguments:?}: {text}");
        let text = failure(["export", "-o", "/no/such/folder"].iter().chain(&start).chain(arguments));
        assert!(text.contains(says), "{arguments:?}: {text}");
    }
}
