//! Plans for tests: those of the frozen record, which are the paper's.

use std::num::NonZeroU64;

use fairness::Notion;
use serde::Deserialize;
use tasks::schema::{Encoding, Roles};

use crate::plan::{Data, MethodName, Plan, Problem, Sweep, TableProblem};

/// The manifest of the record; another test holds it to the defaults.
const RECORD: &str = include_str!("sample.json");

#[derive(Deserialize)]
struct Manifest {
    plans: [Plan; 2],
}

fn plans() -> [Plan; 2] {
    serde_json::from_str::<Manifest>(RECORD).expect("two plans").plans
}

/// The synthetic one of them.
pub fn synthetic() -> Plan {
    let [plan, _] = plans();
    plan
}

/// The one about Communities and Crime.
pub fn communities() -> Plan {
    let [_, plan] = plans();
    plan
}

/// The plan with all linear probes.
pub fn with_probes(mut plan: Plan) -> Plan {
    use MethodName::{ProbeFeatures, ProbeMeta, ProbePretrained, ProbeRandom};
    let probes = [ProbeMeta, ProbePretrained, ProbeRandom, ProbeFeatures];
    let missing: Vec<_> =
        probes.into_iter().filter(|probe| !plan.methods.contains(probe)).collect();
    plan.methods.extend(missing);
    plan
}

/// The same with few seeds, iterations, tasks and weights, without variants.
pub fn quick(plan: Plan) -> Plan {
    let mut plan = plan.bare();
    let few = |n| NonZeroU64::new(n).expect("above 0");
    if let Problem::Synthetic { test_tasks, .. } = &mut plan.problem {
        *test_tasks = few(20);
    }
    (plan.seeds, plan.iterations) = (few(2), few(300));
    plan.sweeps.iter_mut().for_each(|sweep| sweep.gammas.truncate(1));
    plan.gamma_shown = plan.sweeps[0].gammas[0];
    plan.scratch.epochs = few(50);
    plan.fine_tuning_gammas = Vec::new();
    if let Some(laftr) = &mut plan.laftr {
        laftr.cap(5);
    }
    plan
}

/// Communities and Crime with next to no training.
pub fn tiny() -> Plan {
    let iterations = NonZeroU64::new(2).expect("above 0");
    Plan { iterations, ..quick(communities()) }
}

/// Fair-MAML on the tasks of a table. Its file does not exist.
pub fn of_table() -> Plan {
    let roles = Roles {
        task: "task".into(),
        label: "label".into(),
        positive: "yes".into(),
        sensitive: "group".into(),
        protected: vec!["b".into()],
    };
    let problem = TableProblem {
        data: Data { path: "none.csv".into(), sha256: String::new() },
        reading: frame::Options::default(),
        roles,
        encoding: Encoding::default(),
        folds: 5,
    };
    let (methods, problem) = (vec![MethodName::Meta], Problem::Table(Box::new(problem)));
    Plan { problem, methods, points: Vec::new(), laftr: None, ..quick(communities()) }
}

/// [`tiny`] with LAFTR at these weights of the adversary.
pub fn with_laftr(gammas: Vec<f64>) -> Plan {
    let mut plan = tiny();
    let laftr = plan.laftr.as_mut().expect("a plan with LAFTR");
    laftr.gamma_shown = gammas[0];
    laftr.sweeps = vec![Sweep { notion: Notion::DEMOGRAPHIC_PARITY, gammas }];
    plan
}
