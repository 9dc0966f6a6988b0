//! Which of several processes this is: as the command line says, or as the launcher has put it into the environment.

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::path::Path;
use wgpu_init_models::checkpoint::Rank;

#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct RankArguments {
    /// Which of --ranks processes this is, counted from 0. Without it, what torchrun, Ray, srun, a Slurm array, Open MPI, MPICH or
    /// a Kubernetes indexed job says
    #[arg(long, value_name = "RANK")]
    pub(crate) rank: Option<u64>,
    /// How many processes there are
    #[arg(long, value_name = "RANKS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) ranks: Option<u64>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) rank: Rank,
    /// Among the processes of this machine.
    pub(crate) local: u64,
    /// Who said so; none of a process alone.
    pub(crate) by: Option<String>,
}

impl RankArguments {
    /// The flags, or else the environment.
    pub(crate) fn find(self) -> Result<Found> {
        self.find_in(|name| std::env::var(name).ok())
    }

    /// An error if they are given for what only one process can do.
    pub(crate) fn refuse_for(self, file: &Path) -> Result<()> {
        let is_said = self.rank.is_some() || self.ranks.is_some();
        ensure!(!is_said, "--rank and --ranks are for the files of a folder, and {} is a file", file.display());
        Ok(())
    }

    fn find_in(self, variable: impl Fn(&str) -> Option<String>) -> Result<Found> {
        let Self { rank, ranks } = self;
        if let (Some(rank), Some(ranks)) = (rank, ranks) {
            // What is wrong with the environment does not matter then.
            let seen = seen(&variable).unwrap_or_default();
            let local = seen.iter().find_map(|seen| seen.local).unwrap_or(0);
            return Ok(Found { rank: Rank::new(rank, ranks)?, local, by: Some("--rank and --ranks".to_owned()) });
        }
        if rank.is_none() && ranks == Some(1) {
            return Ok(Found { rank: Rank::ALONE, local: 0, by: None });
        }
        let seen = innermost(seen(&variable)?, &variable);
        let Some(first) = seen.first() else {
            return match (rank, ranks) {
                (None, None) => Ok(Found { rank: Rank::ALONE, local: 0, by: None }),
                (Some(rank), _) => bail!("--rank {rank} needs --ranks: no launcher says how many there are"),
                (None, _) => bail!("--ranks needs --rank: no launcher says which one this is"),
            };
        };
        if let Some(other) = seen.iter().find(|other| !other.agrees(first)) {
            bail!("the environment says two things, {first} and {other}: say --rank and --ranks");
        }
        let of = seen.iter().find_map(|seen| seen.ranks);
        if let (Some(said), Some(of), None) = (ranks, of, rank) {
            ensure!(said == of, "--ranks {said} and the environment ({first}) differ: say --rank too");
        }
        let of = ranks.or(of).with_context(|| format!("{first}, and nothing says of how many: say --ranks"))?;
        let local = seen.iter().find_map(|seen| seen.local).unwrap_or(0);
        Ok(Found { rank: Rank::new(rank.unwrap_or(first.rank), of)?, local, by: Some(first.to_string()) })
    }
}

/// What one launcher says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    launcher: Launcher,
    /// Variables and values.
    text: String,
    rank: u64,
    ranks: Option<u64>,
    local: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Launcher {
    /// torchrun itself.
    Torchrun,
    /// Ray Train, or whoever sets the same variables.
    Torch,
    OpenMpi,
    Hydra,
    Srun,
    SlurmArray,
    Kubernetes,
}

impl Launcher {
    const fn name(self) -> &'static str {
        match self {
            Self::Torchrun => "torchrun",
            Self::Torch => "PyTorch's variables",
            Self::OpenMpi => "Open MPI",
            Self::Hydra => "PMI",
            Self::Srun => "srun",
            Self::SlurmArray => "a Slurm array",
            Self::Kubernetes => "a Kubernetes job",
        }
    }

    /// Whether one command starts all processes; PyTorch's variables are also set by hand, from another launcher's.
    const fn starts_processes(self) -> bool {
        matches!(self, Self::Torchrun | Self::OpenMpi | Self::Hydra | Self::Srun)
    }

    /// Whether it starts what may be a launcher itself.
    const fn starts_others(self) -> bool {
        matches!(self, Self::SlurmArray | Self::Kubernetes)
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.launcher.name(), self.text)
    }
}

impl Seen {
    fn agrees(&self, other: &Self) -> bool {
        let same_size = self.ranks.zip(other.ranks).is_none_or(|(a, b)| a == b);
        // Processes that an array's element or a pod has started are counted in it: there, the same number is another one.
        let is_inside = |a: &Self, b: &Self| a.launcher.starts_processes() && b.launcher.starts_others();
        self.rank == other.rank && same_size && !is_inside(self, other) && !is_inside(other, self)
    }
}

/// Numbers of Slurm's steps are below this (`SLURM_MAX_NORMAL_STEP_ID`); those above are shells, batch scripts and the like.
const MOST_STEPS: u64 = 0xffff_fff0;

/// Everything that the environment says, from the innermost launcher outwards.
fn seen(variable: &impl Fn(&str) -> Option<String>) -> Result<Vec<Seen>> {
    let number = |name: &str| {
        let Some(text) = variable(name) else { return Ok(None) };
        let parsed = text.trim().parse::<u64>();
        parsed.map(Some).with_context(|| format!("{name}={text:?} in the environment is no number"))
    };
    let torch = if variable("TORCHELASTIC_RUN_ID").is_some() { Launcher::Torchrun } else { Launcher::Torch };
    // `srun` alone says a step; in the script of a batch job every variable but that is there too. The shell of an allocation, which `salloc`
    // opens, is a step without tasks of its own: Slurm keeps the highest numbers for such.
    let is_step = number("SLURM_STEP_ID")?.is_some_and(|step| step < MOST_STEPS);
    let step_tasks = if variable("SLURM_STEP_NUM_TASKS").is_some() { "SLURM_STEP_NUM_TASKS" } else { "SLURM_NTASKS" };
    let mut all = Vec::new();
    for (launcher, rank_name, ranks_name, local) in [
        (torch, "RANK", "WORLD_SIZE", "LOCAL_RANK"),
        (Launcher::OpenMpi, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"),
        (Launcher::Hydra, "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"),
        (Launcher::Srun, "SLURM_PROCID", step_tasks, "SLURM_LOCALID"),
    ] {
        if launcher == Launcher::Srun && !is_step {
            continue;
        }
        match (number(rank_name)?, number(ranks_name)?) {
            (Some(rank), Some(ranks)) => {
                let mut text = format!("{rank_name}={rank}, {ranks_name}={ranks}");
                let local_rank = number(local)?;
                if let Some(local_rank) = local_rank {
                    text = format!("{text}, {local}={local_rank}");
                }
                all.push(Seen { launcher, text, rank, ranks: Some(ranks), local: local_rank });
            }
            (None, None) => {}
            (Some(rank), None) => bail!("{rank_name}={rank} is set and {ranks_name} is not: say --rank and --ranks"),
            (None, Some(ranks)) => bail!("{ranks_name}={ranks} is set and {rank_name} is not: say --rank and --ranks"),
        }
    }
    if let (Some(id), Some(count)) = (number("SLURM_ARRAY_TASK_ID")?, number("SLURM_ARRAY_TASK_COUNT")?) {
        let (first, step) =
            (number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(0), number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1));
        let text = format!("SLURM_ARRAY_TASK_ID={id} from {first} by {step}, SLURM_ARRAY_TASK_COUNT={count}");
        let back = id.checked_sub(first).filter(|back| step > 0 && back % step == 0).map(|back| back / step);
        let rank = back.filter(|rank| *rank < count);
        let rank = rank.with_context(|| format!("{text} is an array with gaps: say --rank and --ranks"))?;
        all.push(Seen { launcher: Launcher::SlurmArray, text, rank, ranks: Some(count), local: None });
    }
    if let Some(rank) = number("JOB_COMPLETION_INDEX")? {
        let text = format!("JOB_COMPLETION_INDEX={rank}");
        all.push(Seen { launcher: Launcher::Kubernetes, text, rank, ranks: None, local: None });
    }
    Ok(all)
}

/// Launchers are started by others: `mpirun` by `srun`, which has one task on each machine, and torchrun by whatever starts one process on
/// each machine. What started them says nothing of us then, and neither does what has one task.
fn innermost(mut seen: Vec<Seen>, variable: &impl Fn(&str) -> Option<String>) -> Vec<Seen> {
    let has = |seen: &[Seen], launcher| seen.iter().any(|seen| seen.launcher == launcher);
    if has(&seen, Launcher::OpenMpi) || has(&seen, Launcher::Hydra) {
        seen.retain(|seen| seen.launcher != Launcher::Srun);
    }
    if has(&seen, Launcher::Torchrun) {
        // Its agents, one on each machine.
        let group = |name| variable(name).and_then(|text: String| text.parse::<u64>().ok());
        let (agent, agents) = (group("GROUP_RANK"), group("GROUP_WORLD_SIZE"));
        let is_agent = |seen: &Seen| {
            seen.launcher != Launcher::Torchrun
                && Some(seen.rank) == agent
                && seen.ranks.is_none_or(|ranks| Some(ranks) == agents)
        };
        seen.retain(|seen| !is_agent(seen));
    }
    if seen.iter().any(|seen| seen.ranks.is_some_and(|ranks| ranks > 1)) {
        seen.retain(|seen| seen.ranks != Some(1));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::{Found, RankArguments};

    fn find(rank: Option<u64>, ranks: Option<u64>, environment: &str) -> Result<Found, String> {
        let variable = |name: &str| {
            let pairs = environment.split_whitespace().filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        RankArguments { rank, ranks }.find_in(variable).map_err(|error| format!("{error:#}"))
    }

    fn found(environment: &str) -> (u64, u64, u64) {
        let Found { rank, local, .. } = find(None, None, environment).expect(environment);
        (rank.rank(), rank.ranks(), local)
    }

    #[test]
    fn launchers_are_known() {
        for (environment, expected) in [
            ("", (0, 1, 0)),
            ("RANK=5 WORLD_SIZE=8 LOCAL_RANK=1", (5, 8, 1)),
            ("SLURM_STEP_ID=0 SLURM_PROCID=3 SLURM_NTASKS=4 SLURM_LOCALID=1", (3, 4, 1)),
            ("SLURM_STEP_ID=0 SLURM_PROCID=1 SLURM_NTASKS=8 SLURM_STEP_NUM_TASKS=2", (1, 2, 0)),
            // A batch script, and the shell that `salloc` opens.
            ("SLURM_PROCID=0 SLURM_NTASKS=4 SLURM_LOCALID=0", (0, 1, 0)),
            ("SLURM_STEP_ID=4294967290 SLURM_PROCID=0 SLURM_NTASKS=4 SLURM_LOCALID=0", (0, 1, 0)),
            (
                "SLURM_ARRAY_TASK_ID=12 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_MAX=13 SLURM_ARRAY_TASK_COUNT=4",
                (2, 4, 0),
            ),
            (
                "SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=3",
                (2, 3, 0),
            ),
            ("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_RANK=1", (1, 2, 1)),
            ("PMI_RANK=1 PMI_SIZE=2 MPI_LOCALRANKID=0", (1, 2, 0)),
            // `srun --mpi=pmi2` says the same twice.
            ("PMI_RANK=1 PMI_SIZE=2 SLURM_STEP_ID=0 SLURM_PROCID=1 SLURM_NTASKS=2", (1, 2, 0)),
        ] {
            assert_eq!(found(environment), expected, "{environment}");
        }
    }

    #[test]
    fn launchers_are_started_by_others() {
        let torchrun = "TORCHELASTIC_RUN_ID=a RANK=9 WORLD_SIZE=16 LOCAL_RANK=1 GROUP_RANK=1 GROUP_WORLD_SIZE=2";
        let srun = "SLURM_STEP_ID=0 SLURM_PROCID=1 SLURM_NTASKS=2";
        assert_eq!(found(&format!("{torchrun} {srun}")), (9, 16, 1));
        assert_eq!(found(&format!("{torchrun} JOB_COMPLETION_INDEX=1")), (9, 16, 1));
        let mpi = "OMPI_COMM_WORLD_RANK=9 OMPI_COMM_WORLD_SIZE=16";
        assert_eq!(found(&format!("{mpi} {srun}")), (9, 16, 0));
        assert_eq!(
            found(&format!("{mpi} SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=1")),
            (9, 16, 0)
        );
        // A torchrun for each task knows nothing of the others.
        let alone = "TORCHELASTIC_RUN_ID=a RANK=1 WORLD_SIZE=8 LOCAL_RANK=1 GROUP_RANK=0 GROUP_WORLD_SIZE=1";
        let said = find(None, None, &format!("{alone} {srun}")).expect_err("two sizes");
        assert!(said.contains("RANK=1, WORLD_SIZE=8") && said.contains("SLURM_NTASKS=2"), "{said}");
    }

    #[test]
    fn what_an_array_or_a_pod_starts_is_counted_in_it() {
        let array = "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_COUNT=2";
        let pod = "JOB_COMPLETION_INDEX=1";
        for (outer, inner) in [
            (array, "SLURM_STEP_ID=0 SLURM_PROCID=1 SLURM_NTASKS=2"),
            (array, "PMI_RANK=1 PMI_SIZE=2"),
            (array, "TORCHELASTIC_RUN_ID=a RANK=1 WORLD_SIZE=2 GROUP_RANK=0 GROUP_WORLD_SIZE=1"),
            (pod, "OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2"),
        ] {
            // Also where the numbers happen to be the same.
            let said = find(None, None, &format!("{outer} {inner}")).expect_err(inner);
            assert!(said.contains("says two things"), "{said}");
            assert_eq!(find(Some(3), Some(4), &format!("{outer} {inner}")).expect("flags").rank.rank(), 3);
        }
        // By hand, for what reads only these.
        for outer in [array, pod] {
            assert_eq!(found(&format!("{outer} RANK=1 WORLD_SIZE=2")), (1, 2, 0));
        }
        assert_eq!(found(&format!("{array} SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_NTASKS=1")), (1, 2, 0));
    }

    #[test]
    fn flags_go_before_the_environment() {
        let environment = "RANK=5 WORLD_SIZE=8 LOCAL_RANK=1";
        let Found { rank, local, by } = find(Some(2), Some(3), environment).expect("flags");
        assert_eq!((rank.rank(), rank.ranks(), local), (2, 3, 1));
        assert_eq!(by.as_deref(), Some("--rank and --ranks"));
        assert_eq!(find(Some(2), None, environment).expect("a flag").rank.rank(), 2);
        assert_eq!(find(None, Some(1), environment).expect("alone").rank.ranks(), 1);
        let found = find(None, Some(4), "JOB_COMPLETION_INDEX=3").expect("Kubernetes");
        assert_eq!((found.rank.rank(), found.rank.ranks()), (3, 4));
        assert_eq!(found.by.as_deref(), Some("a Kubernetes job (JOB_COMPLETION_INDEX=3)"));
        assert_eq!(find(Some(0), Some(2), "RANK=x").expect("flags").rank.ranks(), 2);
    }

    #[test]
    fn what_is_not_clear_says_what_was_seen() {
        let (none, some) = (None, Some(4));
        for (rank, ranks, environment, expected) in [
            (
                none,
                none,
                "JOB_COMPLETION_INDEX=3",
                "JOB_COMPLETION_INDEX=3), and nothing says of how many: say --ranks",
            ),
            (none, none, "RANK=3", "RANK=3 is set and WORLD_SIZE is not"),
            (none, none, "PMI_SIZE=3", "PMI_SIZE=3 is set and PMI_RANK is not"),
            (none, none, "RANK=x WORLD_SIZE=2", "RANK=\"x\" in the environment is no number"),
            (none, none, "RANK=2 WORLD_SIZE=2", "there is no rank 2 of 2"),
            (some, some, "", "there is no rank 4 of 4"),
            (some, none, "", "--rank 4 needs --ranks"),
            (none, some, "", "--ranks needs --rank"),
            (
                none,
                some,
                "RANK=1 WORLD_SIZE=2",
                "--ranks 4 and the environment (PyTorch's variables (RANK=1, WORLD_SIZE=2)) differ",
            ),
            (
                none,
                none,
                "RANK=1 WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2",
                "says two things, PyTorch's variables (RANK=1, WORLD_SIZE=2) and Open MPI (OMPI_COMM_WORLD_RANK=0",
            ),
            (
                none,
                none,
                "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=3",
                "is an array with gaps",
            ),
            (none, none, "PMI_RANK=1 PMI_SIZE=2 JOB_COMPLETION_INDEX=0", "says two things"),
        ] {
            let error = find(rank, ranks, environment).expect_err(environment);
            assert!(error.contains(expected), "{environment}: {error}");
        }
    }
}
