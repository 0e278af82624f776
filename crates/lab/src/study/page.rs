//! The page of a study, and its text for the terminal.

use report::figure::FigureError;
use report::mean::Mean;
use report::number::UNDEFINED;
use report::page::{Definition, Figure, Finding, Report, Section, Source, Table, Term};
use report::terminal::Terminal;

use super::answers::{Answer, MEASURES, interval};
use super::figures::figures;
use super::files::files;
use super::run::StudyResults;
use super::spectra::{Matrix, SpectrumRecord};
use super::words::WORDS;
use crate::error::Error;

/// The answers as text for the terminal.
pub fn text(results: &[StudyResults], terminal: Terminal) -> String {
    let mut lines = Vec::new();
    lines.extend(too_short(results).map(|warning| terminal.wrap(&warning) + "\n"));
    for one in results {
        lines.push(format!("{}\n", one.study.plan.problem.title()));
        for Answer { question, short, because, .. } in one.answers() {
            lines.push(terminal.wrap(&format!("{question} {short}.")));
            let inner = Terminal::plain(terminal.text_width().saturating_sub(2));
            let because = inner.wrap(&because);
            lines.extend(because.lines().map(|line| format!("  {line}")));
            lines.push(String::new());
        }
    }
    lines.join("\n")
}

/// The fewest seeds from which anything is concluded.
const FEWEST_SEEDS: u64 = 5;

/// A warning if there are so few runs that the answers say nothing.
fn too_short(results: &[StudyResults]) -> Option<String> {
    let few = results.iter().any(|one| one.study.plan.seeds.get() < FEWEST_SEEDS);
    few.then(|| {
        format!(
            "This study has fewer than {FEWEST_SEEDS} seeds. It tests the program: its answers \
             are no conclusions."
        )
    })
}

/// All files of a run but its manifest, name and text: the page, the figures and the CSV files.
///
/// # Errors
/// Returns an error if a figure cannot be drawn, or if a number has no form in CSV.
pub fn documents(results: &[StudyResults]) -> Result<Vec<(String, String)>, Error> {
    let (report, figures) = page(results)?;
    let mut documents =
        vec![(PAGE.to_owned(), report.html()), ("study.md".to_owned(), report.markdown(""))];
    documents.extend(figures.into_iter().map(|figure| (figure.file, figure.svg)));
    for one in results {
        documents.extend(files(one)?);
    }
    Ok(documents)
}

/// The file name of the page.
pub const PAGE: &str = "study.html";

/// The page of all problems, with its figures.
fn page(results: &[StudyResults]) -> Result<(Report, Vec<Figure>), FigureError> {
    let mut all = Vec::new();
    let mut sections = Vec::new();
    for one in results {
        let figures = figures(one)?;
        all.extend(figures.iter().flatten().cloned());
        sections.push(section(one, figures));
    }
    let report = Report {
        title: "What second order buys in Fair-MAML".into(),
        about: [
            "The exact gradient of MAML goes through the inner steps, so it needs second \
             derivatives. This page measures what they are, what they change and what they cost. \
             The answers follow from the numbers by the rules beside them."
                .into(),
            "Runs with the same seed share their tasks, rows and initial weights. A difference is \
             exact minus the other algorithm, paired over the seeds, with a 95% interval by \
             Student's t. All results are those of held-out tasks after adaptation. Undefined \
             values are left out and counted in the CSV files."
                .into(),
        ]
        .into_iter()
        .chain(too_short(results))
        .collect(),
        definitions: definitions(),
        sources: sources(),
        claims: Vec::new(),
        reading: Vec::new(),
        findings: results.iter().flat_map(found).collect(),
        sections,
        glossary: glossary(),
        provenance: provenance(results),
    };
    Ok((report, all))
}

fn found(results: &StudyResults) -> Vec<Finding> {
    let problem = results.study.plan.problem.title();
    let finding = |Answer { question, short, because, rule }: Answer| Finding {
        heading: format!("{problem}: {question} {short}."),
        text: format!("{because} The rule: {rule}"),
        evidence: Vec::new(),
    };
    results.answers().into_iter().map(finding).collect()
}

fn section(results: &StudyResults, figures: [Vec<Figure>; 6]) -> Section {
    let [split, compared, spectra, map, landscape, cost] = figures;
    let part = |heading: &str, text: &str, tables, figures| Section {
        heading: heading.into(),
        text: vec![text.into()],
        tables,
        figures,
        subsections: Vec::new(),
    };
    let plan = &results.study.plan;
    Section {
        heading: plan.problem.title().into(),
        text: vec![format!(
            "{} runs of {} meta-iterations with {} tasks each, K = {}, inner rate α = {}, {} inner \
             step(s), {} with γ = {}.",
            plan.seeds,
            plan.iterations,
            plan.tasks_per_batch,
            plan.k,
            plan.inner.rate(),
            plan.inner.steps(),
            results.study.notion.name(),
            results.study.gamma,
        )],
        tables: Vec::new(),
        figures: Vec::new(),
        subsections: vec![
            part(
                "The meta-gradient in four parts",
                "The exact meta-gradient is a sum: the cross-entropy and the regularizer, each with \
                 a part of first and of second order.",
                vec![shares(results)],
                split,
            ),
            part(
                "Exact against approximations",
                "Every algorithm on the same tasks. Work is counted in gradients of a task, where a \
                 Hessian-vector product counts as many gradients as it has multiply-adds. iMAML solves \
                 a linear system in each task; the residual is the largest one at the end of \
                 training, relative to the right side.",
                vec![differences(results)],
                compared,
            ),
            part(
                "Which directions adaptation can move",
                "The Jacobian J of the inner steps stretches a change of the initial weights by its \
                 singular values. Exact and first order differ by J − I. A single step has the \
                 factor 1 − αλ in a direction of curvature λ, so at λ = 2/α it is −1: the singular \
                 value is 1, and the exact part points the other way.",
                vec![ends(results)],
                spectra,
            ),
            part(
                "Where the exact gradient is worth its cost",
                "Exact and first-order training at many settings, with few iterations and seeds: \
                 first after as many meta-iterations, and then after as much counted work. A \
                 negative number means that the exact one has the lower loss. It is worth its cost \
                 where that holds at equal work.",
                Vec::new(),
                map,
            ),
            part(
                "The landscape",
                "The query loss of one training task along lines through the weights, before and \
                 after the inner steps.",
                Vec::new(),
                landscape,
            ),
            part(
                "What the engine needs",
                "Four ways to a Hessian-vector product by size of the network, and the cost of a \
                 meta-gradient by inner steps. Times are the shortest of several.",
                vec![products(results)],
                cost,
            ),
        ],
    }
}

fn table(caption: &str, head: &[&str], rows: Vec<Vec<String>>, numeric_from: usize) -> Table {
    Table {
        caption: caption.into(),
        head: head.iter().map(|&name| name.into()).collect(),
        rows,
        numeric_from,
    }
}

fn told(mean: Option<Mean>) -> String {
    mean.map_or(UNDEFINED.into(), |mean| mean.text(false))
}

fn shares(results: &StudyResults) -> Table {
    let points = results.study.checkpoints.get() as usize;
    let iteration = |k: usize| {
        let record = results.finished(results.reference()).next();
        record.and_then(|record| record.splits.get(k)).map_or(0, |split| split.iteration)
    };
    let row = |k: usize| vec![iteration(k).to_string(), told(results.share(k))];
    let rows = (0..=points).map(row).collect();
    table(
        "The length of second order, relative to the exact meta-gradient",
        &["iteration", "share"],
        rows,
        0,
    )
}

fn differences(results: &StudyResults) -> Table {
    let row = |algorithm: &meta::AnyAlgorithm| {
        let name = algorithm.name();
        let runs = format!("{} of {}", results.finished(name).count(), results.study.plan.seeds);
        let values =
            MEASURES.map(|(_, measure)| interval(results.advantage(name, measure).as_ref()));
        let points = results.finished(name).filter_map(|record| record.points.last());
        let residual = points.filter_map(|point| point.residual).reduce(f64::max);
        let residual = residual.map_or(String::new(), |residual| format!("{residual:.0e}"));
        [name.to_owned(), runs].into_iter().chain(values).chain([residual]).collect()
    };
    let rows = results.study.algorithms[1..].iter().map(row).collect();
    let head = ["algorithm", "runs to the end", "accuracy", "parity", "meta-loss", "residual"];
    table("The exact algorithm minus each other one, after training", &head, rows, 2)
}

fn ends(results: &StudyResults) -> Table {
    let mut rows = Vec::new();
    for (at, matrix) in
        ["initial", "trained"].into_iter().flat_map(|at| Matrix::ALL.map(|matrix| (at, matrix)))
    {
        let of =
            || results.spectra.spectra.iter().filter(move |s| s.at == at && s.matrix == matrix);
        let mean = |end: fn(&SpectrumRecord) -> Option<(f64, f64)>| {
            let ends: Vec<(f64, f64)> = of().filter_map(end).collect();
            let largest = ends.iter().map(|(_, bound)| *bound).fold(0.0, f64::max);
            let known = of().zip(&ends).all(|(record, (_, bound))| record.is_known(*bound));
            let values: Vec<f64> = ends.iter().map(|(value, _)| *value).collect();
            match known {
                true => told(Mean::of(&values)),
                false => format!("not known (error up to {largest:.3})"),
            }
        };
        rows.push(vec![
            at.to_owned(),
            matrix.title().to_owned(),
            mean(SpectrumRecord::top),
            mean(SpectrumRecord::bottom),
        ]);
    }
    let head = ["weights", "matrix", "largest", "smallest"];
    table("Eigenvalues, and singular values of J and J − I, over tasks", &head, rows, 2)
}

fn products(results: &StudyResults) -> Table {
    let row = |record: &super::engine::ProductRecord| {
        let report = &record.report;
        vec![
            report.parameters.to_string(),
            report.way.title().to_owned(),
            report.error.map_or(UNDEFINED.into(), |error| format!("{error:.0e}")),
            report.multiply_adds.to_string(),
            format!("{:.1}", report.memory as f64 / 1e3),
            format!("{:.1}", record.microseconds),
        ]
    };
    let rows = results.engine.products.iter().map(row).collect();
    let head = ["weights", "way", "relative error", "multiply-adds", "kB", "µs"];
    table("A Hessian-vector product of the support objective", &head, rows, 2)
}

fn definitions() -> Vec<Definition> {
    vec![
        Definition::new("inner step", "A gradient step on the support rows of a task, at rate α."),
        Definition::new(
            "meta-gradient",
            "The gradient of the query loss after the inner steps, by the weights before them.",
        ),
        Definition::new(
            "first order",
            "The same, as if the inner steps moved the weights by a shift that does not depend on \
             the initial weights: no second derivatives.",
        ),
        Definition::new(
            "Hessian-vector product",
            "The derivative of a gradient along a direction; one for each inner step.",
        ),
        Definition::new(
            "meta-loss",
            "Cross-entropy plus γ times the regularizer on the query rows, after adaptation.",
        ),
        Definition::new(
            "parity",
            "min(r, 1/r) of the ratio r of acceptance rates of the two groups; 1 is fair.",
        ),
    ]
}

fn sources() -> Vec<Source> {
    let source = |name: &str, role: &str, link: &str| Source {
        name: name.into(),
        role: role.into(),
        link: link.into(),
    };
    vec![
        source(
            "Slack, Friedler, Givental: Fair Meta-Learning: Learning How to Learn Fairly, 2019",
            "the paper",
            "https://arxiv.org/abs/1911.04336",
        ),
        source(
            "Finn, Abbeel, Levine: Model-Agnostic Meta-Learning, 2017",
            "MAML and first-order MAML",
            "https://arxiv.org/abs/1703.03400",
        ),
    ]
}

fn glossary() -> Vec<Term> {
    let term = |&(name, meaning, forms): &(&str, &str, &[&str])| Term {
        forms: forms.iter().map(|&form| form.into()).collect(),
        ..Term::new(name, meaning)
    };
    WORDS.iter().map(term).collect()
}

fn provenance(results: &[StudyResults]) -> Vec<(String, String)> {
    let mut rows = vec![
        ("program".into(), format!("fair-maml {}", env!("CARGO_PKG_VERSION"))),
        ("repeated by".into(), "fair-maml study --manifest manifest.json".into()),
    ];
    for one in results {
        let algorithms: Vec<&str> = one.study.algorithms.iter().map(|a| a.name()).collect();
        let settings = format!(
            "seeds 0 to {}, algorithms {}; the map has {} seeds of {} iterations",
            one.study.plan.seeds.get() - 1,
            algorithms.join(", "),
            one.study.map.seeds,
            one.study.map.iterations
        );
        rows.push((one.study.plan.problem.name().into(), settings));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::Way;

    /// Every word of the figures and tables that a reader may not know is defined.
    #[test]
    fn the_words_of_the_page_are_defined() {
        let terms: Vec<String> = glossary().into_iter().map(|term| term.term).collect();
        let ways = Way::ALL.map(Way::title);
        // A study leaves out the published code, which is first-order MAML here.
        let algorithms = meta::algorithm::ALL.map(meta::AnyAlgorithm::name);
        let algorithms = algorithms.into_iter().filter(|name| *name != "published-code");
        let others =
            ["Hessian", "Jacobian", "spectrum", "cosine", "held-out", "seed", "checkpoint"];
        let more = ["K", "γ", "multiply-adds", "one graph of all inner steps", "residual"];
        let words = ways.into_iter().chain(algorithms).chain(others).chain(more);
        let missing: Vec<&str> = words.filter(|word| !terms.iter().any(|t| t == word)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
