//! This crate implements the methods with which Fair-MAML is compared.
//!
//! [`Pretrained`] is the paper's pre-trained network (sections 6.2 and 6.3). One network is trained
//! on all training tasks as if they were one problem. `meta::adapt_to` then fine-tunes it on the
//! few rows of a new task.
//!
//! [`Laftr`] learns a representation of the rows of all training tasks. An adversary should not be
//! able to predict the group from it (Madras, Creager, Pitassi and Zemel 2018). [`fit`] then trains
//! a small network on the codes of the few rows of a new task.
//!
//! [`fit`] alone, from fresh weights, gives a network that has seen only those few rows.
//!
//! | file | subject |
//! |---|---|
//! | `pretrained` | the pre-trained network |
//! | `laftr` | the adversarial representation, with its own table of files |
//! | `fit` | full-batch training on given rows |
//! | `logistic` | a logistic regression, trained to convergence |
//! | `order` | the order of the rows in mini-batch training |
//!
//! The example goes from the training tasks to the decisions on a new task. It uses LAFTR's codes.
//!
//! ```
//! use baselines::{AdversaryFairness, Laftr, LaftrArm, LaftrOptions, LaftrSettings, fit};
//! use mlp::{Activation, Initialization, Network};
//! use tasks::{Batch, Purpose, SupportDraw, stream, synthetic::SyntheticConfig};
//!
//! let (seed, synthetic) = (0, SyntheticConfig::default());
//! let tasks = (0..4).map(|i| synthetic.training_task(seed, i).data.into_batch());
//! let data = Batch::concat(&tasks.collect::<Vec<_>>().iter().collect::<Vec<_>>());
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
//! let accuracy = meta::decisions(&network, &theta, &query).unwrap().overall().accuracy();
//! assert!(accuracy.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod fit;
mod laftr;
mod logistic;
mod order;
mod pretrained;

pub use fit::{FitError, fit};
pub use laftr::{
    AdversaryFairness, ArmLosses, ClassWeights, Classification, Encoder, GAMMAS, GroupSizes, Laftr,
    LaftrArm, LaftrError, LaftrOptions, LaftrSettings,
};
pub use logistic::Logistic;
pub use pretrained::{Pretrained, Pretraining};
