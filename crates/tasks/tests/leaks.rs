//! Columns that give the label or the group away are named, and others are not.

use frame::{Frame, Options};
use tasks::schema::{Encoding, Note, Roles, Run, Schema};

/// Random numbers from 0 to 1 that depend on a seed alone.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1u32 << 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() * bound as f64) as usize
    }
}

/// One row: its place in the table and in its task, its task, label and group.
struct Row {
    place: usize,
    of_task: usize,
    task: usize,
    label: bool,
    protected: bool,
}

/// The notes about a table with this column and a random one. Labels and groups are random.
fn notes(tasks: usize, rows: usize, cell: impl Fn(&Row, &mut Random) -> String) -> Vec<Note> {
    let (mut random, mut csv) = (Random(rows as u64), String::from("c,z,task,y,group\n"));
    for place in 0..tasks * rows {
        let (task, of_task) = (place % tasks, place / tasks);
        let (label, protected) = (random.next() < 0.4, random.next() < 0.5);
        let row = Row { place, of_task, task, label, protected };
        let cell = cell(&row, &mut random);
        csv += &format!("{cell},{},t{task},{label},{protected}\n", random.next());
    }
    let [task, label, sensitive, yes] = ["task", "y", "group", "true"].map(String::from);
    let roles = Roles { task, label, positive: yes.clone(), sensitive, protected: vec![yes] };
    let options = roles.reading(Options::default());
    let frame = Frame::from_bytes(csv.as_bytes(), "t.csv", &options).unwrap();
    Schema::fit(&frame, &roles, &Encoding::default()).unwrap().1
}

/// The label moves a number by less than the tasks differ, or has another code in each task.
#[test]
fn leaks_within_tasks_are_named() {
    let found = notes(10, 60, |row, random| {
        format!("{}", 100.0 * row.task as f64 + f64::from(row.label) + 0.9 * random.next())
    });
    let [Note::Ordered { wrong: 0, pairs, .. }] = found[..] else { panic!("{found:?}") };
    assert!(pairs > 1_000, "{pairs}");
    assert!(found[0].to_string().starts_with("column `c` orders the rows of each task by their"));
    for numbers in [false, true] {
        let found = notes(10, 60, |row, _| match ((row.task % 2 == 0) ^ row.label, numbers) {
            (true, true) => "3".into(),
            (false, true) => "7".into(),
            (code, false) => format!("code {code}"),
        });
        assert!(matches!(found[..], [Note::Leak { wrong: 0, within: true, .. }]), "{found:?}");
    }
    // A code in whose middle the positive class is.
    let found =
        notes(
            10,
            60,
            |row, random| {
                if row.label { "2".into() } else { [1, 3][random.below(2)].to_string() }
            },
        );
    assert!(matches!(found[..], [Note::Leak { wrong: 0, within: false, .. }]), "{found:?}");
}

#[test]
fn numbers_of_rows_are_named() {
    type Numbers<'a> = &'a dyn Fn(&Row) -> usize;
    let runs: [(Run, Numbers); 6] = [
        (Run::Table, &|row| row.place),
        (Run::Table, &|row| 7 + (row.place * 7) % 300),
        (Run::Task, &|row| row.of_task),
        (Run::Task, &|row| 1 + (row.of_task * 7) % 30),
        (Run::Growing, &|row| 3 * row.place + row.place % 2),
        (Run::Growing, &|row| 20_000_000 + row.place),
    ];
    for (run, cell) in runs {
        let found = notes(10, 30, |row, _| cell(row).to_string());
        assert!(matches!(&found[..], [Note::Run { run: r, .. }] if *r == run), "{run:?} {found:?}");
    }
    // Years of each task, pairs of 0 and 1, and numbers that are not whole.
    let is_run = |note: &Note| matches!(note, Note::Run { .. });
    assert!(!notes(10, 30, |row, _| (1990 + row.of_task).to_string()).iter().any(is_run));
    assert!(!notes(40, 2, |row, _| row.of_task.to_string()).iter().any(is_run));
    assert!(!notes(10, 30, |row, _| (row.place as f64 / 10.0).to_string()).iter().any(is_run));
}

#[test]
fn copies_and_proxies_of_the_group_are_named() {
    let copies: [&dyn Fn(&Row) -> String; 3] = [
        &|row| if row.protected { "f" } else { "m" }.into(),
        &|row| usize::from(row.protected).to_string(),
        &|row| if row.protected { String::new() } else { (row.place * 7 % 50).to_string() },
    ];
    for copy in copies {
        let found = notes(10, 60, |row, _| copy(row));
        assert!(matches!(found[..], [Note::Copy { wrong: 0, rows: 600, .. }]), "{found:?}");
    }
    type Told<'a> = &'a dyn Fn(&Row, &mut Random) -> String;
    let proxies: [Told; 2] = [
        &|row, random| (f64::from(row.protected) + 2.0 * random.next()).to_string(),
        &|row, random| {
            let told = if random.next() < 0.3 { random.next() < 0.5 } else { row.protected };
            if told { "skirt" } else { "trousers" }.into()
        },
    ];
    for proxy in proxies {
        let found = notes(10, 60, proxy);
        let [Note::Proxies { column, columns }] = &found[..] else { panic!("{found:?}") };
        // 7/8 of the pairs of uniform numbers that are moved by half their range; 0.85 of texts.
        let auc: f64 = columns[0].1.parse().unwrap();
        assert!(column == "group" && (0.82..0.91).contains(&auc), "{auc}");
        assert!(found[0].to_string().contains(&format!("{auc:.2} for `c`")));
    }
}

/// Columns that know nothing are never named, for small and large tables, few and many texts.
#[test]
fn random_columns_are_no_alarm() {
    for (tasks, rows) in [(2, 12), (5, 10), (10, 60), (40, 4), (200, 2)] {
        for texts in [2, 5, 40, 400] {
            for seed in 0..10 {
                let text = |random: &mut Random| random.below(texts * (seed + 1)) % texts;
                let found = [
                    notes(tasks, rows + seed, |_, random| format!("w{}", text(random))),
                    notes(tasks, rows + seed, |_, random| text(random).to_string()),
                    notes(tasks, rows + seed, |row, random| {
                        (10.0 * row.task as f64 + random.next()).to_string()
                    }),
                ];
                for note in found.into_iter().flatten() {
                    let left_out =
                        matches!(note, Note::NoneFrequent { .. } | Note::Constant { .. });
                    assert!(left_out, "{tasks} × {rows}, {texts} texts: {note}");
                }
            }
        }
    }
}
