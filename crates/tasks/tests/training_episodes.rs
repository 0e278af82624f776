//! Settings of meta-training episodes: biased supports, and meta-batches used in turn.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;

use proptest::prelude::*;
use tasks::{
    Batch, Draw, Episode, EpisodeOptions, EpisodePool, Labels, Purpose, Queries, SupportDraw, Task,
    stream,
};

/// A task whose single feature is the row's own number.
fn numbered(positive: Vec<bool>, protected: Vec<bool>) -> Task {
    let x = (0..positive.len()).map(|row| row as f64).collect();
    Task::new("numbered", Batch::new(1, x, positive, protected).unwrap())
}

fn rows(batch: &Batch) -> Vec<usize> {
    batch.x().iter().map(|&number| number as usize).collect()
}

fn nonzero(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn biased(k: usize, queries: Queries) -> EpisodeOptions {
    let support = SupportDraw::PositiveProtected;
    EpisodeOptions { support, queries, ..EpisodeOptions::new(nonzero(k), None) }
}

fn all(flags: &[bool]) -> bool {
    flags.iter().all(|&flag| flag)
}

proptest! {
    #[test]
    fn biased_supports_are_positive_and_protected(
        kinds in prop::collection::vec((prop::bool::weighted(0.8), prop::bool::weighted(0.8)), 1..40),
        k in 1_usize..20, independent: bool, seed: u64,
    ) {
        let candidates = kinds.iter().filter(|&&(positive, protected)| positive && protected).count();
        let (positive, protected) = kinds.into_iter().unzip();
        let task = numbered(positive, protected);
        let queries = if independent { Queries::Independent } else { Queries::Disjoint };
        let mut rng = stream(seed, Purpose::EpisodeSampling, 0, 0);
        let result = task.episode_with(&biased(k, queries), &mut rng);

        let needed = if independent { k } else { 2 * k };
        prop_assert_eq!(result.is_ok(), k <= candidates && needed <= task.data.rows());
        if let Ok(Episode { support, query }) = result {
            prop_assert!(all(support.positive()) && all(support.protected()));
            let (support_rows, query_rows) = (rows(&support), rows(&query));
            for (batch, rows) in [(&support, &support_rows), (&query, &query_rows)] {
                prop_assert_eq!(batch.rows(), k);
                prop_assert_eq!(rows.iter().collect::<HashSet<_>>().len(), k);
                prop_assert_eq!(batch, &task.data.select(rows));
            }
            let shared = support_rows.iter().any(|row| query_rows.contains(row));
            prop_assert!(independent || !shared);
        }
    }

    #[test]
    fn batches_return_after_their_number(
        n in 1_usize..8, kept in 0_usize..3, seed: u64, iteration in 0_u64..1_000_000, rounds in 1_u64..9,
    ) {
        let pool = cached_pool(NonZeroUsize::new(n), NonZeroUsize::new(kept), seed);
        let later = iteration + rounds * n as u64;
        prop_assert_eq!(batch(&pool, seed, iteration), batch(&pool, seed, later));
        // Those in use are the first n of a pool without a cache, drawn by their own numbers.
        let uncached = cached_pool(None, NonZeroUsize::new(kept), seed);
        let first = iteration % n as u64;
        prop_assert_eq!(batch(&pool, seed, iteration), batch(&uncached, seed, first));
    }
}

/// Counts of `drawn` are near those of a uniform draw from `cells`: within five standard
/// deviations.
fn assert_uniform(drawn: impl Iterator<Item = usize>, cells: &[usize]) {
    let mut counts: HashMap<usize, f64> = HashMap::new();
    drawn.for_each(|cell| *counts.entry(cell).or_default() += 1.0);
    let all = counts.values().sum::<f64>();
    assert!(counts.keys().all(|cell| cells.contains(cell)), "{counts:?}, expected {cells:?}");
    let chance = 1.0 / cells.len() as f64;
    let deviation = (all * chance * (1.0 - chance)).sqrt();
    for cell in cells {
        let found = counts.get(cell).copied().unwrap_or(0.0);
        assert!((found - all * chance).abs() < 5.0 * deviation, "{cell}: {counts:?}");
    }
}

/// Of ten rows, 0, 1, 2 and 3 are positive and protected.
fn four_of_ten() -> Task {
    let positive = (0..10).map(|row| row < 7).collect();
    let protected = (0..10).map(|row| !(4..8).contains(&row)).collect();
    numbered(positive, protected)
}

#[test]
fn biased_supports_and_the_queries_of_the_rest_are_uniform() {
    let task = four_of_ten();
    let every: Vec<usize> = (0..10).collect();
    for queries in [Queries::Disjoint, Queries::Independent] {
        let options = biased(3, queries);
        let episodes: Vec<(Vec<usize>, Vec<usize>)> = (0..20_000)
            .map(|repetition| {
                let mut rng = stream(1, Purpose::EpisodeSampling, repetition, 0);
                let episode = task.episode_with(&options, &mut rng).unwrap();
                (rows(&episode.support), rows(&episode.query))
            })
            .collect();
        for place in 0..3 {
            assert_uniform(episodes.iter().map(|(support, _)| support[place]), &[0, 1, 2, 3]);
            // Given a support, each row that may be drawn is as likely: among them the one positive
            // protected row that is left. Which one that is, is uniform too.
            for left in 0..4 {
                let of_others = episodes.iter().filter(|(support, _)| !support.contains(&left));
                let others: Vec<usize> = match queries {
                    Queries::Disjoint => [&[left][..], &every[4..]].concat(),
                    Queries::Independent => every.clone(),
                };
                assert_uniform(of_others.map(|(_, query)| query[place]), &others);
            }
        }
    }
}

#[test]
fn too_few_rows_of_the_kind() {
    let expected = |k| {
        format!("task `numbered` has 4 positive protected rows, but a support of K = {k} takes {k}")
    };
    for queries in [Queries::Disjoint, Queries::Independent] {
        let mut rng = stream(0, Purpose::EpisodeSampling, 0, 0);
        assert!(four_of_ten().episode_with(&biased(4, queries), &mut rng).is_ok());
        let error = four_of_ten().episode_with(&biased(5, queries), &mut rng).unwrap_err();
        assert_eq!(error.to_string(), expected(5));
        // A pool says so at once, also where episodes are drawn later.
        for episodes_per_task in [None, Some(nonzero(2))] {
            let options = EpisodeOptions { episodes_per_task, ..biased(5, queries) };
            let plenty = numbered(vec![true; 10], vec![true; 10]);
            let error = EpisodePool::new(vec![plenty, four_of_ten()], options, 0).unwrap_err();
            assert_eq!(error.to_string(), expected(5));
        }
    }
}

/// A label that is flipped is flipped after the rows were chosen.
#[test]
fn flipped_labels_of_a_biased_support() {
    let labels = Labels::RandomlyFlipped;
    let options = EpisodeOptions { labels, ..biased(3, Queries::Disjoint) };
    let flips = (0..200).filter(|&repetition| {
        let draw = |options| {
            let mut rng = stream(1, Purpose::EpisodeSampling, repetition, 0);
            four_of_ten().episode_with(options, &mut rng).unwrap()
        };
        let (own, flipped) = (draw(&biased(3, Queries::Disjoint)), draw(&options));
        assert_eq!(own.support.x(), flipped.support.x());
        assert!(all(flipped.support.protected()));
        !flipped.support.positive()[0]
    });
    // Five standard deviations of a fair coin: 35.
    assert!((65..=135).contains(&flips.count()));
}

#[test]
fn meta_batches_of_biased_episodes() {
    let tasks: Vec<Task> = (0..6).map(|_| four_of_ten()).collect();
    for episodes_per_task in [None, Some(nonzero(2))] {
        let options = EpisodeOptions { episodes_per_task, ..biased(2, Queries::Disjoint) };
        let pool = EpisodePool::new(tasks.clone(), options, 5).unwrap();
        let mut draws = Vec::new();
        for iteration in 0..50 {
            pool.batch(5, iteration, nonzero(4), &mut draws);
            for &draw in &draws {
                let episode = pool.episode(draw);
                assert!(rows(&episode.support).iter().all(|&row| row < 4));
                assert!(all(episode.support.positive()) && all(episode.support.protected()));
            }
        }
    }
}

fn cached_pool(
    cached_batches: Option<NonZeroUsize>,
    kept: Option<NonZeroUsize>,
    seed: u64,
) -> EpisodePool {
    let tasks = (0..12).map(|_| numbered(vec![true; 40], vec![true; 40])).collect();
    let options = EpisodeOptions { cached_batches, ..EpisodeOptions::new(nonzero(5), kept) };
    EpisodePool::new(tasks, options, seed).unwrap()
}

/// The draws of an iteration, and the rows of their episodes.
fn batch(pool: &EpisodePool, seed: u64, iteration: u64) -> (Vec<Draw>, Vec<Episode>) {
    let mut draws = Vec::new();
    pool.batch(seed, iteration, nonzero(6), &mut draws);
    let episodes = draws.iter().map(|&draw| pool.episode(draw).into_owned()).collect();
    (draws, episodes)
}

#[test]
fn a_hundred_cached_batches_differ_from_each_other() {
    for kept in [None, Some(nonzero(1)), Some(nonzero(3))] {
        let pool = cached_pool(Some(nonzero(100)), kept, 2);
        let batches: Vec<_> = (0..300).map(|iteration| batch(&pool, 2, iteration)).collect();
        for (iteration, found) in batches.iter().enumerate() {
            assert_eq!(found, &batches[iteration % 100]);
        }
        for (i, (draws, episodes)) in batches[..100].iter().enumerate() {
            for (other_draws, other_episodes) in &batches[..i] {
                assert_ne!(draws, other_draws, "batch {i}");
                assert_ne!(episodes, other_episodes, "batch {i}");
            }
        }
        // Without a cache they do not come again.
        let uncached = cached_pool(None, kept, 2);
        assert!((0..100).all(|i| batch(&uncached, 2, i) != batch(&uncached, 2, i + 100)));
    }
}

/// Where episodes are not kept, a task has other rows in each cached batch it is in.
#[test]
fn cached_batches_hold_their_own_episodes() {
    let pool = cached_pool(Some(nonzero(20)), None, 3);
    let mut supports: HashMap<usize, HashSet<Vec<usize>>> = HashMap::new();
    let mut times: HashMap<usize, usize> = HashMap::new();
    for iteration in 0..60 {
        let (draws, episodes) = batch(&pool, 3, iteration);
        for (draw, episode) in draws.iter().zip(&episodes) {
            supports.entry(draw.task).or_default().insert(rows(&episode.support));
            *times.entry(draw.task).or_default() += 1;
        }
    }
    assert_eq!(times.values().sum::<usize>(), 6 * 60);
    for (task, supports) in supports {
        assert_eq!(3 * supports.len(), times[&task], "task {task}");
    }
}
