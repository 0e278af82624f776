//! The table of compared methods. A line makes the variant of
//! [`MethodName`](crate::plan::MethodName), whose name in manifests is the same in lower case with
//! hyphens, and names the implementation in `method/`.

/// Hands the table to the macro `$make`.
macro_rules! method_table {
    ($make:ident) => {
        $make! {
            /// Initial weights learned through the inner step, and adaptation by that step.
            Meta => meta::Meta,
            /// One network trained on all tasks together, and a step of fine-tuning.
            Pretrained => pretrained::PretrainedNetwork,
            /// A fair representation (code) learned on all tasks together, and a fresh network on
            /// the codes.
            Laftr => laftr::FairCode,
            /// A fresh network, trained on the K support rows alone.
            Scratch => scratch::FromScratch,
            /// A constant decision for the larger class of the training tasks.
            Majority => majority::LargerClass,
            /// `Meta` as the paper's published code computes it.
            PublishedCode => companions::PublishedCode,
            /// `Meta` with an inner rate of 0 in training: the same meta-batches and optimizer,
            /// without meta-learning.
            NoInnerStep => companions::NoInnerStep,
            /// `Pretrained`, trained at another rate.
            PretrainedOther => companions::PretrainedOther,
            /// MAML's weights (γ = 0) with another threshold than 1/2, chosen on training tasks.
            SharedThreshold => thresholds::Shifted::ForAll,
            /// MAML's weights (γ = 0) with a threshold for each group, chosen on training tasks.
            GroupThresholds => thresholds::Shifted::ByGroup,
            /// Random decisions.
            Coin => coin::Coin,
            /// The true labels as decisions: no mistakes, and the parity of the labels.
            Labels => labels::TrueLabels,
            /// Accepts rows above y = 0; nothing is learned.
            Line => line::HalfPlane,
            /// The best possible decision under the generator of the tasks, with a threshold for
            /// each group.
            Bayes => bayes::BestDecision,
            /// A network trained by cross-validation on all labels of the held-out task, with a
            /// threshold for each group.
            OwnNetwork => own_labels::OwnLabels::Network,
            /// A logistic regression trained in the same way.
            OwnLogistic => own_labels::OwnLabels::Logistic,
            /// A linear probe of the weights of `Meta`, before any step.
            ProbeMeta => probe::Probe::Meta,
            /// A linear probe of the weights of `Pretrained`, before any step.
            ProbePretrained => probe::Probe::Pretrained,
            /// A linear probe of random weights: those at which `Meta` begins its training.
            ProbeRandom => probe::Probe::Random,
            /// A linear probe of the features themselves.
            ProbeFeatures => probe::Probe::Features,
        }
    };
}
