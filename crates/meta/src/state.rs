//! The state of a meta-learner between two iterations.

use serde::{Deserialize, Serialize};

use crate::absent::AbsentCounts;
use crate::settings::SettingsError;

/// Holds all that the later iterations of a [`MetaLearner`](crate::MetaLearner) depend on, beside
/// its settings, network, pool and seed. It keeps every bit, also when it is serialized.
///
/// ```
/// # use std::num::NonZeroUsize;
/// # use meta::{AbsentGroup, Gamma, InnerLoop, MetaOptions, MetaSettings};
/// use meta::{LearnerState, MetaLearner};
/// # use mlp::{Activation, Initialization, Network};
/// # use tasks::{EpisodeOptions, EpisodePool, synthetic::SyntheticConfig};
/// # let synthetic = SyntheticConfig::default();
/// # let tasks = (0..10).map(|i| synthetic.training_task(0, i)).collect();
/// # let k = NonZeroUsize::new(5).unwrap();
/// # let pool = EpisodePool::new(tasks, EpisodeOptions::new(k, None), 0)?;
/// # let settings = MetaSettings::try_from(MetaOptions {
/// #     algorithm: meta::algorithm::FAIR_MAML,
/// #     inner: InnerLoop::new(0.3, 1)?,
/// #     meta_rate: 1e-3,
/// #     tasks_per_batch: NonZeroUsize::new(4).unwrap(),
/// #     initialization: Initialization::He,
/// #     regularizer: None,
/// #     gamma: Gamma::Shared(0.0),
/// #     absent_group: AbsentGroup::Skip,
/// # })?;
/// # let network = Network::new(&[2, 20, 20, 2], Activation::Relu)?;
/// let learner = || MetaLearner::<f64>::new(settings.clone(), &network, &pool, 0);
/// let mut first = learner()?;
/// first.train(3, |_, _| ())?;
/// let file = serde_json::to_string(&first.state())?;
///
/// let state: LearnerState = serde_json::from_str(&file)?;
/// let mut second = learner()?.with_state(state)?;
/// first.train(2, |_, _| ())?;
/// second.train(2, |_, _| ())?;
/// assert_eq!(first.state(), second.state());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearnerState {
    /// The number of iterations so far.
    pub(crate) iteration: u64,
    /// What is learned so far.
    #[serde(with = "bits")]
    pub(crate) learned: Vec<f64>,
    /// The powers β₁ᵗ and β₂ᵗ of Adam.
    pub(crate) powers: [f64; 2],
    /// The first and the second moments of Adam.
    #[serde(with = "bits::pair")]
    pub(crate) moments: [Vec<f64>; 2],
    /// How many batches so far had no member of the regularized group.
    pub(crate) absent: AbsentCounts,
}

/// Equal means equal in every bit.
impl PartialEq for LearnerState {
    fn eq(&self, other: &Self) -> bool {
        fn bits(state: &LearnerState) -> impl Iterator<Item = u64> {
            let moments = state.moments.iter().flatten();
            let numbers = state.learned.iter().chain(&state.powers).chain(moments);
            numbers.map(|number| number.to_bits())
        }
        let lengths = |state: &LearnerState| (state.learned.len(), state.moments[0].len());
        (self.iteration, self.absent, lengths(self))
            == (other.iteration, other.absent, lengths(other))
            && bits(self).eq(bits(other))
    }
}

impl LearnerState {
    /// Returns the number of iterations so far.
    pub fn iterations(&self) -> u64 {
        self.iteration
    }

    /// Checks that it can be the state of a learner that learns `parameters` numbers.
    pub(crate) fn check(&self, parameters: usize) -> Result<(), SettingsError> {
        let refuse = |found, accepted| Err(SettingsError::new("state", found, accepted));
        if self.learned.len() != parameters {
            return refuse(self.learned.len(), "one number for each that is learned");
        }
        let moments = if self.iteration > 0 { parameters } else { 0 };
        if let Some(other) = self.moments.iter().find(|moment| moment.len() != moments) {
            return refuse(other.len(), "moments of each number after the first iteration");
        }
        match self.powers.iter().find(|power| !(0.0..=1.0).contains(*power)) {
            Some(power) => Err(SettingsError::new("state", power, "powers of Adam from 0 to 1")),
            None => Ok(()),
        }
    }
}

/// Numbers by their bits, because JSON has no number for an infinite one.
mod bits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(numbers: &[f64], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(numbers.iter().map(|number| number.to_bits()))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        let bits = Vec::<u64>::deserialize(from)?;
        Ok(bits.into_iter().map(f64::from_bits).collect())
    }

    /// Two of them.
    pub mod pair {
        use super::*;

        #[derive(Serialize, Deserialize)]
        #[serde(transparent)]
        struct Bits(#[serde(with = "super")] Vec<f64>);

        pub fn serialize<S: Serializer>(pair: &[Vec<f64>; 2], to: S) -> Result<S::Ok, S::Error> {
            pair.each_ref().map(|numbers| Bits(numbers.clone())).serialize(to)
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[Vec<f64>; 2], D::Error> {
            Ok(<[Bits; 2]>::deserialize(from)?.map(|Bits(numbers)| numbers))
        }
    }
}
