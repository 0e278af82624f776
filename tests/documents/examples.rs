//! `cargo test` runs every example, and the index in `examples/README.md` has them all. It also
//! runs every file of tests.

use super::{File, files};

/// The crate and the name of a file `crates/CRATE/FOLDER/NAME.rs`.
fn parts<'a>(file: &'a File, folder: &str) -> Option<(&'a str, &'a str)> {
    let (package, rest) = file.path.strip_prefix("crates/")?.split_once('/')?;
    let name = rest.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".rs")?;
    (!name.contains('/')).then_some((package, name))
}

#[test]
fn every_example_is_run_and_listed() {
    let files = files();
    let text = |path: &str| &files.iter().find(|file| file.path == path).unwrap().text;
    let index = text("examples/README.md");
    let mut found = 0;
    for (package, name) in files.iter().filter_map(|file| parts(file, "examples")) {
        let manifest = text(&format!("crates/{package}/Cargo.toml"));
        let target = format!("[[example]]\nname = \"{name}\"\ntest = true\nharness = false\n");
        assert!(manifest.contains(&target), "crates/{package}/Cargo.toml lacks {target}");
        for part in [
            format!("`cargo run --release -p fair-maml-{package} --example {name}`"),
            format!("(../crates/{package}/examples/{name}.rs)"),
        ] {
            assert!(index.contains(&part), "examples/README.md lacks: {part}");
        }
        found += 1;
    }
    assert_eq!(found, index.matches(" --example ").count(), "the index names another example");
    assert!(found >= 7, "{found} examples");
}

/// Where the tests of a crate are one program, each file is a module of it.
#[test]
fn every_file_of_tests_is_run() {
    let files = files();
    let mut found = 0;
    for (package, name) in files.iter().filter_map(|file| parts(file, "tests")) {
        let main = format!("crates/{package}/tests/main.rs");
        let Some(main) = files.iter().find(|file| file.path == main) else { continue };
        let module = format!("mod {name};\n");
        assert!(name == "main" || main.text.contains(&module), "{} lacks {module}", main.path);
        found += 1;
    }
    assert!(found >= 20, "{found} files");
}
