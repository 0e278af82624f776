//! What the two players of LAFTR record on the tape.

use mlp::{Network, mean_squared_error};
use tape::{Scalar, Tape, Var};

use super::classification::ClassLoss;
use super::objective::Recorded;

/// One thing for each network.
#[derive(Clone, Debug)]
pub(super) struct Each<T> {
    /// f after its first layer: hidden units to code.
    pub encoder: T,
    /// g: code to the logit of the label.
    pub classifier: T,
    /// h: code to the logit of the group.
    pub adversary: T,
    /// k: code and group to features.
    pub decoder: Option<T>,
}

/// What the encoder's side knows of a mini-batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inputs {
    /// What the encoder's first layer gives, before its activation: `(rows, hidden)`.
    pub first: Var,
    /// The labels, and how a classifier of theirs is judged.
    pub labels: ClassLoss,
    /// The weights of L_Adv.
    pub fairness: Recorded,
    /// γ, `(1, 1)`.
    pub gamma: Var,
    /// For a decoder only.
    pub original: Option<Original>,
}

/// What a decoder is given beside the code, and what it should come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Original {
    /// Features, `(rows, features)`.
    pub x: Var,
    /// a, in the last of code + 1 columns, the others 0: `(rows, code + 1)`.
    pub group: Var,
}

/// α L_C + β L_Dec + γ L_Adv and its terms, each `(1, 1)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Objective {
    pub total: Var,
    pub classification: Var,
    /// `None` without a decoder.
    pub reconstruction: Option<Var>,
    pub adversary: Var,
}

impl Each<Network> {
    /// Records what the encoder, the classifier and the decoder minimize.
    pub fn objective<S: Scalar>(
        &self,
        tape: &mut Tape<S>,
        weights: &Each<Var>,
        inputs: &Inputs,
        (alpha, beta): (f64, f64),
    ) -> Objective {
        let code = self.code(tape, weights.encoder, inputs.first);
        let logits = self.classifier.logits(tape, weights.classifier, code);
        let classification = inputs.labels.loss(tape, logits);
        let adversary = self.adversary_objective(tape, weights.adversary, code, inputs.fairness);
        let reconstruction = self.reconstruction(tape, weights.decoder, code, inputs);

        let against = tape.mul(inputs.gamma, adversary);
        let own = tape.scale(classification, alpha);
        let mut total = tape.add(own, against);
        if let Some(reconstruction) = reconstruction {
            let weighted = tape.scale(reconstruction, beta);
            total = tape.add(total, weighted);
        }
        Objective { total, classification, reconstruction, adversary }
    }

    /// Records the code, `(rows, code)`, of what the first layer gives.
    pub fn code<S: Scalar>(&self, tape: &mut Tape<S>, encoder: Var, first: Var) -> Var {
        let hidden = self.encoder.activation().eval(tape, first);
        self.encoder.logits(tape, encoder, hidden)
    }

    /// Records L_Adv, which the adversary maximizes, at `code: (rows, code)`.
    pub fn adversary_objective<S: Scalar>(
        &self,
        tape: &mut Tape<S>,
        adversary: Var,
        code: Var,
        fairness: Recorded,
    ) -> Var {
        let logits = self.adversary.logits(tape, adversary, code);
        let probabilities = tape.sigmoid(logits);
        fairness.objective(tape, probabilities)
    }

    /// L_Dec. The tape has no operation that puts columns side by side; a product with an identity
    /// that is one column wider leaves room for the group beside the code.
    fn reconstruction<S: Scalar>(
        &self,
        tape: &mut Tape<S>,
        weights: Option<Var>,
        code: Var,
        inputs: &Inputs,
    ) -> Option<Var> {
        let (decoder, weights, original) = (self.decoder.as_ref()?, weights?, inputs.original?);
        let width = tape.shape(code).1;
        let wider = tape.constant_from(width, width + 1, |r, c, _| f64::from(u8::from(r == c)));
        let code = tape.matmul(code, wider);
        let beside = tape.add(code, original.group);
        let outputs = decoder.logits(tape, weights, beside);
        Some(mean_squared_error(tape, outputs, original.x))
    }
}
