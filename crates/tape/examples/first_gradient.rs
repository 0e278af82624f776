//! A first gradient, by hand and by tape.
//!
//! Take f(x, y) = x² y + sin x and ask how fast it changes with x and with y. Anyone who remembers
//! the rules of calculus can write the answer down:
//!
//! ∂f/∂x = 2 x y + cos x  and  ∂f/∂y = x².
//!
//! A tape gets there without knowing more calculus than the derivative of one operation at a
//! time.

use tape::Tape;

fn main() {
    let (x_value, y_value) = (3.0, 4.0);

    // The answer by hand.
    let by_hand = [2.0 * x_value * y_value + f64::cos(x_value), x_value * x_value];

    // A tape computes as a pocket calculator does, one key at a time, but remembers which keys
    // were pressed. A variable is a matrix; here it has one row and one column.
    let mut tape = Tape::new();
    let x = tape.variable(1, 1, &[x_value]);
    let y = tape.variable(1, 1, &[y_value]);

    let square = tape.mul(x, x); //         x²
    let product = tape.mul(square, y); //   x² y
    let sine = tape.sin(x); //              sin x
    let f = tape.add(product, sine);

    println!("f(3, 4) = {}", tape.value(f)[0]);
    assert_eq!(tape.value(f), [36.0 + 3f64.sin()]);

    // Now play the recording backwards. The question at each key is: if this result grew by a
    // little, how much would f grow? That number is the adjoint of the result. For f itself it
    // is 1. For `product` it is 1 too, since f = product + sine. For `square` it is y, since
    // product = square · y. And x was used three times, twice by `square` and once by `sine`:
    // what comes back along all those ways adds up.
    tape.backward(f);
    for (name, v) in [("f", f), ("product", product), ("square", square), ("y", y), ("x", x)] {
        println!("∂f/∂{name:<8} = {}", tape.adjoint(v)[0]);
    }
    assert_eq!(tape.adjoint(product), [1.0]);
    assert_eq!(tape.adjoint(square), [y_value]);

    // One sweep gave both derivatives; with a million variables it would still be one sweep. This
    // is why networks are trained backwards.
    let by_tape = [tape.adjoint(x)[0], tape.adjoint(y)[0]];
    println!("by hand {by_hand:?}, by tape {by_tape:?}");
    for (hand, tape) in by_hand.iter().zip(by_tape) {
        assert!((hand - tape).abs() < 1e-14);
    }

    // A last doubt: both might share a mistake. Differences know no calculus at all.
    let f = |x: f64, y: f64| x * x * y + x.sin();
    let h = 1e-6;
    let difference = (f(x_value + h, y_value) - f(x_value - h, y_value)) / (2.0 * h);
    println!("∂f/∂x by differences: {difference}");
    assert!((difference - by_tape[0]).abs() < 1e-7);
}
