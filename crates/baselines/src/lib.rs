//! What Fair-MAML is compared with.
//!
//! [`Pretrained`] is the paper's pre-trained network (6.2, 6.3): one network trained on all the
//! training tasks as if they were one problem, to be fine-tuned on the few rows of a new task by
//! `meta::adapt_to`.
//!
//! [`Laftr`] learns a representation of the rows of all training tasks that an adversary cannot
//! read the group from (Madras, Creager, Pitassi and Zemel 2018); a small network is then trained on
//! the codes of the few rows of a new task by [`fit`].
//!
//! [`fit`] alone, from fresh weights, is a network that has seen nothing but those few rows.
//!
//! | file | subject |
//! |---|---|
//! | `pretrained` | the pre-trained network |
//! | `laftr` | the adversarial representation, and its own table of files |
//! | `fit` | full-batch training on the rows at hand |
//! | `order` | the order in which mini-batches go through the rows |
//!
//! From the training tasks to decisions on a new one, by way of LAFTR's codes:
//!
//! ```
//! use baselines::{AdversaryFairness, Laftr, LaftrArm, LaftrOptions, LaftrSettings, fit};
//! use mlp::{Activation, Initialization, Network};
//! use tasks::{Batch, Purpose, SupportDraw, stream, synthetic::SyntheticConfig};
//!
//! let (seed, synthetic) = (0, SyntheticConfig::default());
//! let tasks: Vec<Batch> = (0..4).map(|i| synthetic.training_task(seed, i).data).collect();
//! let data = Batch::concat(&tasks.iter().collect::<Vec<_>>());
//!
//! // Five epochs are enough for an example, not for a result: the default is 1,000.
//! let settings = LaftrSettings::try_from(LaftrOptions { epochs: 5, ..LaftrOptions::default() })?;
//! let arms = [LaftrArm::new(AdversaryFairness::DemographicParity, 1.0)?];
//! let mut laftr = Laftr::<f64>::new(settings, &arms, &data, seed)?;
//! laftr.train(|_epoch, losses| assert!(losses[0].classification.is_finite()))?;
//! let encoder = laftr.encoders().remove(0);
//!
//! let mut rng = stream(seed, Purpose::Support, 0, 0);
//! let episode = synthetic.test_task(seed, 0).split(10, SupportDraw::Random, &mut rng)?;
//! let (support, query) = (encoder.encode(&episode.support)?, encoder.encode(&episode.query)?);
//! let network = Network::new(&[support.features(), 20, 2], Activation::Relu)?;
//! let mut rng = stream(seed, Purpose::Initialization, 0, 5);
//! let theta = network.initialize(Initialization::He, &mut rng);
//! let theta = fit(&network, None, 0.0, 0.01, 50, &theta, &support)?;
//! let accuracy = meta::decisions(&network, &theta, &query).overall().accuracy();
//! assert!(accuracy.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod fit;
mod laftr;
mod order;
mod pretrained;

pub use fit::{FitError, fit};
pub use laftr::{
    AdversaryFairness, ArmLosses, ClassWeights, Classification, Encoder, GAMMAS, GroupSizes, Laftr,
    LaftrArm, LaftrError, LaftrOptions, LaftrSettings,
};
pub use pretrained::{Pretrained, Pretraining};
