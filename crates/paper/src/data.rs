//! The data before any training: the effect of φ on the synthetic tasks, and of the median on
//! Communities and Crime.

use report::number::{UNDEFINED, decimal};
use report::page::{Section, Table};
use tasks::communities::CommunitiesConfig;
use tasks::synthetic::{Component, LabelRule, SyntheticConfig};
use tasks::{Task, TaskRows};

use crate::error::Result;
use experiment::plan::{Plan, Problem};
use experiment::results::study::Study;
use experiment::run::prepare::Source;

/// Points in each task that measures the effect of φ.
const POINTS: usize = 200_000;
/// Training tasks whose labels are counted.
const TASKS: u64 = 4_000;

/// The section about the data of a problem.
pub fn section(study: &Study) -> Result<Section> {
    match &study.plan.problem {
        Problem::Synthetic { generator, .. } => synthetic(generator),
        Problem::Communities { config, .. } => communities(&study.plan, config),
        Problem::Table(_) => unreachable!("the paper has two problems"),
    }
}

fn synthetic(generator: &SyntheticConfig) -> Result<Section> {
    let gaussians =
        [("the lower Gaussian", Component::Second), ("the upper Gaussian", Component::First)];
    let mut rows = Vec::new();
    for (name, positive) in gaussians {
        for &phi in &generator.settings().phis {
            let rule = Some(LabelRule::Component { positive });
            let found = generator.dependence(phi, rule, POINTS, 0)?;
            let number = |value: Option<f64>, signed| {
                value.map_or(UNDEFINED.into(), |value| decimal(value, signed))
            };
            rows.push(vec![
                name.to_owned(),
                phi.to_string(),
                number(found.correlation, true),
                number(found.parity_ratio, false),
                number(found.protected_share, false),
            ]);
        }
    }
    let below = share_below(generator);
    let text = vec![
        "The effect of each φ on a task in which each Gaussian is a class. The columns are the \
         correlation between being protected and being positive, the parity ratio of the \
         labels, and the share of protected points. Each row is measured on one large task. A \
         ratio above 1 means that the protected group has more positives."
            .into(),
        format!(
            "The paper says that a lower φ means more correlation. This is true if φ is the angle \
             of rotation. If the angle is π/φ, a lower φ is a larger angle and means less \
             correlation. The paper also says that positive points cannot lie below y = 0 in \
             training. But {below} of the positive points of training tasks do, because the \
             lines run through the origin."
        ),
    ];
    Ok(Section {
        heading: "The synthetic tasks".into(),
        text,
        tables: vec![Table {
            caption: "The effect of φ".into(),
            head: ["positive class", "φ", "correlation", "labels' parity ratio", "protected"]
                .map(String::from)
                .into(),
            rows,
            numeric_from: 1,
        }],
        ..Section::default()
    })
}

/// The share of the positive points of training tasks that lie below y = 0, as "38%".
fn share_below(generator: &SyntheticConfig) -> String {
    let (mut below, mut positive) = (0, 0);
    for task in (0..TASKS).map(|index| generator.training_task(0, index)) {
        let data = task.data.all();
        for row in (0..data.rows()).filter(|&row| data.positive()[row]) {
            positive += 1;
            below += usize::from(data.row(row)[1] < 0.0);
        }
    }
    match positive {
        0 => "none".into(),
        _ => format!("{:.0}%", 100.0 * below as f64 / positive as f64),
    }
}

fn communities(plan: &Plan, config: &CommunitiesConfig) -> Result<Section> {
    let Source::States(table) = Source::open(plan)? else { unreachable!("states have a source") };
    let tasks = table.tasks(config)?;
    let (ties, rows) = table.median_ties(config);
    let count = |of: fn(&TaskRows) -> &[bool]| {
        let each = |task: &Task| of(&task.data).iter().filter(|&&yes| yes).count();
        tasks.iter().map(each).sum::<usize>()
    };
    let sizes: Vec<usize> = tasks.iter().map(|task| task.data.rows()).collect();
    let text = vec![format!(
        "{} states have at least {} communities each, {} to {} of them, {rows} in all. {} \
         communities are positive and {} are protected. {ties} communities have exactly the \
         median of violent crime of their state. They count as low crime under both readings \
         of the positive class.",
        tasks.len(),
        config.settings().min_rows,
        sizes.iter().min().unwrap_or(&0),
        sizes.iter().max().unwrap_or(&0),
        count(TaskRows::positive),
        count(TaskRows::protected),
    )];
    Ok(Section { heading: "Communities and Crime".into(), text, ..Section::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defaults;
    use experiment::planted::study;

    #[test]
    fn phi_and_the_labels_by_an_independent_program() {
        let section = section(&study(defaults::synthetic(), |_| (0.5, 1.0))).unwrap();
        let ratios: Vec<f64> =
            section.tables[0].rows.iter().map(|row| row[3].parse().unwrap()).collect();
        // Integrals of the densities, lower and upper.
        let expected = [1.556, 3.366, 4.188, 4.504, 1.570, 3.981, 4.814, 4.874];
        for (found, expected) in ratios.iter().zip(expected) {
            assert!((found - expected).abs() < 0.06 * expected, "{ratios:?}");
        }
        // An integral over the slopes gives 38.4%; that of a thousand slopes has an error of 1%.
        let told = (36..=41).any(|percent| section.text[1].contains(&format!(" {percent}% of")));
        assert!(told, "{}", section.text[1]);
    }

    #[test]
    fn communities_are_counted() {
        let section = section(&study(defaults::communities(), |_| (0.5, 1.0))).unwrap();
        assert!(section.text[0].contains("1868 in all"), "{}", section.text[0]);
        assert!(section.text[0].starts_with("30 states"), "{}", section.text[0]);
    }
}
