//! Rows in, counts for each task and group out. All that an audit says follows from these counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fairness::metrics::Confusion;

use crate::Error;

/// The most groups that an audit compares. A column with more values is rarely one of groups, and
/// its pairs would fill pages.
pub const MOST_GROUPS: usize = 100;

/// Counts rows as they come.
#[derive(Clone, Debug)]
pub struct Tally {
    groups: Vec<String>,
    tasks: Option<Vec<String>>,
    /// By the codes of task and group.
    cells: HashMap<(usize, usize), Confusion>,
}

impl Tally {
    /// No rows yet, of these groups and, if there is a task column, of these tasks. A group or a
    /// task is known by its place in the slice, its code. Those without rows are left out later.
    ///
    /// # Errors
    /// [`Error::TooManyGroups`] if there are more than [`MOST_GROUPS`].
    pub fn new(groups: &[String], tasks: Option<&[String]>) -> Result<Self, Error> {
        if groups.len() > MOST_GROUPS {
            return Err(Error::TooManyGroups { groups: groups.len() });
        }
        let (groups, tasks) = (groups.to_vec(), tasks.map(<[String]>::to_vec));
        Ok(Tally { groups, tasks, cells: HashMap::new() })
    }

    /// Counts one row: the codes of its task and group, whether its label is positive, and whether
    /// the classifier accepted it. Without a task column, `task` is 0.
    ///
    /// # Panics
    /// If a code has no name.
    pub fn record(&mut self, task: usize, group: usize, positive: bool, accepted: bool) {
        let tasks = self.tasks.as_ref().map_or(1, Vec::len);
        assert!(
            task < tasks && group < self.groups.len(),
            "codes are below {tasks} for tasks and {} for groups, got {task} and {group}",
            self.groups.len()
        );
        self.cells.entry((task, group)).or_default().record(accepted, positive);
    }

    /// The counts, in an order that depends on the names alone: the order of the rows changes
    /// nothing. Groups or tasks of the same name are one.
    ///
    /// # Errors
    /// [`Error::NoRows`] without a row.
    pub fn finish(self) -> Result<Counts, Error> {
        let task_name = |task: usize| match &self.tasks {
            Some(names) => Name::of(&names[task]),
            None => Name::of(""),
        };
        let mut tasks: BTreeMap<Name, BTreeMap<Name, Confusion>> = BTreeMap::new();
        for (&(task, group), &cell) in &self.cells {
            let of_task = tasks.entry(task_name(task)).or_default();
            let counts = of_task.entry(Name::of(&self.groups[group])).or_default();
            *counts = *counts + cell;
        }
        let groups: BTreeSet<&Name> = tasks.values().flat_map(BTreeMap::keys).collect();
        if groups.is_empty() {
            return Err(Error::NoRows);
        }
        let groups: Vec<Name> = groups.into_iter().cloned().collect();
        let place = |name: &Name| groups.binary_search(name).expect("a group of the rows");
        let task = |(name, cells): (Name, BTreeMap<Name, Confusion>)| TaskCounts {
            name: name.text,
            cells: cells.into_iter().map(|(group, cell)| (place(&group), cell)).collect(),
        };
        let by_task = self.tasks.is_some();
        let tasks = tasks.into_iter().map(task).collect();
        Ok(Counts { groups: groups.into_iter().map(|name| name.text).collect(), tasks, by_task })
    }
}

/// A name in the order in which names are listed: numbers by value, then texts by letter.
#[derive(Clone, Debug)]
struct Name {
    number: f64,
    text: String,
}

impl Name {
    fn of(text: &str) -> Self {
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        Name { number: number.unwrap_or(f64::INFINITY), text: text.to_owned() }
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.number.total_cmp(&other.number).then_with(|| self.text.cmp(&other.text))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Name {}

/// The counts of each task and group; made by [`Tally::finish`]. There is at least one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The groups that have rows.
    pub(crate) groups: Vec<String>,
    /// The tasks that have rows; without a task column one without a name.
    pub(crate) tasks: Vec<TaskCounts>,
    /// Whether there is a task column.
    pub(crate) by_task: bool,
}

/// The counts of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskCounts {
    pub name: String,
    /// The groups that have rows in it, by their place in [`Counts::groups`], in that order.
    pub cells: Vec<(usize, Confusion)>,
}

impl TaskCounts {
    /// The counts of every one of `groups` groups.
    pub fn by_group(&self, groups: usize) -> Vec<Confusion> {
        let mut counts = vec![Confusion::default(); groups];
        for &(group, cell) in &self.cells {
            counts[group] = cell;
        }
        counts
    }
}

impl Counts {
    /// The names of the groups that have rows: numbers by value, then texts by letter.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// The counts of every group, over all tasks.
    pub(crate) fn pooled(&self) -> Vec<Confusion> {
        let mut counts = vec![Confusion::default(); self.groups.len()];
        for &(group, cell) in self.tasks.iter().flat_map(|task| &task.cells) {
            counts[group] = counts[group] + cell;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn names_are_listed_in_order_and_only_where_there_are_rows() {
        let (groups, tasks) = (names(&["b", "10", "nobody", "9"]), names(&["z", "y"]));
        let mut tally = Tally::new(&groups, Some(&tasks)).unwrap();
        for (task, group) in [(0, 0), (1, 1), (1, 1), (0, 3)] {
            tally.record(task, group, true, false);
        }
        let counts = tally.finish().unwrap();
        assert_eq!(counts.groups(), ["9", "10", "b"]);
        let rows = |confusion: &Confusion| confusion.false_negatives;
        assert_eq!(counts.pooled().iter().map(rows).collect::<Vec<_>>(), [1, 2, 1]);
        let tasks: Vec<_> = counts.tasks.iter().map(|task| task.name.as_str()).collect();
        assert_eq!(tasks, ["y", "z"]);
        let groups: Vec<_> = counts.tasks[1].cells.iter().map(|(group, _)| *group).collect();
        assert_eq!(groups, [0, 2]);
    }

    #[test]
    fn no_rows_and_too_many_groups_are_errors() {
        let none = Tally::new(&names(&["a"]), None).unwrap();
        assert_eq!(none.finish(), Err(Error::NoRows));
        let many: Vec<String> = (0..=MOST_GROUPS).map(|i| i.to_string()).collect();
        let error = Tally::new(&many, None).unwrap_err();
        assert_eq!(error, Error::TooManyGroups { groups: MOST_GROUPS + 1 });
    }

    #[test]
    #[should_panic(expected = "codes are below 1 for tasks and 1 for groups, got 0 and 1")]
    fn a_code_without_a_name_panics() {
        Tally::new(&names(&["a"]), None).unwrap().record(0, 1, true, true);
    }
}
