// Which tiles a workgroup does, and which job of a table a tile belongs to; jobs are sorted by first_tile. Depends on: jobs.

// Tiles that lie behind each other; a workgroup past the last one has none.
struct Tiles {
    first: u32,
    end: u32,
}

// All workgroups have as many, so that one of many small jobs does not copy the table for each.
fn tiles_of(workgroup: vec3<u32>, grid: vec3<u32>, tiles: u32) -> Tiles {
    let together = (tiles - 1u) / (grid.x * grid.y) + 1u;
    let first = (workgroup.y * grid.x + workgroup.x) * together;
    return Tiles(first, min(first + together, tiles));
}

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

// The same for the tile behind one of `job`.
fn next_job(job: u32, tile: u32) -> u32 {
    let next = min(job + 1u, arrayLength(&jobs) - 1u);
    return select(job, next, jobs[next].first_tile <= tile);
}
