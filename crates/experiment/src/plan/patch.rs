//! The plans that result from changes of a plan.

use serde_json::Value;

use super::arm::MethodName;
use super::settings::Plan;
use super::variants::{Ablation, Companion};

impl Plan {
    /// The plan after a JSON merge patch, without its own variants. The patch cannot raise the
    /// numbers of seeds, iterations and epochs of LAFTR.
    ///
    /// # Errors
    /// If the result is no valid plan.
    pub fn patched(&self, patch: &Value) -> Result<Self, String> {
        let mut value =
            serde_json::to_value(self.clone().bare()).map_err(|error| error.to_string())?;
        json_patch::merge(&mut value, patch);
        let mut plan: Plan = serde_json::from_value(value).map_err(|error| error.to_string())?;
        plan.seeds = plan.seeds.min(self.seeds);
        plan.iterations = plan.iterations.min(self.iterations);
        if let (Some(laftr), Some(most)) = (&mut plan.laftr, &self.laftr) {
            laftr.cap(most.settings.epochs);
        }
        plan.check()?;
        if plan.problem.name() != self.problem.name() {
            let (ours, theirs) = (self.problem.name(), plan.problem.name());
            return Err(format!("problem must be {ours}, as in the plan, got {theirs}"));
        }
        Ok(plan)
    }

    /// The companions, each with its plan.
    ///
    /// # Errors
    /// If one of them is no valid plan.
    pub fn companions(&self) -> Result<Vec<(MethodName, Self)>, String> {
        let plan = |companion: &Companion| {
            let plan = self.patched(&companion.changes)?;
            match plan.methods[..] {
                [MethodName::Meta | MethodName::Pretrained] => Ok((companion.method, plan)),
                _ => {
                    let given = &plan.methods;
                    let given: Vec<String> = given.iter().map(|method| method.name()).collect();
                    Err(format!("methods must be [\"meta\"] or [\"pretrained\"], got {given:?}"))
                }
            }
        };
        let named = |companion: &Companion| {
            let name = companion.method.name();
            plan(companion).map_err(|reason| format!("companions: {name}: {reason}"))
        };
        self.companions.iter().map(named).collect()
    }

    /// The reference of the ablation, and the plan of each reading.
    ///
    /// # Errors
    /// If one of them is no valid plan.
    pub fn ablation(&self) -> Result<Vec<Self>, String> {
        self.ablation.as_ref().map_or(Ok(Vec::new()), |them| them.plans(self, "ablation"))
    }
}

impl Ablation {
    /// The reference from `plan`, and the plan of each reading; `field` names their place in
    /// errors.
    pub(super) fn plans(&self, plan: &Plan, field: &str) -> Result<Vec<Plan>, String> {
        let named = |name: &str, reason: String| format!("{field}: {name}: {reason}");
        let reference =
            plan.patched(&self.reference).map_err(|reason| named("reference", reason))?;
        let changed = self.readings.iter().map(|reading| {
            reference.patched(&reading.changes).map_err(|reason| named(&reading.reading, reason))
        });
        let plans: Vec<Plan> = changed.collect::<Result<_, _>>()?;
        Ok(std::iter::once(reference).chain(plans).collect())
    }
}
