//! What a run prints and writes.

mod common;

use std::collections::BTreeMap;

use common::{
    ABLATION, RUNS, SUMMARY, TINY, TRAINING, column, files, folder, manifest, parse, repeatable,
    rows, run, uci_form, write,
};
use roxmltree::Document;
use serde_json::{Value, json};
use tasks::communities::format::COLUMNS;

#[test]
fn a_quick_run_writes_the_files_it_lists() {
    let folder = folder();
    let out = run(folder.path(), "--quick --iterations 3 --seeds 2").done().out;
    let (out, last) = out.trim_end().rsplit_once('\n').expect("a last line");
    assert_eq!(last, "Open results-quick/report.html in a browser.");
    let (tables, listed) = out.split_once("Wrote ").expect("a list of files");
    for word in ["Fair-MAML", "MAML", "pre-trained", "Synthetic", "Communities", "K = 5", "K = 10"]
    {
        assert!(tables.contains(word), "{word} in {tables}");
    }
    let (count, names) = listed.split_once(':').expect("names after a colon");
    let mut names: Vec<&str> = names.split(',').map(str::trim).collect();
    names.sort_unstable();
    let files = files(&folder.path().join("results-quick"));
    assert_eq!(names, files.keys().collect::<Vec<_>>());
    assert_eq!(count, format!("{} files to results-quick", files.len()));
    assert!(!out.contains("NaN") && !out.contains("inf "), "{out}");
    for (name, text) in &files {
        assert!(!text.trim().is_empty(), "{name} is empty");
        match name.rsplit_once('_').map_or(name.as_str(), |(_, kind)| kind) {
            "runs.csv" => runs_are_consistent(text),
            "training.csv" => drop(rows(text, TRAINING)),
            "summary.csv" => intervals_hold_their_means(text),
            "points.csv" => runs_are_consistent(text),
            "ablation.csv" => drop(rows(text, ABLATION)),
            "manifest.json" => drop(parse(text)),
            "claims.json" => eight_claims(&parse(text)),
            "provenance.json" => where_and_when(&parse(text)),
            "report.html" => a_page_of_its_own(text),
            "report.md" => figures_are_there(text, &files),
            _ => {
                let svg = Document::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(svg.root_element().tag_name().name(), "svg", "{name}");
                assert!(svg.descendants().any(|node| node.has_tag_name("text")), "{name}");
                numbers_are_finite(name, &svg);
            }
        }
    }
    for problem in ["synthetic", "communities"] {
        let of = |kind: &str| format!("{problem}_{kind}");
        for kind in ["runs.csv", "training.csv", "summary.csv", "ablation.csv", "tradeoff.svg"] {
            assert!(files.contains_key(&of(kind)), "{problem} {kind}");
        }
    }
    assert!(files.contains_key("communities_points.csv") && files.contains_key("report.html"));
}

/// Numbered, each with a verdict.
fn eight_claims(claims: &Value) {
    let claims = claims.as_array().expect("an array");
    let numbers: Vec<&Value> = claims.iter().map(|claim| &claim["number"]).collect();
    assert_eq!(json!(numbers), json!([1, 2, 3, 4, 5, 6, 7, 8]));
    for claim in claims {
        assert!(claim["claim"].as_str().is_some_and(|text| text.len() > 20), "{claim}");
        assert!(claim["verdict"].as_str().is_some_and(|word| !word.is_empty()), "{claim}");
    }
}

/// The folder of the test is no checkout.
fn where_and_when(provenance: &Value) {
    assert_eq!(provenance["version"], env!("CARGO_PKG_VERSION"));
    if option_env!("FAIR_MAML_COMMIT").is_none() {
        assert_eq!((&provenance["commit"], &provenance["modified"]), (&Value::Null, &Value::Null));
    }
    let words = provenance["command_line"].as_array().unwrap();
    assert_eq!(
        words[1..],
        [json!("--quick"), json!("--iterations"), json!("3"), json!("--seeds"), json!("2")]
    );
    let date = provenance["date"].as_str().unwrap();
    let shape: String = date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert!(shape == "0000-00-00T00:00:00Z" && date > "2020", "{date}");
    let problems = provenance["problems"].as_array().unwrap();
    let names: Vec<&Value> = problems.iter().map(|problem| &problem["problem"]).collect();
    assert_eq!(json!(names), json!(["synthetic", "communities"]));
    let parts: f64 = problems.iter().map(|problem| problem["seconds"].as_f64().unwrap()).sum();
    let whole = provenance["seconds"].as_f64().unwrap();
    assert!(0.0 < parts && parts <= whole + 0.01, "{parts} of {whole}");
    let machine = &provenance["machine"];
    assert_eq!(machine["os"], std::env::consts::OS);
    assert_eq!(machine["arch"], std::env::consts::ARCH);
    assert!(machine["threads"].as_u64().unwrap() > 0 && machine.get("cpu").is_some(), "{machine}");
}

/// A page whose tags close in order, that loads nothing, has every figure and all eight claims.
fn a_page_of_its_own(html: &str) {
    let body = html.strip_prefix("<!DOCTYPE html>").expect("a doctype");
    // XML wants elements without contents closed.
    let mut xml = String::new();
    for (i, piece) in body.split('<').enumerate() {
        let void = piece.starts_with("meta ") || piece.starts_with("img ");
        let (tag, rest) = piece.split_once('>').unwrap_or((piece, ""));
        match i {
            0 => xml.push_str(piece),
            _ if void => xml.push_str(&format!("<{tag}/>{rest}")),
            _ => xml.push_str(&format!("<{piece}")),
        }
    }
    let page = Document::parse(&xml).unwrap_or_else(|error| panic!("report.html: {error}"));
    numbers_are_finite("report.html", &page);
    let ids: Vec<&str> = page.descendants().filter_map(|node| node.attribute("id")).collect();
    for (i, id) in ids.iter().enumerate() {
        assert!(!ids[..i].contains(id), "#{id} twice");
    }
    for node in page.descendants().filter(|node| node.is_element()) {
        assert!(!["link", "iframe"].contains(&node.tag_name().name()), "{node:?}");
        for name in ["src", "href"] {
            let Some(value) = node.attribute(name) else { continue };
            let within = value.strip_prefix('#').is_some_and(|id| ids.contains(&id));
            // Links to sources load nothing before they are clicked.
            let source = node.has_tag_name("a") && value.starts_with("https://");
            let embedded = value.starts_with("data:image/svg+xml;base64,");
            assert!(within || source || embedded, "{value}");
        }
    }
    for number in 1..=8 {
        assert!(ids.contains(&format!("claim-{number}").as_str()), "claim {number}");
    }
    assert!(!ids.contains(&"claim-9"));
    assert!(!html.contains("url(") && !html.contains("@import"));
    assert!(page.descendants().filter(|node| node.has_tag_name("img")).count() >= 5);
}

/// Every figure of the Markdown report is a file beside it, and every row of a table is whole.
fn figures_are_there(text: &str, files: &BTreeMap<String, String>) {
    let links = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    let figures: Vec<&str> = links.filter(|link| link.ends_with(".svg")).collect();
    assert!(figures.len() > 4 && figures.iter().all(|figure| files.contains_key(*figure)));
    for claim in 1..=8 {
        assert!(text.contains(&format!("### {claim}. ")), "claim {claim}");
    }
    assert!(!text.contains("NaN"));
    for (line, next) in text.lines().zip(text.lines().skip(1)) {
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        if line.starts_with('|') && next.starts_with('|') {
            assert_eq!(cells(line), cells(next), "{line}\n{next}");
        }
    }
}

/// No word of any attribute or label is NaN or infinite; embedded images are no words.
fn numbers_are_finite(name: &str, svg: &Document) {
    for node in svg.descendants() {
        let attributes = node.attributes().map(|attribute| attribute.value());
        let texts = attributes.chain(node.text()).filter(|text| !text.starts_with("data:"));
        for word in texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric())) {
            assert!(!["NaN", "nan", "inf", "infinity"].contains(&word), "{name}: {node:?}");
        }
    }
}

/// A metric is empty exactly where a group is.
fn runs_are_consistent(text: &str) {
    let at = |name| column(RUNS, name);
    for row in rows(text, RUNS) {
        let count = |name| row[at(name)].parse::<u64>().unwrap();
        let number = |name| row[at(name)].parse::<f64>().ok();
        let (protected, positive) = (count("query_protected"), count("query_protected_positive"));
        let (all, right) = (count("query_rows"), count("query_positive"));
        assert!(protected <= all && positive <= right && right <= all, "{row:?}");
        // The rate of all is that of the groups, weighed by their sizes.
        let of = |name, rows: u64| number(name).map_or(0.0, |rate| rate * rows as f64);
        let accepted = of("protected_positive_rate", protected)
            + of("unprotected_positive_rate", all - protected);
        let rate = number("positive_rate").unwrap();
        assert!((rate * all as f64 - accepted).abs() < 1e-9, "{row:?}");
        // Whoever accepts everybody is right about the positive rows.
        if rate == 1.0 {
            let accuracy = number("accuracy").unwrap();
            assert!((accuracy - right as f64 / all as f64).abs() < 1e-12, "{row:?}");
        }
        let constant = &row[at("method")] == "majority class";
        assert!(!constant || rate == 0.0 || rate == 1.0, "{row:?}");
        assert_eq!(number("protected_accuracy").is_some(), protected > 0, "{row:?}");
        assert_eq!(number("protected_true_positive_rate").is_some(), positive > 0, "{row:?}");
        assert!((0.0..=1.0).contains(&number("accuracy").unwrap()), "{row:?}");
        if protected == 0 {
            assert_eq!(&row[at("demographic_parity_ratio")], "", "{row:?}");
        }
        if let (Some(ratio), Some(p), Some(u)) = (
            number("demographic_parity_ratio"),
            number("protected_positive_rate"),
            number("unprotected_positive_rate"),
        ) {
            assert!((ratio - p / u).abs() < 1e-12, "{row:?}");
        }
        // Thresholds are chosen for a notion, without any γ.
        let is_plain = &row[at("gamma")] == "0.0" && row[at("target")].is_empty();
        assert!(!is_plain || row[at("notion")].is_empty(), "{row:?}");
        assert!(!row[at("notion")].is_empty() || &row[at("gamma")] == "0.0", "{row:?}");
        assert_eq!(row[at("rate")].is_empty(), &row[at("stage")] == "before", "{row:?}");
        assert_eq!(&row[at("steps")] == "0", &row[at("stage")] == "before", "{row:?}");
    }
}

fn intervals_hold_their_means(text: &str) {
    let at = |name| column(SUMMARY, name);
    for row in rows(text, SUMMARY) {
        let number = |name| row[at(name)].parse::<f64>().ok();
        let runs: u64 = row[at("runs")].parse().unwrap();
        assert_eq!(number("mean").is_some(), runs > 0, "{row:?}");
        assert_eq!(number("low_95").is_some(), runs > 1, "{row:?}");
        if let (Some(low), Some(mean), Some(high)) =
            (number("low_95"), number("mean"), number("high_95"))
        {
            assert!(low <= mean && mean <= high, "{row:?}");
        }
    }
}

/// Each line of the summary, from the runs: the mean over a seed's tasks, then over the seeds.
#[test]
fn the_summary_is_the_mean_of_the_runs() {
    let folder = folder();
    run(folder.path(), "--quick --iterations 4 --seeds 3 --gammas 2 --out out").done();
    let files = files(&folder.path().join("out"));
    for problem in ["synthetic", "communities"] {
        let runs = rows(&files[&format!("{problem}_runs.csv")], RUNS);
        let summary = rows(&files[&format!("{problem}_summary.csv")], SUMMARY);
        let shared = [
            "method",
            "notion",
            "gamma",
            "target",
            "stage",
            "rate",
            "steps",
            "adaptation_gamma",
            "support_rows",
        ];
        let cells = |row: &csv::StringRecord, header| {
            shared.map(|name| row[column(header, name)].to_owned())
        };
        let mut of_setting = BTreeMap::<_, Vec<&csv::StringRecord>>::new();
        for row in &runs {
            of_setting.entry(cells(row, RUNS)).or_default().push(row);
        }
        for line in &summary {
            let metric = column(RUNS, &line[column(SUMMARY, "metric")]);
            let ours = &of_setting[&cells(line, SUMMARY)];
            let of_seed = |seed: &str| {
                let of_seed = ours.iter().filter(|row| &row[column(RUNS, "seed")] == seed);
                of_seed.filter_map(|row| row[metric].parse::<f64>().ok()).collect::<Vec<_>>()
            };
            let seeds = ["0", "1", "2"].map(of_seed);
            let defined = seeds.iter().map(Vec::len).sum::<usize>();
            let number = |name| line[column(SUMMARY, name)].parse::<f64>().ok();
            assert_eq!(number("defined"), Some(defined as f64), "{line:?}");
            let undefined = ours.len() - defined;
            assert_eq!(number("undefined"), Some(undefined as f64), "{line:?}");
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            let means: Vec<f64> =
                seeds.iter().filter(|values| !values.is_empty()).map(|v| mean(v)).collect();
            assert_eq!(number("runs"), Some(means.len() as f64), "{line:?}");
            if let Some(found) = number("mean") {
                assert!((found - mean(&means)).abs() < 1e-12, "{line:?}");
            }
        }
        assert_eq!(summary.len() % 6, 0);
        the_runs_are_whole(problem, &runs);
        let curves = rows(&files[&format!("{problem}_training.csv")], TRAINING);
        for row in curves.iter().filter(|row| &row[column(TRAINING, "method")] == "pre-trained") {
            // The mean loss of one task: near that of a guess, and far from a sum over tasks.
            let loss: f64 = row[column(TRAINING, "mean_loss")].parse().unwrap();
            assert!((0.3..6.0).contains(&loss), "{row:?}");
        }
    }
}

/// Every task of every seed is there, with all its rows, and adaptation did something.
fn the_runs_are_whole(problem: &str, runs: &[csv::StringRecord]) {
    let cell = |row: &csv::StringRecord, name| row[column(RUNS, name)].to_owned();
    let (tasks, k) = if problem == "synthetic" { (20, "5") } else { (5, "10") };
    let mut decided = BTreeMap::<_, Vec<_>>::new();
    for row in runs {
        // LAFTR is judged with more rows as well, in states that have them.
        if cell(row, "support_rows") != k {
            assert_eq!(
                (cell(row, "method").as_str(), cell(row, "support_rows")),
                ("LAFTR", "30".into())
            );
            continue;
        }
        if problem == "synthetic" {
            assert_eq!(cell(row, "query_rows"), "195");
        }
        let arm = ["seed", "method", "gamma", "notion", "stage", "rate", "steps", "target"]
            .map(|name| cell(row, name));
        let rates = ["protected_positive_rate", "unprotected_positive_rate"];
        decided
            .entry(arm)
            .or_default()
            .push((cell(row, "task"), rates.map(|name| cell(row, name))));
    }
    let mut adapting = std::collections::BTreeSet::new();
    for (arm, rows) in &decided {
        assert_eq!(rows.len(), tasks, "{arm:?}");
        let mut before = arm.clone();
        (before[4], before[5], before[6]) = ("before".into(), String::new(), "0".into());
        // Fresh networks have no weights before.
        if decided.get(&before).is_some_and(|before| before != rows) {
            adapting.insert(arm[1].as_str());
        }
    }
    assert!(adapting.contains("MAML") && adapting.contains("pre-trained"), "{adapting:?}");
    let methods: std::collections::BTreeSet<_> =
        decided.keys().map(|arm| arm[1].as_str()).collect();
    let mut expected = std::collections::BTreeSet::from([
        "Fair-MAML",
        "MAML",
        "from scratch",
        "majority class",
        "pre-trained",
        "published-code",
        "no inner step",
        "MAML, one threshold",
        "MAML, thresholds by group",
        "coin",
        "the labels",
        "MAML, probe",
        "Fair-MAML, probe",
        "pre-trained, probe",
        "random weights, probe",
        "features, probe",
    ]);
    expected.extend(match problem {
        "communities" => {
            ["LAFTR", "own labels, network", "own labels, logistic", "pre-trained, other rate"]
                .as_slice()
        }
        _ => &["line y > 0", "Bayes decision"],
    });
    assert_eq!(methods, expected);
    let names = |seed: &str| {
        let of_seed = runs.iter().filter(|row| cell(row, "seed") == seed);
        of_seed.map(|row| (cell(row, "task"), cell(row, "query_protected"))).collect::<Vec<_>>()
    };
    assert_ne!(names("0"), names("1"), "each seed draws its own tasks");
}

/// A state without protected communities has undefined rates: empty cells, counted in the summary.
#[test]
fn undefined_is_an_empty_cell() {
    let folder = folder();
    // Nobody is protected once the Black share is below all the others.
    let mut reader = csv::Reader::from_reader(datasets::COMMUNITIES_AND_CRIME.as_bytes());
    let header = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for record in reader.records().map(Result::unwrap) {
        let cells = header.iter().zip(&record).map(|(name, cell)| match name {
            "racepctblack" => "-1",
            _ => cell,
        });
        writer.write_record(cells).unwrap();
    }
    write(folder.path(), "data.csv", writer.into_inner().unwrap());
    let line = "communities --quick --iterations 2 --seeds 2 --gammas 1 --data data.csv --out out";
    let out = run(folder.path(), line).done().out;
    assert!(out.contains("n/a") && !out.contains("NaN"), "{out}");
    let files = files(&folder.path().join("out"));
    let runs = rows(&files["communities_runs.csv"], RUNS);
    for row in &runs {
        assert_eq!(&row[column(RUNS, "query_protected")], "0");
        for name in ["demographic_parity_ratio", "equal_opportunity_ratio", "protected_accuracy"] {
            assert_eq!(&row[column(RUNS, name)], "", "{name}");
        }
        assert_ne!(&row[column(RUNS, "accuracy")], "");
    }
    let metric = column(SUMMARY, "metric");
    for row in rows(&files["communities_summary.csv"], SUMMARY) {
        let [mean, runs, defined, undefined] =
            ["mean", "runs", "defined", "undefined"].map(|name| &row[column(SUMMARY, name)]);
        // LAFTR with more rows is judged on fewer states.
        if &row[column(SUMMARY, "support_rows")] == "30" {
            continue;
        }
        match &row[metric] {
            "accuracy" => assert_eq!((runs, defined, undefined), ("2", "10", "0")),
            _ => assert_eq!((mean, runs, defined, undefined), ("", "0", "0", "10")),
        }
    }
    // Every batch of the regularized trainings lacked the group, and says so.
    let silent = rows(&files["communities_training.csv"], TRAINING)
        .into_iter()
        .filter(|row| &row[column(TRAINING, "method")] == "Fair-MAML");
    for row in silent {
        let [all, absent] = ["batches_in_all", "batches_without_group"]
            .map(|name| row[column(TRAINING, name)].parse::<u64>().unwrap());
        assert_eq!((all, absent), (2 * 2 * 8, 2 * 2 * 8));
    }
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let folder = folder();
    let of = |threads: u64| {
        let line = format!(
            "--quick --iterations 3 --seeds 2 --gammas 1 --threads {threads} --out out{threads}"
        );
        let out = run(folder.path(), &line).done().out;
        // The folder is named in them.
        let tables = out.split_once("Wrote").unwrap().0.replace(&format!("out{threads}/"), "out/");
        (tables, repeatable(&folder.path().join(format!("out{threads}"))))
    };
    let one = of(1);
    for threads in [2, 3] {
        let other = of(threads);
        assert_eq!(other.0, one.0);
        assert_eq!(other.1.keys().collect::<Vec<_>>(), one.1.keys().collect::<Vec<_>>());
        for (name, text) in &other.1 {
            assert!(*text == one.1[name], "{name} differs on {threads} threads");
        }
    }
}

#[test]
fn a_manifest_repeats_its_run() {
    let folder = folder();
    write(folder.path(), "uci.data", uci_form());
    for first in [
        "--quick --iterations 3 --seeds 2 --gammas 0,2.5",
        "communities --quick --iterations 3 --seeds 1 --gammas 3 --data uci.data",
        "synthetic --quick --iterations 2",
    ] {
        run(folder.path(), &format!("{first} --out first --force")).done();
        let again = "reproduce --manifest first/manifest.json --out again --threads 1 --force";
        run(folder.path(), again).done();
        let [first, again] = ["first", "again"].map(|name| repeatable(&folder.path().join(name)));
        assert!(first == again, "{:?} and {:?}", first.keys(), again.keys());
        for name in ["first", "again"] {
            std::fs::remove_dir_all(folder.path().join(name)).unwrap();
        }
    }
}

/// The widths of all networks follow the data, in the run and in its manifest.
#[test]
fn a_column_with_a_missing_value_is_left_out_with_a_note() {
    let folder = folder();
    let uci = uci_form();
    let mut cells: Vec<&str> = uci.split(',').collect();
    let place = COLUMNS.iter().position(|name| *name == "pctUrban").unwrap();
    cells[place] = "?";
    write(folder.path(), "uci.data", cells.join(","));
    let line = "communities --quick --iterations 1 --seeds 1 --gammas 1 --data uci.data --out out";
    let ran = run(folder.path(), line);
    let note = "note: uci.data: these columns have missing values and are no features: pctUrban\n";
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), note), "{}", ran.out);
    let manifest = files(&folder.path().join("out"))["manifest.json"].clone();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["plans"][0]["network"]["layers"][0], 94);
    let again = "reproduce --manifest out/manifest.json --out again";
    run(folder.path(), again).done();

    let none = uci.lines().next().unwrap().split(',').enumerate().map(|(place, cell)| {
        let needed = [0, 7, 8, 9, 10, 127].contains(&place);
        if needed { cell } else { "?" }
    });
    let none = none.collect::<Vec<_>>().join(",") + "\n";
    write(folder.path(), "none.data", none.repeat(3) + &uci);
    let line = "communities --quick --iterations 1 --seeds 1 --data none.data --out none";
    let ran = run(folder.path(), line);
    let error = "error: none.data: no predictor is left";
    assert!(
        ran.code == Some(2) && ran.err.lines().last().unwrap().starts_with(error),
        "{}",
        ran.err
    );
}

/// UCI's file says the same as the shipped one. Its missing values take their columns out.
#[test]
fn the_original_file_gives_the_same_results() {
    let folder = folder();
    write(folder.path(), "uci.data", uci_form());
    let line = "communities --quick --iterations 3 --seeds 1 --gammas 1";
    run(folder.path(), &format!("{line} --out shipped")).done();
    run(folder.path(), &format!("{line} --data uci.data --out uci")).done();
    let [shipped, uci] = ["shipped", "uci"].map(|name| repeatable(&folder.path().join(name)));
    for (name, text) in &shipped {
        match name.as_str() {
            "manifest.json" => {
                let plan = |text| parse(text)["plans"][0]["problem"]["communities"]["data"].clone();
                assert_eq!(plan(text), Value::Null);
                assert_eq!(plan(&uci[name])["path"], json!("uci.data"));
                assert_eq!(plan(&uci[name])["sha256"].as_str().unwrap().len(), 64);
            }
            _ => assert!(*text == uci[name], "{name}"),
        }
    }
    // A manifest holds its run to the contents of the file.
    write(folder.path(), "uci.data", uci_form() + "\n");
    run(folder.path(), "reproduce --manifest uci/manifest.json --out again")
        .refused(&["uci.data", "SHA-256"]);
    assert!(!folder.path().join("again").exists());
}

#[test]
fn json_is_one_value() {
    let folder = folder();
    let line = "--quick --iterations 2 --seeds 1 --gammas 1 --json";
    let value = parse(&run(folder.path(), line).done().out);
    assert_eq!(value.as_object().unwrap().keys().collect::<Vec<_>>(), ["claims", "summary"]);
    eight_claims(&value["claims"]);
    let written = files(&folder.path().join("results-quick"));
    assert_eq!(value["claims"], parse(&written["claims.json"]));
    let rows = value["summary"].as_array().expect("an array of rows");
    assert!(rows.iter().any(|row| row["method"] == "Fair-MAML" && row["gamma"] == 1.0));
    assert!(rows.iter().any(|row| row["problem"] == "communities"));
    for row in rows {
        assert!(row["accuracy"]["mean"].is_f64(), "{row}");
    }
    let summary = &written["synthetic_summary.csv"];
    let first = &self::rows(summary, SUMMARY)[0];
    let mean: f64 = first[column(SUMMARY, "mean")].parse().unwrap();
    assert_eq!(rows[0]["accuracy"]["mean"], json!(mean));
}

#[test]
fn the_command_word_may_be_left_out() {
    let folder = folder();
    let options = format!("{TINY} --out");
    run(folder.path(), &format!("{options} a")).done();
    run(folder.path(), &format!("reproduce all {options} b")).done();
    run(folder.path(), &format!("synthetic {options} c")).done();
    let [a, b, c] = ["a", "b", "c"].map(|name| repeatable(&folder.path().join(name)));
    assert!(a == b);
    assert!(c.len() < a.len() && c["synthetic_runs.csv"] == a["synthetic_runs.csv"]);
}

/// What was asked for is what ran.
#[test]
fn options_reach_the_manifest() {
    let folder = folder();
    run(folder.path(), "--quick --iterations 2 --seeds 3 --gammas 7,0,0.5 --out out").done();
    let manifest = parse(&files(&folder.path().join("out"))["manifest.json"]);
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    for plan in manifest["plans"].as_array().unwrap() {
        assert_eq!((&plan["iterations"], &plan["seeds"]), (&json!(2), &json!(3)));
        for sweep in plan["sweeps"].as_array().unwrap() {
            assert_eq!(sweep["gammas"], json!([0.5, 7.0]));
        }
    }
}

/// No regularizer at all, no inner step, one test task: odd but possible.
#[test]
fn unusual_plans_run() {
    let folder = folder();
    let base = manifest();
    let edits = [
        json!({ "inner": { "steps": 0 } }),
        json!({ "sweeps": [{ "notion": "demographic-parity", "gammas": [] }], "gamma_shown": 0.0 }),
        json!({ "problem": { "synthetic": { "test_tasks": 1 } } }),
        json!({ "algorithm": "fomaml", "inner": { "rate": 0.1, "steps": 3 } }),
        json!({ "methods": ["meta"], "ablation": null }),
        json!({ "methods": ["majority", "scratch"], "points": [0, 1] }),
        json!({ "methods": ["majority"] }),
        json!({ "companions": [], "targets": [] }),
    ];
    for (i, edit) in edits.into_iter().enumerate() {
        let mut manifest = base.clone();
        manifest["plans"].as_array_mut().unwrap().truncate(1);
        json_patch::merge(&mut manifest["plans"][0], &edit);
        write(folder.path(), "edited.json", manifest.to_string());
        let line = format!("reproduce --manifest edited.json --out {i}");
        run(folder.path(), &line).done();
        assert!(files(&folder.path().join(i.to_string())).contains_key("report.html"), "{i}");
    }
    run(folder.path(), "synthetic --quick --iterations 1 --seeds 1 --gammas 0 --out zero").done();
    run(folder.path(), "communities --quick --iterations 1 --seeds 1 --gammas 0 --out none").done();
}
