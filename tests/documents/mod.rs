//! What the documents say fits the tree: the names, the dependencies, the examples and the record.
//! Lines of text are short enough to be read and compared.

mod crates;
mod examples;
mod lines;
mod names;
mod record;

use std::path::Path;

/// A text file of the project.
struct File {
    /// Its path from the top of the tree, with `/` between the parts.
    path: String,
    text: String,
}

impl File {
    fn is(&self, extension: &str) -> bool {
        self.path.strip_suffix(extension).is_some_and(|rest| rest.ends_with('.'))
    }
}

/// All text files of the tree but what a build or a run has written.
fn files() -> Vec<File> {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 200, "{} files", files.len());
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let written = ["target", "results", "results-quick", ".git"];
        let is_written = prefix.is_empty() && written.contains(&name) || name == "__pycache__";
        if is_written || path.is_symlink() {
            continue;
        }
        let whole = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{whole}/"), files);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            files.push(File { path: whole, text });
        }
    }
}

/// The lines of a Markdown text outside of its blocks of code and equations, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let line = line.trim_start();
        let fence = line.starts_with("```") || line.matches("$$").count() == 1;
        code ^= fence;
        !code && !fence
    })
}
