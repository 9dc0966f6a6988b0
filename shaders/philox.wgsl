// Philox4x32-10, Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11.
// Twin: src/value/philox.rs. Depends on: mul_wide.

const PHILOX_MULTIPLIER_0: u32 = 0xD2511F53u;
const PHILOX_MULTIPLIER_1: u32 = 0xCD9E8D57u;
const PHILOX_WEYL_0: u32 = 0x9E3779B9u;
const PHILOX_WEYL_1: u32 = 0xBB67AE85u;

fn philox_round(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    let product_0 = mul_wide(PHILOX_MULTIPLIER_0, counter.x);
    let product_1 = mul_wide(PHILOX_MULTIPLIER_1, counter.z);
    return vec4<u32>(
        product_1.y ^ counter.y ^ key.x,
        product_1.x,
        product_0.y ^ counter.w ^ key.y,
        product_0.x,
    );
}

// Written out: the key schedule folds into ten constants per key word, and there is no loop to bound.
fn philox4x32_10(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    let weyl = vec2<u32>(PHILOX_WEYL_0, PHILOX_WEYL_1);
    let r1 = philox_round(counter, key);
    let r2 = philox_round(r1, key + weyl);
    let r3 = philox_round(r2, key + 2u * weyl);
    let r4 = philox_round(r3, key + 3u * weyl);
    let r5 = philox_round(r4, key + 4u * weyl);
    let r6 = philox_round(r5, key + 5u * weyl);
    let r7 = philox_round(r6, key + 6u * weyl);
    let r8 = philox_round(r7, key + 7u * weyl);
    let r9 = philox_round(r8, key + 8u * weyl);
    return philox_round(r9, key + 9u * weyl);
}
