// A word of the output holds four elements of 8 bits, the first in its lowest bits.

const PACKING = 2u; // log2 of their number
