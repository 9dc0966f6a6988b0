//! A device and what drives it: how it is called in a plot, in a table and in a file's name.

use crate::text::slug;

/// What a record says of the device and of the software that drives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The adapter's or the processor's name.
    pub device: String,
    /// As wgpu calls it, or `CPU executor`.
    pub backend: String,
    /// Empty where the record does not say.
    pub driver: String,
    /// Which of the equivalent shaders ran.
    pub path: String,
    /// Of the CPU executor.
    pub threads: Option<u32>,
}

/// What stands behind a device's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Taken for a GPU, since nothing says otherwise.
    Hardware,
    /// A CPU that emulates a GPU.
    Software,
    /// The CPU executor, or a crate that it is compared with.
    Cpu,
}

impl Kind {
    /// Of an adapter with this name, or, beside other crates, of a processor called `CPU …`.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let name = name.to_lowercase();
        match () {
            () if name.contains("llvmpipe") || name.contains("swiftshader") => Self::Software,
            () if name.split(|c: char| !c.is_alphanumeric()).any(|word| word == "cpu") => Self::Cpu,
            () => Self::Hardware,
        }
    }
}

impl Subject {
    /// Records have no type of the device: it is told by name.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if self.backend == "CPU executor" { Kind::Cpu } else { Kind::of(&self.device) }
    }

    /// For a person.
    #[must_use]
    pub fn label(&self) -> String {
        match (self.threads, self.backend.as_str()) {
            (Some(1), _) => format!("{}, 1 thread", self.device),
            (Some(threads), _) => format!("{}, {threads} threads", self.device),
            (None, "Gl") => format!("{}, OpenGL", self.device),
            (None, "") => self.device.clone(),
            (None, backend) => format!("{}, {backend}", self.device),
        }
    }

    /// For a file's name: without versions in brackets, so that a new driver does not give the file another one.
    #[must_use]
    pub fn slug(&self) -> String {
        let device = self.device.split('(').next().unwrap_or_default();
        let how = match self.threads {
            Some(1) => "cpu 1 thread".to_owned(),
            Some(threads) => format!("cpu {threads} threads"),
            None => self.backend.clone(),
        };
        slug(&format!("{device} {how}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Subject};

    fn subject(device: &str, backend: &str, threads: Option<u32>) -> Subject {
        Subject { device: device.to_owned(), backend: backend.to_owned(), threads, ..Subject::default() }
    }

    #[test]
    fn kinds_by_name() {
        assert_eq!(subject("llvmpipe (LLVM 15.0.6, 256 bits)", "Gl", None).kind(), Kind::Software);
        assert_eq!(subject("SwiftShader Device (Subzero)", "Vulkan", None).kind(), Kind::Software);
        assert_eq!(subject("AMD EPYC", "CPU executor", Some(1)).kind(), Kind::Cpu);
        assert_eq!(subject("NVIDIA X", "Vulkan", None).kind(), Kind::Hardware);
    }

    #[test]
    fn names() {
        let llvmpipe = subject("llvmpipe (LLVM 15.0.6, 256 bits)", "Gl", None);
        assert_eq!(llvmpipe.label(), "llvmpipe (LLVM 15.0.6, 256 bits), OpenGL");
        assert_eq!(llvmpipe.slug(), "llvmpipe-gl");
        let cpu = subject("AMD EPYC 7 (TM)", "CPU executor", Some(2));
        assert_eq!(
            (cpu.label().as_str(), cpu.slug().as_str()),
            ("AMD EPYC 7 (TM), 2 threads", "amd-epyc-7-cpu-2-threads")
        );
    }
}
