//! Views: tensors cut into boxes at random, each somewhere in one buffer, all in one call.

use crate::harness::{Gpu, Test, compare};
use crate::support::partition::{Dice, Partition, partition};
use libtest_mimic::Failed;

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("views::parts_of_any_tensor_in_any_memory", parts_of_any_tensor_in_any_memory),
    ("views::in_small_windows", in_small_windows),
];

fn check(gpu: &Gpu, partition: &Partition) -> Result<(), Failed> {
    let got = gpu.run(partition.size, &[&partition.parts]);
    let same = got.and_then(|got| compare(&got, &partition.expected(crate::common::POISON)));
    same.map_err(|failed| format!("{}: {}", partition.what, failed.message().unwrap_or_default()).into())
}

fn parts_of_any_tensor_in_any_memory(gpu: &Gpu) -> Result<(), Failed> {
    let mut dice = Dice::new(2);
    (0..200).try_for_each(|_| check(gpu, &partition(&mut dice)))
}

/// The smallest binding that holds the quantile table.
fn in_small_windows(gpu: &Gpu) -> Result<(), Failed> {
    let gpu = gpu.with_limits(|limits| limits.max_storage_buffer_binding_size = 16 << 10)?;
    let mut dice = Dice::new(3);
    (0..60).try_for_each(|_| check(&gpu, &partition(&mut dice)))
}
