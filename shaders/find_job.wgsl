// Which job of a table a tile belongs to; jobs are sorted by first_tile. Depends on: jobs.

// The last job whose first tile is not past `tile`.
fn find_job(tile: u32) -> u32 {
    var low = 0u;
    var high = arrayLength(&jobs);
    while high - low > 1u {
        let middle = (low + high) >> 1u;
        if jobs[middle].first_tile <= tile {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}
