//! The sentences about what was found on held-out tasks, for numbers given here.

use fairness::metrics::GroupCounts;
use model::{Better, Chosen, Family, Found, Ground, Measured, Tried, Validation};
use report::mean::Mean;

fn found(accuracy: f64, fairness: f64) -> Found {
    let mean = |mean| Some(Mean::plus_minus(mean, 0.01, 5));
    Found { tasks: 5, accuracy: mean(accuracy), fairness: mean(fairness), undefined: 0 }
}

fn tried(family: Family, strength: f64, after: Found) -> Tried {
    let name = if strength == 0.0 { "MAML" } else { "covariance" }.into();
    let is_constant = family == Family::Other;
    Tried { family, name, strength, is_constant, before: after, after }
}

/// A regularizer with γ, thresholds and the constant decision, with these estimates.
fn rivals(
    gamma: f64,
    [ours, theirs]: [Found; 2],
    (better, ground): (Better, Ground),
) -> Validation {
    let chosen = |place, estimate: Found| Chosen {
        place,
        reaches: estimate.fairness.is_some_and(|fairness| fairness.mean > 0.75),
        estimate,
    };
    Validation {
        measure: Measured::Opportunity,
        least: 0.8,
        tried: vec![
            tried(Family::Regularizer, gamma, ours),
            tried(Family::Thresholds, 0.85, theirs),
            tried(Family::Other, 0.0, found(0.7, 1.0)),
        ],
        regularizer: chosen(0, ours),
        thresholds: chosen(1, theirs),
        difference: Some(Mean::plus_minus(0.02, 0.01, 5)),
        fairness_difference: Some(Mean::plus_minus(0.125, 0.01, 5)),
        better,
        ground,
        kept: Family::Regularizer,
        audit: [GroupCounts::default(); 2],
    }
}

#[test]
fn a_choice_and_its_estimate_do_not_contradict() {
    let both = [found(0.8, 0.789), found(0.8, 0.9)];
    let words = rivals(0.0, both, (Better::Thresholds, Ground::Target)).words();
    assert_eq!(
        words[0],
        "MAML without a regularizer (γ = 0) reaches an opportunity of 0.8 on the held-out \
         tasks on which it was chosen. The estimate for a new task, for which settings were \
         chosen on the other parts of the tasks, is an accuracy of 0.800 (0.790 to 0.810) and \
         an opportunity of 0.789 (0.779 to 0.799)."
    );
    let verdict = "better: the interval of the difference in opportunity excludes 0, and only its \
                   mean estimate reaches an opportunity of 0.8. The model keeps MAML without a \
                   regularizer.";
    assert!(words[2].ends_with(verdict), "{}", words[2]);
}

#[test]
fn what_decides_is_shown() {
    let both = [found(0.8, 0.6), found(0.8, 0.5)];
    let words = rivals(2.0, both, (Better::Regularizer, Ground::Fairness)).words();
    assert!(words[0].contains("; none of them reaches 0.8."), "{}", words[0]);
    let difference = "The estimated difference in opportunity, regularizer minus thresholds, is \
                      +0.125 (+0.115 to +0.135). The regularizer is the better of the two";
    assert!(words[2].contains(difference), "{}", words[2]);
}

#[test]
fn a_lower_target_is_advised_only_if_it_helps() {
    let both = [found(0.6, 0.9), found(0.8, 0.9)];
    let mut rivals = rivals(2.0, both, (Better::Thresholds, Ground::Usefulness));
    let warning = rivals.words().pop().unwrap();
    assert!(warning.ends_with("so a lower target does not help."), "{warning}");
    // A rival of the same kind is above the constant decision.
    rivals.tried.push(tried(Family::Regularizer, 0.0, found(0.8, 0.4)));
    let warning = rivals.words().pop().unwrap();
    assert!(warning.ends_with("(0.700). Choose a lower target."), "{warning}");
    rivals.kept = Family::Thresholds;
    assert_eq!(rivals.words().len(), 3);
}

#[test]
fn a_simpler_method_that_reaches_the_target_is_named() {
    let both = [found(0.8, 0.9), found(0.8, 0.9)];
    let mut rivals = rivals(2.0, both, (Better::NotTold, Ground::Accuracy));
    let before = rivals.words();
    let other = |name: &str, accuracy, fairness| Tried {
        name: name.into(),
        is_constant: false,
        ..tried(Family::Other, 0.0, found(accuracy, fairness))
    };
    // Neither one that is less fair, nor one that is no better than the constant decision.
    rivals.tried.extend([other("unfair", 0.9, 0.7), other("useless", 0.7, 0.9)]);
    assert_eq!(rivals.words(), before);
    rivals.tried.extend([other("scratch", 0.75, 0.9), other("pre-trained", 0.85, 0.9)]);
    let told = "Beside them, pre-trained with γ = 0 reaches an opportunity of 0.8 on the held-out \
                tasks, with an accuracy of 0.850 (0.840 to 0.860).";
    assert!(rivals.words().contains(&told.to_owned()), "{:?}", rivals.words());
}

/// No sentence ranks a fairness that does not exist, and none names it in numbers.
#[test]
fn a_fairness_that_does_not_exist_is_not_ranked() {
    let none = |accuracy| Found { fairness: None, undefined: 5, ..found(accuracy, 1.0) };
    let words = rivals(1.0, [none(0.8), none(0.75)], (Better::NotTold, Ground::Fairness)).words();
    assert_eq!(
        words[0],
        "The regularizer covariance with γ = 1 is the most accurate setting of its kind on the held-out \
         tasks on which it was chosen; none of the useful ones has an opportunity there. The \
         estimate for a new task, for which settings were chosen on the other parts of the tasks, \
         is an accuracy of 0.800 (0.790 to 0.810); its opportunity does not exist."
    );
    assert!(!words.iter().any(|sentence| sentence.contains("highest")), "{words:?}");
}

/// Nearly all labels are told, and not only because one of them is rare.
#[test]
fn an_accuracy_of_nearly_1_is_named() {
    let named = |accuracy: f64| {
        let both = [found(accuracy, 0.9), found(0.8, 0.9)];
        let words = rivals(1.0, both, (Better::NotTold, Ground::Accuracy)).words();
        words.iter().any(|sentence| sentence.contains("on held-out tasks is nearly 1"))
    };
    // One decision for everybody has 0.7.
    assert_eq!([0.97, 0.981, 0.995, 1.0].map(named), [false, true, true, true]);
}
