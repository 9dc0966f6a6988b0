//! `bench`: the table is complete and agrees with itself.

use super::{command, failure, stdout};
use serde_json::Value;

/// Runs the command on small work.
fn quick<const N: usize>(more: [&str; N]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.json");
    let tensors = r#"{"tensors":{"a":{"dtype":"F32","shape":[768,768]},"b":{"dtype":"F32","shape":[5]}}}"#;
    std::fs::write(&model, tensors).unwrap();
    let few = ["bench", "--size", "1", "--repetitions", "2", "--model", model.to_str().unwrap()];
    stdout(few.into_iter().chain(more))
}

fn rows(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap()
}

/// Every field is there; numbers are positive; rates and percentages follow from the seconds.
fn check(rows: &[Value]) {
    for row in rows {
        for text in ["date", "os", "cpu", "device", "backend", "path", "clock", "what", "work", "timing"] {
            assert!(!row[text].as_str().unwrap().is_empty(), "{text} of {row}");
        }
        assert!(row["driver"].is_string(), "{row}");
        for number in ["bytes", "tensors", "repetitions", "seconds", "best_seconds"] {
            assert!(row[number].as_f64().unwrap() > 0.0, "{number} of {row}");
        }
        let seconds = row["seconds"].as_f64().unwrap();
        assert!(row["best_seconds"].as_f64().unwrap() <= seconds, "{row}");
        assert!(row["worst_seconds"].as_f64().unwrap() >= seconds, "{row}");
        if ["write_checkpoint", "write_bytes", "copy_file"].iter().any(|work| row["work"] == *work) {
            close(row["gb_per_s"].as_f64().unwrap(), row["bytes"].as_f64().unwrap() * 1e-9 / seconds, row);
            let figures = ["percent_of_clear", "percent_of_constant"];
            assert!(figures.iter().all(|figure| row[figure].is_null()), "no clear writes a file: {row}");
            continue;
        }
        if row["work"] == "record" {
            let figures = ["gb_per_s", "percent_of_clear", "percent_of_constant"];
            assert!(figures.iter().all(|figure| row[figure].is_null()), "{row}");
            continue;
        }
        close(row["gb_per_s"].as_f64().unwrap(), row["bytes"].as_f64().unwrap() * 1e-9 / seconds, row);
        // Nothing else starts.
        if row["timing"] == "start" {
            assert!(row["percent_of_clear"].is_null() && row["percent_of_constant"].is_null(), "{row}");
            continue;
        }
        let base = |work: &str, law: Value, dtype: &Value| {
            let same = ["device", "backend", "driver", "threads", "timing", "bytes"];
            let found = rows.iter().find(|base| {
                let is_kind = base["work"] == work
                    && base["what"] != "rand_distr"
                    && base["law"] == law
                    && base["dtype"] == *dtype;
                is_kind && same.iter().all(|key| base[key] == row[key])
            });
            found.unwrap()["seconds"].as_f64().unwrap() * 100.0 / seconds
        };
        close(row["percent_of_clear"].as_f64().unwrap(), base("clear", Value::Null, &Value::Null), row);
        if row["work"] != "clear" {
            let constant = base("fill", "constant".into(), &row["dtype"]);
            close(row["percent_of_constant"].as_f64().unwrap(), constant, row);
        }
    }
}

fn close(got: f64, expected: f64, row: &Value) {
    assert!((got / expected - 1.0).abs() < 1e-9, "{got} is not {expected} in {row}");
}

fn count(rows: &[Value], key: &str, value: &str) -> usize {
    rows.iter().filter(|row| row[key] == value).count()
}

#[test]
fn the_cpu() {
    let rows = rows(&quick(["--json", "--device", "cpu"]));
    check(&rows);
    assert_eq!(count(&rows, "backend", "CPU"), rows.len());
    // Three laws, on one thread and on all.
    assert!([3, 6].contains(&count(&rows, "what", "rand_distr")));
}

#[test]
fn an_adapter() {
    let rows = rows(&quick(["--json", "--device", "gpu"]));
    check(&rows);
    // A thousand small tensors, and the model's.
    assert_eq!(count(&rows, "work", "record"), 2);
    assert_eq!(count(&rows, "work", "fill_on_cpu_and_upload"), 4);
    // With nothing kept, and where the device has them from its pipelines.
    assert_eq!(rows.iter().filter(|row| row["timing"] == "start" && row["work"] == "fill").count(), 1);
    // A clear and four laws.
    assert_eq!(count(&rows, "timing", "first_touch"), 5);
    let tensors = rows.iter().filter(|row| row["tensors"] == 10_000 && row["work"] == "fill").count();
    assert_eq!(tensors, 2, "on the adapter and on the CPU");
}

#[test]
fn a_checkpoint_beside_a_plain_write_and_a_copy_of_as_many_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let rows = rows(&quick(["--json", "--device", "gpu", "--checkpoint", path]));
    check(&rows);
    for work in ["write_checkpoint", "write_bytes", "copy_file"] {
        assert_eq!(count(&rows, "work", work), 2, "{work} on the CPU and on the adapter");
    }
    let files: Vec<_> = rows.iter().filter(|row| row["timing"] == "end_to_end" && row["clock"] == "host").collect();
    let sizes = files.iter().filter(|row| row["percent_of_clear"].is_null()).map(|row| row["bytes"].as_u64().unwrap());
    // The model's two tensors, and a header.
    sizes.for_each(|size| assert!((2_359_316..2_360_316).contains(&size), "{size}"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
}

#[test]
fn the_other_forms_have_the_same_rows() {
    let table = quick(["--device", "cpu"]);
    let csv = quick(["--csv", "--device", "cpu"]);
    assert_eq!(table.lines().filter(|line| line.contains("rand distr")).count(), csv.matches(",rand_distr,").count());
    assert!(csv.starts_with("date,os,cpu,device,"));
    for column in ["median ms", "least ms", "spread %"] {
        assert!(table.contains(column), "{column}: {table}");
    }
}

/// On both devices what one can do; variants have the path that ran.
#[test]
fn views_variants_and_matrices() {
    let bench = ["bench", "--size", "1", "--repetitions", "1", "--device", "gpu", "--json", "--work"];
    let all = rows(&stdout(bench.into_iter().chain(["view,orthogonal"])));
    let cpus = if std::thread::available_parallelism().unwrap().get() == 1 { 1 } else { 2 };
    // Matrices of 256 and of 512 rows fit into 1 MiB.
    assert_eq!((count(&all, "work", "view"), count(&all, "work", "orthogonal")), (22 * (cpus + 1), 2 * (cpus + 1)));
    assert_eq!(count(&all, "detail", "a transposed matrix"), 2 * (cpus + 1));
    assert_eq!(count(&all, "detail", "512 rows"), cpus + 1);
    assert_eq!((count(&all, "work", "record"), all.len()), (3, 24 * (cpus + 1) + 3));

    let variants = rows(&stdout(bench.into_iter().chain(["variant", "--no-cpu", "--only", "constant"])));
    let paths: std::collections::BTreeSet<_> = variants.iter().map(|row| row["path"].as_str().unwrap()).collect();
    // A device may know no native products.
    assert!([20, 40].contains(&paths.len()) && variants.len() == paths.len(), "{} rows, {paths:?}", variants.len());
    let table = stdout(["bench", "--size=1", "--device=cpu", "--repetitions=1", "--work=view", "--only=transposed"]);
    assert_eq!(table.lines().filter(|line| line.ends_with("  a transposed matrix")).count(), 2 * cpus, "{table}");
}

/// As many elements as fit the size, in each buffer that is not larger; one task has no second thread.
#[test]
fn growth_of_a_tensor() {
    let all = rows(&stdout(["bench", "--size=4", "--device=cpu", "--repetitions=1", "--work=growth", "--json"]));
    let threads = std::thread::available_parallelism().unwrap().get();
    // 2^16 elements in 64 KiB; 2^20 in 64 KiB and in 1 MiB, which alone a second thread can share.
    let expected = 2 * (3 + usize::from(threads > 1));
    assert_eq!((all.len(), count(&all, "work", "growth")), (expected, expected));
    assert_eq!(count(&all, "detail", "2^16 elements, 64 KiB at a time"), 2);
    let shared = all.iter().filter(|row| row["detail"] == "2^20 elements, 1024 KiB at a time");
    assert_eq!(shared.map(|row| row["bytes"].as_u64().unwrap()).collect::<Vec<_>>(), vec![4 << 20; expected - 4]);
    assert!(all.iter().all(|row| row["seconds"].as_f64().unwrap() > 0.0 && row["percent_of_clear"].is_null()));
}

/// Who asks for a small size gets no half gigabyte of a model.
#[test]
fn a_size_is_the_largest_that_is_measured() {
    let rows = rows(&stdout(["bench", "--size", "1", "--repetitions", "1", "--device", "cpu", "--json"]));
    check(&rows);
    // Ten thousand tensors of 1 to 4 KiB are the largest.
    let most = rows.iter().map(|row| row["bytes"].as_u64().unwrap()).max().unwrap();
    assert!((20 << 20..30 << 20).contains(&most), "{most}");
}

#[test]
fn bad_words() {
    for (arguments, expected) in [
        (["bench", "--size", "0"], "--size"),
        (["bench", "--size", "many"], "--size"),
        (["bench", "--repetitions", "0"], "--repetitions"),
        (["bench", "--work", "nothing"], "[possible values: fill, view, variant, orthogonal, growth]"),
        (["bench", "--model", "no-such-model"], "bundled models"),
        (["bench", "--checkpoint", "no/such/folder"], "no/such/folder"),
        (["bench", "--device", "no-such-device"], "no adapter"),
    ] {
        let text = failure(arguments);
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
}

#[test]
fn nothing_to_measure_is_an_error() {
    // No adapter has such a driver.
    let output = command()
        .args(["bench", "--size", "1", "--no-cpu"])
        .env("VK_DRIVER_FILES", "/nonexistent")
        .env("VK_ICD_FILENAMES", "/nonexistent")
        .output()
        .unwrap();
    let [printed, said] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    // A machine with a hardware GPU of another interface measures it.
    let measured = output.status.success() && printed.contains("warm times by");
    assert!(measured || said.contains("there is nothing to measure"), "{printed}{said}");
}
