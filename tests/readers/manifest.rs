//! Manifests of runs and of studies.

use experiment::plan::manifest::{Manifest, REPRODUCE};
use lab::study::{StudyManifest, StudyPlan};
use paper::defaults;

use super::{Reader, Use, VALUES, refused};

/// The reader of manifests.
pub const READER: Reader = Reader { name: "manifest", accepted, pieces: VALUES, read };

fn accepted() -> Vec<Vec<u8>> {
    let bare = [defaults::synthetic().bare(), defaults::communities().bare()];
    let small = Manifest::new(REPRODUCE, &bare);
    let whole = Manifest::new(REPRODUCE, &[defaults::communities()]);
    let study = StudyManifest::new(vec![StudyPlan::new(defaults::synthetic().bare())]);
    let json = |value: serde_json::Result<Vec<u8>>| value.expect("JSON");
    vec![
        json(serde_json::to_vec(&small)),
        json(serde_json::to_vec(&whole)),
        json(serde_json::to_vec(&study)),
    ]
}

fn read(bytes: &[u8]) -> Option<Use> {
    let Ok(text) = std::str::from_utf8(bytes) else { return None };
    if let Ok(study) = StudyManifest::parse(text) {
        return Some(Box::new(move || {
            let text = serde_json::to_string(&study).expect("JSON");
            assert_eq!(StudyManifest::parse(&text).expect("it was written"), study);
        }));
    }
    let manifest = match Manifest::parse(text, &[REPRODUCE]) {
        Ok(manifest) => manifest,
        Err(error) => return refused(&error, bytes),
    };
    Some(Box::new(move || {
        if let Err(error) = manifest.check() {
            assert!(!error.is_empty());
            return;
        }
        let text = serde_json::to_string(&manifest).expect("JSON");
        let again = Manifest::parse(&text, &[REPRODUCE]).expect("it was written");
        assert_eq!(again.plans(), manifest.plans());
        again.check().expect("it was accepted");
    }))
}
