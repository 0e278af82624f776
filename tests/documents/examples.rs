//! No example is left out of the tests: each is a target of this package, see its manifest. And
//! none is left out of the index, `examples/README.md`.

use std::path::Path;

#[test]
fn every_example_is_run() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = std::fs::read_to_string(here.join("Cargo.toml")).unwrap();
    let index = std::fs::read_to_string(here.join("../examples/README.md")).unwrap();
    let crates = std::fs::read_dir(here.join("../crates")).unwrap();
    let mut found = 0;
    for package in crates.map(|entry| entry.unwrap()) {
        let Ok(examples) = std::fs::read_dir(package.path().join("examples")) else { continue };
        let package = package.file_name().into_string().unwrap();
        for example in examples.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
            let target =
                format!("path = \"../crates/{package}/examples/{example}\"\nharness = false\n");
            assert!(
                manifest.contains(&target),
                "tests/Cargo.toml does not run {package}/{example}"
            );
            let (name, _) = example.split_once('.').unwrap();
            for part in [
                format!("cargo run --release -p fair-maml-{package} --example {name}"),
                format!("(../crates/{package}/examples/{example})"),
            ] {
                assert!(index.contains(&part), "examples/README.md lacks: {part}");
            }
            found += 1;
        }
    }
    assert_eq!(found, manifest.matches("/examples/").count(), "the manifest names another example");
    assert_eq!(found, index.matches(" --example ").count(), "the index names another example");
    assert!(found >= 4, "{found} examples");
}
