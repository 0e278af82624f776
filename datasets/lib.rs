//! The data that the program contains. `README.md` beside this file gives the origin, the license,
//! the checksums and the script that rebuilds the file.

/// Communities and Crime (Redmond, 2009): a header and a row for each of 1993 communities.
pub const COMMUNITIES_AND_CRIME: &str = include_str!("communities_and_crime.csv");

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    #[test]
    fn the_readme_states_the_checksum_of_the_shipped_file() {
        let digest = Sha256::digest(super::COMMUNITIES_AND_CRIME.as_bytes());
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let readme = include_str!("README.md");
        assert!(readme.contains(&digest), "datasets/README.md lacks {digest}");
    }
}
