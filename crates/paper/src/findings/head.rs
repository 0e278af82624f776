//! The fresh network that is trained on LAFTR's codes of a new task, under other readings.

use super::{Difference, finding as told, of};
use experiment::plan::LaftrPlan;
use experiment::plan::arm::MethodName;
use experiment::results::compare::{SettingRecords, accuracy};
use experiment::results::study::Study;
use report::page::Finding;

/// How other logits and rates of the fresh network change LAFTR's accuracy with few rows, after
/// each number of epochs. `None` if the run has no such reading.
pub(super) fn finding(study: &Study) -> Option<Finding> {
    let (reference, readings) = study.variants.split_first()?;
    let default = reference.plan.laftr.as_ref()?;
    let arm = reference.plan.shown(MethodName::Laftr);
    let rows = reference.plan.support_rows().get();
    let mut differences = Vec::new();
    for variant in readings {
        let Some(laftr) = variant.plan.laftr.as_ref().filter(|other| is_of_head(default, other))
        else {
            continue;
        };
        for (ours, theirs) in laftr.adaptations().into_iter().zip(default.adaptations()) {
            let ours = SettingRecords::of(&variant.records, arm, ours).with_support(rows);
            let default = SettingRecords::of(&reference.records, arm, theirs).with_support(rows);
            let epochs = theirs.steps;
            let what = format!("accuracy, {} − default, {epochs} epoch(s)", variant.names().1);
            let value = ours.minus(&default, accuracy);
            differences.push(Difference { what: of(study, &what), value, is_hollow: false });
        }
    }
    let text = format!(
        "LAFTR trains a fresh network on the codes of a new task. We compare other readings of \
         this network with the default, {} logit(s) and Adam at {}, with {rows} support rows at \
         γ = {}.",
        default.logits.outputs(),
        default.rate,
        arm.gamma
    );
    (!differences.is_empty()).then(|| told("LAFTR's network on the codes", &text, differences))
}

/// Whether a reading changes the fresh network, and nothing else of LAFTR.
fn is_of_head(default: &LaftrPlan, reading: &LaftrPlan) -> bool {
    let LaftrPlan { hidden, logits, rate, .. } = *reading;
    let same = LaftrPlan { hidden, logits, rate, ..default.clone() };
    same == *reading && *default != *reading
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defaults;
    use experiment::planted::{Cell, study};
    use experiment::results::study::Variant;

    /// One logit is worth 0.1 after 10 epochs, and a higher rate costs 0.06 after 1,000.
    #[test]
    fn each_reading_of_the_network_is_compared_with_the_default() {
        let plan = defaults::with_all_readings(defaults::communities());
        let readings = plan.ablation.clone().unwrap().readings;
        let names = std::iter::once(None).chain(readings.into_iter().map(Some));
        let variant = |(reading, plan): (Option<_>, experiment::plan::Plan)| {
            let laftr = plan.laftr.clone();
            let value = |cell: Cell| {
                let one = laftr.as_ref().is_some_and(|laftr| laftr.logits.outputs() == 1);
                let fast = laftr.as_ref().is_some_and(|laftr| laftr.rate > 0.001);
                let gain = if one && cell.adaptation.steps == 10 { 0.1 } else { 0.0 };
                let cost = if fast && cell.adaptation.steps == 1_000 { 0.06 } else { 0.0 };
                // More rows are not compared.
                (0.6 + gain - cost + if cell.rows > 10 { 0.3 } else { 0.0 }, 0.5)
            };
            let records = study(plan.clone(), value).records;
            Variant { reading, plan, records, stopped: Vec::new() }
        };
        let mut study = study(plan.clone(), |_| (0.6, 0.5));
        assert_eq!(finding(&study), None);
        study.variants = names.zip(plan.ablation().unwrap()).map(variant).collect();
        let found = finding(&study).unwrap();
        // Four readings, each after 1, 10, 100 and 1,000 epochs.
        assert_eq!(found.evidence.len(), 16);
        for row in &found.evidence {
            let one = row.quantity.contains("one logit") && row.quantity.ends_with(" 10 epoch(s)");
            let fast = row.quantity.contains("Adam") && row.quantity.ends_with(" 1000 epoch(s)");
            let expected = if one { 0.1 } else { 0.0 } - if fast { 0.06 } else { 0.0 };
            let mean = row.value.unwrap().mean;
            assert!((mean - expected).abs() < 1e-12, "{}: {mean}", row.quantity);
        }
        for part in ["2 logit(s) and Adam at 0.001", "10 support rows at γ = 1", "2 show a gain"] {
            assert!(found.text.contains(part), "{part}: {}", found.text);
        }
    }
}
