//! What is asked of the tensors that a pattern of names is for: `PATTERN=…`, as often as one likes.

use crate::terminal;
use anyhow::{Context, Result, bail};
use wgpu_init_models::NameGlob;
use wgpu_init_models::checkpoint::Tensor;

/// Names that a message lists.
const MOST: usize = 10;

#[derive(Clone, Debug)]
pub(crate) struct Asked<T> {
    /// As on the command line, for messages.
    text: String,
    pattern: NameGlob,
    pub(crate) what: T,
}

impl<T> Asked<T> {
    pub(crate) fn parse(flag: &str, text: &str, what: impl FnOnce(&str) -> Result<T, String>) -> Result<Self, String> {
        // The last one: names may have others.
        let (pattern, rest) =
            text.rsplit_once('=').ok_or("it has no =: write a pattern of names before it, e.g. '*.weight=…'")?;
        let pattern: NameGlob = pattern.trim().parse().map_err(|error: wgpu_init_models::Error| error.to_string())?;
        Ok(Self { text: format!("--{flag} '{text}'"), pattern, what: what(rest)? })
    }

    /// Each tensor as the first one that is for it makes it; those that none is for stay as they are.
    pub(crate) fn apply(
        all: &[Self],
        tensors: Vec<Tensor>,
        make: impl Fn(&T, Tensor) -> Result<Tensor>,
    ) -> Result<Vec<Tensor>> {
        let mut decided = vec![0usize; all.len()];
        let mut one = |tensor: Tensor| {
            // What is not written has no part and no order.
            let first = all.iter().position(|asked| asked.pattern.is_match(tensor.name()) && tensor.is_stored());
            let Some(at) = first else { return Ok(tensor) };
            decided[at] += 1;
            let (text, name, shape) =
                (&all[at].text, tensor.name().to_owned(), tensor.assignment().parameter.shape.clone());
            make(&all[at].what, tensor)
                .with_context(|| format!("{text} for the tensor {name} of the shape {:?}", shape.dims()))
        };
        let tensors = tensors.into_iter().map(&mut one).collect::<Result<Vec<_>>>()?;
        for (asked, _) in all.iter().zip(decided).filter(|(_, decided)| *decided == 0) {
            asked.check_used(&tensors)?;
        }
        Ok(tensors)
    }

    /// A pattern that is for no tensor is a slip; one whose tensors others took may be meant.
    fn check_used(&self, tensors: &[Tensor]) -> Result<()> {
        let names = || tensors.iter().filter(|tensor| tensor.is_stored()).map(Tensor::name);
        if names().any(|name| self.pattern.is_match(name)) {
            let text = &self.text;
            terminal::say(
                "warning",
                format_args!("{text} decides nothing: all that it is for is taken by others before it"),
            );
            return Ok(());
        }
        let mut listed: String = names().take(MOST).map(|name| format!("\n  {name}")).collect();
        match names().count() {
            more @ MOST.. if more > MOST => listed = format!("{listed}\n  and {} more", more - MOST),
            _ => {}
        }
        bail!("{}: no tensor has such a name; * stands for any text, dots too. There are:{listed}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Asked;

    #[test]
    fn a_pattern_stands_before_the_last_sign() {
        let parse = |text| Asked::parse("flag", text, |rest| Ok(rest.to_owned()));
        let asked = parse("a=b=:2").expect("a pattern");
        assert!(asked.pattern.is_match("a=b") && asked.what == ":2");
        assert!(parse(" *.weight =1").expect("a pattern").pattern.is_match("h.0.weight"));
        assert!(parse("1,0").expect_err("no pattern").contains("it has no ="));
        assert!(parse("[=:2").expect_err("no glob").contains("glob '['"));
    }
}
