//! The paper's claims, each with a verdict from our results.
//!
//! `judgment` has the rules: paired differences with 95% intervals over runs.

mod judgment;
mod representation;
mod synthetic;

use fairness::Notion;
use meta::AnyAlgorithm;
use tasks::SupportDraw;

use crate::cell;
use experiment::plan::arm::{Arm, MethodName};
use experiment::plan::{Plan, Problem};
use experiment::results::compare::{
    Compared, Quantity, SettingRecords, accuracy, beyond_constant, fairness, parity,
};
use experiment::results::front::{Front, UnequalGrids};
use experiment::results::outcome::{Adaptation, Stage};
use experiment::results::record::Record;
use experiment::results::study::Study;
use experiment::results::study::Variant;
use report::number::counted;
use report::page::{Claim, UnderReading, Verdict};

use judgment::Judgment;
pub use judgment::{WORTH, WORTHY_AREA, evidence, is_nothing};
pub use synthetic::grid;

/// The records of one problem by arm and adaptation.
#[derive(Clone, Copy)]
pub struct Results<'a> {
    /// The plan of the run.
    pub plan: &'a Plan,
    records: &'a [Record],
    points: &'a [Record],
}

impl<'a> From<&'a Study> for Results<'a> {
    fn from(study: &'a Study) -> Self {
        Results { plan: &study.plan, records: &study.records, points: &study.points }
    }
}

impl<'a> From<&'a Variant> for Results<'a> {
    fn from(variant: &'a Variant) -> Self {
        Results { plan: &variant.plan, records: &variant.records, points: &[] }
    }
}

impl<'a> Results<'a> {
    /// An arm as tables show it: after the adaptation and the number of support rows of the tables.
    pub fn shown(self, arm: Arm) -> SettingRecords<'a> {
        let (adaptation, rows) = (self.plan.shown_adaptation(arm), self.plan.shown_rows(arm));
        SettingRecords::of(self.records, arm, adaptation).with_support(rows.get())
    }

    /// The arms of a compared algorithm, in the order of tables, each with its records as tables
    /// show it. A companion with the name of the algorithm has adaptation steps of its own.
    pub fn compared(self, algorithm: AnyAlgorithm) -> Vec<(Arm, SettingRecords<'a>)> {
        let mut found: Vec<(Arm, SettingRecords<'a>)> = Vec::new();
        for record in self.records.iter().filter(|record| record.stage == Stage::After) {
            let (arm, is_own) = (record.arm(), record.method.name() == algorithm.name());
            let belongs = is_own || record.algorithm == Some(algorithm);
            if belongs && found.iter().all(|(other, _)| *other != arm) {
                let shown = match is_own {
                    true => SettingRecords::of(self.records, arm, record.adaptation()),
                    false => self.shown(arm),
                };
                found.push((arm, shown));
            }
        }
        found
    }

    /// The γ of the first sweep, 0 first.
    pub fn gammas(self) -> Vec<f64> {
        std::iter::once(0.0).chain(self.plan.sweeps[0].gammas.iter().copied()).collect()
    }

    /// An arm after another adaptation to the K rows.
    pub fn adapted(self, arm: Arm, adaptation: Adaptation) -> SettingRecords<'a> {
        let rows = self.plan.support_rows().get();
        SettingRecords::of(self.records, arm, adaptation).with_support(rows)
    }

    /// An arm as tables show it, but after `rows` support rows, on the query rows common to all
    /// numbers of support rows.
    fn after_points(self, arm: Arm, rows: usize) -> SettingRecords<'a> {
        let adaptation = self.plan.shown_adaptation(arm);
        SettingRecords::of(self.points, arm, adaptation).with_support(rows)
    }

    /// The arms of a method under a notion, with γ = 0, by the plan's algorithm.
    pub fn arms(self, method: MethodName, notion: Notion) -> impl Iterator<Item = Arm> {
        let mut arms: Vec<Arm> = Vec::new();
        let of_plan = |record: &&Record| record.method == method && record.algorithm.is_none();
        for record in self.records.iter().filter(of_plan) {
            let arm = record.arm();
            if !arms.contains(&arm) {
                arms.push(arm);
            }
        }
        arms.into_iter().filter(move |arm| arm.notion.is_none_or(|other| other == notion))
    }

    /// The front of a method under a notion, as tables show it.
    pub fn front(self, method: MethodName, notion: Notion) -> Front<'a> {
        self.arms(method, notion).map(|arm| self.shown(arm)).collect()
    }

    /// The same front after one given adaptation.
    pub fn adapted_front(
        self,
        method: MethodName,
        notion: Notion,
        adaptation: Adaptation,
    ) -> Front<'a> {
        self.arms(method, notion).map(|arm| self.adapted(arm, adaptation)).collect()
    }

    /// The front of a method under a notion after `rows` support rows, on the query rows common to
    /// all numbers of support rows.
    fn front_after_points(self, method: MethodName, notion: Notion, rows: usize) -> Front<'a> {
        self.arms(method, notion).map(|arm| self.after_points(arm, rows)).collect()
    }

    /// Whether all support rows of test tasks are positive and protected.
    fn is_biased(self) -> bool {
        let Problem::Synthetic { support, .. } = &self.plan.problem else { return false };
        *support == SupportDraw::PositiveProtected
    }

    /// Fair-MAML at the γ of the tables, if the run has a γ above 0.
    fn fair(self) -> Option<Arm> {
        Some(self.plan.shown(MethodName::Meta)).filter(|arm| arm.notion.is_some())
    }
}

/// The claims with their verdicts.
pub fn claims(studies: &[Study]) -> Vec<Claim> {
    let find =
        |wanted: fn(&Problem) -> bool| studies.iter().find(|study| wanted(&study.plan.problem));
    let synthetic = find(|problem| matches!(problem, Problem::Synthetic { .. }));
    let communities = find(|problem| matches!(problem, Problem::Communities { .. }));
    let of_communities = communities.map(Results::from);
    vec![
        again(synthetic, synthetic::keeps_accuracy),
        again(synthetic, synthetic::is_fairer),
        again(communities, |results| better_front(results, Notion::DEMOGRAPHIC_PARITY)),
        better_front(of_communities, Notion::EQUAL_OPPORTUNITY),
        laftr(of_communities),
        fine_tuning_rates(synthetic.map(Results::from), of_communities),
        enough_points(of_communities),
        representation::more_useful([
            ("synthetic", synthetic.map(Results::from)),
            ("Communities", of_communities),
        ]),
    ]
}

/// The verdict on a claim from a study, and from each of its other readings.
fn again(study: Option<&Study>, judge: impl Fn(Option<Results<'_>>) -> Claim) -> Claim {
    let mut claim = judge(study.map(Results::from));
    let under = |variant: &Variant| {
        let (decision, reading) = variant.names();
        let verdict = judge(Some(variant.into())).verdict;
        UnderReading { decision: decision.into(), reading: reading.into(), verdict }
    };
    let variants = study.map_or(&[][..], |study| &study.variants);
    claim.readings = judged_again(variants).map(under).collect();
    claim.because += &under_other_readings(&claim.readings);
    claim
}

/// The readings that allow another comparison of Fair-MAML with the pre-trained network: no
/// training ended with an error and, on the synthetic tasks, the support rows are biased.
pub fn judged_again(variants: &[Variant]) -> impl Iterator<Item = &Variant> {
    let both = [MethodName::Meta, MethodName::Pretrained];
    variants
        .iter()
        .filter(move |variant| variant.reading.is_some())
        .filter(move |variant| both.iter().all(|method| variant.plan.methods.contains(method)))
        .filter(|variant| variant.stopped.is_empty())
        .filter(|variant| {
            let is_synthetic = matches!(variant.plan.problem, Problem::Synthetic { .. });
            !is_synthetic || Results::from(*variant).is_biased()
        })
}

/// The two claims about biased fine-tuning on the synthetic tasks.
pub fn biased_fine_tuning(results: Option<Results<'_>>) -> [Claim; 2] {
    [synthetic::keeps_accuracy(results), synthetic::is_fairer(results)]
}

/// One sentence on the verdicts under other readings.
fn under_other_readings(readings: &[UnderReading]) -> String {
    let count = |wanted| readings.iter().filter(|other| other.verdict == wanted).count();
    let said: Vec<String> = [
        (Verdict::Holds, "holds under"),
        (Verdict::InPart, "holds in part under"),
        (Verdict::DoesNotHold, "does not hold under"),
        (Verdict::Undecided, "cannot be decided under"),
    ]
    .into_iter()
    .filter(|(verdict, _)| count(*verdict) > 0)
    .map(|(verdict, words)| format!("{words} {}", count(verdict)))
    .collect();
    match readings.len() {
        0 => String::new(),
        1 => format!(
            " With the other reading \"{}: {}\", it {}.",
            readings[0].decision,
            readings[0].reading,
            said[0].trim_end_matches(" under 1")
        ),
        n => {
            format!(" Under {n} other readings of the paper, it {}.", said.join(", "))
        }
    }
}

/// "Fair-MAML, γ = 10"
pub fn named(plan: &Plan, arm: Arm) -> String {
    let label = plan.label(arm);
    match arm.notion {
        None => label.into_owned(),
        Some(_) => format!("{label}, γ = {}", arm.gamma),
    }
}

/// "92%", or "an undefined share".
fn share(compared: Compared) -> String {
    compared.mean.map_or("an undefined share".into(), |mean| format!("{:.0}%", 100.0 * mean.mean))
}

/// Reason for an undecided claim about Fair-MAML: the run has only MAML.
const NOT_FAIR: &str = "This run has no γ above 0.";

/// Reason for an undecided claim about biased support rows: they were drawn at random.
const NOT_BIASED: &str = "This run had no biased support rows.";

/// Reason for an undecided claim about a problem without results.
const NOT_RUN: &str = "This problem was not run.";

/// Controls without meta-learning or without a regularizer.
const CONTROLS: [(&str, MethodName); 4] = [
    ("the same training without an inner step (α = 0)", MethodName::NoInnerStep),
    ("MAML with one threshold for all", MethodName::SharedThreshold),
    ("MAML with a threshold for each group", MethodName::GroupThresholds),
    ("a coin", MethodName::Coin),
];

/// A difference of areas with its name. Fronts with unequal numbers of settings have no difference,
/// and the name says so.
pub fn area(
    what: String,
    ours: &Front<'_>,
    theirs: &Front<'_>,
    fairness: Quantity,
) -> (String, Compared) {
    match ours.area_minus(theirs, fairness) {
        Ok(difference) => (what, difference),
        Err(unequal) => not_compared(what, unequal),
    }
}

fn not_compared(what: String, unequal: UnequalGrids) -> (String, Compared) {
    (format!("{what} ({unequal})"), Compared::default())
}

fn better_front(communities: Option<Results<'_>>, notion: Notion) -> Claim {
    let (claim, name) = match notion == Notion::DEMOGRAPHIC_PARITY {
        true => (
            "Communities and Crime, demographic parity: Fair-MAML has the better front of accuracy and fairness.",
            "parity",
        ),
        false => (
            "Communities and Crime, equal opportunity: Fair-MAML has the better front of accuracy and fairness.",
            "opportunity",
        ),
    };
    let mut claim = Judgment::of(claim);
    let Some(results) = communities else { return claim.not_run(NOT_RUN) };
    if results.arms(MethodName::Meta, notion).all(|arm| arm.notion.is_none()) {
        return claim.judged(NOT_FAIR);
    }
    let plan = results.plan;
    let fairness = fairness(notion);
    let ours = results.front(MethodName::Meta, notion);
    let beyond = |what: &str, theirs: &Front<'_>| {
        let what = format!("area of {name}, {} − {what}", plan.algorithm.title(true));
        area(what, &ours, theirs, fairness)
    };
    // The paper's two baselines. The pre-trained network has its training rate, and the fine-tuning
    // rate that it calls the best one.
    let rivals = rivals(results, notion);
    if let Some((what, theirs)) = rivals.first() {
        let (what, area) = beyond(what, theirs);
        claim.positive(what, area, WORTHY_AREA);
    }
    if let Some(laftr) = &plan.laftr {
        let what = format!(
            "LAFTR, its network trained on {} points for {} epochs",
            laftr.support_rows, laftr.epochs_shown
        );
        let (what, area) = beyond(&what, &results.front(MethodName::Laftr, notion));
        claim.positive(what, area, WORTHY_AREA);
    }
    let strongest = strongest(&mut claim, &ours, &rivals, (name, plan, fairness));
    for (what, theirs) in rivals.iter().skip(1) {
        let (what, area) = beyond(what, theirs);
        claim.aside(what, area);
    }
    let scratch = results.front(MethodName::Scratch, notion);
    let controls = CONTROLS.map(|(what, method)| (what, results.front(method, notion)));
    for (what, theirs) in [("from scratch", scratch)].into_iter().chain(controls) {
        if !theirs.is_empty() {
            let (what, area) = beyond(what, &theirs);
            claim.aside(what, area);
        }
    }
    let before = results.adapted_front(MethodName::Meta, notion, Adaptation::BEFORE);
    let (what, adapted) = beyond("its weights before adaptation", &before);
    let credit = match is_nothing(adapted.clone(), WORTHY_AREA) {
        true => format!(
            " The weights of {} have the same front before adaptation, so adaptation adds nothing.",
            plan.algorithm.title(true)
        ),
        false => String::new(),
    };
    claim.aside(what, adapted);
    claim.judged(format!(
        "The comparison uses the area under the front (see the glossary) of each run. The fronts \
         have equal numbers of settings, and are judged on the states in which fairness is \
         defined at every setting of both. The paper's own baseline is trained at {} and \
         fine-tuned at {}, which the paper calls the best rate.{strongest}{credit} The paper shows \
         its fronts in Figure 2 and prints no numbers for them.",
        plan.pretraining_rate, plan.fine_tuning_shown
    ))
}

/// The part about the strongest of the pre-trained networks, and a sentence about which that is.
fn strongest(
    claim: &mut Judgment,
    ours: &Front<'_>,
    rivals: &[(String, Front<'_>)],
    (name, plan, fairness): (&str, &Plan, Quantity),
) -> String {
    if rivals.len() < 2 {
        return String::new();
    }
    let what = format!(
        "area of {name}, {} − the strongest of {} pre-trained networks",
        plan.algorithm.title(true),
        rivals.len()
    );
    let fronts: Vec<Front<'_>> = rivals.iter().map(|(_, front)| front.clone()).collect();
    match ours.area_minus_strongest(&fronts, fairness) {
        Err(unequal) => {
            let (what, nothing) = not_compared(what, unequal);
            claim.positive(what, nothing, WORTHY_AREA);
            String::new()
        }
        Ok(found) => {
            claim.positive(what, found.difference, WORTHY_AREA);
            let times = |place: usize| found.strongest.iter().filter(|of| **of == place).count();
            let mut often: Vec<usize> =
                (0..rivals.len()).filter(|place| times(*place) > 0).collect();
            often.sort_by_key(|place| std::cmp::Reverse(times(*place)));
            let told: Vec<String> = often
                .into_iter()
                .map(|place| format!("\"{}\" in {}", rivals[place].0, counted(times(place), "run")))
                .collect();
            match told.is_empty() {
                true => String::new(),
                false => format!(
                    " The strongest of {} pre-trained networks is chosen for each run by the \
                     other runs: {}.",
                    rivals.len(),
                    told.join(", ")
                ),
            }
        }
    }
}

/// The pre-trained network at each training rate and each fine-tuning rate, and without
/// fine-tuning. The paper's own baseline comes first.
fn rivals(results: Results<'_>, notion: Notion) -> Vec<(String, Front<'_>)> {
    let plan = results.plan;
    let plain = Arm::plain(MethodName::Pretrained);
    let shown = plan.shown_adaptation(plain);
    let ways = plan.adaptations(plain).into_iter().filter(|way| way.gamma.is_none());
    let ways: Vec<Adaptation> =
        std::iter::once(shown).chain(ways.filter(|way| *way != shown)).collect();
    let named = |method, way: Adaptation| {
        let trained = match method {
            MethodName::PretrainedOther => "pre-trained at Fair-MAML's rate",
            _ => "pre-trained",
        };
        match way.rate {
            None => format!("{trained}, not fine-tuned"),
            Some(rate) => format!("{trained}, fine-tuned at {rate}"),
        }
    };
    let of = |method| {
        let ways = ways.iter();
        ways.map(move |&way| (named(method, way), results.adapted_front(method, notion, way)))
    };
    let all = [MethodName::Pretrained, MethodName::PretrainedOther].into_iter().flat_map(of);
    all.filter(|(_, front)| !front.is_empty()).collect()
}

fn laftr(communities: Option<Results<'_>>) -> Claim {
    let mut claim = Judgment::of(
        "LAFTR is not useful with 10 points at any number of epochs, reasonable with 30 points and 100 epochs, and similar to Fair-MAML with 50.",
    );
    let Some(results) = communities else { return claim.not_run(NOT_RUN) };
    let Some(laftr) = &results.plan.laftr else { return claim.not_run("LAFTR was not run.") };
    let code = results.plan.shown(MethodName::Laftr);
    let Some(fair) = results.fair() else { return claim.judged(NOT_FAIR) };
    let k = results.plan.support_rows();
    for (epochs, adaptation) in laftr.epochs.iter().zip(laftr.adaptations()) {
        claim.negligible(
            format!(
                "accuracy, LAFTR with {k} points and {epochs} epoch(s) − the better constant decision"
            ),
            results.adapted(code, adaptation).mean_difference(beyond_constant),
            WORTH,
        );
    }
    claim.positive(
        format!(
            "accuracy, LAFTR with {} points and {} epochs − the better constant decision",
            laftr.support_rows, laftr.epochs_shown
        ),
        results.shown(code).mean_difference(beyond_constant),
        WORTH,
    );
    let notion = laftr.sweeps[0].notion;
    let front = |method, rows| results.front_after_points(method, notion, rows);
    let fairness = fairness(notion);
    let us = results.plan.algorithm.title(true);
    let most = front(MethodName::Laftr, 50);
    let name = cell::notion(notion);
    let against = |rows: usize| {
        let what = format!("area of {name}, LAFTR with 50 points − {us} with {rows}");
        area(what, &most, &front(MethodName::Meta, rows), fairness)
    };
    let (what, difference) = against(k.get());
    claim.similar(what, difference, WORTHY_AREA);
    let (what, difference) = against(50);
    claim.aside(what, difference);
    let most = results.after_points(code, 50);
    let ours =
        [fair, Arm::plain(MethodName::Meta)].map(|arm| (arm, results.after_points(arm, k.get())));
    for (arm, ours) in ours {
        let what = |name| {
            format!(
                "{name}, {} with 50 points − {} with {k}",
                named(results.plan, code),
                named(results.plan, arm)
            )
        };
        claim.aside(what("accuracy"), most.minus(&ours, accuracy));
        claim.aside(what("parity"), most.minus(&ours, parity));
    }
    claim.judged(format!(
        "LAFTR is shown at γ = {}. Its fresh network is trained on {k} points for each number of \
         epochs. It is also trained on {} points for {}, on states that have as many \
         communities and {} more. The last rows use the held-out states with enough \
         communities for 50 points, and the same query rows. Two fronts over γ are similar if \
         their areas differ by less than {WORTHY_AREA}.",
        laftr.gamma_shown,
        laftr.support_rows,
        laftr.epochs_shown,
        experiment::plan::FEWEST_QUERIES
    ))
}

fn fine_tuning_rates(synthetic: Option<Results<'_>>, communities: Option<Results<'_>>) -> Claim {
    let mut claim = Judgment::of(
        "The pre-trained network's best trade-offs come from fine-tuning rates of 0.3 (synthetic) and 0.1 (Communities).",
    );
    if synthetic.is_none() && communities.is_none() {
        return claim.not_run(NOT_RUN);
    }
    for (name, results) in [("synthetic", synthetic), ("Communities", communities)] {
        let Some(results) = results else {
            // This half of the claim stays open.
            claim.positive(format!("{name}: not run"), Compared::default(), 0.0);
            continue;
        };
        let plan = results.plan;
        let others: Vec<f64> = plan
            .fine_tuning_rates
            .iter()
            .copied()
            .filter(|rate| *rate != plan.fine_tuning_shown)
            .collect();
        let method = MethodName::Pretrained;
        for sweep in &plan.sweeps {
            let fairness = fairness(sweep.notion);
            let best = results.front(method, sweep.notion);
            for &rate in &others {
                let way = Adaptation::after(rate, 1);
                let other = results.adapted_front(method, sweep.notion, way);
                let what = format!(
                    "area of {}, {name}: at {} − at {rate}",
                    cell::notion(sweep.notion),
                    plan.fine_tuning_shown
                );
                let (what, area) = area(what, &best, &other, fairness);
                // The best rate may be better by any amount.
                claim.positive(what, area, 0.0);
            }
        }
        let arm = Arm::plain(method);
        for &rate in &others {
            let other = results.adapted(arm, Adaptation::after(rate, 1));
            let what =
                format!("accuracy, {name}, γ = 0: at {} − at {rate}", plan.fine_tuning_shown);
            claim.aside(what, results.shown(arm).minus(&other, accuracy));
        }
    }
    claim.judged(
        "A trade-off is a front over γ after one step, and its area is compared. Every rate uses \
         the same rows. Accuracy at γ = 0 alone is shown beside it.",
    )
}

fn enough_points(communities: Option<Results<'_>>) -> Claim {
    let mut claim = Judgment::of(
        "Ten communities are enough for Fair-MAML to adapt and generalize to a new state.",
    );
    let Some(results) = communities else { return claim.not_run(NOT_RUN) };
    let k = results.plan.support_rows().get();
    let Some(fair) = results.fair() else { return claim.judged(NOT_FAIR) };
    let notion = results.plan.sweeps[0].notion;
    let fairness = fairness(notion);
    let of = cell::notion(notion);
    let us = results.plan.algorithm.title(true);
    let meta = MethodName::Meta;
    let after = results.front(meta, notion);
    let what = format!("area of {of}, all states, {us} with {k} points − constant decisions");
    claim.necessary(what, after.area_beyond_constants(fairness), WORTHY_AREA);
    let what = format!("area of {of}, all states, {us} with {k} points − before adaptation");
    let before = results.adapted_front(meta, notion, Adaptation::BEFORE);
    let (what, gained) = area(what, &after, &before, fairness);
    claim.necessary(what, gained.clone(), WORTHY_AREA);
    let front = |rows| results.front_after_points(meta, notion, rows);
    let grown = |from, to| {
        let what = format!("area of {of}, {us} with {to} points − with {from}");
        area(what, &front(to), &front(from), fairness)
    };
    for rows in [20, 50] {
        let (what, area) = grown(k, rows);
        claim.negligible(what, area, WORTHY_AREA);
    }
    for rows in [0, 5] {
        let (what, area) = grown(rows, k);
        claim.aside(what, area);
    }
    let maml = Arm::plain(meta);
    for arm in [maml, fair] {
        let what = format!("accuracy, all states, {}", named(results.plan, arm));
        let (after, before) = (results.shown(arm), results.adapted(arm, Adaptation::BEFORE));
        claim.aside(format!("{what}: after − before"), after.minus(&before, accuracy));
        let beyond = after.mean_difference(beyond_constant);
        claim.aside(format!("{what} − the better constant decision"), beyond);
    }
    let points = |arm, rows| results.after_points(arm, rows);
    for arm in [maml, fair] {
        for (from, to) in [(0, k), (k, 50)] {
            let what =
                format!("accuracy, {} with {to} points − with {from}", named(results.plan, arm));
            claim.aside(what, points(arm, to).minus(&points(arm, from), accuracy));
        }
    }
    let scratch = Arm::plain(MethodName::Scratch);
    let lead = points(maml, k).minus(&points(scratch, 50), accuracy);
    claim.aside(
        format!(
            "accuracy, {} with {k} points − from scratch with 50",
            results.plan.algorithm.title(false)
        ),
        lead,
    );
    let plainly = match gained.above(0.0) {
        Some(false) => format!(
            " But here {k} rows are not shown to do better than zero rows. So it tells us nothing \
             if more rows do no better than {k}."
        ),
        _ => String::new(),
    };
    claim.judged(format!(
        "{us} generalizes to new states if its front is better than deciding the same about \
         everybody. Ten rows are enough if they add to the front before adaptation, and more rows \
         add little to ten. Rows that say \"all states\" are of all held-out states. The others \
         are of the states with enough rows, and use the same query rows for every number of \
         support rows.{plainly}"
    ))
}

#[cfg(test)]
mod tests;
