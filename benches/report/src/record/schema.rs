//! Which kind of record a file is, told by its header.

/// The kinds that are read. Others lie in the same folder and are left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Of `wgpu-init bench --csv`.
    Bench,
    /// Of `fills` in `benches/peers`.
    Peers,
}

/// Without these columns no line says anything; further ones may be missing, and new ones may come.
const BENCH: [&str; 8] = ["device", "backend", "work", "timing", "distribution", "dtype", "bytes", "seconds"];
const PEERS: [&str; 5] = ["what", "device", "law", "mib", "seconds"];

impl Schema {
    /// The kind that has this header, by the names of its columns in any order.
    #[must_use]
    pub fn of(header: &csv::StringRecord) -> Option<Self> {
        let has = |columns: &[&str]| columns.iter().all(|column| header.iter().any(|name| name == *column));
        match () {
            () if has(&BENCH) => Some(Self::Bench),
            () if has(&PEERS) => Some(Self::Peers),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Schema;

    fn of(header: &str) -> Option<Schema> {
        Schema::of(&csv::StringRecord::from(header.split(',').collect::<Vec<_>>()))
    }

    #[test]
    fn by_names_of_columns() {
        assert_eq!(of("what,device,law,mib,seconds,gb_per_s"), Some(Schema::Peers));
        assert_eq!(of("what,device,law,mib,seconds,gb_per_s,dtype,later"), Some(Schema::Peers));
        assert_eq!(of("seconds,bytes,dtype,distribution,timing,work,backend,device"), Some(Schema::Bench));
    }

    #[test]
    fn others_are_left_alone() {
        assert_eq!(of("what,device,n,seconds,gram_error"), None);
        assert_eq!(of("device,backend,work,timing,distribution,dtype,bytes"), None, "no seconds");
        assert_eq!(of(""), None);
    }
}
