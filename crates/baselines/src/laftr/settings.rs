//! This module defines and checks the settings of a training of LAFTR.

use std::fmt;
use std::num::NonZeroUsize;

use meta::SettingsError;
use mlp::{Activation, Initialization, Network, NetworkError};
use serde::{Deserialize, Serialize};

use super::classification::{ClassWeights, Classification};
use super::game::Each;
use super::objective::{AdversaryFairness, GroupSizes};

/// The weights γ with which LAFTR is trained by default.
pub const GAMMAS: [f64; 5] = [0.0, 0.5, 1.0, 2.0, 4.0];

/// Holds the fields of [`LaftrSettings`] in unchecked form.
///
/// The default is the transfer configuration of the authors' public code. The code of a row has
/// length 20. Each network has one hidden layer of 20 units with leaky relu of slope 0.2. The
/// classifier minimizes absolute errors, with α = 1 and β = 0. Training takes 1,000 epochs of
/// mini-batches of 64 rows at the rate 1e-3. If serialized settings lack `activation`,
/// `classification`, `class_weights` or `group_sizes`, the default of this field is used.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaftrOptions {
    /// The number of units in the one hidden layer of each network.
    pub hidden: NonZeroUsize,
    /// The length of the code.
    pub code: NonZeroUsize,
    /// The activation of the hidden units.
    #[serde(default = "authors_activation")]
    pub activation: Activation,
    /// The loss of the classifier.
    #[serde(default)]
    pub classification: Classification,
    /// The weight of each row in the loss of the classifier.
    #[serde(default)]
    pub class_weights: ClassWeights,
    /// The number by which the sum over a group is divided, in L_Adv and under
    /// [`ClassWeights::EqualGroups`].
    #[serde(default)]
    pub group_sizes: GroupSizes,
    /// How weights and biases are initialized.
    pub initialization: Initialization,
    /// The weight α of the classifier's loss. It is finite and at least 0.
    pub alpha: f64,
    /// The weight β of the reconstruction. It is finite and at least 0. At 0 there is no decoder.
    pub beta: f64,
    /// Adam's rate for both players. It is finite and above 0.
    pub rate: f64,
    /// The number of rows in a mini-batch.
    pub batch: NonZeroUsize,
    /// The number of passes through all rows.
    pub epochs: u64,
}

impl Default for LaftrOptions {
    fn default() -> Self {
        let count = |n| NonZeroUsize::new(n).expect("above 0");
        LaftrOptions {
            hidden: count(20),
            code: count(20),
            activation: authors_activation(),
            classification: Classification::default(),
            class_weights: ClassWeights::default(),
            group_sizes: GroupSizes::default(),
            initialization: Initialization::GlorotBiases,
            alpha: 1.0,
            beta: 0.0,
            rate: 1e-3,
            batch: count(64),
            epochs: 1000,
        }
    }
}

fn authors_activation() -> Activation {
    Activation::LeakyRelu02
}

/// Holds, in checked form, the options that all trainings of one [`Laftr`](crate::Laftr) share.
///
/// ```
/// use baselines::{LaftrOptions, LaftrSettings};
/// let settings = LaftrSettings::try_from(LaftrOptions { epochs: 10, ..LaftrOptions::default() })?;
/// assert_eq!((settings.epochs, settings.alpha, settings.beta), (10, 1.0, 0.0));
/// let refused = LaftrSettings::try_from(LaftrOptions { beta: -1.0, ..LaftrOptions::default() });
/// let error = refused.unwrap_err().to_string();
/// assert!(error.starts_with("beta must be a finite number of at least 0, got -1"));
/// # Ok::<(), meta::SettingsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "LaftrOptions")]
pub struct LaftrSettings(LaftrOptions);

impl TryFrom<LaftrOptions> for LaftrSettings {
    type Error = SettingsError;

    fn try_from(options: LaftrOptions) -> Result<Self, SettingsError> {
        weight("alpha", options.alpha)?;
        weight("beta", options.beta)?;
        if !(options.rate.is_finite() && options.rate > 0.0) {
            return Err(SettingsError::new("rate", options.rate, "a finite number above 0"));
        }
        Ok(LaftrSettings(options))
    }
}

impl std::ops::Deref for LaftrSettings {
    type Target = LaftrOptions;
    fn deref(&self) -> &LaftrOptions {
        &self.0
    }
}

impl LaftrSettings {
    /// Makes the whole encoder for rows with `features` features.
    pub(super) fn encoder(&self, features: usize) -> Result<Network, NetworkError> {
        Network::new(&[features, self.hidden.get(), self.code.get()], self.activation)
    }

    /// Makes the networks. The encoder lacks its first layer.
    pub(super) fn networks(&self, features: usize) -> Result<Each<Network>, NetworkError> {
        let (hidden, code) = (self.hidden.get(), self.code.get());
        let network = |inputs, outputs| Network::new(&[inputs, hidden, outputs], self.activation);
        let decoder = || network(code.saturating_add(1), features);
        Ok(Each {
            encoder: Network::new(&[hidden, code], self.activation)?,
            classifier: network(code, 1)?,
            adversary: network(code, 1)?,
            decoder: (self.beta > 0.0).then(decoder).transpose()?,
        })
    }
}

/// Describes one training of a paired comparison: the notion of fairness of the adversary, and the
/// weight γ of the adversary's objective.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct LaftrArm {
    fairness: AdversaryFairness,
    gamma: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    fairness: AdversaryFairness,
    gamma: f64,
}

impl TryFrom<Unchecked> for LaftrArm {
    type Error = SettingsError;
    fn try_from(arm: Unchecked) -> Result<Self, SettingsError> {
        LaftrArm::new(arm.fairness, arm.gamma)
    }
}

impl LaftrArm {
    /// Makes the setting with a notion of fairness and the weight γ.
    ///
    /// # Errors
    /// Returns an error if γ is not a finite number of at least 0.
    pub fn new(fairness: AdversaryFairness, gamma: f64) -> Result<Self, SettingsError> {
        weight("gamma", gamma)?;
        Ok(LaftrArm { fairness, gamma })
    }

    /// Returns the notion of fairness on which the adversary's objective is based.
    pub fn fairness(&self) -> AdversaryFairness {
        self.fairness
    }

    /// Returns the weight γ of the adversary's objective.
    pub fn gamma(&self) -> f64 {
        self.gamma
    }
}

impl fmt::Display for LaftrArm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at gamma {:?}", self.fairness, self.gamma)
    }
}

fn weight(name: &'static str, value: f64) -> Result<(), SettingsError> {
    if value.is_finite() && value >= 0.0 {
        Ok(())
    } else {
        Err(SettingsError::new(name, value, "a finite number of at least 0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_settings_are_refused() {
        let good = LaftrOptions::default();
        for (options, said) in [
            (
                LaftrOptions { alpha: f64::NAN, ..good },
                "alpha must be a finite number of at least 0, got NaN",
            ),
            (
                LaftrOptions { beta: -0.5, ..good },
                "beta must be a finite number of at least 0, got -0.5",
            ),
            (LaftrOptions { rate: 0.0, ..good }, "rate must be a finite number above 0, got 0"),
        ] {
            let error = LaftrSettings::try_from(options).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
        for gamma in [-1.0, f64::INFINITY] {
            let error = LaftrArm::new(AdversaryFairness::DemographicParity, gamma).unwrap_err();
            assert!(error.to_string().starts_with("gamma must be "), "{error}");
        }
    }

    #[test]
    fn what_is_read_is_checked() {
        let settings = LaftrSettings::try_from(LaftrOptions::default()).unwrap();
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<LaftrSettings>(&text).unwrap(), settings);
        let wrong = text.replace("\"beta\":0.0", "\"beta\":-1.0");
        let error = serde_json::from_str::<LaftrSettings>(&wrong).unwrap_err().to_string();
        assert!(error.contains("beta must be a finite number of at least 0, got -1"), "{error}");
        let more = text.replace("\"beta\"", "\"delta\":1.0,\"beta\"");
        let error = serde_json::from_str::<LaftrSettings>(&more).unwrap_err().to_string();
        assert!(error.contains("delta"), "{error}");

        let unknown = text.replace("absolute-error", "squared-error");
        assert!(serde_json::from_str::<LaftrSettings>(&unknown).is_err());

        let arm = r#"{"fairness": "equalized-odds", "gamma": 2.0}"#;
        let arm = serde_json::from_str::<LaftrArm>(arm).unwrap();
        assert_eq!(arm, LaftrArm::new(AdversaryFairness::EqualizedOdds, 2.0).unwrap());
        assert_eq!(arm.to_string(), "equalized odds at gamma 2.0");
        let arm = r#"{"fairness": "equalized-odds", "gamma": -2.0}"#;
        assert!(serde_json::from_str::<LaftrArm>(arm).is_err());
    }

    /// The test reads settings that were written before these fields existed.
    #[test]
    fn what_is_left_out_is_as_by_default() {
        let old = r#"{"hidden": 20, "code": 20, "initialization": "glorot-biases", "alpha": 1.0,
            "beta": 0.0, "rate": 0.001, "batch": 64, "epochs": 1000}"#;
        let old = serde_json::from_str::<LaftrSettings>(old).unwrap();
        assert_eq!(old, LaftrSettings::try_from(LaftrOptions::default()).unwrap());
        let new = serde_json::to_value(old).unwrap();
        for (field, value) in [
            ("activation", "leaky-relu-0.2"),
            ("classification", "absolute-error"),
            ("class_weights", "equal-rows"),
            ("group_sizes", "all-rows"),
        ] {
            assert_eq!(new[field], value, "{field}");
        }
        let other = LaftrOptions {
            activation: Activation::Tanh,
            classification: Classification::CrossEntropy,
            class_weights: ClassWeights::EqualGroups,
            group_sizes: GroupSizes::MiniBatch,
            ..LaftrOptions::default()
        };
        let text = serde_json::to_string(&other).unwrap();
        for name in ["tanh", "cross-entropy", "equal-groups", "mini-batch"] {
            assert!(text.contains(&format!("\"{name}\"")), "{text}");
        }
        assert_eq!(*serde_json::from_str::<LaftrSettings>(&text).unwrap(), other);
    }

    #[test]
    fn networks_have_the_widths_asked_for() {
        let options = LaftrOptions { beta: 0.1, ..LaftrOptions::default() };
        let networks = LaftrSettings::try_from(options).unwrap().networks(95).unwrap();
        let settings = LaftrSettings::try_from(options).unwrap();
        assert_eq!(settings.encoder(95).unwrap().widths(), [95, 20, 20]);
        assert_eq!(networks.encoder.widths(), [20, 20]);
        assert_eq!(networks.classifier.widths(), [20, 20, 1]);
        assert_eq!(networks.adversary.widths(), [20, 20, 1]);
        assert_eq!(networks.decoder.unwrap().widths(), [21, 20, 95]);
        let code = NonZeroUsize::MAX;
        let huge = LaftrSettings::try_from(LaftrOptions { code, ..options }).unwrap();
        assert!(matches!(huge.networks(95), Err(NetworkError::TooLarge(_))));
        let settings = LaftrSettings::try_from(LaftrOptions::default()).unwrap();
        assert!(settings.networks(95).unwrap().decoder.is_none());
    }
}
