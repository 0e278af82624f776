//! The words of the page of a study, defined for a reader who does not know them.

/// Words, what they mean, and other spellings.
pub(super) const WORDS: &[(&str, &str, &[&str])] = &[
    ("support rows", "The K rows of a task to which a model adapts.", &["support"]),
    ("query rows", "The other rows of a task, on which the adapted model is judged.", &["query"]),
    ("held-out", "Of a task that training never sees.", &[]),
    ("K", "The number of support rows of a task.", &[]),
    ("γ", "The weight of the regularizer R in the loss L + γ R.", &[]),
    ("α", "The rate of the inner steps.", &[]),
    (
        "seed",
        "The number from which a run draws tasks, rows and initial weights. Runs of the same seed \
         have the same ones.",
        &["seeds"],
    ),
    ("checkpoint", "A point of training at which everything is measured.", &["checkpoints"]),
    ("fair-maml", "MAML with the exact meta-gradient, and a fairness term in the loss.", &[]),
    ("fomaml", "First-order MAML: the meta-gradient without second derivatives.", &[]),
    ("reptile", "The outer step moves the weights toward the adapted ones.", &[]),
    ("anil", "The inner steps move the last layer alone; the meta-gradient is exact.", &[]),
    (
        "meta-sgd",
        "Each weight has an inner rate, which is learned too; the meta-gradient is exact.",
        &[],
    ),
    (
        "imaml",
        "The adapted weights are taken for a minimum near the initial ones, and the meta-gradient \
         is the solution of a linear system there.",
        &[],
    ),
    (
        "residual",
        "What a solution leaves of the right side of a linear system, relative to that side.",
        &[],
    ),
    (
        "cosine",
        "Of the angle between two vectors: 1 if they point the same way, 0 at a right angle, −1 if \
         they are opposite.",
        &["cosines"],
    ),
    ("Hessian", "The matrix of the second derivatives of a loss by the weights.", &["Hessians"]),
    ("Jacobian", "The matrix of the derivatives of the adapted weights by the initial ones.", &[]),
    ("spectrum", "The eigenvalues of a matrix, or its singular values.", &["spectra"]),
    (
        "singular value",
        "How much a matrix stretches a vector along one of its own directions.",
        &["singular values"],
    ),
    (
        "eigenvalue",
        "The curvature of a loss along one of the directions in which its Hessian only stretches.",
        &["eigenvalues"],
    ),
    (
        "Lanczos",
        "A method that finds the ends of a spectrum from products with vectors alone.",
        &[],
    ),
    ("landscape", "The values of a loss along a line through the weights.", &[]),
    (
        "multiply-adds",
        "Products that are added to a sum: the unit in which the tape counts its work.",
        &[],
    ),
    (
        "dual numbers",
        "Numbers with a slope beside their value. A computation with them gives the derivative of \
         its result.",
        &[],
    ),
    (
        "forward over reverse",
        "A way to a Hessian-vector product: the slopes of everything that the backward sweep of a \
         gradient computes.",
        &[],
    ),
    (
        "differences of gradients",
        "A way to a Hessian-vector product: the difference of two gradients close to each other, \
         divided by their distance.",
        &[],
    ),
    (
        "dense Hessian",
        "A way to a Hessian-vector product: the whole matrix, column by column, times the vector.",
        &[],
    ),
    (
        "one graph of all inner steps",
        "What a program needs that records all inner steps at once and sweeps back through them: \
         the memory of one recording for each step and for the query loss.",
        &[],
    ),
];
