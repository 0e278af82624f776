//! Texts that neither a terminal nor a page obeys. A model may come from a stranger.

use report::terminal::printable;
use tasks::schema::Feature;

use crate::trained_model::{AdaptedTo, Description, Origin};

/// Cells that a terminal can show.
pub fn safe(rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.into_iter().map(|row| row.iter().map(|cell| printable(cell)).collect()).collect()
}

/// The description with all texts as they can be shown. The settings of the training are not shown,
/// but for the names of columns.
pub(super) fn printable_texts(description: &Description) -> Description {
    let mut description = description.clone();
    // No `..` here and in the origin: a new text has to be thought of.
    let Description {
        version,
        schema,
        negative,
        origin,
        validation,
        recipe,
        adapted,
        network: _,
        algorithm: _,
        inner: _,
        regularizer: _,
        gamma: _,
        decision: _,
    } = &mut description;
    let mut texts = vec![version, negative];
    let columns = &mut recipe.columns;
    texts.extend([&mut columns.task, &mut columns.label, &mut columns.positive]);
    texts.push(&mut columns.sensitive);
    texts.extend(&mut columns.protected);
    let roles = &mut schema.roles;
    texts.extend([&mut roles.task, &mut roles.label, &mut roles.positive, &mut roles.sensitive]);
    texts.extend(&mut roles.protected);
    for feature in &mut schema.features {
        match feature {
            Feature::Numeric { column, .. } => texts.push(column),
            Feature::Categorical { column, levels, .. } => {
                texts.push(column);
                texts.extend(levels);
            }
        }
    }
    let Origin { file, sha256, notes, seen, rows: _, left_out: _, tasks: _, small: _, labels: _ } =
        origin;
    texts.extend([file, sha256]);
    texts.extend(notes);
    texts.extend(seen.labels.iter_mut().chain(&mut seen.groups).chain(&mut seen.tasks));
    texts.extend(validation.tried.iter_mut().map(|tried| &mut tried.name));
    if let Some(AdaptedTo { file, sha256, task, lines: _, audit: _ }) = adapted {
        texts.extend([file, sha256]);
        texts.extend(task);
    }
    for text in texts {
        *text = printable(text);
    }
    description
}
