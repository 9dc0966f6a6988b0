// Philox4x32-10, Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11.
// Twin: src/value/philox.rs. Depends on: mul_wide.

const PHILOX_MULTIPLIER_0: u32 = 0xD2511F53u;
const PHILOX_MULTIPLIER_1: u32 = 0xCD9E8D57u;

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

// The keys of ten rounds: multiples of (0x9E3779B9, 0xBB67AE85), modulo 2^32, and no loop to bound.
fn philox4x32_10(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    let r1 = philox_round(counter, key);
    let r2 = philox_round(r1, key + vec2<u32>(0x9E3779B9u, 0xBB67AE85u));
    let r3 = philox_round(r2, key + vec2<u32>(0x3C6EF372u, 0x76CF5D0Au));
    let r4 = philox_round(r3, key + vec2<u32>(0xDAA66D2Bu, 0x32370B8Fu));
    let r5 = philox_round(r4, key + vec2<u32>(0x78DDE6E4u, 0xED9EBA14u));
    let r6 = philox_round(r5, key + vec2<u32>(0x1715609Du, 0xA9066899u));
    let r7 = philox_round(r6, key + vec2<u32>(0xB54CDA56u, 0x646E171Eu));
    let r8 = philox_round(r7, key + vec2<u32>(0x5384540Fu, 0x1FD5C5A3u));
    let r9 = philox_round(r8, key + vec2<u32>(0xF1BBCDC8u, 0xDB3D7428u));
    return philox_round(r9, key + vec2<u32>(0x8FF34781u, 0x96A522ADu));
}
