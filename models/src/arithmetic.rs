//! Arithmetic in rules: `0.02 / sqrt(2 * n_layer)`.
//!
//! Our own, although libraries exist, because the result becomes bits: only operations that every platform rounds alike are offered
//! (`+ - * /`, `sqrt`, whole powers by repeated squaring, exact integer functions), so that a rules file means the same f64
//! everywhere. A library's `^` is the platform's `pow`.

/// Parentheses, signs and powers inside each other.
const MOST_NESTED: usize = 64;
/// Largest exponent of `^` in magnitude.
const MOST_POWER: f64 = 64.0;

/// The value of an expression. `variable` knows the names.
///
/// # Errors
/// What is wrong with the text, or which variable is unknown, or that the value is not finite.
pub(super) fn evaluate(text: &str, variable: &dyn Fn(&str) -> Option<f64>) -> Result<f64, String> {
    let mut parser = Parser { text, at: 0, depth: 0, variable };
    let value = parser.sum()?;
    match parser.peek() {
        Some(unexpected) => Err(format!("{unexpected:?} was not expected in {text:?}")),
        None if value.is_finite() => Ok(value),
        None => Err(format!("{text:?} is {value}, it must be finite")),
    }
}

/// A number as one would write it in an expression: 1e300 has no 301 digits.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 || (1e-5..1e16).contains(&value.abs()) { value.to_string() } else { format!("{value:e}") }
}

/// The variables that an expression names, in its order. A text that is no expression may give any.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let mut rest = text;
    core::iter::from_fn(move || {
        loop {
            rest = &rest[rest.find(is_word)?..];
            let (word, after) = rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
            rest = after;
            let is_name = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            let is_function = after.trim_start().starts_with('(');
            if is_name && !is_function && word != "pi" {
                return Some(word);
            }
        }
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    variable: &'a dyn Fn(&str) -> Option<f64>,
}

impl<'a> Parser<'a> {
    /// The next character that is not a space.
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed.chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn sum(&mut self) -> Result<f64, String> {
        let mut value = self.product()?;
        loop {
            if self.take('+') {
                value += self.product()?;
            } else if self.take('-') {
                value -= self.product()?;
            } else {
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut value = self.signed()?;
        loop {
            if self.take('*') {
                value *= self.signed()?;
            } else if self.take('/') {
                value /= self.signed()?;
            } else {
                return Ok(value);
            }
        }
    }

    /// A sign binds less than a power: −2^2 = −4.
    fn signed(&mut self) -> Result<f64, String> {
        self.depth += 1;
        if self.depth > MOST_NESTED {
            return Err(format!("{:?} is nested more than {MOST_NESTED} deep", self.text));
        }
        let value = if self.take('-') { -self.signed()? } else { self.power()? };
        self.depth -= 1;
        Ok(value)
    }

    fn power(&mut self) -> Result<f64, String> {
        let base = self.atom()?;
        if !self.take('^') {
            return Ok(base);
        }
        let exponent = self.signed()?;
        if exponent.fract() != 0.0 || exponent.abs() > MOST_POWER {
            return Err(format!(
                "the exponent {exponent} in {:?} is no whole number from -{MOST_POWER} to {MOST_POWER}; there is sqrt(x)",
                self.text
            ));
        }
        let positive = whole_power(base, exponent.abs());
        Ok(if exponent < 0.0 { 1.0 / positive } else { positive })
    }

    fn atom(&mut self) -> Result<f64, String> {
        if self.take('(') {
            let value = self.sum()?;
            return self.close().map(|()| value);
        }
        match self.peek() {
            Some(first) if first.is_ascii_digit() || first == '.' => self.number(),
            Some(first) if first.is_ascii_alphabetic() || first == '_' => self.name(),
            Some(unexpected) => Err(format!("{unexpected:?} was not expected in {:?}", self.text)),
            None => Err(format!("{:?} ends where a number was expected", self.text)),
        }
    }

    fn close(&mut self) -> Result<(), String> {
        if self.take(')') { Ok(()) } else { Err(format!("a closing parenthesis is missing in {:?}", self.text)) }
    }

    fn number(&mut self) -> Result<f64, String> {
        let rest = &self.text.as_bytes()[self.at..];
        let mut length = 0;
        while let Some(byte) = rest.get(length) {
            let exponent_sign = matches!(byte, b'+' | b'-') && matches!(rest[length - 1], b'e' | b'E');
            if !(byte.is_ascii_alphanumeric() || *byte == b'.' || exponent_sign) {
                break;
            }
            length += 1;
        }
        let text = &self.text[self.at..self.at + length];
        self.at += length;
        text.parse().map_err(|_| format!("{text:?} is not a number"))
    }

    fn name(&mut self) -> Result<f64, String> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let name: &'a str = &rest[..length];
        self.at += length;
        if self.take('(') {
            let mut arguments = vec![self.sum()?];
            while self.take(',') {
                arguments.push(self.sum()?);
            }
            self.close()?;
            return function(name, &arguments);
        }
        if name == "pi" {
            return Ok(core::f64::consts::PI);
        }
        (self.variable)(name).ok_or_else(|| {
            format!(
                "the variable {name:?} is not known: define it under [variables], or give it, as by --set {name}=NUMBER"
            )
        })
    }
}

/// base^exponent for a whole exponent ≥ 0, by repeated squaring from the lowest bit.
fn whole_power(base: f64, exponent: f64) -> f64 {
    let (mut value, mut square, mut left) = (1.0, base, exponent);
    while left >= 1.0 {
        if left % 2.0 == 1.0 {
            value *= square;
        }
        square *= square;
        left = (left / 2.0).floor();
    }
    value
}

fn function(name: &str, arguments: &[f64]) -> Result<f64, String> {
    match (name, arguments) {
        ("sqrt", [x]) => Ok(x.sqrt()),
        ("abs", [x]) => Ok(x.abs()),
        ("floor", [x]) => Ok(x.floor()),
        ("ceil", [x]) => Ok(x.ceil()),
        ("min", [x, y]) => Ok(x.min(*y)),
        ("max", [x, y]) => Ok(x.max(*y)),
        ("sqrt" | "abs" | "floor" | "ceil", _) => Err(format!("{name} takes one argument, not {}", arguments.len())),
        ("min" | "max", _) => Err(format!("{name} takes two arguments, not {}", arguments.len())),
        _ => Err(format!("{name:?} is not one of the functions sqrt, abs, floor, ceil, min, max")),
    }
}

#[cfg(test)]
mod tests {
    use super::{evaluate, names};

    fn value(text: &str) -> Result<f64, String> {
        evaluate(text, &|name| match name {
            "n_layer" => Some(12.0),
            "_d" => Some(768.0),
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
        ] {
            assert_eq!(value(text), Ok(expected), "{text}");
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
            (deep.as_str(), "nested more than 64 deep"),
        ] {
            let error = value(text).expect_err(text);
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
