//! The value of each run, because a mean does not show whether runs agree.

use report::figure::FigureError;
use report::figure::strip::{Panel, Row, Strips};

use super::{estimate, looks};
use crate::claims::{Results, WORTH};
use experiment::plan::Problem;
use experiment::plan::arm::{Arm, MethodName};
use experiment::results::compare::{Quantity, accuracy, parity};
use experiment::results::study::Study;

/// Claims 1 and 2, run by run: Fair-MAML minus the pre-trained network at the same γ.
pub fn leads(study: &Study) -> Result<Option<String>, FigureError> {
    let results = Results::from(study);
    if !matches!(study.plan.problem, Problem::Synthetic { .. }) {
        return Ok(None);
    }
    let notion = study.plan.sweeps[0].notion;
    let row = |gamma: f64, quantity: Quantity| {
        let arm = |method| Arm::regularized(method, notion, gamma);
        let ours = results.shown(arm(MethodName::Meta));
        let lead = ours.minus(&results.shown(arm(MethodName::Pretrained)), quantity);
        let mean = estimate(lead.mean?);
        let look = looks::of(arm(MethodName::Meta));
        Some(Row { name: format!("γ = {gamma}"), look, values: lead.seeds, mean })
    };
    let panel = |title: &str, quantity| Panel {
        title: title.into(),
        rows: results.gammas().into_iter().filter_map(|gamma| row(gamma, quantity)).collect(),
        references: vec![
            (0.0, "no difference".into()),
            (WORTH, "smallest difference that matters".into()),
            (-WORTH, "smallest difference that matters".into()),
        ],
        range: None,
    };
    let title = format!(
        "{}: Fair-MAML minus the pre-trained network, fine-tuned at {}, in each run",
        study.plan.problem.title(),
        study.plan.fine_tuning_shown
    );
    let panels = vec![panel("Accuracy", accuracy as Quantity), panel("Parity", parity)];
    Strips { title, x_label: "Difference".into(), panels }.svg().map(Some)
}
