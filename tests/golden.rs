//! Every number of the golden cases, within 1e-9.

use integration_tests::{golden_algorithms, golden_cases};
use meta::case::Case;

#[test]
fn golden_cases_agree() {
    let cases = [golden_cases(), golden_algorithms()].concat();
    assert!(cases.len() >= 14, "{} golden cases", cases.len());
    for (name, path) in cases {
        let case = Case::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
        let expected = case.expected.as_ref().expect("a golden case says what to expect");
        let differences = case.compute().unwrap().differences(expected);
        assert!(differences.is_empty(), "{name}: {differences:?}");
    }
}
