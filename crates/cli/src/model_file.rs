//! Model files and what stands beside them.

use std::fs::File;
use std::path::Path;

use model::{FileError, Model, card, front_figure};

use crate::error::{Error, Result};
use crate::output::Folder;

/// The ending of the figure's name.
const FIGURE: &str = "front.svg";

/// The folder of a file.
pub fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The name of a file beside a model: that of the model with another ending.
pub fn beside(path: &Path, ending: &str) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    format!("{stem}.{ending}")
}

/// The names of a model and its card with the figure, in the order of [`files`].
pub fn names(out: &Path) -> [String; 4] {
    let name = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    [beside(out, FIGURE), beside(out, "card.html"), beside(out, "card.md"), name]
}

/// Reads a model.
pub fn read(path: &Path) -> Result<Model> {
    let read = File::open(path).map_err(FileError::from).and_then(Model::read);
    read.map_err(|source| Error::Model(model::Error::File { path: path.into(), source }))
}

/// A model and its card with the figure, if there is one, and their names.
pub fn files(model: &Model, out: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let report = card(model, &beside(out, FIGURE)).map_err(model::Error::from)?;
    let figure = front_figure(&model.description.validation).map_err(model::Error::from)?;
    let bytes =
        model.to_bytes().map_err(|source| model::Error::File { path: out.into(), source })?;
    let texts = [figure, Some(report.html()), Some(report.markdown(""))];
    let contents = texts.map(|text| text.map(String::into_bytes)).into_iter().chain([Some(bytes)]);
    let named = names(out).into_iter().zip(contents);
    Ok(named.filter_map(|(name, contents)| Some((name, contents?))).collect())
}

/// Writes the files of a model, and returns their names. The figure of an earlier model is removed
/// if this one has none.
pub fn write(folder: &mut Folder, files: &[(String, Vec<u8>)], out: &Path) -> Result<Vec<String>> {
    let is_written = |name: &String| files.iter().any(|(written, _)| written == name);
    let outdated = names(out).into_iter().filter(|name| !is_written(name)).collect::<Vec<_>>();
    folder.write(files, &outdated.iter().map(String::as_str).collect::<Vec<_>>())
}
