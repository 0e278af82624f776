//! No damaged value is believed.

use proptest::prelude::*;
use store::{SealError, read_sealed, seal, unseal, write_sealed};

proptest! {
    /// Any bytes under any key come back.
    #[test]
    fn what_was_sealed_is_unsealed(key in ".*", value: Vec<u8>) {
        let sealed = seal(&key, &value);
        prop_assert_eq!(unseal(&key, &sealed).unwrap(), &value[..]);
    }

    /// A value is found under its own key only, even if one key begins the other.
    #[test]
    fn another_key_is_told(key in ".*", more in ".+", value: Vec<u8>) {
        let longer = format!("{key}{more}");
        for (its, other) in [(&key, &longer), (&longer, &key)] {
            let found = unseal(other, &seal(its, &value)).unwrap_err();
            prop_assert!(matches!(found, SealError::OtherKey), "{found:?}");
        }
    }

    /// Arbitrary bytes are no value, with and without the beginning of one.
    #[test]
    fn arbitrary_bytes_are_refused(bytes: Vec<u8>) {
        prop_assert!(unseal("", &bytes).is_err());
        prop_assert!(unseal("", &[b"fair-maml sealed ", &bytes[..]].concat()).is_err());
        prop_assert!(unseal("", &[b"fair-maml sealed 1 ", &bytes[..]].concat()).is_err());
    }
}

/// Every bit flipped, every byte removed or doubled, every end cut off.
#[test]
fn a_spoiled_byte_is_noticed() {
    let sealed = seal("plan 1, seed 2", b"[0.1,-0.0]\n\x00");
    for place in 0..sealed.len() {
        let spoiled = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut spoiled = sealed.clone();
            change(&mut spoiled);
            unseal("plan 1, seed 2", &spoiled).map(<[u8]>::to_vec)
        };
        for bit in 0..8 {
            let found = spoiled(&|bytes| bytes[place] ^= 1 << bit);
            assert!(found.is_err(), "byte {place}, bit {bit}");
        }
        assert!(spoiled(&|bytes| bytes.truncate(place)).is_err(), "cut at {place}");
        let without = |bytes: &mut Vec<u8>| _ = bytes.remove(place);
        assert!(spoiled(&without).is_err(), "without {place}");
        assert!(spoiled(&|bytes| bytes.insert(place, bytes[place])).is_err(), "{place} twice");
    }
}

#[test]
fn errors_tell_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("value");
    let error = |key| read_sealed(&path, key, 1_000).unwrap_err();
    assert!(error("key").is_missing());
    write_sealed(&path, "key", b"value").unwrap();
    assert_eq!(read_sealed(&path, "key", 1_000).unwrap(), b"value");
    assert!(matches!(error("another"), SealError::OtherKey));

    let text = std::fs::read_to_string(&path).unwrap();
    let spoil = |spoiled: &str| std::fs::write(&path, spoiled).unwrap();
    spoil(&text.replace("value", "volue"));
    assert!(matches!(error("key"), SealError::Damaged));
    // A key that was changed by hand does not make the value another one's.
    spoil(&text.replace("\"key\"", "\"kez\""));
    assert!(matches!(error("kez"), SealError::Damaged));
    spoil(&text.replace("sealed 1", "sealed 20"));
    assert!(matches!(error("key"), SealError::OtherVersion));
    spoil("{}");
    assert!(matches!(error("key"), SealError::NotSealed));
    assert!(read_sealed(&path.join("below"), "key", 1_000).unwrap_err().is_missing());
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(matches!(error("key"), SealError::Read(_)) && !error("key").is_missing());
}

/// The checksum is the one of every other program: `printf '"key"\nvalue' | sha256sum`.
#[test]
fn the_format_is_stable() {
    let checksum = "6e72f326ef760b500de5c1b1bed9fe2b6c865d6c8811fe10e0f433610b15fca2";
    let text = format!("fair-maml sealed 1 {checksum} \"key\"\nvalue");
    assert_eq!(String::from_utf8(seal("key", b"value")).unwrap(), text);
}
