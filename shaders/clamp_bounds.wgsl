// For fills of which a value may round past a bound. Depends on: clamp_bits.

const CLAMPED: bool = true;
