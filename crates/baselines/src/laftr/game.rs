//! This module records the objectives of the two players of LAFTR on the tape.

use mlp::{Network, mean_squared_error};
use tape::{Scalar, Tape, Var};

use super::classification::ClassLoss;
use super::objective::Recorded;

/// Holds one item for each network.
#[derive(Clone, Debug)]
pub(super) struct Each<T> {
    /// The encoder f without its first layer. It maps hidden units to a code.
    pub encoder: T,
    /// The classifier g. It maps a code to the logit of the label.
    pub classifier: T,
    /// The adversary h. It maps a code to the logit of the group.
    pub adversary: T,
    /// The decoder k. It maps a code and a group to features.
    pub decoder: Option<T>,
}

/// Holds the inputs of the encoder, the classifier and the decoder for a mini-batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inputs {
    /// The output of the encoder's first layer before its activation: `(rows, hidden)`.
    pub first: Var,
    /// The labels, and the loss of the classifier on them.
    pub labels: ClassLoss,
    /// The weights of L_Adv.
    pub fairness: Recorded,
    /// The weight γ of L_Adv, `(1, 1)`.
    pub gamma: Var,
    /// The additional input and the target of the decoder, if there is one.
    pub original: Option<Original>,
}

/// Holds the additional input of the decoder and its target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Original {
    /// The target: the features, `(rows, features)`.
    pub x: Var,
    /// The additional input: a in the last of code + 1 columns and 0 in the other columns,
    /// `(rows, code + 1)`.
    pub group: Var,
}

/// Holds α L_C + β L_Dec + γ L_Adv and its terms, each `(1, 1)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Objective {
    pub total: Var,
    pub classification: Var,
    /// The value L_Dec. `None` without a decoder.
    pub reconstruction: Option<Var>,
    pub adversary: Var,
}

impl Each<Network> {
    /// Records the objective that the encoder, the classifier and the decoder minimize.
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

    /// Records the code, `(rows, code)`, from the output of the first layer.
    pub fn code<S: Scalar>(&self, tape: &mut Tape<S>, encoder: Var, first: Var) -> Var {
        let hidden = self.encoder.activation().eval(tape, first);
        self.encoder.logits(tape, encoder, hidden)
    }

    /// Records L_Adv, `(1, 1)`, at `code: (rows, code)`. The adversary maximizes it.
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

    /// Records L_Dec. The tape has no operation that joins columns. Therefore the code is
    /// multiplied by an identity matrix with one additional column of zeros, and the group is added
    /// in that column.
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
