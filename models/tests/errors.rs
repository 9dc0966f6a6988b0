//! How errors print: everything once, and lists that a reader can take in.

use wgpu_init::{CpuExecutor, Error as CoreError, Fill, Initializer, Seed, Shape};
use wgpu_init_models::{Error, Parameter, Rules, Variables};

fn parameter(name: &str) -> Parameter {
    Parameter::new(name, Shape::new([4]).expect("a shape"))
}

/// `anyhow` prints an error and its sources: what the message says itself must not be a source too.
#[test]
fn a_chain_of_errors_says_everything_once() {
    let rules: Rules = "[[rule]]\nname = \"*\"\ninit = \"he_normal\"".parse().expect("rules");
    let of_model = rules.assign(&[parameter("c.bias")], &Variables::new()).expect_err("a vector has no fans");
    assert!(matches!(&of_model, Error::Parameter { name, .. } if name == "c.bias"), "{of_model:?}");
    assert!(of_model.to_string().starts_with("parameter c.bias of the shape [4], by rules 1: *: fan_in"), "{of_model}");
    let mut bytes = [0; 15];
    let fill = Fill::new(Shape::new([4]).expect("a shape"), Initializer::normal(0.0, 1.0)).expect("a fill");
    let of_fill = CpuExecutor::new().run([(&mut bytes[..], fill.named(Seed::new(1), "w"))]).expect_err("too small");
    assert!(matches!(&of_fill, CoreError::Fill { .. }), "{of_fill:?}");
    for (error, says) in [
        (anyhow::Error::from(of_model), "fan_in and fan_out of a shape of rank 1"),
        (anyhow::Error::from(of_fill), "the target has 15 bytes"),
    ] {
        let text = format!("{error:#}");
        assert_eq!(text.matches(says).count(), 1, "{text}");
    }
}

/// What a parameter's module is stands in no checkpoint, so it is what one forgets.
#[test]
fn torch_default_says_what_it_goes_by() {
    let rules: Rules = "[[rule]]\nname = \"*\"\ninit = \"torch_default\"".parse().expect("rules");
    let say = |list: &[Parameter]| rules.assign(list, &Variables::new()).expect_err("no class").to_string();
    let text = say(&[parameter("a"), parameter("b"), parameter("c").in_module("Mystery")]);
    assert!(text.contains("class of a parameter's module, which 2 of them lack: say it, e.g. \"module\": "), "{text}");
    assert!(text.contains("does not know the module classes\n  Mystery\nadd rules"), "{text}");
    let text = say(&[parameter("c").in_module("Mystery")]);
    assert!(!text.contains("lack"), "{text}");
    let none: Rules = "name = \"mine\"".parse().expect("rules");
    let text = none.assign(&[parameter("a")], &Variables::new()).expect_err("no rules").to_string();
    assert!(!text.contains("torch_default"), "{text}");
}

#[test]
fn of_many_unmatched_parameters_the_first_ten_are_named_one_a_line() {
    let rules: Rules = "name = \"mine\"".parse().expect("rules");
    let say = |count: usize| {
        let list: Vec<_> = (0..count).map(|index| parameter(&format!("p{index}"))).collect();
        rules.assign(&list, &Variables::new()).expect_err("no rules").to_string()
    };
    let lines: Vec<String> = say(4711).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 13, "{lines:?}");
    assert_eq!((lines[0].as_str(), lines[1].as_str()), ("mine: no rule for the parameters", "  p0"));
    assert_eq!((lines[10].as_str(), lines[11].as_str()), ("  p9", "  and 4701 more"));
    assert!(!say(10).contains("more"), "{}", say(10));
    assert!(say(11).contains("  p9\n  and 1 more\n"), "{}", say(11));
}
