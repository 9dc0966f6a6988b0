//! Reads an expression and works it out on the way.

use super::{Value, WORDS};

/// Parentheses, signs and powers inside each other.
const MOST_NESTED: usize = 64;
/// Largest exponent of `^` in magnitude.
const MOST_POWER: f64 = 64.0;

pub(super) struct Parser<'a, 'f, 'v> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Inside what cannot matter, such as the right side of `0 and …`: it is read, and its numbers are not worked out.
    is_skipping: bool,
    variable: &'f dyn Fn(&str) -> Option<Value<'v>>,
}

impl<'a, 'f, 'v: 'a> Parser<'a, 'f, 'v> {
    pub(super) fn new(text: &'a str, variable: &'f dyn Fn(&str) -> Option<Value<'v>>) -> Self {
        Self { text, at: 0, depth: 0, is_skipping: false, variable }
    }

    /// The whole text as one expression.
    pub(super) fn whole(&mut self) -> Result<Value<'a>, String> {
        let value = self.any()?;
        match self.peek() {
            Some(unexpected) => Err(format!("{unexpected:?} was not expected in {:?}", self.text)),
            None => Ok(value),
        }
    }

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

    /// The name or word that stands next; empty if none does.
    fn peek_word(&mut self) -> &'a str {
        self.peek();
        let rest: &'a str = &self.text[self.at..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let word = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
        if word.starts_with(|c: char| c.is_ascii_digit() || c == '.') { "" } else { word }
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let found = self.peek_word() == wanted;
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn take_sign(&mut self, wanted: &str) -> bool {
        self.peek();
        let found = self.text[self.at..].starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    /// Something nested one deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        self.depth += 1;
        if self.depth > MOST_NESTED {
            return Err(format!("{:?} is nested more than {MOST_NESTED} deep", self.text));
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// Reads a side of `and` or `or`, whose value does not matter if `decided`.
    fn side(
        &mut self,
        decided: bool,
        read: impl FnOnce(&mut Self) -> Result<Value<'a>, String>,
    ) -> Result<bool, String> {
        let before = self.is_skipping;
        self.is_skipping |= decided;
        let value = read(self).and_then(|value| self.real(&value));
        self.is_skipping = before;
        value.map(|number| number != 0.0)
    }

    /// The number of a value; any number where it does not matter.
    fn real(&self, value: &Value<'a>) -> Result<f64, String> {
        if self.is_skipping { Ok(1.0) } else { value.number() }
    }

    fn any(&mut self) -> Result<Value<'a>, String> {
        let mut value = self.all()?;
        while self.take_word("or") {
            let left = self.real(&value)? != 0.0;
            let right = self.side(left, Self::all)?;
            value = Value::flag(left || right);
        }
        Ok(value)
    }

    fn all(&mut self) -> Result<Value<'a>, String> {
        let mut value = self.inverted()?;
        while self.take_word("and") {
            let left = self.real(&value)? != 0.0;
            let right = self.side(!left, Self::inverted)?;
            value = Value::flag(left && right);
        }
        Ok(value)
    }

    fn inverted(&mut self) -> Result<Value<'a>, String> {
        if !self.take_word("not") {
            return self.comparison();
        }
        let value = self.deeper(Self::inverted)?;
        Ok(Value::flag(self.real(&value)? == 0.0))
    }

    fn comparison(&mut self) -> Result<Value<'a>, String> {
        let left = self.sum()?;
        let before = self.at;
        let inverted = self.take_word("not");
        if self.take_word("in") {
            let list = self.list()?;
            return if self.is_skipping {
                Ok(Value::flag(true))
            } else {
                Ok(Value::flag(left.is_in(&list)? != inverted))
            };
        }
        if inverted {
            self.at = before;
            return Ok(left);
        }
        let signs = ["==", "!=", "<=", ">=", "<", ">"];
        let Some(sign) = signs.into_iter().find(|sign| self.take_sign(sign)) else { return Ok(left) };
        let right = self.sum()?;
        if self.is_skipping {
            return Ok(Value::flag(true));
        }
        Ok(Value::flag(match sign {
            "==" => left.is(&right)?,
            "!=" => !left.is(&right)?,
            "<=" => left.number()? <= right.number()?,
            ">=" => left.number()? >= right.number()?,
            "<" => left.number()? < right.number()?,
            _ => left.number()? > right.number()?,
        }))
    }

    /// What stands after `in`: entries in parentheses, or a variable that is a list.
    fn list(&mut self) -> Result<Value<'a>, String> {
        if !self.take('(') {
            return self.atom();
        }
        let mut entries = vec![self.sum()?];
        while self.take(',') {
            entries.push(self.sum()?);
        }
        self.close()?;
        Ok(Value::List(entries))
    }

    fn sum(&mut self) -> Result<Value<'a>, String> {
        let mut value = self.product()?;
        loop {
            let is_sum = self.take('+');
            if !is_sum && !self.take('-') {
                return Ok(value);
            }
            let right = self.product()?;
            let (left, right) = (self.real(&value)?, self.real(&right)?);
            value = Value::Number(if is_sum { left + right } else { left - right });
        }
    }

    fn product(&mut self) -> Result<Value<'a>, String> {
        let mut value = self.signed()?;
        loop {
            let is_product = self.take('*');
            if !is_product && !self.take('/') {
                return Ok(value);
            }
            let right = self.signed()?;
            let (left, right) = (self.real(&value)?, self.real(&right)?);
            value = Value::Number(if is_product { left * right } else { left / right });
        }
    }

    /// A sign binds less than a power: −2^2 = −4.
    fn signed(&mut self) -> Result<Value<'a>, String> {
        self.deeper(|inner| {
            if inner.take('-') {
                let value = inner.signed()?;
                Ok(Value::Number(-inner.real(&value)?))
            } else {
                inner.power()
            }
        })
    }

    fn power(&mut self) -> Result<Value<'a>, String> {
        let base = self.atom()?;
        if !self.take('^') {
            return Ok(base);
        }
        let exponent = self.signed()?;
        let (base, exponent) = (self.real(&base)?, self.real(&exponent)?);
        if exponent.fract() != 0.0 || exponent.abs() > MOST_POWER {
            return Err(format!(
                "the exponent {exponent} in {:?} is no whole number from -{MOST_POWER} to {MOST_POWER}; there is sqrt(x)",
                self.text
            ));
        }
        let positive = whole_power(base, exponent.abs());
        Ok(Value::Number(if exponent < 0.0 { 1.0 / positive } else { positive }))
    }

    fn atom(&mut self) -> Result<Value<'a>, String> {
        if self.take('(') {
            let value = self.any()?;
            return self.close().map(|()| value);
        }
        match self.peek() {
            Some('\'') => self.quoted(),
            Some(first) if first.is_ascii_digit() || first == '.' => self.digits(),
            Some(first) if first.is_ascii_alphabetic() || first == '_' => self.name(),
            Some(unexpected) => Err(format!("{unexpected:?} was not expected in {:?}", self.text)),
            None => Err(format!("{:?} ends where a number was expected", self.text)),
        }
    }

    fn close(&mut self) -> Result<(), String> {
        if self.take(')') { Ok(()) } else { Err(format!("a closing parenthesis is missing in {:?}", self.text)) }
    }

    fn quoted(&mut self) -> Result<Value<'a>, String> {
        let rest: &'a str = &self.text[self.at + 1..];
        let Some((text, _)) = rest.split_once('\'') else {
            return Err(format!("a closing ' is missing in {:?}", self.text));
        };
        self.at += text.len() + 2;
        Ok(Value::Text(text.into()))
    }

    fn digits(&mut self) -> Result<Value<'a>, String> {
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
        text.parse().map(Value::Number).map_err(|_| format!("{text:?} is not a number"))
    }

    fn name(&mut self) -> Result<Value<'a>, String> {
        let name = self.peek_word();
        if name != "pi" && WORDS.contains(&name) {
            return Err(format!("{name:?} was not expected in {:?}", self.text));
        }
        self.at += name.len();
        if self.take('(') {
            return match name {
                "has" => self.has(),
                "if" => self.choice(),
                "len" | "sum" | "least" => self.of_list(name),
                _ => self.function(name),
            };
        }
        if name == "pi" {
            return Ok(Value::Number(core::f64::consts::PI));
        }
        let value = if self.is_skipping {
            Value::Number(1.0)
        } else {
            (self.variable)(name).ok_or_else(|| {
                format!(
                    "the variable {name:?} is not known: define it under [variables], or give it, as by --set {name}=NUMBER"
                )
            })?
        };
        if self.take('[') { self.entry(value) } else { Ok(value) }
    }

    /// An entry of a list, counted from 0: `layer_types[layer]`.
    fn entry(&mut self, list: Value<'a>) -> Result<Value<'a>, String> {
        let index = self.deeper(Self::any)?;
        if !self.take(']') {
            return Err(format!("a closing bracket is missing in {:?}", self.text));
        }
        if self.is_skipping { Ok(Value::Number(1.0)) } else { list.entry(index.number()?) }
    }

    /// `if(CONDITION, A, B)`: only the one that counts is worked out.
    fn choice(&mut self) -> Result<Value<'a>, String> {
        let condition = self.any()?;
        let holds = self.real(&condition)? != 0.0;
        let before = self.is_skipping;
        let mut branch = |skip: bool| {
            if !self.take(',') {
                return Err(format!("if takes a condition and two values, in {:?}", self.text));
            }
            self.is_skipping = before || skip;
            let value = self.any();
            self.is_skipping = before;
            value
        };
        let (yes, no) = (branch(!holds)?, branch(holds)?);
        self.close()?;
        Ok(if holds { yes } else { no })
    }

    /// How many entries a list has, their sum, or the least of them.
    fn of_list(&mut self, name: &str) -> Result<Value<'a>, String> {
        let list = self.any()?;
        self.close()?;
        if self.is_skipping {
            return Ok(Value::Number(1.0));
        }
        match name {
            "len" => list.entries(name).map(|entries| Value::Number(entries.len() as f64)),
            "sum" => list.numbers(name).map(|numbers| Value::Number(numbers.iter().sum())),
            _ => list
                .numbers(name)?
                .into_iter()
                .reduce(f64::min)
                .map(Value::Number)
                .ok_or_else(|| "least takes a list that is not empty".to_owned()),
        }
    }

    /// Whether a variable is known.
    fn has(&mut self) -> Result<Value<'a>, String> {
        let name = self.peek_word();
        if name.is_empty() || WORDS.contains(&name) {
            return Err(format!("has takes the name of a variable, in {:?}", self.text));
        }
        self.at += name.len();
        self.close()?;
        Ok(Value::flag((self.variable)(name).is_some()))
    }

    fn function(&mut self, name: &str) -> Result<Value<'a>, String> {
        let mut arguments = Vec::new();
        loop {
            let argument = self.any()?;
            arguments.push(self.real(&argument)?);
            if !self.take(',') {
                break;
            }
        }
        self.close()?;
        function(name, &arguments).map(Value::Number)
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
        // What is left of whole steps of `y`; the division rounds, so that it is exact for whole numbers below 2^53 only.
        ("mod", [x, y]) => Ok(x - y * (x / y).floor()),
        ("sqrt" | "abs" | "floor" | "ceil", _) => Err(format!("{name} takes one argument, not {}", arguments.len())),
        ("min" | "max" | "mod", _) => Err(format!("{name} takes two arguments, not {}", arguments.len())),
        _ => Err(format!(
            "{name:?} is not one of the functions sqrt, abs, floor, ceil, min, max, mod, len, sum, least, if, has"
        )),
    }
}
