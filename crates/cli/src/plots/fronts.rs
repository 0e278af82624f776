//! Accuracy against fairness as γ varies (the paper's Figure 2).

use std::collections::BTreeMap;

use fairness::Notion;

use super::{estimate, looks, name, runs};
use crate::arm::{Algorithm, Arm};
use crate::compare::{Side, fairness};
use crate::experiment::Study;
use crate::outcome::Adaptation;
use crate::record::Record;
use report::figure::tradeoff::{Method, Panel, Setting, Tradeoff};
use report::figure::{Estimate, FigureError};
use report::mean::Mean;

/// So many states have a panel of their own.
const STATES: usize = 6;

/// One panel for each regularizer, over all tasks.
pub fn over_tasks(study: &Study) -> Result<String, FigureError> {
    let plan = &study.plan;
    let all: Vec<&Record> = study.records.iter().collect();
    let panels = plan
        .sweeps
        .iter()
        .map(|sweep| panel(study, &all, sweep.notion, name(sweep.notion).into(), estimate));
    let title = format!(
        "{}: accuracy and fairness after adaptation to K = {} rows ({}, 95% intervals)",
        plan.problem.title(),
        plan.support_rows(),
        runs(plan)
    );
    Tradeoff { title, panels: panels.collect() }.svg()
}

/// One panel for each of the states that were held out most often and have a ratio; none if no task
/// comes up in more than one run.
pub fn by_task(study: &Study) -> Result<Option<String>, FigureError> {
    let plan = &study.plan;
    let notion = plan.sweeps[0].notion;
    let maml = Arm::plain(Algorithm::Meta);
    let mut tasks: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in &study.records {
        tasks.entry(&record.task).or_default().push(record);
    }
    // Names of generated tasks mean another task in every run.
    let is_state = matches!(plan.problem, crate::plan::Problem::Communities { .. });
    let times = |records: &[&Record]| {
        let once = |record: &&&Record| {
            record.algorithm == maml.algorithm && record.notion.is_none() && record.rate.is_some()
        };
        records.iter().filter(once).filter(|record| fairness(notion)(record).is_some()).count()
    };
    let mut tasks: Vec<_> = tasks.into_iter().filter(|(_, of)| times(of) > 1).collect();
    tasks.sort_by_key(|(_, of)| std::cmp::Reverse(times(of)));
    tasks.truncate(STATES);
    if !is_state || tasks.is_empty() {
        return Ok(None);
    }
    let panels = tasks.iter().map(|(name, records)| {
        let title = format!("{name}, held out in {} runs", times(records));
        // A handful of runs would give bars wider than the figure.
        let mean_only = |mean: Mean| Estimate { mean: mean.mean, interval: None };
        panel(study, records, notion, title, mean_only)
    });
    let title = format!(
        "{}: the states held out most often (means of few runs, without intervals)",
        plan.problem.title()
    );
    Tradeoff { title, panels: panels.collect() }.svg().map(Some)
}

fn panel(
    study: &Study,
    records: &[&Record],
    notion: Notion,
    title: String,
    estimate: fn(Mean) -> Estimate,
) -> Panel {
    let plan = &study.plan;
    let fairness = fairness(notion);
    let setting = |arm: Arm, adaptation: Adaptation, labeled: bool| {
        let side = Side::among(records.iter().copied(), arm, adaptation);
        Some(Setting {
            value: labeled.then_some(arm.gamma),
            accuracy: estimate(side.mean(|record| record.accuracy).mean?),
            fairness: side.mean(fairness).mean.map(estimate),
            collapsed: false,
            seeds: Vec::new(),
        })
    };
    let shown = |arm: Arm| plan.shown_adaptation(arm);
    let method = |name: String, algorithm: Algorithm, with_zero: bool| {
        let arms = plan.arms().into_iter().filter(|arm| arm.algorithm == algorithm);
        let arms =
            arms.filter(|arm| arm.notion == Some(notion) || arm.notion.is_none() && with_zero);
        let settings = arms.filter_map(|arm| setting(arm, shown(arm), true)).collect();
        let look = looks::of(Arm::regularized(algorithm, notion, 1.0));
        Method { name, look, varies: Some("γ".into()), settings }
    };
    let maml = Arm::plain(Algorithm::Meta);
    let one = |name: &str, look, setting: Option<Setting>| Method {
        name: name.into(),
        look,
        varies: None,
        settings: setting.into_iter().collect(),
    };
    let pretrained = format!("pre-trained network, fine-tuned at {}", plan.fine_tuning_shown);
    let mut methods = vec![
        method(pretrained, Algorithm::Pretrained, true),
        method("Fair-MAML".into(), Algorithm::Meta, false),
        one("MAML (γ = 0)", looks::MAML, setting(maml, shown(maml), false)),
    ];
    if plan.laftr.is_some() {
        methods.push(method("LAFTR".into(), Algorithm::Laftr, true));
    }
    let unadapted = setting(maml, Adaptation::BEFORE, false);
    methods.push(one("MAML before adaptation", looks::UNADAPTED, unadapted));
    methods.retain(|method| !method.settings.is_empty());
    let note = undefined(study, notion, records);
    let fairness = format!("{}, min(r, 1/r)", name(notion));
    Panel { title, fairness, methods, marks: Vec::new(), note }
}

/// Counts what the means of a panel leave out.
fn undefined(study: &Study, notion: Notion, records: &[&Record]) -> String {
    let plan = &study.plan;
    let arms = plan.arms().into_iter().filter(|arm| arm.notion.is_none_or(|other| other == notion));
    let drawn = [Algorithm::Meta, Algorithm::Pretrained, Algorithm::Laftr];
    super::left_out(arms.filter(|arm| drawn.contains(&arm.algorithm)).map(|arm| {
        let side = Side::among(records.iter().copied(), arm, plan.shown_adaptation(arm));
        side.mean(fairness(notion))
    }))
}
