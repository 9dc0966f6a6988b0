//! Rules of an absurd size: read in reasonable time or refused with words, never a lost stack or an endless search.

use std::fmt::Write;
use std::thread;
use std::time::{Duration, Instant};
use wgpu_init::Shape;
use wgpu_init_models::{Assignments, Error, Parameter, Result, Rules, Variables};

/// Far above what any of them takes on a slow machine, far below what one without bounds takes.
const LONGEST: Duration = Duration::from_secs(60);

fn model(count: usize) -> Vec<Parameter> {
    let one = |index| Parameter::new(format!("h.{index}.mlp.weight"), Shape::new([4, 3]).expect("a shape"));
    (0..count).map(one).collect()
}

/// On a thread with the little stack that an embedding program may have.
fn assign(text: String, parameters: Vec<Parameter>) -> Result<Assignments> {
    let start = Instant::now();
    let work = move || text.parse::<Rules>()?.assign(&parameters, &Variables::new());
    let result = thread::Builder::new().stack_size(1 << 19).spawn(work).expect("a thread").join().expect("no panic");
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
    result
}

fn refused(text: String, parameters: Vec<Parameter>, says: &str) {
    let error = assign(text, parameters).expect_err(says);
    assert!(matches!(error, Error::InvalidRules { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(says), "{says}: {}", text.chars().take(500).collect::<String>());
    assert!(text.len() < 12_000, "{} bytes", text.len());
}

fn all(init: &str) -> String {
    format!("[[rule]]\nname = \"*\"\ninit = \"{init}\"\n")
}

fn first(result: Result<Assignments>) -> String {
    let list = result.unwrap_or_else(|error| panic!("{error}")).list;
    list[0].drawn().expect("drawn").distribution.to_string()
}

#[test]
fn a_chain_of_variables_may_be_long() {
    let chain = |count: usize, last: &str| {
        let mut text = "[variables]\n".to_owned();
        for index in 0..count {
            writeln!(text, "v{index} = \"v{} + 1\"", index + 1).expect("a string");
        }
        writeln!(text, "v{count} = {last}").expect("a string");
        text + &all("constant(v0)")
    };
    assert_eq!(first(assign(chain(8000, "1"), model(2))), "constant(8001)");
    refused(chain(8000, "\"v17\""), model(2), "is defined by itself");
    refused(chain(8000, "\"v17x\""), model(2), "the variable v8000: the variable \"v17x\" is not known");
    // Each stands twice in the one before it.
    let mut doubling = "[variables]\n".to_owned();
    for index in 0..200 {
        writeln!(doubling, "d{index} = \"d{} + d{} - d{}\"", index + 1, index + 1, index + 1).expect("a string");
    }
    assert_eq!(first(assign(doubling + "d200 = 3\n" + &all("constant(d0)"), model(2))), "constant(3)");
    refused(chain(20_000, "1"), model(2), "has 20001 variables, at most 16384 are read");
}

#[test]
fn texts_have_a_length() {
    let sum = format!("1{}", "+1".repeat(200_000));
    refused(all(&format!("constant({sum})")), model(2), "init has 400011 bytes, at most 4096 are read");
    refused(format!("[variables]\nx = \"{sum}\"\n") + &all("constant(x)"), model(2), "its text has 400001 bytes");
    refused(
        format!("[variables]\nx = {{ count = '({sum})' }}\n") + &all("zeros"),
        model(2),
        "its text has 400003 bytes",
    );
    for line in [
        format!("init = \"zeros\"\nwhen = \"{sum}\""),
        format!("init = \"zeros\"\nshape = [\"{sum}\", 1]"),
        format!("init = \"zeros\"\npadding_row = \"{sum}\""),
        format!("init = \"zeros\"\nparts = [{{ rows = [0, \"{sum}\"], init = \"ones\" }}]"),
        format!("init = \"zeros\"\nstream = \"{sum}\""),
        format!("tie = \"{sum}\""),
        format!("init = \"zeros\"\nregex = \"{sum}\""),
    ] {
        refused(format!("[[rule]]\nname = \"*\"\n{line}\n"), model(2), "bytes, at most 4096 are read");
    }
    refused(format!("[[rule]]\nname = \"{sum}\"\ninit = \"zeros\"\n"), model(2), "bytes, at most 4096 are read");
    refused("#".repeat(2 << 20), model(2), "has 2097152 bytes, at most 1048576 are read");
    refused(all("zeros").repeat(5000), model(2), "has 5000 rules, at most 4096 are read");
    let list = vec!["\"*\""; 5000].join(", ");
    refused(format!("[[rule]]\nname = [{list}]\ninit = \"zeros\"\n"), model(2), "name has 5000 globs, at most 1024");
    let parts = vec!["{ rows = [0, 1], init = \"ones\" }"; 5000].join(", ");
    refused(all("zeros") + &format!("parts = [{parts}]\n"), model(2), "parts has 5000 entries, at most 1024");
    refused(format!("name = \"{sum}\"\n") + &all("zeros"), model(2), "name has 400001 bytes");
    let nested = |depth| all(&format!("constant({}1{})", "max(0,(".repeat(depth), "))".repeat(depth)));
    assert_eq!(first(assign(nested(31), model(2))), "constant(1)");
    refused(nested(1000).replace("max(0,(", "-(").replace("))", ")"), model(2), "nested more than 64 deep");
    // A rule with many globs is named by the first of them.
    let globs: Vec<String> = (0..1000).map(|index| format!("\"x{index}*\"")).collect();
    let rules = format!("[[rule]]\nname = [{}, \"*\"]\ninit = \"constant(x)\"\n", globs.join(", "));
    refused(rules, model(2), "x0* or x1* or");
    // As long as may be.
    assert_eq!(first(assign(all(&format!("constant(1{})", "+1".repeat(2000))), model(500))), "constant(2001)");
}

#[test]
fn patterns_have_a_size_and_a_depth() {
    let glob = |glob: &str| format!("[[rule]]\nname = '{glob}'\ninit = \"zeros\"\n");
    let regex = |regex: &str| format!("[[rule]]\nregex = '{regex}'\ninit = \"zeros\"\n");
    refused(glob(&format!("{}a{}", "{".repeat(1000), "}".repeat(1000))), model(2), "glob");
    refused(regex(r"\w{1000}"), model(2), "compiled it has more than");
    refused(regex("((a{100}){100}){100}"), model(2), "compiled it has more than");
    refused(regex(&format!("{}a{}", "(".repeat(1000), ")".repeat(1000))), model(2), "cannot be read");
    let count = r"[variables]\nx = { count = '(\w{1000})' }\n".replace("\\n", "\n");
    refused(count + &all("constant(x)"), model(2), "the variable x: the regex");
    // The usual ones are small.
    for usual in [r"(?:^|\.)h\.(\d+)\.", r"^(.*)lm_head\.weight$", r"\w+\.\w+", r"(?<layer>\d+)\.(?<expert>\d+)"] {
        let rules = regex(usual) + &all("zeros");
        assert_eq!(first(assign(rules, model(2))), "constant(0)", "{usual}");
    }
    refused("a = ".to_owned() + &"[".repeat(100_000), model(2), "TOML parse error");
    refused(format!("a = {}1{}", "{ a = ".repeat(50_000), " }".repeat(50_000)), model(2), "TOML parse error");
    refused("a.".repeat(100_000) + "a = 1", model(2), "TOML parse error");
}

#[test]
fn thousands_of_rules_for_thousands_of_parameters_are_done_or_refused() {
    let rules = |rule: &dyn Fn(usize) -> String| (0..4000).map(rule).collect::<String>() + &all("zeros");
    let ends = |text: String, count: usize| match assign(text, model(count)) {
        Ok(_) => {}
        Err(error) => assert!(error.to_string().contains("takes more than"), "{error}"),
    };
    ends(rules(&|index| format!("[[rule]]\nregex = '^x{index}\\.(\\d+)\\.(.*)$'\ninit = \"zeros\"\n")), 1500);
    ends(rules(&|index| format!("[[rule]]\nname = \"*x{index}*weight*y\"\ninit = \"zeros\"\n")), 1500);
    let sum = "+dim0".repeat(40);
    ends(
        rules(&|_| format!("[[rule]]\nname = \"*\"\ninit = \"zeros\"\nwhen = \"0{}\"\n", sum.replace('+', "*"))),
        3000,
    );
    // Regexes that are slow by themselves.
    let slow = rules(&|_| "[[rule]]\nregex = '(\\w*\\w*){3}x'\ninit = \"zeros\"\n".to_owned());
    refused(slow, model(300), "patterns, at most 16384 are read");
    let slow = (0..100).map(|_| "[[rule]]\nregex = '(\\w*\\w*){3}x'\ninit = \"zeros\"\n").collect::<String>();
    ends(slow + &all("zeros"), 1500);
    let many = vec!["\"*\""; 1000].join(", ");
    let many = format!("[[rule]]\nname = [{many}]\ninit = \"zeros\"\n").repeat(100);
    refused(many, model(2), "patterns, at most 16384 are read");
    // Every variable goes through all the names.
    let mut counts = "[variables]\n".to_owned();
    for index in 0..8000 {
        writeln!(counts, "c{index} = {{ count = 'h\\.(\\d+)\\.{index}' }}").expect("a string");
    }
    let sums: String = (0..80)
        .map(|row| {
            let list: Vec<String> = (row * 100..(row + 1) * 100).map(|index| format!("c{index}")).collect();
            format!("s{row} = \"{}\"\n", list.join("+"))
        })
        .collect();
    let total: Vec<String> = (0..80).map(|row| format!("s{row}")).collect();
    ends(counts + &sums + &all(&format!("constant({})", total.join("+"))), 1500);
}

#[test]
fn templates_and_chains_of_ties_do_not_multiply() {
    let long = |count: usize, bytes: usize| {
        let one = |index| Parameter::new(format!("{index}.{}", "n".repeat(bytes)), Shape::new([4]).expect("a shape"));
        (0..count).map(one).collect::<Vec<_>>()
    };
    let template = "$1".repeat(2000);
    for line in [format!("tie = \"{template}\""), format!("init = \"normal(0,1)\"\nstream = \"{template}\"")] {
        refused(format!("[[rule]]\nregex = '^(.*)$'\n{line}\n"), long(2, 1000), "write fewer captures");
    }
    // Every parameter is tied to the one before it.
    let mut rules = String::new();
    let parameters = model(4000);
    for index in 1..4000 {
        let tie = format!("[[rule]]\nname = \"h.{index}.mlp.weight\"\ntie = \"h.{}.mlp.weight\"\n", index - 1);
        rules.push_str(&tie);
    }
    let list = assign(rules + &all("normal(0,1)"), parameters).expect("a chain of ties").list;
    assert_eq!(list[3999].drawn().and_then(|drawn| drawn.tied_to.as_deref()), Some("h.0.mlp.weight"));
}

/// A cached value must not leak from one parameter or rule to another.
#[test]
fn numbers_of_a_parameter_are_its_own() {
    let text = r#"
        [variables]
        layer = 100
        dim5 = 7
        wide = "2 * layer"
        [[rule]]
        regex = 'h\.(?<layer>\d+)\.'
        init = "constant(layer + dim5 + wide)"
        [[rule]]
        name = "*"
        init = "constant(layer + dim5 + wide)"
    "#;
    let mut parameters = model(3);
    parameters.push(Parameter::new("x", Shape::new([1, 1, 1, 1, 1, 3]).expect("a shape")));
    parameters.push(Parameter::new("y", Shape::new([1]).expect("a shape")));
    let list = assign(text.to_owned(), parameters).expect("rules").list;
    let got: Vec<String> = list.iter().map(|one| one.drawn().expect("drawn").distribution.to_string()).collect();
    assert_eq!(got, ["constant(207)", "constant(208)", "constant(209)", "constant(303)", "constant(307)"]);
}
