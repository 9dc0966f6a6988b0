//! Schemes of this module's functions as expressions: `small_init(1024)`. They read as what they give and print as that.

use crate::{Initializer, scheme};

type Give = fn(&[f64]) -> crate::Result<Initializer>;

/// Names, arguments, and what they give. Arguments that are counts are called as in the functions.
const NAMED: [(&str, &[&str], Give); 13] = [
    ("scaled_normal", &["std", "n_layer", "branches"], |x| scheme::scaled_normal(x[0], count(x[1]), count(x[2]))),
    ("residual_normal", &["std", "n_layer"], |x| scheme::residual_normal(x[0], count(x[1]))),
    ("depth_scaled", &["std", "layer"], |x| Ok(scheme::depth_scaled(x[0], count(x[1])))),
    ("small_init", &["d_model"], |x| scheme::small_init(count(x[0]))),
    ("wang_init", &["n_layer", "d_model"], |x| scheme::wang_init(count(x[0]), count(x[1]))),
    ("truncated_sigmas", &["mean", "std", "low", "high"], |x| Ok(scheme::truncated_sigmas(x[0], x[1], x[2], x[3]))),
    ("logits_head", &["d_model"], |x| scheme::logits_head(count(x[0]))),
    ("mitchell", &["d_in"], |x| scheme::mitchell(count(x[0]))),
    ("mitchell_residual", &["d_in", "layer"], |x| scheme::mitchell_residual(count(x[0]), count(x[1]))),
    ("full_megatron", &["std"], |x| Ok(scheme::full_megatron(x[0]))),
    ("full_megatron_residual", &["std", "n_layer"], |x| scheme::full_megatron_residual(x[0], count(x[1]))),
    ("fan_in_normal", &[], |_| Ok(scheme::fan_in_normal())),
    ("negative_log_bias", &["classes"], |x| scheme::negative_log_bias(count(x[0]))),
];

const COUNTS: [&str; 6] = ["n_layer", "branches", "layer", "d_model", "d_in", "classes"];

/// The initializer of this name; `None` if the name belongs to none.
pub(crate) fn named(name: &str, arguments: &[&str]) -> Result<Option<Initializer>, String> {
    let Some((_, wanted, give)) = NAMED.iter().find(|(known, ..)| *known == name) else { return Ok(None) };
    if arguments.len() != wanted.len() {
        let wanted = if wanted.is_empty() { "no arguments".to_owned() } else { wanted.join(", ") };
        return Err(format!("{name} takes {wanted}, not {} arguments", arguments.len()));
    }
    let mut numbers = Vec::with_capacity(wanted.len());
    for (text, parameter) in arguments.iter().zip(*wanted) {
        let number: f64 = text.parse().map_err(|_| format!("{text:?} is not a number"))?;
        let is_whole = number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number);
        if COUNTS.contains(parameter) && !is_whole {
            return Err(format!("{name}: {parameter} is {text}, it must be a whole number from 0 to 2^53"));
        }
        numbers.push(number);
    }
    give(&numbers).map(Some).map_err(|error| error.to_string())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range: checked by `named`")]
const fn count(number: f64) -> u64 {
    number as u64
}
