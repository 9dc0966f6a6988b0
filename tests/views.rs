//! Views on the CPU: whatever boxes a tensor is cut into and wherever they lie, its elements are those of the whole, and no other byte is
//! touched.

mod support;

use support::partition::{Dice, Partition, partition};
use wgpu_init::CpuExecutor;

const POISON: u8 = 0xA5;

fn check(partition: &Partition) {
    let mut target = vec![POISON; usize::try_from(partition.size).expect("small")];
    let done = CpuExecutor::new().run_in(&mut target, &partition.parts);
    assert_eq!(done, Ok(()), "{}", partition.what);
    let expected = partition.expected(POISON);
    let differs = (0..target.len()).find(|at| target[*at] != expected[*at]);
    assert_eq!(differs, None, "{}: the first byte that differs", partition.what);
}

#[test]
fn parts_of_any_tensor_in_any_memory_are_those_of_the_whole() {
    let mut dice = Dice::new(1);
    for _ in 0..3000 {
        check(&partition(&mut dice));
    }
}
