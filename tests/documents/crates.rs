//! The list of dependencies in `docs/architecture.md` is that of the manifests.

use std::collections::BTreeMap;

use super::{File, files};

/// The libraries of this project that a manifest names under `[dependencies]`, sorted.
fn dependencies(manifest: &str, ours: &[String]) -> Vec<String> {
    let section = manifest.split("\n[").find(|section| section.starts_with("dependencies]"));
    let lines = section.unwrap_or("").lines().skip(1);
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
    let mut names: Vec<String> =
        names.filter(|name| ours.iter().any(|other| other == name)).map(String::from).collect();
    names.sort();
    names
}

/// What follows `key = "` up to the next quotation mark.
fn value<'a>(manifest: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = manifest.split_once(&format!("\n{key} = \""))?;
    rest.split('"').next()
}

#[test]
fn the_architecture_has_the_dependencies_of_the_manifests() {
    let files = files();
    let of = |path: &str| files.iter().find(|file| file.path == path).unwrap();
    // The last `name` of a library's manifest is the library's, above its dependencies.
    let manifests: BTreeMap<String, &File> = files
        .iter()
        .filter(|file| {
            file.path == "datasets/Cargo.toml"
                || file.path.starts_with("crates/") && file.path.matches('/').count() == 2
        })
        .filter(|file| file.path.ends_with("/Cargo.toml"))
        .map(|file| {
            let (_, library) = file.text.split_once("[lib]").unwrap_or(("", &file.text));
            (value(library, "name").unwrap().to_owned(), file)
        })
        .collect();
    let ours: Vec<String> = manifests.keys().cloned().collect();
    assert!(ours.len() >= 11, "{ours:?}");

    let mut listed = BTreeMap::new();
    for line in of("docs/architecture.md").text.lines() {
        let Some((name, uses)) = line.split_once("──>") else { continue };
        let mut uses: Vec<String> =
            uses.split_whitespace().filter(|name| *name != "(none)").map(String::from).collect();
        uses.sort();
        for used in &uses {
            assert!(
                listed.contains_key(used),
                "{} uses {used}, which is not above it",
                name.trim()
            );
        }
        listed.insert(name.trim().to_owned(), uses);
    }
    let actual: BTreeMap<_, _> =
        manifests.into_iter().map(|(name, file)| (name, dependencies(&file.text, &ours))).collect();
    assert_eq!(listed, actual, "docs/architecture.md, then the manifests");
}
