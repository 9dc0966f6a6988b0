//! Tiles: how the work of a dispatch is spread over workgroups. What is fast, not what is possible: bits do not depend on it.

/// How the work of a dispatch is spread over workgroups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tiling {
    /// Invocations of a workgroup; less where the device allows less.
    pub workgroup_size: u32,
    /// Groups of 16 bytes that one invocation writes at most; the copy of the quantile table is amortised over them.
    pub most_groups: u32,
    /// Workgroups that keep the device busy; below that, tiles are made smaller rather than fewer.
    pub enough_workgroups: u32,
}

impl Tiling {
    /// For a GPU.
    pub const PARALLEL: Self = Self { workgroup_size: 256, most_groups: 64, enough_workgroups: 1024 };

    /// For a CPU that emulates a GPU. Each workgroup costs it microseconds, and it runs as many invocations at a time as its vectors
    /// have lanes, each to the end of its tile: with more of them, these lanes would write far apart from each other.
    pub const EMULATED: Self = Self { workgroup_size: 8, most_groups: 1 << 14, enough_workgroups: 256 };

    /// Groups per tile for a dispatch of `groups` groups in all, a multiple of the workgroup size.
    pub(super) fn tile_groups(&self, groups: u64, workgroup_size: u32) -> u32 {
        let workgroup_size = u64::from(workgroup_size.max(1));
        let per_invocation = groups / (workgroup_size * u64::from(self.enough_workgroups.max(1)));
        let tile = workgroup_size * per_invocation.clamp(1, u64::from(self.most_groups.max(1)));
        u32::try_from(tile).unwrap_or(u32::MAX)
    }

    /// Workgroups for so many tiles of `tile` groups at most that hold `groups` in all: fewer than tiles where jobs are smaller than a tile,
    /// so that not each of them costs a workgroup and its copy of the table. The shaders count how many are for each (`shaders/find_job.wgsl`).
    pub(super) fn workgroups(&self, tiles: u64, groups: u64, tile: u32) -> u64 {
        let busy = (groups / u64::from(tile.max(1))).max(self.enough_workgroups.into()).max(1);
        tiles.div_ceil((tiles / busy).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_grow_with_the_work() {
        assert_eq!(Tiling::PARALLEL.tile_groups(1, 256), 256);
        assert_eq!(Tiling::PARALLEL.tile_groups(256 * 1024 * 3, 256), 256 * 3);
        assert_eq!(Tiling::PARALLEL.tile_groups(1 << 40, 256), 256 * 64);
        assert_eq!(Tiling::EMULATED.tile_groups(1, 8), 8);
        assert_eq!(Tiling::EMULATED.tile_groups(8 * 256 * 3, 8), 8 * 3);
        assert_eq!(Tiling::EMULATED.tile_groups(1 << 40, 8), 8 << 14);
    }

    #[test]
    fn a_tiling_of_zeros_still_makes_tiles() {
        let zeros = Tiling { workgroup_size: 0, most_groups: 0, enough_workgroups: 0 };
        assert_eq!(zeros.tile_groups(100, 0), 1);
    }
}
