//! The first draws of everything random, written down. A change here changes every result of the
//! project: it is made knowingly and said in the changelog, or it is a mistake.

use std::num::NonZeroUsize;

use approx::assert_relative_eq;
use rand::Rng;
use tasks::communities::{self, CommunitiesConfig};
use tasks::synthetic::{
    Component, Components, LabelRule, PositiveGaussian, PositiveSide, SensitiveDraw,
    SyntheticConfig, SyntheticSettings, TaskFacts, TestLabels,
};
use tasks::{
    Batch, EpisodeOptions, EpisodePool, Labels, Purpose, Queries, SupportDraw, Task, stream,
};

/// Twenty rows, each with its own number as its feature.
fn numbered() -> Task {
    let x = (0..20).map(f64::from).collect();
    Task::new("numbered", Batch::new(1, x, vec![true; 20], vec![true; 20]).unwrap())
}

fn nonzero(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

#[test]
fn streams() {
    let expected = [
        (Purpose::Initialization, 1, 0x14ed56becbafd8cf_u64),
        (Purpose::TaskGeneration, 2, 0xfd30a7f7b8808cb3),
        (Purpose::Split, 3, 0xc670748970599cab),
        (Purpose::EpisodeCache, 4, 0x0f33a8af4560ecbb),
        (Purpose::TaskSampling, 5, 0x52f442d07c930c43),
        (Purpose::EpisodeSampling, 6, 0x5908920e80a00bc1),
        (Purpose::Support, 7, 0x88f3d571075e46e3),
        (Purpose::MiniBatch, 8, 0x2d6c47e4b0078fde),
    ];
    for (purpose, number, first) in expected {
        assert_eq!(
            (purpose as u64, stream(42, purpose, 3, 5).next_u64()),
            (number, first),
            "{purpose:?}"
        );
    }
}

#[test]
fn the_key_is_the_four_words() {
    // ChaCha8 with the 32 bytes 01 00.. 02 00.. 03 00.. 04 00.., by a Python implementation from
    // the specification.
    let mut rng = stream(1, Purpose::TaskGeneration, 3, 4);
    assert_eq!([rng.next_u64(), rng.next_u64()], [0x10fbf7e8ae2433fc, 0x5862c07fa87d368e]);
    // Which word is which matters: no two orders of the same numbers share a stream.
    let names = [(1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)];
    let firsts = names
        .map(|(seed, iteration, task)| stream(seed, Purpose::Split, iteration, task).next_u64());
    assert!((0..6).all(|i| (0..i).all(|j| firsts[i] != firsts[j])));
}

/// The settings that were the defaults until section 6.1 was read again: their streams stay.
fn former() -> SyntheticSettings {
    SyntheticSettings {
        intercept: [-5.0, 5.0],
        positive_side: PositiveSide::Coin,
        positive_gaussian: PositiveGaussian::Drawn,
        sensitive: SensitiveDraw::NonProtectedWithProbability,
        ..Default::default()
    }
}

/// A row of a task: its number, features, label and group.
type Row = (usize, [f64; 2], bool, bool);

/// To 1e-14 rather than to the bit: the normal draws go through the platform's logarithm and
/// exponential.
fn assert_rows(task: Task, rows: [Row; 2]) {
    let data = task.data.all();
    for (row, x, positive, protected) in rows {
        let found = data.row(row);
        x.iter()
            .zip(found)
            .for_each(|(x, found)| assert_relative_eq!(x, found, max_relative = 1e-14));
        assert_eq!((task.data.positive()[row], task.data.protected()[row]), (positive, protected));
    }
}

#[test]
fn synthetic_tasks_of_the_former_defaults() {
    let config = SyntheticConfig::new(former()).unwrap();
    let line = LabelRule::Line {
        slope: -4.971576224783519,
        intercept: 1.185574995652285,
        positive_above: false,
    };
    assert_eq!(config.training_facts(42, 0), TaskFacts { phi: 2.0, rule: line });
    let gaussian = LabelRule::Component { positive: Component::First };
    assert_eq!(config.test_facts(42, 0), TaskFacts { phi: 2.0, rule: gaussian });

    let rows = [
        (0, [-1.1665506100561798, 1.505663690233353], true, false),
        (1, [-3.79175345381838, -3.5084182652715716], true, true),
    ];
    assert_rows(config.training_task(42, 0), rows);
    let rows = [
        (0, [3.2301590278620105, 1.836840836362239], true, false),
        (1, [-3.527229526951184, 0.5768291996829786], false, true),
    ];
    assert_rows(config.test_task(42, 0), rows);
}

/// The slope, drawn first, is that of the former settings. The points need not be: without a coin
/// for the side, or for the Gaussian, what follows may come from elsewhere in the stream.
#[test]
fn synthetic_tasks() {
    let config = SyntheticConfig::default();
    let line = LabelRule::Line { slope: -4.971576224783519, intercept: 0.0, positive_above: true };
    assert_eq!(config.training_facts(42, 0), TaskFacts { phi: 2.0, rule: line });
    let gaussian = LabelRule::Component { positive: Component::Second };
    assert_eq!(config.test_facts(42, 0), TaskFacts { phi: 2.0, rule: gaussian });
    let rows = [
        (0, [-1.1665506100561798, 1.505663690233353], false, false),
        (1, [-3.79175345381838, -3.5084182652715716], false, false),
    ];
    assert_rows(config.training_task(42, 0), rows);
    let rows = [
        (0, [3.2301590278620105, 1.836840836362239], false, false),
        (1, [-3.527229526951184, 0.5768291996829786], true, true),
    ];
    assert_rows(config.test_task(42, 0), rows);
}

#[test]
fn supports_and_queries() {
    let episode =
        numbered().episode(nonzero(3), &mut stream(42, Purpose::EpisodeSampling, 0, 0)).unwrap();
    assert_eq!(
        (episode.support.x(), episode.query.x()),
        (&[17.0, 1.0, 15.0][..], &[2.0, 8.0, 10.0][..])
    );
    let split =
        numbered().split(5, SupportDraw::Random, &mut stream(42, Purpose::Support, 0, 0)).unwrap();
    assert_eq!(split.support.x(), [7.0, 17.0, 5.0, 2.0, 12.0]);
}

#[test]
fn biased_episodes() {
    let task = Task::new(
        "every other",
        Batch::new(
            1,
            (0..20).map(f64::from).collect(),
            vec![true; 20],
            (0..20).map(|row| row % 2 == 0).collect(),
        )
        .unwrap(),
    );
    for (queries, query) in
        [(Queries::Disjoint, [4.0, 9.0, 11.0]), (Queries::Independent, [2.0, 8.0, 10.0])]
    {
        let support = SupportDraw::PositiveProtected;
        let options = EpisodeOptions { support, queries, ..EpisodeOptions::new(nonzero(3), None) };
        let mut rng = stream(42, Purpose::EpisodeSampling, 0, 0);
        let episode = task.episode_with(&options, &mut rng).unwrap();
        assert_eq!((episode.support.x(), episode.query.x()), (&[2.0, 0.0, 18.0][..], &query[..]));
    }
}

/// The readings that draw otherwise.
#[test]
fn other_readings() {
    let rng = || stream(42, Purpose::EpisodeSampling, 0, 0);
    let options =
        EpisodeOptions { labels: Labels::RandomlyFlipped, ..EpisodeOptions::new(nonzero(3), None) };
    let independent = EpisodeOptions { queries: Queries::Independent, ..options };
    let episode = numbered().episode_with(&independent, &mut rng()).unwrap();
    assert_eq!(
        (episode.support.x(), episode.query.x()),
        (&[3.0, 1.0, 18.0][..], &[2.0, 8.0, 10.0][..])
    );
    let flips = (0..8).map(|iteration| {
        let mut rng = stream(42, Purpose::EpisodeSampling, iteration, 0);
        !numbered().episode_with(&options, &mut rng).unwrap().support.positive()[0]
    });
    assert_eq!(flips.collect::<Vec<_>>(), [false, true, false, true, false, true, true, false]);

    let config = SyntheticConfig::new(SyntheticSettings {
        components: Components::Coin,
        test_labels: TestLabels::Lines,
        ..former()
    });
    let config = config.unwrap();
    let line = LabelRule::Line {
        slope: 2.211920778694214,
        intercept: -1.8927595626824,
        positive_above: false,
    };
    assert_eq!(config.test_facts(42, 0), TaskFacts { phi: 2.0, rule: line });
    let task = config.test_task(42, 0);
    for (x, found) in [-0.697652930904342, 0.2636121636195372].iter().zip(task.data.all().row(0)) {
        assert_relative_eq!(x, found, max_relative = 1e-14);
    }
}

#[test]
fn meta_batches() {
    let drawn = |kept, wanted| {
        let options = EpisodeOptions::new(nonzero(3), kept);
        let pool = EpisodePool::new((0..10).map(|_| numbered()).collect(), options, 42).unwrap();
        let mut draws = Vec::new();
        pool.batch(42, 7, nonzero(wanted), &mut draws);
        let support = pool.episode(draws[0]).support.x().to_vec();
        (draws.iter().map(|draw| draw.task).collect::<Vec<_>>(), support)
    };
    assert_eq!(drawn(Some(nonzero(3)), 4), (vec![3, 1, 2, 9], vec![6.0, 2.0, 17.0]));
    assert_eq!(
        drawn(Some(nonzero(3)), 12),
        (vec![3, 0, 0, 9, 3, 8, 0, 9, 1, 6, 4, 2], vec![6.0, 2.0, 17.0])
    );
    assert_eq!(drawn(None, 4), (vec![3, 1, 2, 9], vec![11.0, 1.0, 5.0]));
}

#[test]
fn states_held_out() {
    let partition = communities::shipped().partition(&CommunitiesConfig::default(), 42).unwrap();
    let names: Vec<&str> = partition.held_out.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["Kentucky", "Louisiana", "New Hampshire", "Pennsylvania", "Utah"]);
}
