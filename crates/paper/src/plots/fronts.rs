//! Accuracy against fairness as γ varies (the paper's Figure 2), also under other readings.

use std::collections::BTreeMap;

use fairness::{Measure, Notion};
use meta::AnyAlgorithm;

use super::{estimate, looks, name, runs};
use experiment::plan::arm::{Arm, MethodName};
use experiment::plan::{Plan, Problem};
use experiment::results::compare::{SettingRecords, accuracy, fairness, one_class};
use experiment::results::outcome::Adaptation;
use experiment::results::record::Record;
use experiment::results::study::Study;
use experiment::results::study::Variant;
use report::figure::tradeoff::{Mark, Method, Panel, Place, Setting, Tradeoff};
use report::figure::{Estimate, FigureError};
use report::mean::Mean;

/// The number of states with their own panel.
const STATES: usize = 6;
/// The number of readings with their own panel, including the defaults.
const READINGS: usize = 8;

/// One panel for each regularizer, over all tasks.
pub fn over_tasks(study: &Study) -> Result<String, FigureError> {
    let plan = &study.plan;
    let all: Vec<&Record> = study.records.iter().collect();
    let panels = plan.sweeps.iter().map(|sweep| {
        let drawing =
            Drawing { plan, named: plan.algorithm, records: &all, notion: sweep.notion, estimate };
        drawing.panel(name(sweep.notion).into())
    });
    let title = format!(
        "{}: accuracy and fairness after adaptation to K = {} rows ({}, 95% intervals)",
        plan.problem.title(),
        plan.support_rows(),
        runs(plan)
    );
    Tradeoff { title, panels: panels.collect() }.svg()
}

/// One panel for each of the states that were held out most often and have a ratio. `None` if no
/// task is held out in more than one run.
pub fn by_task(study: &Study) -> Result<Option<String>, FigureError> {
    let plan = &study.plan;
    let notion = plan.sweeps[0].notion;
    let maml = Arm::plain(MethodName::Meta);
    let mut tasks: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in &study.records {
        tasks.entry(&record.task).or_default().push(record);
    }
    // A generated task has the same name in every run, but is another task.
    let is_state = matches!(plan.problem, Problem::Communities { .. });
    let times = |records: &[&Record]| {
        let once = |record: &&&Record| record.arm() == maml && record.rate.is_some();
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
        // With a few runs, intervals would be wider than the figure.
        let estimate = |mean: Mean| Estimate { mean: mean.mean, interval: None };
        // There is no room for another front.
        let fronts = records.iter().copied();
        let fronts = fronts.filter(|record| record.method != MethodName::GroupThresholds);
        let records = &fronts.collect::<Vec<_>>();
        Drawing { plan, named: plan.algorithm, records, notion, estimate }.panel(title)
    });
    let title = format!(
        "{}: the states held out most often (means of few runs, without intervals)",
        plan.problem.title()
    );
    Tradeoff { title, panels: panels.collect() }.svg().map(Some)
}

/// One panel for the defaults, and one for each of the first other readings that have fronts.
/// `None` if no reading has a front.
pub fn under_readings(study: &Study) -> Result<Option<String>, FigureError> {
    let fronts = study.variants.iter().filter(|variant| {
        let both = [MethodName::Meta, MethodName::Pretrained];
        both.iter().all(|method| variant.plan.methods.contains(method))
    });
    let panels: Vec<Panel> = fronts
        .take(READINGS)
        .map(|variant| panel_of_reading(variant, study.plan.algorithm))
        .collect();
    if panels.len() < 2 {
        return Ok(None);
    }
    let title = format!(
        "{}: the fronts under other readings of the paper (95% intervals over runs)",
        study.plan.problem.title()
    );
    Tradeoff { title, panels }.svg().map(Some)
}

fn panel_of_reading(variant: &Variant, named: AnyAlgorithm) -> Panel {
    let plan = &variant.plan;
    let records: Vec<&Record> = variant.records.iter().collect();
    let title = match &variant.reading {
        None => format!("The defaults ({})", runs(plan)),
        Some(reading) => format!("{}: {} ({})", reading.decision, reading.reading, runs(plan)),
    };
    let notion = plan.sweeps[0].notion;
    Drawing { plan, named, records: &records, notion, estimate }.panel(title)
}

/// The data of a panel.
struct Drawing<'a> {
    plan: &'a Plan,
    /// The algorithm in legends: a reading has the name of what it changes.
    named: AnyAlgorithm,
    records: &'a [&'a Record],
    notion: Notion,
    estimate: fn(Mean) -> Estimate,
}

impl Drawing<'_> {
    /// A panel with the methods that have records.
    fn panel(&self, title: String) -> Panel {
        let pretrained =
            format!("pre-trained network, fine-tuned at {}", self.plan.fine_tuning_shown);
        let mut methods = vec![
            self.method(&pretrained, MethodName::Pretrained),
            self.method(self.named.title(true), MethodName::Meta),
        ];
        methods.extend((0..self.plan.compared.len()).map(|place| self.compared(place)));
        if let Some(laftr) = &self.plan.laftr {
            let name = format!("LAFTR, {} support rows", laftr.support_rows);
            methods.push(self.method(&name, MethodName::Laftr));
        }
        let by_group = format!("{}, thresholds by group", self.named.title(false));
        methods.push(self.aimed(&by_group, MethodName::GroupThresholds));
        methods.retain(|method| !method.settings.is_empty());
        let fairness = match self.notion.measure() {
            Measure::Parity => "Parity, min(r, 1/r)",
            Measure::Opportunity => "Opportunity, min(r, 1/r)",
            Measure::EqualizedOdds => "Equalized odds, 1 − difference",
        };
        let (marks, note) = (self.marks(), [self.fewer_tasks(), self.undefined()].concat());
        Panel { title, fairness: fairness.into(), methods, marks, note }
    }

    fn side(&self, arm: Arm, adaptation: Adaptation) -> SettingRecords<'_> {
        let rows = self.plan.shown_rows(arm).get();
        SettingRecords::among(self.records.iter().copied(), arm, adaptation).with_support(rows)
    }

    /// An arm as tables show it, with `label` beside its point.
    fn setting(&self, arm: Arm, label: f64) -> Option<Setting> {
        let side = self.side(arm, self.plan.shown_adaptation(arm));
        let (accuracy, fairness) = (side.mean(accuracy), side.mean(fairness(self.notion)));
        let share = side.mean(one_class).mean;
        Some(Setting {
            value: Some(label),
            accuracy: (self.estimate)(accuracy.mean?),
            fairness: fairness.mean.map(self.estimate),
            collapsed: share.is_some_and(|share| share.mean > 0.5),
            seeds: Vec::new(),
        })
    }

    /// The arms of a method under the notion, γ = 0 first.
    fn method(&self, name: &str, method: MethodName) -> Method {
        let of_plan = |arm: &Arm| arm.method == method && arm.algorithm.is_none();
        let arms = self.plan.arms().into_iter().filter(of_plan);
        let arms = arms.filter(|arm| arm.notion.is_none_or(|notion| notion == self.notion));
        let settings = arms.filter_map(|arm| self.setting(arm, arm.gamma)).collect();
        let look = looks::of(Arm::regularized(method, self.notion, 1.0));
        Method { name: name.into(), look, varies: Some("γ".into()), settings }
    }

    /// The arms of a compared algorithm under the notion, γ = 0 first.
    fn compared(&self, place: usize) -> Method {
        let algorithm = self.plan.compared[place];
        let arms = self.plan.arms().into_iter().filter(|arm| arm.algorithm == Some(algorithm));
        let arms = arms.filter(|arm| arm.notion.is_none_or(|notion| notion == self.notion));
        let settings = arms.filter_map(|arm| self.setting(arm, arm.gamma)).collect();
        let (name, look) = (algorithm.title(true).into(), looks::of_compared(place));
        Method { name, look, varies: Some("γ".into()), settings }
    }

    /// The arms of a method with thresholds, the most accurate ones first.
    fn aimed(&self, name: &str, method: MethodName) -> Method {
        let aim = self.plan.aim_of(self.notion);
        let arms = self.plan.arms().into_iter();
        let arms = arms.filter(|arm| arm.method == method && arm.notion == Some(aim));
        let settings =
            arms.filter_map(|arm| Some(Setting { value: None, ..self.setting(arm, arm.gamma)? }));
        let look = looks::of(Arm::aimed(method, self.notion, 1.0));
        Method { name: name.into(), look, varies: None, settings: settings.collect() }
    }

    /// Mean accuracy and fairness of the arms for which both exist.
    fn line(&self, arms: impl IntoIterator<Item = Arm>) -> Vec<(f64, f64)> {
        let point = |arm: Arm| {
            let side = self.side(arm, self.plan.shown_adaptation(arm));
            let fairness = side.mean(fairness(self.notion)).mean?;
            Some((side.mean(accuracy).mean?.mean, fairness.mean))
        };
        arms.into_iter().filter_map(point).collect()
    }

    /// References for the methods: chance, the labels, a rule, and the best possible decision.
    fn marks(&self) -> Vec<Mark> {
        let plan = self.plan;
        let aimed = |method| {
            let aim = plan.aim_of(self.notion);
            plan.targets.iter().map(move |&target| Arm::aimed(method, aim, target))
        };
        let mark = |name: &str, method, place| Mark {
            name: name.into(),
            look: looks::of(Arm::plain(method)),
            place,
        };
        let coin = plan.arms().into_iter().filter(|arm| arm.method == MethodName::Coin);
        let lines = [
            (
                "best possible decision (Bayes)",
                MethodName::Bayes,
                self.line(aimed(MethodName::Bayes)),
            ),
            (
                "network, state's own labels",
                MethodName::OwnNetwork,
                self.line(aimed(MethodName::OwnNetwork)),
            ),
            (
                "logistic regression, own labels",
                MethodName::OwnLogistic,
                self.line(aimed(MethodName::OwnLogistic)),
            ),
            ("coin", MethodName::Coin, self.line(coin)),
        ];
        let mut marks: Vec<Mark> = lines
            .into_iter()
            .filter(|(.., points)| points.len() > 1)
            .map(|(name, method, points)| {
                let place = match method {
                    MethodName::Bayes => Place::Ceiling(points),
                    _ => Place::Line(points),
                };
                mark(name, method, place)
            })
            .collect();
        for (name, method) in [
            ("true labels", MethodName::Labels),
            ("constant decision", MethodName::Majority),
            ("line y > 0", MethodName::Line),
        ] {
            let point = self.line([Arm::plain(method)]).first().copied();
            marks.extend(point.map(|point| mark(name, method, Place::Point(point))));
        }
        marks
    }

    /// LAFTR uses more support rows than other methods, and some tasks have too few.
    fn fewer_tasks(&self) -> String {
        let plain = |method| {
            let arm = Arm::plain(method);
            self.side(arm, self.plan.shown_adaptation(arm)).mean(accuracy).tasks
        };
        match &self.plan.laftr {
            Some(_) if plain(MethodName::Laftr) < plain(MethodName::Meta) => {
                let (few, all) = (plain(MethodName::Laftr), plain(MethodName::Meta));
                format!("LAFTR: {few} of {all} tasks have enough rows. ")
            }
            _ => String::new(),
        }
    }

    /// The number of undefined values that the means of a panel leave out.
    fn undefined(&self) -> String {
        let arms = self.plan.arms().into_iter();
        let arms = arms.filter(|arm| arm.notion.is_none_or(|other| other == self.notion));
        let drawn = [MethodName::Meta, MethodName::Pretrained, MethodName::Laftr];
        super::left_out(
            arms.filter(|arm| drawn.contains(&arm.method)).map(|arm| {
                self.side(arm, self.plan.shown_adaptation(arm)).mean(fairness(self.notion))
            }),
        )
    }
}
