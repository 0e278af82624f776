//! The pre-trained network's luck: the lines that a seed draws for the synthetic training tasks.

use std::collections::BTreeMap;

use crate::claims::{Results, named};
use experiment::plan::Problem;
use experiment::plan::arm::{Arm, MethodName};
use experiment::results::compare::accuracy;
use experiment::results::outcome::Adaptation;
use experiment::results::record::Record;
use experiment::results::study::Study;
use report::mean::Mean;
use report::number::{counted, decimal};
use report::page::{Evidence, Finding};
use report::rank::spearman;
use tasks::synthetic::{LabelRule, PositiveSide, SyntheticConfig};

/// How the accuracies of the pre-trained network and of MAML follow the median slope of the lines.
/// `None` if the lines do not pass through the origin or have no common positive side: then the
/// training tasks together are not one line.
pub(super) fn finding(study: &Study) -> Option<Finding> {
    let Problem::Synthetic { generator, training_tasks, .. } = &study.plan.problem else {
        return None;
    };
    let settings = generator.settings();
    if settings.intercept != [0.0, 0.0] || settings.positive_side == PositiveSide::Coin {
        return None;
    }
    let [pretrained, maml] = [MethodName::Pretrained, MethodName::Meta].map(Arm::plain);
    let plan = &study.plan;
    let after = |arm| (arm, plan.shown_adaptation(arm), named(plan, arm));
    let untuned = format!("{}, before fine-tuning", named(plan, pretrained));
    let sides = [(pretrained, Adaptation::BEFORE, untuned), after(pretrained), after(maml)];
    let sides = sides.map(|(arm, adaptation, name)| (name, by_seed(study, arm, adaptation)));
    let network = &sides[0].1;
    let slope = |seed: &u64| (*seed, median_slope(generator, *seed, training_tasks.get()));
    let slopes: BTreeMap<u64, f64> = network.keys().map(slope).collect();
    let correlation = |accuracies: &BTreeMap<u64, f64>| {
        let pair = |(seed, accuracy): (&u64, &f64)| Some((*slopes.get(seed)?, *accuracy));
        spearman(&accuracies.iter().filter_map(pair).collect::<Vec<_>>())
    };
    let found: Vec<(&str, Option<Mean>, String)> = sides
        .iter()
        .filter_map(|(name, accuracies)| {
            Some((name.as_str(), correlation(accuracies), range(accuracies)?))
        })
        .collect();
    let ranges: Vec<String> =
        found.iter().map(|(name, _, range)| format!("{range} ({name})")).collect();
    let correlations: Vec<String> =
        found.iter().map(|(name, r, _)| format!("{} ({name})", said(*r))).collect();
    let text = format!(
        "A line through the origin labels each of the {training_tasks} training tasks. Most of \
         them accept a point where the line with the median slope accepts it. The pre-trained \
         network learns the tasks as one problem, so it learns that line, and each seed draws \
         other lines. Over {} the median slope is {}, and the accuracy is {}. The rank \
         correlation of both is {}. {}",
        counted(slopes.len(), "seed"),
        range(&slopes)?,
        ranges.join(", "),
        correlations.join(", "),
        conclusion(&found),
    );
    let of = |what: &str| format!("{}, {what}", plan.problem.name());
    let rows = sides.iter().map(|(name, accuracies)| {
        let what = format!("correlation with the median slope: accuracy, {name}");
        Evidence::correlation(of(&what), correlation(accuracies))
    });
    let levels = sides.iter().map(|(name, accuracies)| {
        let seeds: Vec<f64> = accuracies.values().copied().collect();
        Evidence::level(of(&format!("accuracy, {name}")), Mean::of_rates(&seeds)).seeds(seeds)
    });
    let evidence = rows.chain(levels).collect();
    Some(Finding { heading: "The pre-trained network's luck over seeds".into(), text, evidence })
}

/// The mean accuracy over the tasks of each seed.
fn by_seed(study: &Study, arm: Arm, adaptation: Adaptation) -> BTreeMap<u64, f64> {
    let rows = Results::from(study).plan.support_rows().get();
    let belongs = |record: &&Record| {
        (record.arm(), record.adaptation(), record.support_rows) == (arm, adaptation, rows)
    };
    let mut seeds: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for record in study.records.iter().filter(belongs) {
        seeds.entry(record.seed).or_default().extend(accuracy(record));
    }
    let mean = |(seed, values): (u64, Vec<f64>)| Some((seed, Mean::of(&values)?.mean));
    seeds.into_iter().filter_map(mean).collect()
}

/// The median slope of the lines that label the training tasks of a seed.
fn median_slope(generator: &SyntheticConfig, seed: u64, tasks: u64) -> f64 {
    let slope = |index| match generator.training_facts(seed, index).rule {
        LabelRule::Line { slope, .. } => slope,
        LabelRule::Component { .. } => unreachable!("a line labels a training task"),
    };
    let mut slopes: Vec<f64> = (0..tasks).map(slope).collect();
    slopes.sort_by(f64::total_cmp);
    let (below, above) = ((slopes.len() - 1) / 2, slopes.len() / 2);
    f64::midpoint(slopes[below], slopes[above])
}

/// "0.412 to 0.655"
fn range(values: &BTreeMap<u64, f64>) -> Option<String> {
    let lowest = values.values().copied().reduce(f64::min)?;
    let highest = values.values().copied().reduce(f64::max)?;
    Some(format!("{} to {}", decimal(lowest, false), decimal(highest, false)))
}

fn said(correlation: Option<Mean>) -> String {
    correlation.map_or("not defined".into(), |found| found.text(true))
}

/// Which of the accuracies certainly follow the slope.
fn conclusion(found: &[(&str, Option<Mean>, String)]) -> String {
    let excludes_0 = |r: &Option<Mean>| {
        r.and_then(|r| r.interval).is_some_and(|(low, high)| low > 0.0 || high < 0.0)
    };
    let certain: Vec<&str> =
        found.iter().filter(|(_, r, _)| excludes_0(r)).map(|(name, ..)| *name).collect();
    match certain.is_empty() {
        true => "No interval excludes 0, so these seeds do not show that an accuracy follows the \
                 slope."
            .into(),
        false => format!(
            "The interval excludes 0 for {}. That accuracy depends on the lines that a seed draws; \
             a single run does not show this luck.",
            certain.join("; ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;
    use crate::defaults;
    use experiment::plan::Plan;
    use experiment::planted::{Cell, study};

    fn generator(plan: &Plan) -> (SyntheticConfig, u64) {
        let Problem::Synthetic { generator, training_tasks, .. } = &plan.problem else {
            panic!("synthetic tasks")
        };
        (generator.clone(), training_tasks.get())
    }

    /// Half of the lines are steeper than the median, and half are not.
    #[test]
    fn the_median_has_as_many_lines_on_either_side() {
        let (generator, _) = generator(&defaults::synthetic());
        for (seed, tasks) in [(0, 100), (3, 7), (5, 1)] {
            let median = median_slope(&generator, seed, tasks);
            let slope = |index| match generator.training_facts(seed, index).rule {
                LabelRule::Line { slope, .. } => slope,
                LabelRule::Component { .. } => panic!("a line"),
            };
            let steeper = (0..tasks).filter(|&index| slope(index) > median).count();
            let flatter = (0..tasks).filter(|&index| slope(index) < median).count();
            assert_eq!((steeper, flatter), (tasks as usize / 2, tasks as usize / 2));
        }
    }

    /// The accuracy of the pre-trained network rises with the median slope, but two neighbors are
    /// exchanged: r = 1 − 6 · 2 / (10 · 99). That of MAML falls with it.
    #[test]
    fn accuracies_that_follow_the_slope_are_seen() {
        let plan = Plan { seeds: NonZeroU64::new(10).unwrap(), ..defaults::synthetic() };
        let (generator, tasks) = generator(&plan);
        let mut order: Vec<u64> = (0..10).collect();
        order.sort_by(|a, b| {
            let median = |seed| median_slope(&generator, seed, tasks);
            median(*a).total_cmp(&median(*b))
        });
        let place = |seed| order.iter().position(|other| *other == seed).unwrap();
        let accuracy = |cell: Cell| {
            let place = place(cell.seed);
            let exchanged = [1, 0].get(place).copied().unwrap_or(place);
            // Two tasks of a run differ by 0.02.
            let task = 0.02 * cell.task as f64;
            match cell.arm.method {
                MethodName::Pretrained => 0.4 + 0.02 * exchanged as f64 + task,
                _ => 0.8 - 0.01 * place as f64 + task,
            }
        };
        let study = study(plan, |cell| (accuracy(cell), 0.5));
        let found = finding(&study).unwrap();
        let values: Vec<Mean> = found.evidence.iter().map(|row| row.value.unwrap()).collect();
        let expected = 1.0 - 12.0 / 990.0;
        for value in &values[..2] {
            assert!((value.mean - expected).abs() < 1e-12, "{value:?}");
            assert!(value.interval.unwrap().0 > 0.9);
        }
        assert_eq!((values[2].mean, values[2].interval), (-1.0, None));
        assert!((values[3].mean - 0.5).abs() < 1e-12, "{:?}", values[3]);
        assert_eq!(found.evidence[3].seeds.len(), 10);
        for part in [
            "Over 10 seeds",
            "0.410 to 0.590 (pre-trained, before fine-tuning)",
            "0.720 to 0.810 (MAML)",
            "−1.000 (MAML)",
            "excludes 0 for pre-trained, before fine-tuning; pre-trained. That",
        ] {
            assert!(found.text.contains(part), "{part}: {}", found.text);
        }
    }

    /// One seed, a constant accuracy, or lines that make no common line.
    #[test]
    fn what_cannot_be_told_is_not_told() {
        let plan = defaults::synthetic();
        let found = finding(&study(plan.clone(), |_| (0.6, 0.5))).unwrap();
        assert!(found.evidence[..3].iter().all(|row| row.value.is_none()));
        assert!(found.text.contains("not defined (MAML). No interval"), "{}", found.text);
        let one = Plan { seeds: NonZeroU64::MIN, ..plan.clone() };
        let found = finding(&study(one, |_| (0.6, 0.5))).unwrap();
        assert!(found.text.contains("No interval excludes 0"), "{}", found.text);
        let of = |settings| {
            let mut plan = plan.clone();
            let Problem::Synthetic { generator, .. } = &mut plan.problem else { unreachable!() };
            *generator = SyntheticConfig::new(settings).unwrap();
            finding(&study(plan, |_| (0.6, 0.5)))
        };
        let settings = tasks::synthetic::SyntheticSettings::default();
        let coin = tasks::synthetic::SyntheticSettings {
            positive_side: PositiveSide::Coin,
            ..settings.clone()
        };
        let elsewhere =
            tasks::synthetic::SyntheticSettings { intercept: [-5.0, 5.0], ..settings.clone() };
        assert_eq!((of(coin), of(elsewhere)), (None, None));
        assert!(of(settings).is_some());
        assert_eq!(finding(&study(defaults::communities(), |_| (0.6, 0.5))), None);
    }
}
