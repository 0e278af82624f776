//! The terms of the report, their definitions and sources.
//!
//! Each term has one meaning in the report, the tables, figures and files.

use report::page::{Definition, Source, Term};

const PAPER: &str = "https://arxiv.org/abs/1911.04336";
const MAML: &str = "https://arxiv.org/abs/1703.03400";
const LAFTR: &str = "https://arxiv.org/abs/1802.06309";
const ZAFAR: &str = "https://arxiv.org/abs/1507.05259";
const DATA: &str = "https://doi.org/10.24432/C53W3X";

/// The terms that a reader needs before the first verdict.
pub fn definitions() -> Vec<Definition> {
    vec![
        Definition::new(
            "Fair-MAML",
            "The paper's method. It learns the initial weights of a network. One gradient step \
             from them, on a few rows of a new task, gives decisions that are accurate and \
             fair.",
        ),
        Definition::new("MAML", "Fair-MAML without the fairness term: γ = 0."),
        Definition::new(
            "pre-trained network",
            "The main baseline: a network trained on all training tasks together, and then \
             fine-tuned on the rows of the new task.",
        ),
        Definition::new(
            "LAFTR",
            "The other baseline. It learns a fair representation of the rows, and a new network \
             is trained on it.",
        ),
        Definition::new("γ", "The weight of fairness. Training minimizes loss + γ · unfairness."),
        Definition::new("K", "The number of labeled rows of a new task that a method sees."),
        Definition::new(
            "support rows",
            "The K rows of a task that a method adapts to. It is judged on the task's other rows, the \
             query rows.",
        ),
        Definition::new(
            "protected group",
            "The group that must not be treated worse than everyone else. Each row is in it or not.",
        ),
        Definition::new(
            "parity",
            "How close the acceptance rates of the two groups are: min(r, 1/r), where r = \
             P(accepted | protected) / P(accepted | not protected). 1 is fair, 0 is unfair.",
        ),
        Definition::new("opportunity", "Parity among the rows with a positive label."),
        Definition::new(
            "95% interval",
            "If everything were repeated many times with new seeds, about 95 of 100 such \
             intervals would contain the true mean.",
        ),
        Definition::new(
            "the data",
            "There are two problems: the synthetic tasks of the paper's section 6.1, and \
             Communities and Crime, in which every state of the US is a task.",
        ),
    ]
}

/// The paper and its sources.
pub fn sources() -> Vec<Source> {
    vec![
        Source::new(
            "The paper",
            "Slack, Friedler and Givental, Fair Meta-Learning: Learning How to Learn Fairly (2019)",
            PAPER,
        ),
        Source::new(
            "MAML",
            "Finn, Abbeel and Levine, Model-Agnostic Meta-Learning for Fast Adaptation of Deep \
             Networks (2017)",
            MAML,
        ),
        Source::new(
            "LAFTR",
            "Madras, Creager, Pitassi and Zemel, Learning Adversarially Fair and Transferable \
             Representations (2018)",
            LAFTR,
        ),
        Source::new(
            "The synthetic tasks are modeled on",
            "Zafar, Valera, Gomez Rodriguez and Gummadi, Fairness Constraints: Mechanisms for Fair \
             Classification (2017)",
            ZAFAR,
        ),
        Source::new("The data", "Communities and Crime, UCI Machine Learning Repository", DATA),
    ]
}

/// All terms in alphabetical order.
pub fn glossary() -> Vec<Term> {
    let mut terms = methods();
    terms.extend(settings());
    terms.extend(fairness());
    terms.extend(statistics());
    // Greek letters are sorted by their names.
    terms.sort_by_key(|term| term.term.to_lowercase().replace('γ', "gamma"));
    terms
}

fn methods() -> Vec<Term> {
    vec![
        Term::new(
            "Fair-MAML",
            "MAML with a fairness term in the loss. Its weight γ applies to the step on the \
             support rows and to the training of the initial weights.",
        )
        .link(PAPER),
        Term::new(
            "MAML",
            "Model-agnostic meta-learning: trains the initial weights of a network on many tasks, so \
             that one gradient step on a few rows of a new task gives a good classifier.",
        )
        .link(MAML),
        Term::new(
            "LAFTR",
            "Learning adversarially fair and transferable representations. It turns rows into \
             codes from which an adversary cannot tell the protected group. A new network is \
             then trained on the codes of the K rows.",
        )
        .link(LAFTR),
        Term::new(
            "pre-trained network",
            "An ordinary network trained on the rows of all training tasks together. It has seen the \
             same data as Fair-MAML, but was not trained to adapt.",
        )
        .forms(["pre-trained networks", "pre-trained"]),
        Term::new(
            "fine-tuning",
            "One gradient step, or a few, of the pre-trained network on the support rows of a new task.",
        )
        .forms(["fine-tuned"]),
    ]
}

fn settings() -> Vec<Term> {
    vec![
        Term::new(
            "γ",
            "Gamma, the weight of fairness. Training minimizes loss + γ · unfairness. γ = 0 \
             ignores fairness.",
        )
        .forms(["gamma"]),
        Term::new("K", "The number of support rows of a task: 5 or 10 in the paper."),
        Term::new("support rows", "The K labeled rows of a task that a method adapts to.").forms([
            "support row",
            "support set",
            "support sets",
        ]),
        Term::new(
            "query rows",
            "The other rows of a task. All accuracies and all fairness are measured on them.",
        )
        .forms(["query row", "query set", "query sets"]),
        Term::new(
            "inner rate",
            "α, the length of the gradient step by which a method adapts to the support rows.",
        )
        .forms(["inner rates", "α"]),
        Term::new(
            "meta-iteration",
            "One update of the initial weights. It takes a batch of training tasks, makes a step \
             on the support rows of each, and follows the gradient of the resulting loss on \
             the query rows.",
        )
        .forms(["meta-iterations"]),
        Term::new(
            "held-out task",
            "A task that is not used in training. Every result is measured \
         on held-out tasks.",
        )
        .forms(["held-out tasks", "held-out state", "held-out states", "test tasks"]),
        Term::new(
            "the data",
            "The synthetic tasks of the paper's section 6.1 are points in the plane, drawn anew \
             for every task. Communities and Crime (UCI) has a row for each of almost 2,000 \
             communities of the US. Every state is a task: predict which of its communities \
             have little violent crime.",
        )
        .forms(["synthetic tasks", "Communities and Crime"])
        .link(DATA),
    ]
}

fn fairness() -> Vec<Term> {
    vec![
        Term::new(
            "protected group",
            "The group that must not be treated worse than everyone else; a protected row is in \
             it. In Communities and Crime these are the communities where the Black share is the \
             largest or second largest of four racial shares. In the synthetic tasks the group is \
             drawn as the paper says. A larger share of it than of the other rows has a positive \
             label.",
        )
        .forms(["protected"]),
        Term::new(
            "parity ratio",
            "r = P(accepted | protected) / P(accepted | not protected). It compares how often the \
             protected group and everyone else are accepted. Below 1, the protected group is \
             accepted less often. It does not exist if a group is missing or nobody outside \
             the protected group is accepted.",
        )
        .forms(["parity ratios"]),
        Term::new(
            "parity",
            "min(r, 1/r) of the parity ratio r. 1 is fair and 0 is unfair, whichever group is \
             favored. A method that accepts everybody has a parity of 1, so parity means \
             nothing without accuracy. It does not exist if a group is missing or nobody is \
             accepted.",
        ),
        Term::new("opportunity ratio", "The parity ratio among the rows with a positive label.")
            .forms(["opportunity ratios"]),
        Term::new(
            "opportunity",
            "min(r, 1/r) of the opportunity ratio r: parity among the rows with a positive label. 1 is \
             fair, 0 is unfair.",
        ),
        Term::new(
            "collapse",
            "A method gives all rows of a task the same decision. Its parity is then 1 or does not \
             exist, and the method is useless.",
        )
        .forms(["collapses", "collapsed", "one class"]),
        Term::new(
            "front",
            "The settings γ of a method that no other setting beats in both accuracy and fairness.",
        )
        .forms(["fronts"]),
        Term::new(
            "area under the front",
            "The front in one number: the area that its settings cover, with accuracy above 1/2 on \
             one axis and fairness on the other. It is at most 1/2, and larger is better. It only \
             grows with more settings, so methods are compared with equally many. Accepting and \
             rejecting everybody are settings of every method, with a fairness of 1.",
        )
        .forms(["area under front", "areas"]),
    ]
}

fn statistics() -> Vec<Term> {
    vec![
        Term::new(
            "seed",
            "The number that fixes everything random in a run: initial weights, tasks and rows. A \
             run is the whole experiment with one seed. Runs are independent of each other.",
        )
        .forms(["seeds", "runs"]),
        Term::new(
            "95% interval",
            "A range computed from the runs by Student's t. If everything were repeated 100 \
             times, about 95 of these ranges would contain the true mean. Where runs share held-out \
             tasks, the range is at least as wide as one computed from the tasks.",
        )
        .forms(["95% intervals"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_spelling_has_two_meanings() {
        let glossary = glossary();
        let mut spellings = BTreeSet::new();
        for term in &glossary {
            for spelling in std::iter::once(&term.term).chain(&term.forms) {
                assert!(spellings.insert(spelling), "{spelling}");
            }
        }
    }

    #[test]
    fn what_the_page_opens_with_is_in_the_glossary() {
        let glossary = glossary();
        for definition in definitions() {
            let found = glossary.iter().any(|term| term.term == definition.term);
            assert!(found, "{}", definition.term);
        }
    }
}
