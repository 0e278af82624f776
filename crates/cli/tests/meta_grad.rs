//! `fair-maml meta-grad` as a process.

mod common;

use common::{folder, golden_cases, parse, root, run, run_in, write};
use serde_json::{Value, json};

const KEYS: [&str; 7] = [
    "support_loss",
    "support_gradient",
    "hessian_vector_product",
    "query_loss",
    "meta_loss",
    "meta_gradient",
    "first_order_meta_gradient",
];

/// All numbers in a value, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        other => vec![other.as_f64().expect("a number")],
    }
}

/// The first number in a value.
fn first(value: &mut Value) -> &mut Value {
    match value {
        Value::Array(items) => first(&mut items[0]),
        number => number,
    }
}

#[test]
fn golden_cases_agree() {
    let folder = folder();
    for (name, text) in golden_cases() {
        write(folder.path(), "case.json", &text);
        let found = parse(&run(folder.path(), "meta-grad case.json").done().out);
        let expected = &parse(&text)["expected"];
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&found), keys(expected), "{name}");
        assert_eq!(keys(&found).len(), KEYS.len());
        // The test does not take the program's word for it.
        for key in KEYS {
            let (found, expected) = (numbers(&found[key]), numbers(&expected[key]));
            assert_eq!(found.len(), expected.len(), "{name}, {key}");
            let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
            let error = norm(&mut found.iter().zip(&expected).map(|(a, b)| a - b));
            let size = norm(&mut expected.iter().copied());
            assert!(error <= 1e-9 * size, "{name}, {key}: {error:e} off, of {size}");
        }
    }
}

/// The cases of other algorithms and regularizers have fewer expected arrays. All of them agree.
#[test]
fn golden_algorithms_agree() {
    let folder = folder();
    let cases = std::fs::read_dir(root().join("tests/cases/algorithms")).unwrap();
    let cases: Vec<_> = cases.map(|entry| entry.unwrap().path()).collect();
    assert!(cases.len() >= 9);
    for path in cases {
        let text = std::fs::read_to_string(&path).unwrap();
        write(folder.path(), "case.json", &text);
        let found = parse(&run(folder.path(), "meta-grad case.json").done().out);
        let expected = parse(&text)["expected"].clone();
        for (key, expected) in expected.as_object().unwrap() {
            let (found, expected) = (numbers(&found[key]), numbers(expected));
            assert_eq!(found.len(), expected.len(), "{path:?}, {key}");
            let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
            let error: Vec<f64> = found.iter().zip(&expected).map(|(a, b)| a - b).collect();
            assert!(norm(&error) <= 1e-9 * norm(&expected), "{path:?}, {key}");
        }
        // Only iMAML solves a system, one for each task.
        let tasks = parse(&text)["tasks"].as_array().unwrap().len();
        match found.get("residual") {
            None => assert_ne!(parse(&text)["algorithm"], "imaml", "{path:?}"),
            Some(residual) => {
                let residual = numbers(residual);
                assert_eq!(residual.len(), tasks, "{path:?}");
                assert!(residual.iter().all(|x| (0.0..1e-10).contains(x)), "{residual:?}");
            }
        }
        // A planted difference is found.
        let mut wrong = parse(&text);
        *first(&mut wrong["expected"]["meta_gradient"]) = json!(0.123);
        write(folder.path(), "case.json", wrong.to_string());
        let ran = run(folder.path(), "meta-grad case.json");
        assert_eq!(ran.code, Some(1), "{path:?}");
        assert!(ran.err.contains("meta_gradient"), "{}", ran.err);
    }
}

#[test]
fn keys_of_an_algorithm_are_checked() {
    let folder = folder();
    let case = |name: &str, edit: fn(&mut Value)| {
        let path = root().join(format!("tests/cases/algorithms/{name}.json"));
        let mut case = parse(&std::fs::read_to_string(path).unwrap());
        case.as_object_mut().unwrap().remove("expected");
        edit(&mut case);
        write(folder.path(), "case.json", case.to_string());
        run(folder.path(), "meta-grad case.json")
    };
    case("anil", |case| case["algorithm"] = json!("second")).refused(&["algorithm", "fomaml"]);
    case("anil", |case| case["proximal"] = json!(1.0)).refused(&["proximal", "imaml alone"]);
    let no_rates = |case: &mut Value| drop(case.as_object_mut().unwrap().remove("rates"));
    case("meta_sgd", no_rates).refused(&["rates", "nothing", "meta-sgd"]);
    case("imaml", |case| case["proximal"] = json!(0.0)).refused(&["proximal", "above 0"]);
    case("imaml", |case| case["proximal"] = json!(1e-6)).refused(&["not positive definite"]);
}

#[test]
fn a_tape_is_shown() {
    let folder = folder();
    let (_, text) = golden_cases().remove(0);
    write(folder.path(), "case.json", &text);
    let listing = run(folder.path(), "tape case.json").done().out;
    for word in ["variable", "affine", "log_softmax", "adjoint tangent"] {
        assert!(listing.contains(word), "{word} in {listing}");
    }
    let graph = run(folder.path(), "tape case.json --dot").done().out;
    assert!(graph.starts_with("digraph tape {") && graph.trim_end().ends_with('}'), "{graph}");
    run(folder.path(), "tape nothing.json").refused(&["nothing.json"]);
}

#[test]
fn every_array_that_differs_is_named() {
    let folder = folder();
    let corruptions: [fn(f64) -> f64; 5] =
        [|x| x + 1e-3, |x| -x - 1e-3, |x| x * 1.001 + 1e-6, |_| 1e300, |_| -1e200];
    for (name, text) in golden_cases() {
        for corrupt in corruptions {
            for wrong in [&KEYS[..1], &KEYS[1..3], &KEYS[3..6], &KEYS[6..], &KEYS[..]] {
                let mut case = parse(&text);
                for key in wrong {
                    let number = first(&mut case["expected"][key]);
                    *number = json!(corrupt(number.as_f64().unwrap()));
                }
                write(folder.path(), "case.json", case.to_string());
                let ran = run(folder.path(), "meta-grad case.json");
                assert_eq!(ran.code, Some(1), "{name}, {wrong:?}");
                parse(&ran.out);
                let named: Vec<&str> =
                    ran.err.lines().map(|line| line.split_once(':').unwrap().0).collect();
                assert_eq!(named, wrong, "{name}");
            }
        }
        // A number too few.
        let mut case = parse(&text);
        case["expected"]["query_loss"].as_array_mut().unwrap().pop();
        write(folder.path(), "case.json", case.to_string());
        let ran = run(folder.path(), "meta-grad case.json");
        assert_eq!(ran.code, Some(1));
        assert!(ran.err.starts_with("query_loss: "), "{}", ran.err);
    }
}

#[test]
fn without_expectations_there_is_nothing_to_compare() {
    let folder = folder();
    for (_, text) in golden_cases() {
        write(folder.path(), "case.json", &text);
        let with = run(folder.path(), "meta-grad case.json").done().out;
        let mut case = parse(&text);
        case.as_object_mut().unwrap().remove("expected");
        write(folder.path(), "case.json", case.to_string());
        assert_eq!(run(folder.path(), "meta-grad case.json").done().out, with);
    }
}

/// From standard input it is the same, with a byte order mark or without.
#[test]
fn a_case_may_come_from_standard_input() {
    let folder = folder();
    let (_, text) = golden_cases().remove(0);
    write(folder.path(), "case.json", &text);
    let from_file = run(folder.path(), "meta-grad case.json").done().out;
    let piped = |input: &[u8]| run_in(folder.path(), &["meta-grad", "-"], &[], input);
    assert_eq!(piped(text.as_bytes()).done().out, from_file);
    let marked = format!("\u{feff}{text}");
    assert_eq!(piped(marked.as_bytes()).done().out, from_file);
    write(folder.path(), "case.json", marked);
    assert_eq!(run(folder.path(), "meta-grad case.json").done().out, from_file);
    piped(b"").refused(&["standard input", "line 1"]);
    piped(b"\xff").refused(&["standard input", "UTF-8"]);
    piped(text.replace("\"inner_rate\"", "\"inner_rat\"").as_bytes())
        .refused(&["standard input", "inner_rat"]);
}

/// Without a vector there is no product, and none can be expected.
#[test]
fn a_vector_may_be_left_out() {
    let folder = folder();
    for (name, text) in golden_cases() {
        let mut case = parse(&text);
        case.as_object_mut().unwrap().remove("vector");
        write(folder.path(), "case.json", case.to_string());
        run(folder.path(), "meta-grad case.json")
            .refused(&["expected.hessian_vector_product", "without `vector`"]);
        case["expected"].as_object_mut().unwrap().remove("hessian_vector_product");
        write(folder.path(), "case.json", case.to_string());
        let found = parse(&run(folder.path(), "meta-grad case.json").done().out);
        let mut keys: Vec<&String> = found.as_object().unwrap().keys().collect();
        let mut needed: Vec<&str> = KEYS.iter().copied().filter(|key| *key != KEYS[2]).collect();
        keys.sort();
        needed.sort_unstable();
        assert_eq!(keys, needed, "{name}");
    }
}
