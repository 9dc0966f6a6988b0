//! The grammar of initializers, read and written: `name`, or `name(argument, …)`.
//!
//! An argument is a number, a word, or `word=number`. Leading arguments with defaults may be left out from the right. A trailing
//! `out_in` or `in_out` names the layout where it is not the library's own; so do axes, `in=1,out=0,batch=2`, several of them in
//! parentheses: `in=(1,2)`. What [`scheme`](crate::scheme) calls by a name reads as what it gives and prints as that.

mod names;
mod write;

use crate::fan::{Axes, FanMode, Layout};
use crate::initializer::{Nonlinearity, Spread};
use crate::value::stft::{Scaling, Window};
use crate::{DType, Error, Initializer, Result, Shape};
use core::str::FromStr;

/// Words and what they stand for.
type Words<T> = &'static [(&'static str, T)];

const MODES: Words<FanMode> = &[
    ("fan_in", FanMode::FanIn),
    ("fan_out", FanMode::FanOut),
    ("fan_avg", FanMode::FanAvg),
    ("fan_geo_avg", FanMode::FanGeoAvg),
];
const SPREADS: Words<Spread> =
    &[("uniform", Spread::Uniform), ("normal", Spread::Normal), ("truncated_normal", Spread::TruncatedNormal)];
const LAYOUTS: Words<Layout> = &[("out_in", Layout::OutIn), ("in_out", Layout::InOut)];
const WINDOWS: Words<Window> = &[("none", Window::None), ("hann", Window::Hann), ("hamming", Window::Hamming)];
const SCALINGS: Words<Scaling> =
    &[("none", Scaling::None), ("density", Scaling::Density), ("spectrum", Scaling::Spectrum)];

fn find<T: Copy>(words: Words<T>, text: &str) -> Option<T> {
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
}

fn word_of<T: PartialEq>(words: Words<T>, value: &T) -> &'static str {
    words.iter().find(|(_, known)| known == value).map_or("custom", |(word, _)| word)
}

/// The value of an argument that is a number.
type Evaluate<'a> = &'a mut dyn FnMut(&str) -> Result<f64, String>;

/// An expression, taken argument by argument. What is missing or wrong is taken as 1 at first: [`end`](Self::end) complains, once the
/// names of all arguments are known.
struct Call<'a> {
    name: &'a str,
    arguments: &'a [&'a str],
    given: usize,
    evaluate: Evaluate<'a>,
    takes: Vec<String>,
    /// What the last arguments may be; asked for before those in front of them.
    takes_last: Vec<String>,
    missing: bool,
    /// The first argument that is wrong.
    wrong: Option<String>,
}

impl<'a> Call<'a> {
    fn next(&mut self, takes: String, required: bool) -> Option<&'a str> {
        self.takes.push(if required { takes } else { format!("[{takes}]") });
        let (first, rest) = self.arguments.split_first().map_or((None, self.arguments), |(a, rest)| (Some(*a), rest));
        self.arguments = rest;
        self.missing |= required && first.is_none();
        first
    }

    fn complain(&mut self, reason: String) {
        self.wrong.get_or_insert(reason);
    }

    fn evaluate(&mut self, text: &str) -> f64 {
        (self.evaluate)(text).unwrap_or_else(|reason| {
            self.complain(reason);
            1.0
        })
    }

    fn number(&mut self, parameter: &str) -> f64 {
        let text = self.next(parameter.to_owned(), true);
        text.map_or(1.0, |text| self.evaluate(text))
    }

    fn number_or(&mut self, parameter: &str, default: f64) -> f64 {
        let text = self.next(parameter.to_owned(), false);
        text.map_or(default, |text| self.evaluate(text))
    }

    fn whole(&mut self, parameter: &str, number: f64) -> u64 {
        if number.fract() != 0.0 || !(0.0..=9_007_199_254_740_992.0).contains(&number) {
            let (name, must) = (self.name, "it must be a whole number from 0 to 2^53");
            self.complain(format!("{name}: {parameter} is {number}, {must}"));
            return 1;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range")]
        let whole = number as u64;
        whole
    }

    fn count(&mut self, parameter: &str) -> u64 {
        let text = self.next(parameter.to_owned(), true);
        text.map_or(1, |text| self.count_of(parameter, text))
    }

    /// Digits are that number; what is computed has the 53 bits of f64.
    fn count_of(&mut self, parameter: &str, text: &str) -> u64 {
        text.trim().parse().unwrap_or_else(|_| {
            let number = self.evaluate(text);
            self.whole(parameter, number)
        })
    }

    fn count_or_none(&mut self, parameter: &str) -> Option<u64> {
        let text = self.next(parameter.to_owned(), false)?;
        Some(self.count_of(parameter, text))
    }

    fn word<T: Copy>(&mut self, words: Words<T>, default: Option<T>) -> T {
        let all = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("|");
        let text = self.next(all.clone(), default.is_none());
        let found = text.and_then(|text| find(words, text));
        if let (Some(text), None) = (text, found) {
            self.complain(format!("{text:?} is not one of {all}"));
        }
        found.or(default).unwrap_or(words[0].1)
    }

    /// The last argument, if it is one of these.
    fn last<T>(&mut self, takes: &str, read: impl FnOnce(&'a str) -> Option<T>) -> Option<T> {
        self.takes_last.insert(0, format!("[{takes}]"));
        let (last, rest) = self.arguments.split_last()?;
        let found = read(last)?;
        self.arguments = rest;
        Some(found)
    }

    fn layout(&mut self, own: Layout) -> Layout {
        self.last("out_in|in_out", |text| find(LAYOUTS, text)).unwrap_or(own)
    }

    /// A layout by its word or by its axes, in any order.
    fn layout_or_axes(&mut self, own: Layout) -> Layout {
        let mut named = [None; 3];
        while let Some((at, axes)) = self.arguments.last().and_then(|text| axes_argument(text)) {
            self.arguments = &self.arguments[..self.arguments.len() - 1];
            let Some(axes) = axes.filter(|_| named[at].is_none()) else {
                let most = Shape::MAX_RANK - 1;
                self.complain(format!(
                    "{}=… must be said once, as an axis from 0 to {most} or as (axis,axis)",
                    AXES[at]
                ));
                return own;
            };
            named[at] = Some(axes);
        }
        match named {
            [None, None, None] => {
                let layout = self.layout(own);
                if let Some(takes) = self.takes_last.first_mut() {
                    *takes = "[out_in|in_out|in=axes, out=axes, batch=axes]".to_owned();
                }
                layout
            }
            [Some(input), Some(output), batch] => Layout::Custom { input, output, batch: batch.unwrap_or(Axes::NONE) },
            [input, ..] => {
                let missing = if input.is_none() { "in=axes" } else { "out=axes" };
                self.complain(format!("{}: {missing} is missing", self.name));
                own
            }
        }
    }

    fn nonlinearity(&mut self) -> Nonlinearity {
        // PyTorch's default: leaky_relu with a = 0.
        let default = Nonlinearity::LeakyRelu { slope: 0.0 };
        let Some(text) = self.next("nonlinearity".to_owned(), false) else { return default };
        let with_number = text.split_once('=').and_then(|(word, number)| {
            let number = self.evaluate(number.trim());
            Nonlinearity::with_number(word, number)
        });
        with_number.unwrap_or_else(|| {
            text.parse().unwrap_or_else(|error: Error| {
                self.complain(error.to_string());
                default
            })
        })
    }

    /// That nothing is wrong, missing or left over.
    fn end(self) -> Result<(), String> {
        if let Some(reason) = self.wrong {
            return Err(reason);
        }
        if !self.missing && self.arguments.is_empty() {
            return Ok(());
        }
        let takes = [&self.takes[..], &self.takes_last].concat().join(", ");
        let takes = if takes.is_empty() { "no arguments" } else { &takes };
        Err(format!("{} takes {takes}, not {}", self.name, self.given))
    }
}

/// What axes are named by.
const AXES: [&str; 3] = ["in", "out", "batch"];

/// Which of [`AXES`] an argument names, and the axes if they are any: `in=1`, `in=(1,2)`.
fn axes_argument(text: &str) -> Option<(usize, Option<Axes>)> {
    let (name, axes) = text.split_once('=')?;
    let at = AXES.iter().position(|known| *known == name.trim_end())?;
    let axes = axes.trim();
    let list = axes.strip_prefix('(').and_then(|axes| axes.strip_suffix(')')).unwrap_or(axes);
    let all = list.split(',').try_fold(Axes::NONE, |all, axis| {
        let axis = axis.trim().parse().ok().filter(|axis| *axis < Shape::MAX_RANK && !all.contains(*axis))?;
        Some(all.and(axis))
    });
    Some((at, all))
}

/// Name and arguments, which are split at the commas that are in no inner parentheses.
fn split(text: &str) -> Result<(&str, Vec<&str>), String> {
    let text = text.trim();
    let Some((name, rest)) = text.split_once('(') else { return Ok((text, Vec::new())) };
    let inner = rest.strip_suffix(')').ok_or("the closing parenthesis is missing")?;
    let mut depth = 0usize;
    let arguments = inner.split(|character: char| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    });
    let arguments = if inner.trim().is_empty() { Vec::new() } else { arguments.map(str::trim).collect() };
    Ok((name.trim_end(), arguments))
}

impl Initializer {
    /// Reads an expression whose numbers may be written in another way, e.g. with arithmetic and variables.
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// let read = Initializer::parse_with("normal(0, std)", |text| match text {
    ///     "std" => Ok(0.02),
    ///     number => number.parse().map_err(|_| format!("no variable is called {number:?}")),
    /// });
    /// assert_eq!(read, Ok(Initializer::normal(0.0, 0.02)));
    /// ```
    ///
    /// # Errors
    /// [`Error::ParseInitializer`].
    pub fn parse_with(text: &str, mut evaluate: impl FnMut(&str) -> Result<f64, String>) -> Result<Self> {
        let mut read = || {
            let (name, arguments) = split(text)?;
            let (given, takes, takes_last, missing) = (arguments.len(), Vec::new(), Vec::new(), false);
            let (evaluate, wrong) = (&mut evaluate, None);
            let mut call = Call { name, arguments: &arguments, given, evaluate, takes, takes_last, missing, wrong };
            let initializer = call.initializer().ok_or_else(|| format!("{name:?} is not an initializer"))?;
            call.end().map(|()| initializer)
        };
        read().map_err(|reason| Error::ParseInitializer { text: text.to_owned(), reason })
    }
}

impl FromStr for Initializer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse_with(text, |text| text.parse().map_err(|_| format!("{text:?} is not a number")))
    }
}

impl FromStr for DType {
    type Err = Error;

    /// Reads the names of dtypes, `f32` or `f8_e5m2`, in either case, as `safetensors` and the command write them; `F8_E4M3` is what
    /// `safetensors` calls `f8_e4m3fn`.
    fn from_str(text: &str) -> Result<Self> {
        let text = if text.eq_ignore_ascii_case("f8_e4m3") { Self::F8E4M3Fn.name() } else { text };
        let found = Self::ALL.iter().find(|dtype| dtype.name().eq_ignore_ascii_case(text));
        found.copied().ok_or_else(|| Error::ParseDType { text: text.to_owned() })
    }
}
