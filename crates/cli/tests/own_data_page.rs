//! The commands that `docs/own-data.md` shows work, in the order of the page, and make the files
//! that it names. The table is the sample under the name that the page gives the whole one.

mod common;

use common::{folder, root, run_with, write};

/// The text of the page between two marks, every time.
fn between<'a>(page: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    page.split(open).skip(1).filter_map(move |rest| Some(rest.split_once(close)?.0))
}

/// The words of a command, of which some are quoted.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (place, part) in command.trim().split('"').enumerate() {
        if place % 2 == 1 {
            words.last_mut().unwrap().push_str(part);
            continue;
        }
        for c in part.chars() {
            match c.is_whitespace() {
                true if words.last().unwrap().is_empty() => {}
                true => words.push(String::new()),
                false => words.last_mut().unwrap().push(c),
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Runs a command of the page, with more options.
#[track_caller]
fn follow(folder: &std::path::Path, command: &str, more: &[&str]) {
    let words = words(command);
    let (program, arguments) = words.split_first().unwrap();
    assert_eq!(program, "fair-maml", "{command}");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.to_vec()).collect();
    let ran = run_with(folder, &arguments);
    assert_eq!(ran.code, Some(0), "{command}: {}", ran.err);
    assert!(!ran.out.is_empty(), "{command}");
}

/// The page, and a folder with the table.
fn start() -> (String, tempfile::TempDir) {
    let text = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let folder = folder();
    write(folder.path(), "adult.csv", text("datasets/adult_sample.csv"));
    (text("docs/own-data.md"), folder)
}

#[test]
fn the_page_can_be_followed() {
    let (page, folder) = start();
    let here = folder.path();
    let commands: Vec<&str> = between(&page, "```sh\n", "```").flat_map(str::lines).collect();
    for name in ["train", "adapt", "predict", "audit", "inspect"] {
        let is_shown = commands.iter().any(|line| words(line)[1] == name);
        assert!(is_shown, "the page shows no {name}");
    }
    for command in &commands {
        let is_training = words(command)[1] == "train";
        follow(here, command, if is_training { &["--iterations", "20"] } else { &[] });
    }

    // The command in the table of files, which makes the same model again.
    let again = between(&page, "`fair-maml train --config", "`").next().unwrap();
    follow(here, &format!("fair-maml train --config{again}"), &[]);
    let bytes = |name: &str| std::fs::read(here.join(name)).unwrap();
    assert!(bytes("model.safetensors") == bytes("again.safetensors"));

    // Files of these names are made by the commands; the page names at least those of its table.
    let own = ["model.", "adapted.", "decisions.", "again."];
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || ".-_/".contains(c);
    let named: Vec<&str> = page
        .split(|c| !is_of_name(c))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| own.iter().any(|start| word.starts_with(start)))
        .collect();
    for file in ["card.html", "card.md", "front.csv", "front.svg", "safetensors", "toml"] {
        assert!(named.contains(&format!("model.{file}").as_str()), "{file} in {named:?}");
    }
    for name in named {
        assert!(here.join(name).is_file(), "{name} is named, and not made");
    }
}

/// The long command at the end of the page, with next to no training.
#[test]
fn the_command_of_the_results_is_accepted() {
    let (page, folder) = start();
    let here = folder.path();
    let command = between(&page, "```text\n", "```").next().unwrap();
    assert!(command.contains("--compare") && command.contains(" all.safetensors"), "{command}");
    follow(here, command, &["--iterations", "1", "--folds", "2"]);
    assert!(here.join("all.safetensors").is_file());
}
