//! Numbers are rounded correctly.

use frame::{Frame, Options};
use proptest::prelude::*;

fn numbers<R: frame::Real>(texts: &[String]) -> Vec<Option<R>> {
    let csv = format!("x\n{}\n", texts.join("\n"));
    let frame = Frame::from_bytes(csv.as_bytes(), "data.csv", &Options::default()).unwrap();
    let column = frame.column("x").unwrap();
    (0..frame.rows()).map(|row| column.number(row)).collect()
}

/// Compares the bits with those of the standard library, whose `parse` rounds correctly.
fn check(texts: &[String]) {
    for (text, (wide, narrow)) in
        texts.iter().zip(numbers::<f64>(texts).into_iter().zip(numbers::<f32>(texts)))
    {
        assert_eq!(wide.unwrap().to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
        assert_eq!(narrow.unwrap().to_bits(), text.parse::<f32>().unwrap().to_bits(), "{text}");
    }
}

#[test]
fn numbers_that_are_hard_to_round() {
    let texts = [
        "0",
        "-0",
        "+1",
        ".5",
        "5.",
        "-.5e-3",
        "1E5",
        "1e+5",
        "00012",
        "0.1",
        "1e-400",
        "5e-324",
        "2.4703282292062327208e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "9007199254740993",
        "9007199254740992.9999999999999999999999999",
        "1.00000005960464477540",
        "16777217",
        "16777216.999999999999999999999999999",
        "3.4028235e38",
        "1.1754942e-38",
        "8589934591.5",
        "7.038531e-26",
        "0.000000000000000000000000000000000000001",
        "123456789012345678901234567890",
        "1.7976931348623157e37",
        "0.3000000000000000166533453694",
    ];
    check(&texts.map(String::from));
}

proptest! {
    #[test]
    fn any_number(
        texts in prop::collection::vec(
            prop_oneof![
                "-?[0-9]{1,6}",
                "-?[0-9]{1,3}\\.[0-9]{1,9}",
                "[+-]?[0-9]{1,25}(\\.[0-9]{0,25})?",
                "-?[0-9]{1,2}\\.[0-9]{0,20}e-?[0-9]{1,2}".prop_filter(
                    "finite", |text| text.parse::<f32>().unwrap().is_finite()),
                any::<f32>().prop_filter("finite", |x| x.is_finite()).prop_map(|x| x.to_string()),
            ],
            1..200,
        )
    ) {
        check(&texts);
    }
}
