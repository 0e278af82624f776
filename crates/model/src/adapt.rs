//! Adaptation of a model to a new task.

use std::collections::BTreeSet;
use std::path::Path;

use experiment::run::data_file::identify;
use fairness::metrics::GroupCounts;
use frame::Frame;
use frame::spelling::{nearly, same, value};
use meta::{adapt_to, probabilities};
use rand::seq::index;
use report::number::counted;
use tasks::schema::{Unfamiliar, quoted};
use tasks::{Batch, Episode, Purpose, stream};

use crate::error::{Error, Result};
use crate::fit::{Need, check_columns};
use crate::trained_model::{AdaptedTo, Description, Model};

/// The rows to which a model is adapted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shots {
    /// The largest number of labeled rows.
    pub rows: usize,
    /// The task, if the file has several.
    pub task: Option<String>,
    /// The seed of the choice, if there are more labeled rows.
    pub seed: u64,
}

/// An adapted model, and what it was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapted {
    /// The model.
    pub model: Model,
    /// The labeled rows of the file.
    pub labeled: usize,
    /// All rows of the task in the file.
    pub rows: usize,
    /// Whether no row of the adaptation has what the regularizer needs, so that it did nothing.
    pub unregularized: bool,
    /// The groups of its rows that training did not have. They count as the other group.
    pub new_groups: Vec<String>,
    /// What else the rows have that training did not have, a sentence for each column.
    pub unfamiliar: Vec<String>,
}

/// Adapts a model to labeled rows of a file. The other labeled rows judge it.
///
/// With a scaling within each task, all rows of the task in the file are scaled, labeled or not.
/// Rows of other tasks change nothing.
///
/// # Errors
/// Returns an error if the model is adapted already; if the file cannot be read or lacks a column;
/// if it has no labeled row; if a label is neither of the two of the training; if a label or a
/// group is written almost like a known one; if a group has no threshold where a decision needs
/// one; if the file has several tasks and none is named, or not the named one; or if the weights
/// overflow.
pub fn adapt(model: &Model, path: &Path, shots: &Shots) -> Result<Adapted> {
    let description = &model.description;
    if let Some(adapted) = &description.adapted {
        return Err(Error::Refused(format!(
            "the model is adapted already, to rows of {}; use the model that `train` wrote",
            adapted.file
        )));
    }
    let identity = identify(path)?;
    let schema = &description.schema;
    let frame = read(description, path, shots)?;
    let (rows, task) = rows_of(&frame, description, shots)?;
    let new_groups = new_groups(&frame, description, &rows)?;
    let unfamiliar = unfamiliar(&frame, description, &rows, task.as_deref())?;
    let labels = schema.labels(&frame)?;
    let labeled: Vec<usize> = rows.iter().copied().filter(|&row| labels[row].is_some()).collect();
    if labeled.is_empty() {
        let (column, file) = (schema.roles.label.escape_debug(), path.display());
        return Err(Error::Refused(format!("{file}: no row has a label in column `{column}`")));
    }
    let schema = schema.for_task(&frame, &rows)?;
    let groups = groups(&frame, description)?;
    let (support, others) = draw(&labeled, shots);
    let batch = |rows: &[usize]| -> Result<Batch> {
        let label = |&row: &usize| labels[row] == Some(true);
        let group = |&row: &usize| groups.as_ref().is_some_and(|groups| groups[row] == Some(true));
        let (labels, groups) = (rows.iter().map(label).collect(), rows.iter().map(group).collect());
        Ok(Batch::new(schema.width(), schema.x(&frame, rows)?, labels, groups)?)
    };
    let known = |row: &usize| groups.as_ref().is_some_and(|groups| groups[*row].is_some());
    let others: Vec<usize> = others.into_iter().filter(known).collect();
    let episode = Episode { support: batch(&support)?, query: batch(&others)? };
    let Description { network, regularizer, gamma, algorithm, inner, .. } = description;
    let theta =
        adapt_to(network, *regularizer, *gamma, *algorithm, *inner, &model.learned, &episode)?;
    let unregularized = regularizer.is_some_and(|regularizer| {
        let (positive, protected) = (episode.support.positive(), episode.support.protected());
        !regularizer.has_members(fairness::Rows { positive, protected })
    });
    let judge = |theta: &[f64]| decide(description, theta, &episode.query);
    let audit = match others.is_empty() {
        true => None,
        false => Some([judge(&model.learned)?, judge(&theta)?]),
    };
    let lines = support.iter().map(|&row| frame.line(row)).collect();
    let adapted =
        AdaptedTo { file: path.display().to_string(), sha256: identity.sha256, task, lines, audit };
    let description = Description { schema, adapted: Some(adapted), ..description.clone() };
    let model = Model { description, learned: theta };
    let (labeled, rows) = (labeled.len(), rows.len());
    Ok(Adapted { model, labeled, rows, unregularized, new_groups, unfamiliar })
}

/// The file, if it has the columns that adaptation needs.
fn read(description: &Description, path: &Path, shots: &Shots) -> Result<Frame<f32>> {
    let schema = &description.schema;
    let mut options = schema.kinds(description.recipe.options(), &schema.roles.columns());
    let columns = frame::columns(path, &options)?;
    let group = description.regularizer.is_some();
    let need = Need { task: shots.task.is_some(), label: true, group };
    check_columns(path, &columns, schema, need)?;
    options.wanted = Some(columns.into_iter().filter(|c| options.kinds.contains_key(c)).collect());
    Ok(Frame::read(path, &options, &|_, _| {})?)
}

/// The groups that training did not have. Refuses them where each group has a threshold, and labels
/// that training did not have.
fn new_groups(
    frame: &Frame<f32>,
    description: &Description,
    rows: &[usize],
) -> Result<Vec<String>> {
    let (seen, roles) = (&description.origin.seen, &description.schema.roles);
    seen.check(frame, &description.schema, rows)?;
    let new_groups = seen.new_groups(frame, roles, rows);
    if description.needs_group() && !new_groups.is_empty() {
        rows.iter().try_for_each(|&row| seen.check_group(frame, roles, row))?;
    }
    Ok(new_groups)
}

/// What the rows have that training did not have, and rows of tasks with nearly the same name.
fn unfamiliar(
    frame: &Frame<f32>,
    description: &Description,
    rows: &[usize],
    task: Option<&str>,
) -> Result<Vec<String>> {
    let Description { schema, origin, .. } = description;
    let mut counts = Unfamiliar::default();
    counts.count(schema, frame, rows)?;
    let mut notes = counts.notes(schema);
    let column = schema.roles.label.escape_debug();
    notes.extend(origin.seen.new_labels(frame, &schema.roles, rows).into_iter().map(
        |(label, count)| {
            let rows = counted(count, "row");
            format!("column `{column}`: {} ({rows}) is no label of training", quoted(&[label]))
                + " and counts as negative"
        },
    ));
    let near = task.map_or(Vec::new(), |task| near_tasks(frame, &schema.roles.task, task));
    if let (false, Some(task)) = (near.is_empty(), task) {
        let column = schema.roles.task.escape_debug();
        let (task, near) = (task.escape_debug(), quoted(&near));
        notes.push(format!(
            "column `{column}`: the rows of {near} are not of the task `{task}`, which is written \
             otherwise"
        ));
    }
    Ok(notes)
}

/// The tasks of a file whose name is written almost like this one, each once.
fn near_tasks(frame: &Frame<f32>, column: &str, task: &str) -> Vec<String> {
    let Ok(column) = frame.column(column) else { return Vec::new() };
    let near = column.levels().iter().filter(|name| nearly(name, task) && !same(name, task));
    near.cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The rows of the task, and its name if the file has it.
fn rows_of(
    frame: &Frame<f32>,
    description: &Description,
    shots: &Shots,
) -> Result<(Vec<usize>, Option<String>)> {
    let name = &description.schema.roles.task;
    let all: Vec<usize> = (0..frame.rows()).collect();
    let Some(task) = &shots.task else {
        let Ok(column) = frame.column(name) else { return Ok((all, None)) };
        let mut tasks: Vec<&str> = all.iter().filter_map(|&row| column.text(row)).collect();
        tasks.sort_unstable_by_key(|task| value(task));
        tasks.dedup_by(|task, other| same(task, other));
        if tasks.len() > 1 {
            return Err(Error::Refused(format!(
                "{}: the rows belong to {} tasks (column `{}`: {}); name one of them",
                frame.file(),
                tasks.len(),
                name.escape_debug(),
                quoted(&tasks)
            )));
        }
        let task = tasks.first().map(|&task| task.to_owned());
        return Ok((all, task));
    };
    let column = frame.column(name)?;
    let task = task.trim();
    let of_task = |row: &usize| column.text(*row).is_some_and(|name| same(name, task));
    let rows: Vec<usize> = all.into_iter().filter(of_task).collect();
    match rows.is_empty() {
        true => {
            let near = near_tasks(frame, name, task);
            let hint = if near.is_empty() { "" } else { "; the nearest is " };
            Err(Error::Refused(format!(
                "{}: no row belongs to the task `{}` (column `{}`){hint}{}",
                frame.file(),
                task.escape_debug(),
                name.escape_debug(),
                quoted(&near)
            )))
        }
        false => Ok((rows, Some(task.to_owned()))),
    }
}

/// The group of each row. `None` if the file has no groups and none is needed.
fn groups(frame: &Frame<f32>, description: &Description) -> Result<Option<Vec<Option<bool>>>> {
    let needed = description.regularizer.is_some();
    match frame.column(&description.schema.roles.sensitive) {
        Err(error) if needed => Err(error.into()),
        Err(_) => Ok(None),
        Ok(_) => Ok(Some(description.schema.groups(frame)?)),
    }
}

/// The labeled rows for the adaptation, and the others, each in the order of the file.
fn draw(labeled: &[usize], shots: &Shots) -> (Vec<usize>, Vec<usize>) {
    let count = shots.rows.min(labeled.len());
    let mut rng = stream(shots.seed, Purpose::Support, 0, 0);
    let mut taken = vec![false; labeled.len()];
    for place in index::sample(&mut rng, labeled.len(), count) {
        taken[place] = true;
    }
    let (support, others): (Vec<_>, Vec<_>) =
        labeled.iter().zip(taken).partition(|(_, taken)| *taken);
    let rows = |pairs: Vec<(&usize, bool)>| pairs.into_iter().map(|(&row, _)| row).collect();
    (rows(support), rows(others))
}

/// The decisions of a model with these weights, counted.
fn decide(description: &Description, theta: &[f64], batch: &Batch) -> Result<GroupCounts> {
    let scores = probabilities(&description.network, theta, batch.x())?;
    let accepted: Vec<bool> = scores
        .into_iter()
        .zip(batch.protected())
        .map(|(score, &protected)| description.decision.accepts(score, protected))
        .collect();
    Ok(GroupCounts::tally(&accepted, batch.positive(), batch.protected()))
}
