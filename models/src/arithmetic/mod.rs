//! Arithmetic and conditions in rules: `0.02 / sqrt(2 * n_layer)`, `model_type in ('gemma', 'gemma2')`.
//!
//! Our own, although libraries exist, because the result becomes bits: only operations that every platform rounds alike are offered
//! (`+ - * /`, `sqrt`, whole powers by repeated squaring, exact integer functions), so that a rules file means the same f64
//! everywhere. A library's `^` is the platform's `pow`.

mod parser;
mod value;

use parser::Parser;
pub(crate) use value::Value;

/// The value of an expression: a number, or 1 or 0 for a condition. `variable` knows the names.
///
/// # Errors
/// What is wrong with the text, or which variable is unknown, or that the value is not finite.
pub(super) fn evaluate<'a, 'v: 'a>(text: &'a str, variable: &dyn Fn(&str) -> Option<Value<'v>>) -> Result<f64, String> {
    let value = Parser::new(text, variable).whole()?.number()?;
    if value.is_finite() { Ok(value) } else { Err(format!("{text:?} is {value}, it must be finite")) }
}

/// The value of an expression that may also be a text or a list.
///
/// # Errors
/// As of [`evaluate`].
pub(super) fn value<'a, 'v: 'a>(
    text: &'a str,
    variable: &dyn Fn(&str) -> Option<Value<'v>>,
) -> Result<Value<'a>, String> {
    Parser::new(text, variable).whole()
}

/// A number as one would write it in an expression: 1e300 has no 301 digits.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 || (1e-5..1e16).contains(&value.abs()) { value.to_string() } else { format!("{value:e}") }
}

/// Words that are no names of variables.
const WORDS: [&str; 5] = ["pi", "and", "or", "not", "in"];

/// The variables that an expression names, in its order. A text that is no expression may give any.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let mut rest = text;
    core::iter::from_fn(move || {
        loop {
            rest = &rest[rest.find(|c| is_word(c) || c == '\'')?..];
            if let Some(quoted) = rest.strip_prefix('\'') {
                rest = quoted.split_once('\'').map_or("", |(_, after)| after);
                continue;
            }
            let (word, after) = rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
            rest = after;
            let is_name = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            let is_function = after.trim_start().starts_with('(');
            if is_name && !is_function && !WORDS.contains(&word) {
                return Some(word);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Value, evaluate, names};

    fn worked_out(text: &str) -> Result<f64, String> {
        evaluate(text, &|name| match name {
            "n_layer" => Some(Value::Number(12.0)),
            "_d" => Some(Value::Number(768.0)),
            "text_config.n_layer" => Some(Value::Number(3.0)),
            "model_type" => Some(Value::Text("gemma2".into())),
            "architectures" => Some(Value::List(vec![Value::Text("A".into()), Value::Text("B".into())])),
            "sizes" => Some(Value::List([2.0, 4.0, 6.0].map(Value::Number).to_vec())),
            _ => None,
        })
    }

    #[test]
    fn expressions_have_the_values_of_school_arithmetic() {
        for (text, expected) in [
            ("1", 1.0),
            (" 1e-3 ", 0.001),
            ("1E+3", 1000.0),
            ("2.5e3-1", 2499.0),
            (".5", 0.5),
            ("1-2-3", -4.0),
            ("8/4/2", 1.0),
            ("1+2*3", 7.0),
            ("(1+2)*3", 9.0),
            ("-2^2", -4.0),
            ("(-2)^2", 4.0),
            ("2^-2", 0.25),
            ("2^3^2", 512.0),
            ("3^5", 243.0),
            ("2*-3", -6.0),
            ("--3", 3.0),
            ("_d / n_layer", 64.0),
            ("0.02 / sqrt(2 * n_layer)", 0.02 / 24f64.sqrt()),
            ("1/sqrt(2*_d*(n_layer + 1))", 1.0 / (2.0 * 768.0 * 13.0f64).sqrt()),
            ("max(1, min(3, 2))", 2.0),
            ("ceil(_d / 16 + 0.25) + floor(1.75) + abs(-3)", 53.0),
            ("2*pi", core::f64::consts::TAU),
            ("mod(7, 3) + mod(n_layer, 4) + mod(9, 3)", 1.0),
            ("len(architectures) + len(sizes)", 5.0),
            ("sum(sizes) - least(sizes)", 10.0),
            ("sizes[0] + sizes[len(sizes) - 1] * 2", 14.0),
            ("if(n_layer == 12, sizes[1], nothing[0])", 4.0),
            ("if(0, nothing + 1, if(1, 2, 3))", 2.0),
        ] {
            assert_eq!(worked_out(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn conditions_are_1_or_0() {
        for (text, expected) in [
            ("1 == 1", 1.0),
            ("n_layer != 12", 0.0),
            ("2 < 3", 1.0),
            ("3 <= 3 and 3 >= 3", 1.0),
            ("3 > 3 or not 1", 0.0),
            ("not 0 and not 0", 1.0),
            // `and` binds more than `or`.
            ("1 or 0 and 0", 1.0),
            ("(1 or 0) and 0", 0.0),
            ("1 + 1 == 2", 1.0),
            ("model_type == 'gemma2'", 1.0),
            ("model_type != 'gemma2'", 0.0),
            ("model_type in ('gemma', 'gemma2')", 1.0),
            ("model_type not in ('gemma', 'gemma2')", 0.0),
            ("'B' in architectures", 1.0),
            ("'C' in architectures", 0.0),
            ("n_layer in (6, 2 * 6)", 1.0),
            ("text_config.n_layer * (model_type == 'gemma2')", 3.0),
            // What is not known does not matter where it cannot matter.
            ("has(n_layer)", 1.0),
            ("has(model_type) and not has(width)", 1.0),
            ("has(width) and width == 3", 0.0),
            ("architectures[1] == 'B' and if(1, 'x', 2) == 'x'", 1.0),
            ("not has(width) or width in ('a', 'b') or 1 + 'a'", 1.0),
        ] {
            assert_eq!(worked_out(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn the_names_of_an_expression_are_its_variables() {
        for (text, expected) in [
            ("", &[][..]),
            ("1e3 + 0.5", &[]),
            ("x", &["x"]),
            ("2*pi*_d", &["_d"]),
            ("max (a, sqrt(b1))/a", &["a", "b1", "a"]),
            ("é+n_layer", &["n_layer"]),
            ("model_type in ('a b', 'c') and not has(x.y)", &["model_type", "x.y"]),
            ("'unfinished", &[]),
        ] {
            assert_eq!(names(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let deep = format!("{}1{}", "(".repeat(100), ")".repeat(100));
        for (text, says) in [
            ("", "ends where a number was expected"),
            ("1 +", "ends where"),
            ("1 2", "'2' was not expected"),
            ("(1", "closing parenthesis is missing"),
            ("1)", "')' was not expected"),
            ("1 % 2", "'%' was not expected"),
            ("1.2.3", "\"1.2.3\" is not a number"),
            ("1x", "\"1x\" is not a number"),
            ("width", "the variable \"width\" is not known"),
            ("log(2)", "\"log\" is not one of the functions"),
            ("sqrt(1, 2)", "takes one argument, not 2"),
            ("min(1)", "takes two arguments, not 1"),
            ("2^0.5", "there is sqrt(x)"),
            ("2^65", "no whole number"),
            ("1/0", "is inf, it must be finite"),
            ("sqrt(-1)", "is NaN, it must be finite"),
            ("10^64^64", "no whole number"),
            ("é", "'é' was not expected"),
            ("model_type", "the text 'gemma2' is no number"),
            ("model_type + 1", "the text 'gemma2' is no number"),
            ("model_type == 2", "'gemma2' and 2 cannot be compared: one is a text, the other a number"),
            ("model_type in 'gemma2'", "is a text: after in stands a list"),
            ("architectures == 'A'", "the list and 'A' cannot be compared"),
            ("model_type in (", "ends where"),
            ("model_type in ('a' 'b')", "closing parenthesis is missing"),
            ("'a", "a closing ' is missing"),
            ("1 == 2 == 3", "'=' was not expected"),
            ("1 = 2", "'=' was not expected"),
            ("has(1)", "has takes the name of a variable"),
            ("has(width", "closing parenthesis is missing"),
            ("1 and width", "the variable \"width\" is not known"),
            ("sizes[3]", "the list has 3 entries, counted from 0, and none at 3"),
            ("sizes[0.5]", "none at 0.5"),
            ("n_layer[0]", "12 is a number: brackets stand after a list"),
            ("sizes[0", "a closing bracket is missing"),
            ("len(n_layer)", "12 is a number: len takes a list"),
            ("sum(architectures)", "the text 'A' is no number"),
            ("if(1, 2)", "if takes a condition and two values"),
            ("mod(1)", "mod takes two arguments, not 1"),
            ("sizes", "a list is no number"),
            ("and", "\"and\" was not expected"),
            ("not", "ends where"),
            (deep.as_str(), "nested more than 64 deep"),
        ] {
            let error = worked_out(text).expect_err(text);
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
