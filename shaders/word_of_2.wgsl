// A word of the output holds two elements of 16 bits, the first in its lowest bits.

const PACKING = 1u; // log2 of their number
