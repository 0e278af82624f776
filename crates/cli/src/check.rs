//! `fair-maml check`: the derivatives of a run against differences.

use std::num::NonZeroU64;

use experiment::plan::Plan;
use experiment::plan::manifest::REPRODUCE;
use experiment::plan::{Arm, MethodName};
use experiment::run::{jobs, prepare};
use lab::check::{CheckSettings, Checked, check_plan, documents, estimate, table};
use lab::fronts;
use lab::study::StudyPlan;
use meta::algorithm::FAIR_MAML;
use paper::defaults;
use report::terminal::Terminal;

use crate::args::Check;
use crate::error::Result;
use crate::output::{self, Folder};
use crate::{manifest, reproduce};

/// Checks every problem with every algorithm. Returns `false` if a derivative is wrong.
pub fn run(args: &Check) -> Result<bool> {
    let (subject, training) = (&args.subject, &args.training);
    let plans = match &args.manifest {
        Some(path) => manifest::plans(path, &[REPRODUCE, fronts::PROGRAM])?,
        None => reproduce::plans_of(subject)?,
    };
    let settings =
        CheckSettings { seed: args.seed, entries: args.entries.into(), ..CheckSettings::default() };
    let mut folder = args.out.as_deref().map(Folder::open).transpose()?;
    let mut right = true;
    for plan in plans {
        let iterations = if subject.quick { NonZeroU64::new(200) } else { None };
        let iterations = subject.iterations.and_then(NonZeroU64::new).or(iterations);
        let plan = Plan { iterations: iterations.unwrap_or(plan.iterations), ..plan };
        let study = StudyPlan::new(plan.clone());
        let notion = training.regularizer.unwrap_or(study.notion);
        let gamma = training.gamma.unwrap_or(study.gamma);
        let arm = Arm::regularized(MethodName::Meta, notion, gamma);
        let of_plan = [if args.manifest.is_some() { plan.algorithm } else { FAIR_MAML }];
        for &algorithm in training.algorithm.as_deref().unwrap_or(&of_plan) {
            let mut plan = plan.clone();
            if args.manifest.is_none() {
                plan = defaults::comparing(plan, &[algorithm])?;
                prepare::fit(&mut plan)?;
            }
            let needed = estimate(&plan, algorithm, &settings, jobs::cores());
            let name =
                format!("the check of {} on {} tasks", algorithm.name(), plan.problem.name());
            needed.check(&name, args.limits.limits())?;
            let checked = jobs::on(jobs::cores(), || check_plan(&plan, arm, algorithm, &settings))?;
            right &= checked.report.passes();
            if let Some(folder) = &mut folder {
                folder.write(&documents(plan.problem.name(), &checked.report)?, &[])?;
            }
            show(args, &plan, arm, &checked)?;
        }
    }
    Ok(right)
}

fn show(args: &Check, plan: &Plan, arm: Arm, checked: &Checked) -> Result<()> {
    if args.json {
        return output::print_json(&(plan.problem.name(), &checked.task, &checked.report));
    }
    let terminal = Terminal::stdout();
    let regularizer = arm.notion.map_or("no regularizer".into(), |notion| {
        format!("{} with γ = {}", notion.name(), arm.gamma)
    });
    let absent = if checked.group_present {
        ""
    } else {
        " No task of the meta-batch has the regularizer's group in both sets, so R is 0 here."
    };
    let heading = format!(
        "{}, task {}: {regularizer}, {} meta-iterations of training.{absent}",
        plan.problem.title(),
        checked.task,
        plan.iterations
    );
    output::print(&(terminal.wrap(&heading) + "\n" + &table(&checked.report, terminal) + "\n"))
}
