//! The licences of everything that is compiled into the crates are among those that `deny.toml` allows. `./check --deny` looks at more.

use anyhow::{Context, Result, ensure};
use cargo_metadata::{CargoOpt, MetadataCommand};
use serde::Deserialize;
use spdx::{Expression, Licensee};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

/// A name, and what it says of its licence.
type Package = (String, Option<String>);

/// What is allowed to all, and to single packages.
struct Allowed {
    all: Vec<Licensee>,
    some: BTreeMap<String, Vec<Licensee>>,
}

fn allowed() -> Result<Allowed> {
    let Deny { licenses } = toml::from_str(&fs::read_to_string(Path::new(ROOT).join("deny.toml"))?)?;
    let parsed = |names: &[String]| -> Result<Vec<Licensee>> {
        names.iter().map(|name| Licensee::parse(name).with_context(|| name.clone())).collect()
    };
    let some = licenses.exceptions.iter().map(|one| Ok((one.name.clone(), parsed(&one.allow)?)));
    Ok(Allowed { all: parsed(&licenses.allow)?, some: some.collect::<Result<_>>()? })
}

/// All packages of the workspace and of what it is made of, on any platform and with all features.
fn packages() -> Result<Vec<Package>> {
    let mut command = MetadataCommand::new();
    let packages = command.current_dir(ROOT).features(CargoOpt::AllFeatures).other_options(["--locked".to_owned()]);
    Ok(packages.exec()?.packages.into_iter().map(|one| (one.name.to_string(), one.license)).collect())
}

/// Those whose licence is none of these.
fn others(packages: &[Package], allowed: &Allowed) -> Result<BTreeSet<String>> {
    let mut others = BTreeSet::new();
    for (name, license) in packages {
        let license = license.as_deref().unwrap_or_default();
        let of_it = || allowed.all.iter().chain(allowed.some.get(name).into_iter().flatten());
        // Older packages have a slash for OR.
        let expression = Expression::parse_mode(license, spdx::ParseMode::LAX);
        let is_allowed =
            expression.is_ok_and(|it| it.evaluate(|asked| of_it().any(|licence| licence.satisfies(asked))));
        if !is_allowed {
            others.insert(format!("{name}: {license:?}"));
        }
    }
    Ok(others)
}

#[test]
fn every_licence_is_one_of_those_that_are_allowed() -> Result<()> {
    let packages = packages()?;
    ensure!(packages.len() > 100, "{} packages only", packages.len());
    let others = others(&packages, &allowed()?)?;
    ensure!(others.is_empty(), "deny.toml does not allow {others:#?}");
    Ok(())
}

#[test]
fn another_licence_is_named() -> Result<()> {
    let of = |name: &str, license: Option<&str>| (name.to_owned(), license.map(str::to_owned));
    for (license, is_allowed) in [
        (Some("MIT OR GPL-3.0-only"), true),
        (Some("MIT/Apache-2.0"), true),
        (Some("MIT AND GPL-3.0-only"), false),
        (Some("GPL-3.0-only"), false),
        (Some("CC0-1.0 OR LGPL-2.1"), false),
        (Some("no licence"), false),
        (None, false),
    ] {
        assert_eq!(others(&[of("w", license)], &allowed()?)?.is_empty(), is_allowed, "{license:?}");
    }
    // An exception is one package's.
    assert!(others(&[of("option-ext", Some("MPL-2.0"))], &allowed()?)?.is_empty());
    assert!(!others(&[of("option", Some("MPL-2.0"))], &allowed()?)?.is_empty());
    // Packages are looked at: most have no other licence than these.
    let mut without = allowed()?;
    without.all.retain(|licence| !["MIT", "Apache-2.0"].contains(&licence.to_string().as_str()));
    ensure!(others(&packages()?, &without)?.len() > 100, "nobody needs MIT or Apache-2.0");
    Ok(())
}
