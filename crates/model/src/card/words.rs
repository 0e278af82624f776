//! What was found on held-out tasks, in sentences that follow from the numbers.

use report::mean::Mean;

use super::{name, told, with_article};
use crate::validation::{Better, Chosen, Family, Found, Ground, Tried, Validation};

impl Validation {
    /// What was found, in sentences.
    pub fn words(&self) -> Vec<String> {
        let kept = match self.kept {
            Family::Thresholds => "the thresholds".into(),
            Family::Regularizer | Family::Other => self.ours(),
        };
        let verdict = format!(
            "{} {} The model keeps {kept}.",
            self.told_difference("accuracy", self.difference),
            self.told_better()
        );
        let mut words =
            vec![self.told_choice(&self.regularizer), self.told_choice(&self.thresholds)];
        words.push(verdict);
        words.extend(self.told_other());
        words.extend(self.warning());
        words.extend(self.too_good());
        words
    }

    /// What the regularizer's side is called: γ = 0 is without one.
    fn ours(&self) -> String {
        let tried = &self.tried[self.regularizer.place];
        match tried.strength == 0.0 {
            true => format!("{} without a regularizer", tried.name),
            false => "the regularizer".into(),
        }
    }

    /// What a choice reached where it was chosen, and what a new task can expect.
    fn told_choice(&self, chosen: &Chosen) -> String {
        let tried = &self.tried[chosen.place];
        let setting = match tried.family {
            Family::Thresholds => {
                format!("The rival, thresholds by group aimed at {},", tried.strength)
            }
            _ if tried.strength == 0.0 => format!("{} without a regularizer (γ = 0)", tried.name),
            _ => format!("The regularizer {} with γ = {}", tried.name, tried.strength),
        };
        let there = "on the held-out tasks on which it was chosen";
        let (least, measure) = (self.least, name(self.measure));
        let exists = tried.after.fairness.is_some();
        let reach = match (chosen.reaches, self.is_useful(&tried.after)) {
            (true, _) => format!("reaches {} of {least} {there}.", with_article(self.measure)),
            (false, true) if exists => format!(
                "has the highest {measure} of the useful settings of its kind {there}; none of \
                 them reaches {least}."
            ),
            (false, true) => format!(
                "is the most accurate setting of its kind {there}; none of the useful ones has \
                 {} there.",
                with_article(self.measure)
            ),
            (false, false) => format!(
                "is the most accurate setting of its kind {there}; none of them is more accurate \
                 than to decide the same about everybody."
            ),
        };
        let Found { accuracy, fairness, .. } = chosen.estimate;
        let fairness = match fairness {
            Some(_) => format!(" and {} of {}", with_article(self.measure), told(fairness)),
            None => format!("; its {measure} does not exist"),
        };
        format!(
            "{setting} {reach} The estimate for a new task, for which settings were chosen on the \
             other parts of the tasks, is an accuracy of {}{fairness}.",
            told(accuracy)
        )
    }

    /// The most accurate of the methods that are only shown beside the rivals, if one reaches the
    /// target.
    fn told_other(&self) -> Option<String> {
        let others = self.tried.iter().filter(|tried| {
            let Tried { family, is_constant, after, .. } = tried;
            *family == Family::Other && !is_constant && after.reaches(self.least)
        });
        let accuracy = |tried: &Tried| tried.after.accuracy.map_or(0.0, |accuracy| accuracy.mean);
        let best = others.filter(|tried| self.is_useful(&tried.after));
        let best = best.max_by(|a, b| accuracy(a).total_cmp(&accuracy(b)))?;
        Some(format!(
            "Beside them, {} with γ = {} reaches {} of {} on the held-out tasks, with an accuracy \
             of {}.",
            best.name,
            best.strength,
            with_article(self.measure),
            self.least,
            told(best.after.accuracy)
        ))
    }

    fn told_difference(&self, of: &str, difference: Option<Mean>) -> String {
        match difference {
            Some(mean) => format!(
                "The estimated difference in {of}, {} minus thresholds, is {}.",
                self.ours().trim_start_matches("the "),
                mean.text(true)
            ),
            None => format!("The difference in {of} cannot be computed."),
        }
    }

    /// Which rival is better, and why.
    fn told_better(&self) -> String {
        let measure = name(self.measure);
        let mut difference = String::new();
        let reason = match self.ground {
            Ground::Usefulness => "the interval of this difference excludes 0, and the mean \
                                   estimate of the other is not more accurate than to decide the \
                                   same about everybody"
                .into(),
            Ground::Target => {
                difference = self.told_difference(measure, self.fairness_difference) + " ";
                let target = with_article(self.measure);
                format!(
                    "the interval of the difference in {measure} excludes 0, and only its mean \
                     estimate reaches {target} of {}",
                    self.least
                )
            }
            Ground::Accuracy => "the interval of this difference excludes 0, and both mean \
                                 estimates reach the target"
                .into(),
            Ground::Fairness => {
                difference = self.told_difference(measure, self.fairness_difference) + " ";
                format!(
                    "the interval of the difference in {measure} excludes 0, and neither mean \
                     estimate reaches the target"
                )
            }
        };
        let verdict = match self.better {
            Better::Regularizer => {
                format!("{} is the better of the two: {reason}.", capitalized(&self.ours()))
            }
            Better::Thresholds => {
                format!("The thresholds, which need no training, are better: {reason}.")
            }
            Better::NotTold => "Neither of the two is shown to be better.".into(),
        };
        difference + &verdict
    }

    /// Whether the mean accuracy is above that of a constant decision.
    fn is_useful(&self, found: &Found) -> bool {
        let constant = self.tried.iter().find(|tried| tried.is_constant);
        constant.is_none_or(|constant| found.is_useful(&constant.after))
    }

    /// A warning if the kept setting is no more accurate than a constant decision, which treats
    /// everybody alike.
    fn warning(&self) -> Option<String> {
        let constant = self.tried.iter().find(|tried| tried.is_constant)?.after.accuracy?.mean;
        let kept = self.kept().estimate.accuracy?.mean;
        let mut of_kind = self.tried.iter().filter(|tried| tried.family == self.kept);
        let advice = match of_kind.any(|tried| self.is_useful(&tried.after)) {
            true => "Choose a lower target.",
            false => "No setting of its kind that was tried is, so a lower target does not help.",
        };
        (kept <= constant).then(|| {
            format!(
                "Warning: the mean estimate of what the model keeps is not more accurate than to \
                 decide the same about everybody ({constant:.3}). {advice}"
            )
        })
    }
}

impl Validation {
    /// A warning if nearly all labels of held-out tasks are told. Few labels of people can be.
    fn too_good(&self) -> Option<String> {
        const NEARLY_ALL: f64 = 0.98;
        // The share of the errors of a constant decision that a rare label would leave by itself.
        const OF_CONSTANT: f64 = 0.1;
        let constant = self.tried.iter().find(|tried| tried.is_constant)?.after.accuracy?.mean;
        let accuracy = self.kept().estimate.accuracy?.mean;
        let is_told = accuracy >= NEARLY_ALL && 1.0 - accuracy <= OF_CONSTANT * (1.0 - constant);
        is_told.then(|| {
            format!(
                "Warning: the estimated accuracy of {accuracy:.3} on held-out tasks is nearly 1. \
                 Columns may tell the label that are not known before the decision; look for them \
                 and drop them."
            )
        })
    }
}

pub(super) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
