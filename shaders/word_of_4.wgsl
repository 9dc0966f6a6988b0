// A word of the output holds one element of 32 bits, the first in its lowest bits.

const PACKING = 0u; // log2 of their number
