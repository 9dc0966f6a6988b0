//! What others fill a slice with, in the forms that suit them: the generator is made once, and everything is inlined into one loop,
//! compiled for the default target and a second time, as this crate's own loops are, for the best instructions of the machine.

use crate::cpu::Work;
use crate::law::Law;
use multiversion::multiversion;
use rand::rngs::{ChaCha8Rng, SmallRng, StdRng, Xoshiro128PlusPlus};
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Distribution, Normal, StandardNormal, Uniform};
use rand_philox::Philox;
use wgpu_init::PhiloxRng;
use wgpu_init::{Seed, Stream};

/// Elements whose words are drawn before they are converted: they stay in the nearest cache.
const PIECE: usize = 2 << 10;

/// `rand`'s distribution, number by number.
#[inline(always)]
fn uniform<R: Rng>(rng: &mut R, out: &mut [f32]) {
    let law = Uniform::new(-0.02f32, 0.02).expect("bounds in order");
    out.iter_mut().for_each(|x| *x = rng.sample(law));
}

/// Words by `fill_bytes`, and the same conversion in a loop over them.
#[inline(always)]
fn uniform_filled<R: Rng>(rng: &mut R, out: &mut [f32]) {
    for piece in out.chunks_mut(PIECE) {
        rng.fill_bytes(bytemuck::cast_slice_mut(piece));
        convert(piece);
    }
}

/// 23 bits of each word to a number in [−0.02, 0.02).
#[inline(always)]
fn convert(piece: &mut [f32]) {
    for x in piece {
        let unit = f32::from_bits((x.to_bits() >> 9) | 0x3F80_0000) - 1.0;
        *x = unit * 0.04 - 0.02;
    }
}

#[inline(always)]
fn normal<R: Rng>(rng: &mut R, out: &mut [f32]) {
    out.iter_mut().for_each(|x| {
        let z: f32 = StandardNormal.sample(rng);
        *x = 0.02 * z;
    });
}

/// By rejection of what is beyond two standard deviations.
#[inline(always)]
fn truncated<R: Rng>(rng: &mut R, out: &mut [f32]) {
    let law = Normal::new(0.0f32, 0.02).expect("a standard deviation");
    out.iter_mut().for_each(|x| {
        *x = loop {
            let z = law.sample(rng);
            if z.abs() <= 0.04 {
                break z;
            }
        }
    });
}

/// The words of `rand_philox` several blocks at a time, as its documentation advises.
#[inline(always)]
fn uniform_of_blocks(rng: &mut Philox, out: &mut [f32]) {
    for piece in out.chunks_mut(PIECE) {
        rng.fill_u32(bytemuck::cast_slice_mut(piece));
        convert(piece);
    }
}

/// One body with one generator, compiled twice: a line of what draws, in which form, the generator and the body.
macro_rules! twice {
    ($works:ident, $law:expr, $what:literal $form:literal, $rng:expr => $type:ty, $body:path) => {{
        fn plain(rng: &mut $type, out: &mut [f32]) {
            $body(rng, out);
        }
        #[multiversion(targets = "simd")]
        fn best(rng: &mut $type, out: &mut [f32]) {
            $body(rng, out);
        }
        let (mut first, mut second) = ($rng, $rng);
        $works.push(Work::new($what, $form, $law, move |out| plain(&mut first, out)));
        let form = [$form, "best instructions"].into_iter().filter(|form| !form.is_empty()).collect::<Vec<_>>();
        $works.push(Work::new($what, &form.join(", "), $law, move |out| best(&mut second, out)));
    }};
}

/// Everything that draws from a law.
pub fn works(law: Law) -> Vec<Work> {
    let mut works = Vec::new();
    let seed = 1;
    let own = || PhiloxRng::new(Seed::new(0), Stream::from_name("tensor"), 0);
    macro_rules! of {
        ($what:literal $form:literal, $rng:expr => $type:ty, $body:path) => {
            twice!(works, law, $what $form, $rng => $type, $body)
        };
    }
    match law {
        Law::Constant => {}
        Law::Uniform => {
            of!("rand SmallRng" "", SmallRng::seed_from_u64(seed) => SmallRng, uniform);
            of!("rand SmallRng" "fill_bytes", SmallRng::seed_from_u64(seed) => SmallRng, uniform_filled);
            of!("rand Xoshiro128++" "", Xoshiro128PlusPlus::seed_from_u64(seed) => Xoshiro128PlusPlus, uniform);
            of!("rand Xoshiro128++" "fill_bytes", Xoshiro128PlusPlus::seed_from_u64(seed) => Xoshiro128PlusPlus, uniform_filled);
            of!("rand StdRng" "", StdRng::seed_from_u64(seed) => StdRng, uniform);
            of!("rand StdRng" "fill_bytes", StdRng::seed_from_u64(seed) => StdRng, uniform_filled);
            of!("rand ChaCha8" "fill_bytes", ChaCha8Rng::seed_from_u64(seed) => ChaCha8Rng, uniform_filled);
            of!("rand_philox" "", Philox::from_u64_seed(seed) => Philox, uniform);
            of!("rand_philox" "fill_u32", Philox::from_u64_seed(seed) => Philox, uniform_of_blocks);
            of!("wgpu-init PhiloxRng" "", own() => PhiloxRng, uniform);
        }
        Law::Normal => {
            of!("rand_distr SmallRng" "", SmallRng::seed_from_u64(seed) => SmallRng, normal);
            of!("rand_distr Xoshiro128++" "", Xoshiro128PlusPlus::seed_from_u64(seed) => Xoshiro128PlusPlus, normal);
            of!("rand_distr StdRng" "", StdRng::seed_from_u64(seed) => StdRng, normal);
            of!("rand_distr ChaCha8" "", ChaCha8Rng::seed_from_u64(seed) => ChaCha8Rng, normal);
            of!("rand_distr rand_philox" "", Philox::from_u64_seed(seed) => Philox, normal);
            of!("rand_distr wgpu-init PhiloxRng" "", own() => PhiloxRng, normal);
        }
        Law::Truncated => {
            of!("rand_distr SmallRng" "", SmallRng::seed_from_u64(seed) => SmallRng, truncated);
            of!("rand_distr Xoshiro128++" "", Xoshiro128PlusPlus::seed_from_u64(seed) => Xoshiro128PlusPlus, truncated);
            of!("rand_distr rand_philox" "", Philox::from_u64_seed(seed) => Philox, truncated);
        }
    }
    works
}
