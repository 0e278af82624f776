//! What `adapt`, `predict` and `inspect` say about texts and tasks that training had, or had not.

mod common;

use common::{folder, root, run, write};

#[test]
fn misspelled_texts_and_other_tasks() {
    let folder = folder();
    let here = folder.path();
    let sample = std::fs::read_to_string(root().join("datasets/adult_sample.csv")).unwrap();
    write(here, "t.csv", &sample);
    write(here, "labels.csv", sample.replace(">50K", "rich"));
    write(here, "groups.csv", sample.replace(",Female,", ",female,"));
    write(here, "new.csv", sample.replace(",Female,", ",Other,"));
    let done = |line: &str| {
        let ran = run(here, line);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        // Lines are wrapped.
        let text = format!("{} {}", ran.out, ran.err);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let train = "train --data t.csv --task occupation --label salary --positive >50K \
                 --sensitive sex --protected Female --iterations 5 --gammas 1 --folds 2";
    done(&format!("{train} --out m.safetensors"));
    done(&format!("{train} --keep thresholds --out h.safetensors"));

    let adapt = "adapt --task Sales --shots 10";
    let labels = format!("{adapt} --model m.safetensors --data labels.csv --out a.safetensors");
    run(here, &labels).refused(&["labels.csv", "line ", "`salary`", "rich", "`<=50K`, `>50K`"]);
    let groups = "predict --model h.safetensors --data groups.csv --out p.csv";
    // A note that the model is not adapted comes first.
    let ran = run(here, groups);
    assert_eq!(ran.code, Some(2));
    for part in ["groups.csv", "line 14", "`sex`", "found `female`", "`Female`, `Male`"] {
        assert!(ran.err.contains(part), "no `{part}` in {}", ran.err);
    }

    // Without thresholds, a new group is named, and one that may be a known one is refused.
    let groups = format!("{adapt} --model m.safetensors --data groups.csv --out a.safetensors");
    run(here, &groups).refused(&["groups.csv", "`sex`", "`female` (", "like `Female`"]);
    let said = done(&format!("{adapt} --model m.safetensors --data new.csv --out a.safetensors"));
    assert!(said.contains("note: the training table has no group `Other`;"), "{said}");
    assert!(said.contains("note: the model was trained on the task Sales too. If"), "{said}");
    assert!(here.join("a.front.svg").exists());
    let card = std::fs::read_to_string(here.join("a.card.md")).unwrap();
    assert!(card.contains("a.front.svg") && card.contains("new.csv, task Sales"), "{card}");

    let said = done("predict --model a.safetensors --data t.csv --out p.csv");
    assert!(said.contains("rows belong to other tasks than Sales, to which"), "{said}");
    let shown = done("inspect a.safetensors");
    assert!(shown.contains("task of the adaptation: Sales"), "{shown}");
    let shown = done("inspect h.safetensors");
    assert!(
        shown.contains("a row of the protected group is accepted if its probability"),
        "{shown}"
    );
}
