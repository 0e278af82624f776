//! Columns that give the label or the group away.

use frame::Column;

use super::tells::{Target, Tells};
use super::{Feature, Note};

/// The least number of compared rows of each kind.
const CLASS: usize = 10;
/// The least number of rows that are wrong if each task has its more frequent label. With fewer, a
/// column may be right by chance.
const WITHIN: usize = 20;
/// A column tells the label or the group if it is wrong in at most this share of the rows of the
/// smaller kind.
const WRONG: f64 = 0.05;
/// A column of numbers tells the label within tasks if at most this share of the pairs of a
/// positive and a negative row is in the wrong order.
const WRONG_PAIRS: f64 = 0.01;
/// The least area under the curve of a column that is listed beside the sensitive attribute. It is
/// also the least that textbooks call acceptable for a classifier.
const PROXY: f64 = 0.7;
/// The least distance of such an area from 0.5, in standard errors of an area by chance.
const ERRORS: f64 = 4.0;

/// What single columns tell about a table.
pub(super) struct Leaks {
    labels: Target,
    groups: Target,
    /// Columns that tell much of the group, with the area under the curve.
    proxies: Vec<(f64, String)>,
}

impl Leaks {
    /// Compares with these labels and groups of rows; each row is of a task.
    pub fn new(labels: &[Option<bool>], groups: &[Option<bool>], tasks: &[u32]) -> Self {
        let (labels, groups) = (Target::of(labels, tasks), Target::of(groups, tasks));
        Leaks { labels, groups, proxies: Vec::new() }
    }

    /// What a column tells about labels and groups.
    pub fn notes(&mut self, column: &Column<f32>, feature: &Feature) -> Vec<Note> {
        let Some(tells) = Tells::of(column, feature) else { return Vec::new() };
        let name = || column.name.clone();
        let label = label_note(&tells, &self.labels, name());
        let [protected, others] = self.groups.counts();
        let smaller = protected.min(others);
        if smaller < CLASS {
            return label.into_iter().collect();
        }
        let wrong = tells.wrong(&self.groups);
        if wrong as f64 <= WRONG * smaller as f64 {
            let copy = Note::Copy { column: name(), wrong, rows: self.groups.len() };
            return label.into_iter().chain([copy]).collect();
        }
        let auc = tells.auc(&self.groups);
        let (protected, others) = (protected as f64, others as f64);
        let error = ((protected + others + 1.0) / (12.0 * protected * others)).sqrt();
        if auc >= PROXY.max(0.5 + ERRORS * error) {
            self.proxies.push((auc, name()));
        }
        label.into_iter().collect()
    }

    /// The columns that tell much of the group, those first that tell most.
    pub fn proxies(mut self, sensitive: &str) -> Option<Note> {
        self.proxies.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(one.cmp(other)));
        let told = |(auc, column): (f64, String)| (column, format!("{auc:.2}"));
        let columns: Vec<_> = self.proxies.into_iter().map(told).collect();
        (!columns.is_empty()).then(|| Note::Proxies { column: sensitive.into(), columns })
    }
}

/// A note if the column alone tells nearly every label, over all tasks or within each of them.
fn label_note(tells: &Tells, labels: &Target, column: String) -> Option<Note> {
    let smaller = labels.counts().into_iter().min().unwrap_or(0);
    if smaller < CLASS {
        return None;
    }
    let wrong = tells.wrong(labels);
    if wrong as f64 <= WRONG * smaller as f64 {
        return Some(Note::Leak { column, wrong, rows: labels.len(), within: false });
    }
    let within = labels.smaller_within();
    if within < WITHIN {
        return None;
    }
    if let Some(wrong) = tells.wrong_within(labels).filter(|&w| w as f64 <= WRONG * within as f64) {
        return Some(Note::Leak { column, wrong, rows: labels.len(), within: true });
    }
    let (wrong, pairs) = tells.pairs_within(labels)?;
    let (wrong, pairs) = (wrong.ceil() as u64, pairs as u64);
    (wrong as f64 <= WRONG_PAIRS * pairs as f64).then_some(Note::Ordered { column, wrong, pairs })
}
