// For fills whose least and greatest value lie inside their bounds, or that have none: most. The host has looked.

const CLAMPED: bool = false;
