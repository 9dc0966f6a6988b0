//! Bad rules, recipes and configurations: each is refused with its variant of `Error`, in words that say what to do.

mod configs;
mod rules;
#[path = "../../../tests/support/variants.rs"]
mod variants;

use std::collections::BTreeSet;
use wgpu_init_models::Result;

/// A bad input, the variant of `Error` it gives, and what the message must say.
pub(crate) struct Row {
    name: String,
    variant: &'static str,
    says: String,
    call: Box<dyn Fn() -> Result<()>>,
}

impl Row {
    pub(crate) fn call(
        name: impl Into<String>,
        variant: &'static str,
        says: impl Into<String>,
        call: impl Fn() -> Result<()> + 'static,
    ) -> Self {
        Self { name: name.into(), variant, says: says.into(), call: Box::new(call) }
    }

    /// `Err` says in which way the row does not hold.
    fn check(&self) -> Result<(), String> {
        let Self { name, variant, says, call } = self;
        let Err(error) = call() else { return Err(format!("{name}: was accepted")) };
        let (message, got) = (error.to_string(), variants::name(&error));
        if got != *variant {
            return Err(format!("{name}: {got} instead of {variant}: {message}"));
        }
        if message.contains(says.as_str()) { Ok(()) } else { Err(format!("{name}: does not say {says:?}: {message}")) }
    }
}

fn rows() -> Vec<Row> {
    [rules::recipes(), rules::files(), rules::models(), configs::configs()].into_iter().flatten().collect()
}

#[test]
fn every_bad_input_is_refused_with_its_variant_and_says_what_to_do() {
    let rows = rows();
    assert!(rows.len() >= 60, "{} rows", rows.len());
    let wrong: Vec<String> = rows.iter().filter_map(|row| row.check().err()).collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_variant_of_error_is_produced_by_a_row() {
    let declared = variants::declared(include_str!("../../src/error.rs"));
    assert!(declared.len() > 5, "the variants were not found: {declared:?}");
    let produced: BTreeSet<&str> = rows().iter().map(|row| row.variant).collect();
    assert_eq!(declared, produced);
}

/// Negative control: a table that accepts everything proves nothing.
#[test]
fn the_table_sees_a_wrong_variant_a_missing_word_and_an_accepted_input() {
    let read = |text: &'static str| move || text.parse::<wgpu_init_models::Recipe>().map(|_| ());
    let fails = |row: Row| row.check().expect_err("the row is wrong");
    assert!(fails(Row::call("a", "InvalidRules", "the recipes", read("x"))).contains("UnknownRecipe"));
    assert!(fails(Row::call("b", "UnknownRecipe", "write y", read("x"))).contains("does not say"));
    assert!(fails(Row::call("c", "UnknownRecipe", "the recipes", read("gpt2"))).contains("accepted"));
}
