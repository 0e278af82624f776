//! Communities and Crime: the shipped data, its two formats, the rules for label, group and
//! features.

use std::collections::{HashMap, HashSet};

use approx::assert_relative_eq;
use tasks::communities::format::{COLUMNS, INCOMPLETE, RACIAL_PERCENTAGES};
use tasks::communities::{
    self, Communities, CommunitiesConfig, CommunitiesSettings, PositiveClass, ProtectedGroup,
    RacialPercentages, from_reader, shipped,
};
use tasks::{Error, Scaling, Task};

fn config(settings: CommunitiesSettings) -> CommunitiesConfig {
    CommunitiesConfig::new(settings).unwrap()
}

fn shipped_tasks(settings: CommunitiesSettings) -> Vec<Task> {
    shipped().tasks(&config(settings)).unwrap()
}

fn named<'t>(tasks: &'t [Task], name: &str) -> &'t Task {
    tasks.iter().find(|task| task.name == name).unwrap()
}

#[test]
fn states_and_rows() {
    let data = shipped();
    assert_eq!(data.rows(), 1993);
    assert_eq!(data.states().len(), 46);
    assert_eq!(data.states().map(|(_, rows)| rows).max(), Some(278));

    let rows: Vec<_> = shipped_tasks(Default::default())
        .iter()
        .map(|task| (task.name.clone(), task.data.rows()))
        .collect();
    let expected = [
        ("Alabama", 43),
        ("Arizona", 20),
        ("Arkansas", 25),
        ("California", 278),
        ("Colorado", 24),
        ("Connecticut", 69),
        ("Florida", 90),
        ("Georgia", 37),
        ("Indiana", 48),
        ("Iowa", 20),
        ("Kentucky", 26),
        ("Louisiana", 22),
        ("Massachusetts", 121),
        ("Missouri", 42),
        ("New Hampshire", 21),
        ("New Jersey", 211),
        ("New York", 46),
        ("North Carolina", 46),
        ("Ohio", 109),
        ("Oklahoma", 36),
        ("Oregon", 31),
        ("Pennsylvania", 101),
        ("Rhode Island", 26),
        ("South Carolina", 28),
        ("Tennessee", 35),
        ("Texas", 156),
        ("Utah", 24),
        ("Virginia", 33),
        ("Washington", 40),
        ("Wisconsin", 60),
    ];
    assert_eq!(rows, expected.map(|(name, rows)| (name.to_string(), rows)));
}

#[test]
fn features_with_and_without_the_racial_percentages() {
    let kept =
        CommunitiesSettings { racial_percentages: RacialPercentages::Kept, ..Default::default() };
    for (settings, features) in [(Default::default(), 95), (kept, 99)] {
        let names = |settings| shipped().feature_names(&config(settings)).join(" ");
        let tasks = shipped_tasks(CommunitiesSettings::clone(&settings));
        assert!(tasks.iter().all(|task| task.data.features() == features));
        assert_eq!(names(settings.clone()).split(' ').count(), features);
        let racial = RACIAL_PERCENTAGES
            .iter()
            .filter(|name| names(settings.clone()).contains(*name))
            .count();
        assert_eq!(racial, features - 95);
    }
}

/// The numbers were computed from the same CSV with Python's `csv` and `statistics` modules.
#[test]
fn labels_groups_and_scaled_values_agree_with_another_implementation() {
    let tasks = shipped_tasks(Default::default());
    // (rows that are protected, positive, both) of some states.
    for (name, expected) in [
        ("Alabama", (38, 22, 17)),
        ("Arizona", (0, 10, 0)),
        ("California", (13, 139, 1)),
        ("Louisiana", (22, 11, 11)),
        ("New Jersey", (56, 112, 6)),
        ("Ohio", (57, 57, 16)),
        ("Oregon", (0, 18, 0)),
        ("Texas", (42, 78, 10)),
    ] {
        let data = &named(&tasks, name).data;
        let both = data.positive().iter().zip(data.protected()).filter(|&(&y, &a)| y && a).count();
        let count = |flags: &[bool]| flags.iter().filter(|&&flag| flag).count();
        assert_eq!((count(data.protected()), count(data.positive()), both), expected, "{name}");
    }
    let (mut protected, mut positive, mut both) = (0, 0, 0);
    for data in tasks.iter().map(|task| &task.data) {
        for (&y, &a) in data.positive().iter().zip(data.protected()) {
            (protected, positive, both) =
                (protected + a as u32, positive + y as u32, both + (y && a) as u32);
        }
    }
    assert_eq!((protected, positive, both), (670, 969, 227));

    let over_all =
        shipped_tasks(CommunitiesSettings { scaling: Scaling::OverAllTasks, ..Default::default() });
    let raw = shipped_tasks(CommunitiesSettings { scaling: Scaling::None, ..Default::default() });
    let (population, pct_illeg, lemas) = (0, 45, 94);
    for (tasks, state, row, feature, expected) in [
        (&tasks, "California", 0, population, -0.5551045594635496),
        (&tasks, "California", 7, pct_illeg, 0.026201032966570247),
        (&tasks, "California", 277, lemas, -0.4198323807332833),
        (&tasks, "New Jersey", 210, lemas, -0.37153274396511454),
        (&over_all, "California", 7, pct_illeg, 0.14723036653667432),
        (&raw, "Utah", 0, population, 0.09),
    ] {
        assert_relative_eq!(
            named(tasks, state).data.all().row(row)[feature],
            expected,
            max_relative = 1e-11
        );
    }
}

/// Counted from the same CSV with Python's `csv` module.
#[test]
fn who_is_protected_in_each_reading() {
    for (protected, expected) in [
        (ProtectedGroup::LargestOrSecond, 670),
        (ProtectedGroup::LargestOrSecondStrictly, 625),
        (ProtectedGroup::Largest, 201),
    ] {
        let tasks = shipped_tasks(CommunitiesSettings { protected, ..Default::default() });
        let groups = tasks.iter().flat_map(|task| task.data.protected());
        assert_eq!(groups.filter(|&&protected| protected).count(), expected, "{protected:?}");
    }
}

#[test]
fn high_crime_is_the_complement_of_low_crime() {
    let low = shipped_tasks(Default::default());
    let positive = PositiveClass::HighCrime;
    let high = shipped_tasks(CommunitiesSettings { positive, ..Default::default() });
    assert_eq!(low.len(), high.len());
    for (low, high) in low.iter().zip(&high) {
        let flipped: Vec<bool> = low.data.positive().iter().map(|positive| !positive).collect();
        assert_eq!(high.data.positive(), flipped);
        assert_eq!((&low.name, low.data.all().x()), (&high.name, high.data.all().x()));
        assert_eq!(low.data.protected(), high.data.protected());
    }
    let positives = high.iter().flat_map(|task| task.data.positive());
    assert_eq!(positives.filter(|&&positive| positive).count(), 1868 - 969);
}

fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    (mean, values.map(|value| (value - mean).powi(2)).sum::<f64>() / n)
}

#[test]
fn scaled_features_have_zero_mean_and_unit_variance() {
    let column = |task: &Task, feature| {
        task.data
            .all()
            .x()
            .iter()
            .skip(feature)
            .step_by(95)
            .copied()
            .collect::<Vec<_>>()
            .into_iter()
    };
    let mut constant = Vec::new();
    for task in shipped_tasks(Default::default()) {
        for feature in 0..95 {
            let (mean, variance) = moments(column(&task, feature));
            assert!(mean.abs() < 1e-12, "{}, feature {feature}: mean {mean}", task.name);
            if variance == 0.0 {
                constant.push((
                    task.name.clone(),
                    shipped().feature_names(&Default::default())[feature].to_string(),
                ));
            } else {
                assert_relative_eq!(variance, 1.0, max_relative = 1e-12);
            }
        }
    }
    assert_eq!(
        constant,
        [("New Hampshire".into(), "NumStreet".into())],
        "the one constant column becomes 0"
    );

    let over_all =
        shipped_tasks(CommunitiesSettings { scaling: Scaling::OverAllTasks, ..Default::default() });
    for feature in 0..95 {
        let values: Vec<f64> = over_all.iter().flat_map(|task| column(task, feature)).collect();
        let (mean, variance) = moments(values.into_iter());
        assert!(mean.abs() < 1e-12);
        assert_relative_eq!(variance, 1.0, max_relative = 1e-12);
    }
}

#[test]
fn states_held_out() {
    let (data, config) = (shipped(), CommunitiesConfig::default());
    let all = data.tasks(&config).unwrap();
    let mut times_held_out: HashMap<String, u32> = HashMap::new();
    for seed in 0..120 {
        let partition = data.partition(&config, seed).unwrap();
        assert_eq!((partition.training.len(), partition.held_out.len()), (25, 5));
        let names =
            |tasks: &[Task]| tasks.iter().map(|task| task.name.clone()).collect::<HashSet<_>>();
        assert!(names(&partition.training).is_disjoint(&names(&partition.held_out)));
        for task in partition.training.iter().chain(&partition.held_out) {
            assert_eq!(task, named(&all, &task.name));
        }
        names(&partition.held_out)
            .into_iter()
            .for_each(|name| *times_held_out.entry(name).or_default() += 1);
    }
    // Each state is held out in 120 · 5/30 = 20 draws, with a standard deviation of 4.1.
    assert_eq!(times_held_out.len(), 30);
    assert!(times_held_out.values().all(|times| (3..=37).contains(times)), "{times_held_out:?}");
    assert_eq!(data.partition(&config, 0).unwrap(), data.partition(&config, 0).unwrap());
}

#[test]
fn settings_that_cannot_be() {
    let error = |settings| shipped().partition(&config(settings), 0).unwrap_err().to_string();
    assert_eq!(
        error(CommunitiesSettings { held_out: 30, ..Default::default() }),
        "held_out must be at most 29, since there are 30 tasks, got 30"
    );
    assert_eq!(
        error(CommunitiesSettings { min_rows: 279, ..Default::default() }),
        "min_rows must be at most 278, the rows of the largest state, got 279"
    );
    let none = CommunitiesConfig::new(CommunitiesSettings { min_rows: 1, ..Default::default() })
        .unwrap_err();
    assert_eq!(none.to_string(), "min_rows must be at least 2, got 1");
}

#[test]
fn configurations_are_checked_when_read() {
    let config = config(CommunitiesSettings {
        min_rows: 30,
        scaling: Scaling::OverAllTasks,
        ..Default::default()
    });
    let json = serde_json::to_string(&config).unwrap();
    let expected = r#"{"min_rows":30,"held_out":5,"racial_percentages":"left-out","scaling":"over-all-tasks","positive":"low-crime","protected":"largest-or-second"}"#;
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_str::<CommunitiesConfig>(&json).unwrap(), config);
    assert_eq!(
        serde_json::from_str::<CommunitiesConfig>("{}").unwrap(),
        CommunitiesConfig::default()
    );
    let error =
        serde_json::from_str::<CommunitiesConfig>(r#"{"min_rows":0}"#).unwrap_err().to_string();
    assert_eq!(error, "min_rows must be at least 2, got 0");
    assert!(serde_json::from_str::<CommunitiesConfig>(r#"{"min_row":20}"#).is_err());
    let read =
        |text: &str| serde_json::from_str::<CommunitiesConfig>(text).map(CommunitiesSettings::from);
    let settings = read(r#"{"positive":"high-crime","protected":"largest"}"#).unwrap();
    assert_eq!(settings.positive, PositiveClass::HighCrime);
    assert_eq!(settings.protected, ProtectedGroup::Largest);
    let settings = read(r#"{"protected":"largest-or-second-strictly"}"#).unwrap();
    assert_eq!(settings.protected, ProtectedGroup::LargestOrSecondStrictly);
    let error = read(r#"{"protected":"third"}"#).unwrap_err().to_string();
    assert!(error.contains("third") && error.contains("largest-or-second-strictly"), "{error}");
}

/// Made-up communities: state, the racial percentages (Black, white, Asian, Hispanic), violent
/// crimes.
const MADE_UP: [(&str, [f64; 4], f64); 7] = [
    ("55", [0.9, 0.1, 0.2, 0.3], 0.10),
    ("55", [0.5, 0.9, 0.2, 0.3], 0.20),
    ("55", [0.2, 0.9, 0.1, 0.3], 0.30),
    ("55", [0.2, 0.9, 0.2, 0.2], 0.40),
    ("8", [0.1, 0.1, 0.1, 0.1], 0.50),
    ("8", [0.0, 0.9, 0.1, 0.1], 0.70),
    ("8", [0.3, 0.3, 0.5, 0.3], 0.60),
];

/// The made-up communities in some of UCI's columns, `?` in those that `missing` names.
fn made_up(columns: &[&str], missing: impl Fn(usize, &str) -> bool) -> String {
    let cell = |row: usize, column: &str| -> String {
        let (state, racial, crimes) = MADE_UP[row];
        match column {
            _ if missing(row, column) => "?".into(),
            "state" => state.into(),
            "communityname" => format!("Village{row}"),
            "ViolentCrimesPerPop" => crimes.to_string(),
            _ => match RACIAL_PERCENTAGES.iter().position(|name| *name == column) {
                Some(share) => racial[share].to_string(),
                None => format!("0.{}", (row * 7 + column.len()) % 10),
            },
        }
    };
    let line =
        |row| columns.iter().map(|column| cell(row, column)).collect::<Vec<_>>().join(",") + "\n";
    (0..MADE_UP.len()).map(line).collect()
}

fn ucis_missing(row: usize, column: &str) -> bool {
    let sparse = ["county", "community", "PolicCars", "LemasSwornFT"].contains(&column) && row != 3;
    sparse || (column == "OtherPerCap" && row == 5)
}

fn parse(csv: &str) -> Result<Communities, Error> {
    from_reader(csv.as_bytes(), "made_up.data")
}

#[test]
fn ucis_original_and_the_shipped_format_say_the_same() {
    let original = parse(&made_up(&COLUMNS, ucis_missing)).unwrap();
    let complete: Vec<&str> = COLUMNS
        .into_iter()
        .filter(|column| !(0..MADE_UP.len()).any(|row| ucis_missing(row, column)))
        .collect();
    let shipped = parse(&(complete.join(",") + "\n" + &made_up(&complete, |_, _| false))).unwrap();
    assert_eq!(original, shipped);
    let with_header =
        parse(&(COLUMNS.join(",") + "\n" + &made_up(&COLUMNS, ucis_missing))).unwrap();
    assert_eq!(original, with_header);

    // 128 columns without 5 that are not predictive, the goal, the racial percentages and three
    // with missing values.
    let config = config(CommunitiesSettings { min_rows: 3, held_out: 1, ..Default::default() });
    let names = original.feature_names(&config);
    assert_eq!(names.len(), 128 - 5 - 1 - 4 - 3);
    for left_out in
        ["OtherPerCap", "PolicCars", "LemasSwornFT", "fold", "communityname", "ViolentCrimesPerPop"]
    {
        assert!(!names.contains(&left_out));
    }
}

#[test]
fn label_and_group_of_made_up_communities() {
    let data = parse(&made_up(&COLUMNS, ucis_missing)).unwrap();
    assert_eq!(data.states().collect::<Vec<_>>(), [("Colorado", 3), ("Wisconsin", 4)]);
    let config = config(CommunitiesSettings { min_rows: 3, ..Default::default() });
    let tasks = data.tasks(&config).unwrap();
    let (colorado, wisconsin) = (&tasks[0].data, &tasks[1].data);
    // The median of 0.5, 0.7, 0.6 is 0.6; that of 0.1 to 0.4 is 0.25.
    assert_eq!(colorado.positive(), [true, false, true]);
    assert_eq!(wisconsin.positive(), [true, true, false, false]);
    // Protected: at most one share is strictly larger than the Black one. Ties count for it.
    assert_eq!(colorado.protected(), [true, false, true]);
    assert_eq!(wisconsin.protected(), [true, true, false, true]);

    let made_up = |settings| data.tasks(&self::config(settings)).unwrap();
    let min_rows = 3;
    for (protected, colorado, wisconsin) in [
        // At most one share is as large as the Black one.
        (ProtectedGroup::LargestOrSecondStrictly, [false; 3], [true, true, false, false]),
        // No share is larger.
        (ProtectedGroup::Largest, [true, false, false], [true, false, false, false]),
    ] {
        let tasks = made_up(CommunitiesSettings { min_rows, protected, ..Default::default() });
        assert_eq!(tasks[0].data.protected(), colorado);
        assert_eq!(tasks[1].data.protected(), wisconsin);
    }
    let positive = PositiveClass::HighCrime;
    let tasks = made_up(CommunitiesSettings { min_rows, positive, ..Default::default() });
    assert_eq!(tasks[0].data.positive(), [false, true, false]);
    assert_eq!(tasks[1].data.positive(), [false, false, true, true]);
}

#[test]
fn files_that_are_not_communities_and_crime() {
    let error = |csv: &str| parse(csv).unwrap_err().to_string();
    assert_eq!(
        error("a,b\n1,2\n"),
        "made_up.data, line 1: 2 fields, expected a header with a column `state`, or the 128 fields of UCI's original"
    );
    assert_eq!(error(""), "made_up.data: no rows of data");
    assert_eq!(
        error("state,rain\n1,2\n"),
        "made_up.data, line 1: column `rain` is not one of UCI's 128 columns"
    );
    for column in ["state", "racepctblack", "racePctHisp", "ViolentCrimesPerPop"] {
        let columns: Vec<&str> = COLUMNS.into_iter().filter(|name| *name != column).collect();
        let found = error(&(columns.join(",") + "\n" + &made_up(&columns, |_, _| false)));
        assert!(
            found.starts_with(&format!("made_up.data: no column `{column}`; the columns are `")),
            "{found}"
        );
        assert!(found.ends_with("and 115 more"), "{found}");
    }
    let not = |line, column, value, expected| {
        format!(
            "made_up.data, line {line}, column `{column}`: found `{value}`, expected {expected}"
        )
    };
    for column in ["racepctblack", "racePctAsian", "ViolentCrimesPerPop"] {
        let missing = made_up(&COLUMNS, |row, name| row == 2 && name == column);
        assert_eq!(error(&missing), not(3, column, "?", "a finite number"));
    }
    let csv = made_up(&COLUMNS, ucis_missing);
    for state in ["3", "57", "x", "", "-1", "300"] {
        let expected = not(5, "state", state, "the FIPS code of a state, 1 to 56");
        assert_eq!(error(&csv.replacen("\n8,", &format!("\n{state},"), 1)), expected);
    }
    assert_eq!(
        error(&csv.replacen("Village0,0.4,", "Village0,0.4,z", 1)),
        not(1, "population", "z0.0", "a finite number")
    );
    let short = "made_up.data, line 7: 127 fields, expected 128 as in the first row";
    assert_eq!(error(csv.trim_end().rsplit_once(',').unwrap().0), short);
    let nowhere = communities::read("no/such/file.data").unwrap_err().to_string();
    assert!(nowhere.starts_with("cannot read no/such/file.data: "), "{nowhere}");

    let few = "state,racepctblack,racePctWhite,racePctAsian,racePctHisp,ViolentCrimesPerPop\n1,0,0,0,0,0\n1,0,0,0,0,0\n";
    let error = parse(few)
        .unwrap()
        .tasks(&config(CommunitiesSettings { min_rows: 2, ..Default::default() }));
    assert_eq!(
        error.unwrap_err().to_string(),
        "made_up.data: no predictor is left: each predictive column is absent, left out by the \
         settings, or has a missing value"
    );
}

#[test]
fn a_column_with_one_missing_value_more_than_ucis_is_left_out_and_named() {
    assert_eq!(shipped().incomplete(), [""; 0]);
    let usual = parse(&made_up(&COLUMNS, ucis_missing)).unwrap();
    assert_eq!(usual.incomplete(), [""; 0]);
    let more = |row, column: &str| ucis_missing(row, column) || (row == 4 && column == "PctUrban");
    assert_eq!(parse(&made_up(&COLUMNS, more)).unwrap(), usual, "no column has that name");
    let more = |row, column: &str| ucis_missing(row, column) || (row == 4 && column == "pctUrban");
    let data = parse(&made_up(&COLUMNS, more)).unwrap();
    assert_eq!(data.incomplete(), ["pctUrban"]);
    let config = config(CommunitiesSettings { min_rows: 3, held_out: 1, ..Default::default() });
    let mut names = usual.feature_names(&config);
    names.retain(|name| *name != "pctUrban");
    assert_eq!(data.feature_names(&config), names);
    assert!(data.tasks(&config).unwrap().iter().all(|t| t.data.features() == names.len()));
}

#[test]
fn the_columns_that_ucis_file_has_incomplete_are_those_that_the_shipped_file_lacks() {
    let header = datasets::COMMUNITIES_AND_CRIME.lines().next().unwrap();
    let header: HashSet<&str> = header.split(',').collect();
    let predictive = COLUMNS.into_iter().skip(5);
    let lacking: Vec<&str> = predictive.filter(|column| !header.contains(column)).collect();
    assert_eq!(lacking, INCOMPLETE);
}
