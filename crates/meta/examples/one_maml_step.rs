//! One step of MAML, by hand.
//!
//! A coin-sized task: tell small numbers from large ones. The classifier has four weights, the task
//! has two support rows to learn from and two query rows to be judged on. Small enough to watch
//! every number, and it already shows what makes meta-learning different from learning.

use meta::algorithm::{Algorithm, FairMaml, FirstOrder, InnerProblem};
use meta::{FairLoss, InnerLoop, Workspace};
use mlp::{Activation, Network};
use tasks::Batch;

fn main() {
    // Logits are (w₀ x + b₀, w₁ x + b₁), and θ = (w₀, w₁, b₀, b₁).
    let network = Network::new(&[1, 2], Activation::Tanh).unwrap();
    let theta = [0.4, -0.3, 0.1, 0.2];
    let batch = |x: [f64; 2]| Batch::new(1, x.to_vec(), vec![false, true], vec![true; 2]).unwrap();
    let (support, query) = (batch([-1.0, 2.0]), batch([-0.5, 1.0]));
    let loss_on = |rows| FairLoss {
        network: &network,
        regularizer: None, // plain MAML; Fair-MAML adds γ R here, and nothing else changes
        batch: move |_lane| (rows, 0.0),
    };
    let (support, query) = (loss_on(&support), loss_on(&query));

    // The inner step: one step of gradient descent on the support rows, of length α.
    let alpha = 0.8;
    let (support_loss, slope) = tape::gradient(&support, &theta);
    let adapted: Vec<f64> = theta.iter().zip(&slope).map(|(t, g)| t - alpha * g).collect();
    let (before, _) = tape::gradient(&query, &theta);
    let (after, query_slope) = tape::gradient(&query, &adapted);
    println!("support loss {support_loss:.4}, slope {slope:.4?}");
    println!("the inner step takes the query loss from {before:.4} to {after:.4}");
    assert!(after < before);

    // Learning would stop here. Meta-learning asks another question: how should θ, where the step
    // *began*, have been different for the query loss to be lower after it?
    //
    // The query loss depends on θ through θ' = θ − α ∇S(θ). By the chain rule, its slope in θ is
    // its slope in θ', carried back through the step, and the step has the slope I − α H with H
    // the Hessian of the support loss:
    //
    //     v = ∇Q(θ'),   meta-gradient = v − α H v.
    //
    // Never write down H. All that is needed is its product with one vector, and a tape gives that
    // for about the price of two more gradients.
    let product = tape::hvp(&support, &theta, &query_slope).product;
    let by_hand: Vec<f64> =
        query_slope.iter().zip(&product).map(|(v, hv)| v - alpha * hv).collect();

    // The library does the same for any number of steps.
    let one_step = InnerLoop::new(alpha, 1).unwrap();
    let problem = InnerProblem::new(one_step, &support);
    let mut workspace = Workspace::<f64>::new();
    let exact = FairMaml.meta_gradient(&problem, &query, &theta, &mut workspace).to_vec();
    // First-order MAML pretends that H is 0: it takes v for the answer.
    let first_order = FirstOrder.meta_gradient(&problem, &query, &theta, &mut workspace).to_vec();

    // Differences know nothing of Hessians. Nudge a weight, adapt anew, look at the query loss.
    let query_loss_from =
        |theta: &[f64]| tape::gradient(&query, &FairMaml.adapt::<f64>(&problem, theta)).0;
    let by_differences: Vec<f64> = (0..theta.len())
        .map(|i| {
            let nudged = |h: f64| {
                let mut theta = theta;
                theta[i] += h;
                query_loss_from(&theta)
            };
            (nudged(1e-5) - nudged(-1e-5)) / 2e-5
        })
        .collect();

    println!("\n         by hand       exact  differences  first order");
    for (i, name) in ["w₀", "w₁", "b₀", "b₁"].iter().enumerate() {
        println!(
            "{name} {:>12.8} {:>11.8} {:>12.8} {:>12.8}",
            by_hand[i], exact[i], by_differences[i], first_order[i]
        );
    }
    let distance =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    assert!(distance(&exact, &by_hand) < 1e-15);
    assert!(distance(&exact, &by_differences) < 1e-9);
    assert_eq!(first_order, query_slope);

    // So who is right about the way down? Take one small meta-step along each, equally long, and
    // adapt from there. The exact gradient is the steepest way by definition. The first-order one
    // also leads down, only less: it thinks of where the inner step ends, not of where it starts.
    let length = 0.01;
    let after_meta_step = |direction: &[f64]| {
        let norm = distance(direction, &[0.0; 4]);
        let moved: Vec<f64> =
            theta.iter().zip(direction).map(|(t, d)| t - length * d / norm).collect();
        query_loss_from(&moved)
    };
    let (along_exact, along_first) = (after_meta_step(&exact), after_meta_step(&first_order));
    println!("\nquery loss after the inner step   {after:.6}");
    println!("… after a meta-step, exact        {along_exact:.6}");
    println!("… after a meta-step, first order  {along_first:.6}");
    assert!(along_exact < along_first && along_first < after);

    // The difference is all in α H: without a step to look through, the two are one.
    let no_step = InnerProblem::new(InnerLoop::new(alpha, 0).unwrap(), &support);
    let exact = FairMaml.meta_gradient(&no_step, &query, &theta, &mut workspace).to_vec();
    assert_eq!(exact, FirstOrder.meta_gradient(&no_step, &query, &theta, &mut workspace).to_vec());
}
