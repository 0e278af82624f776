//! Lists that a user gives to an option.

/// The texts of an option that may be repeated and may hold several texts between commas. One that
/// `exists` as a whole is only that, because a name may have a comma.
pub fn texts(given: &[String], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let of_one = |given: &String| match exists(given.trim()) {
        true => vec![given.trim().to_owned()],
        false => given.split(',').map(|text| text.trim().to_owned()).collect(),
    };
    given.iter().flat_map(of_one).filter(|text| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_a_comma() {
        let exists = |text: &str| text == "income, yearly" || text == "a";
        let texts = |given: &[&str]| {
            texts(&given.iter().map(|text| text.to_string()).collect::<Vec<_>>(), exists)
        };
        assert_eq!(texts(&["a,b", " income, yearly "]), ["a", "b", "income, yearly"]);
        assert_eq!(texts(&["income, monthly", ",", ""]), ["income", "monthly"]);
    }
}
