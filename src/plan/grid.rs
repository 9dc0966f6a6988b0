//! Grids: workgroups in two dimensions. Integers only.

/// The most workgroups one dispatch can have: two dimensions, and a number that fits u32 with a row to spare.
pub(super) fn most_workgroups(per_dimension: u32) -> u64 {
    u64::from(per_dimension).pow(2).min(1 << 31)
}

/// A grid of at least `workgroups` workgroups; the last row may be partly idle.
pub(super) fn grid(workgroups: u64, per_dimension: u32) -> [u32; 3] {
    let x = workgroups.min(u64::from(per_dimension)).max(1);
    let y = workgroups.div_ceil(x);
    [u32::try_from(x).unwrap_or(u32::MAX), u32::try_from(y).unwrap_or(u32::MAX), 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_covers_its_workgroups_and_stays_inside_the_limits() {
        for per_dimension in [1, 2, 3, 7, 255, 65_535] {
            let most = most_workgroups(per_dimension);
            for workgroups in [1, 2, 3, 6, 7, 8, 65_534, 65_535, 65_536, 1 << 24, most] {
                if workgroups > most {
                    continue;
                }
                let [x, y, z] = grid(workgroups, per_dimension);
                assert!(x <= per_dimension && y <= per_dimension && z == 1, "{workgroups} in {per_dimension}");
                let cells = u64::from(x) * u64::from(y);
                assert!(cells >= workgroups, "{workgroups} in {per_dimension}: {x} x {y} are too few");
                assert!(cells - workgroups < u64::from(x), "{workgroups} in {per_dimension}: {x} x {y} waste a row");
            }
        }
    }
}
