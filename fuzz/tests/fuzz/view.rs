//! Tensors cut into boxes anywhere in memory, on the CPU: each element is that of the whole, and no other byte is touched.

use crate::common::POISON;
use crate::partition::{Dice, partition};
use wgpu_init::{CpuExecutor, DType};

pub(crate) fn target(bytes: &[u8]) {
    let partition = partition(&mut Dice::of(bytes), DType::ALL);
    let mut target = vec![POISON; usize::try_from(partition.size).expect("small")];
    let done = CpuExecutor::new().run_in(&mut target, &partition.parts);
    assert_eq!(done, Ok(()), "{}", partition.what);
    assert!(target == partition.expected(POISON), "{}", partition.what);
}
