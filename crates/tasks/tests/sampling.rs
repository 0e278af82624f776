//! Support and query sets, and the pool of episodes.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;

use proptest::prelude::*;
use tasks::{
    Batch, Episode, EpisodeOptions, EpisodePool, Labels, Purpose, Queries, SupportDraw, Task,
    stream,
};

/// A task whose single feature is the row's own number, so that a row can be recognized wherever it
/// turns up.
fn numbered(positive: Vec<bool>, protected: Vec<bool>) -> Task {
    let x = (0..positive.len()).map(|row| row as f64).collect();
    Task::new("numbered", Batch::new(1, x, positive, protected).unwrap())
}

fn plain(rows: usize) -> Task {
    numbered(vec![true; rows], vec![false; rows])
}

fn rows(batch: &Batch) -> Vec<usize> {
    batch.x().iter().map(|&number| number as usize).collect()
}

fn nonzero(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn options(k: usize, queries: Queries, labels: Labels) -> EpisodeOptions {
    EpisodeOptions { queries, labels, ..EpisodeOptions::new(nonzero(k), None) }
}

/// Every row of the episode is a row of the task with its own label and group, and none comes
/// twice.
fn assert_disjoint_rows_of(task: &Task, episode: &Episode) {
    let all = [rows(&episode.support), rows(&episode.query)].concat();
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "a row twice in {all:?}");
    assert_eq!(Batch::concat(&[&episode.support, &episode.query]), task.data.select(&all));
}

prop_compose! {
    fn tasks_of_any_kind()(
        rows in prop::collection::vec((any::<bool>(), any::<bool>()), 1..60),
    ) -> Task {
        let (positive, protected) = rows.into_iter().unzip();
        numbered(positive, protected)
    }
}

proptest! {
    #[test]
    fn episodes_are_disjoint_and_of_size_k(
        task in tasks_of_any_kind(), k in 1_usize..40, seed: u64,
    ) {
        let result = task.episode(nonzero(k), &mut stream(seed, Purpose::EpisodeSampling, 0, 0));
        prop_assert_eq!(result.is_ok(), 2 * k <= task.data.rows());
        if let Ok(episode) = result {
            prop_assert_eq!((episode.support.rows(), episode.query.rows()), (k, k));
            assert_disjoint_rows_of(&task, &episode);
        }
    }

    #[test]
    fn independent_sets_have_no_row_twice_in_either(
        task in tasks_of_any_kind(), k in 1_usize..80, seed: u64,
    ) {
        let mut rng = stream(seed, Purpose::EpisodeSampling, 0, 0);
        let result = task.episode_with(&options(k, Queries::Independent, Labels::AsTheyAre), &mut rng);
        prop_assert_eq!(result.is_ok(), k <= task.data.rows());
        if let Ok(episode) = result {
            for batch in [&episode.support, &episode.query] {
                let rows = rows(batch);
                prop_assert_eq!(rows.iter().collect::<HashSet<_>>().len(), k);
                prop_assert_eq!(batch, &task.data.select(&rows));
            }
        }
    }

    #[test]
    fn labels_flip_together_and_rows_stay(
        task in tasks_of_any_kind(), k in 1_usize..30, independent: bool, seed: u64,
    ) {
        let queries = if independent { Queries::Independent } else { Queries::Disjoint };
        let draw = |labels| {
            let mut rng = stream(seed, Purpose::EpisodeSampling, 0, 0);
            task.episode_with(&options(k, queries, labels), &mut rng).ok()
        };
        let (own, drawn) = (draw(Labels::AsTheyAre), draw(Labels::RandomlyFlipped));
        prop_assert_eq!(own.is_some(), drawn.is_some());
        if let (Some(own), Some(drawn)) = (own, drawn) {
            let flipped = own.support.positive()[0] != drawn.support.positive()[0];
            for (own, drawn) in [(own.support, drawn.support), (own.query, drawn.query)] {
                prop_assert_eq!((own.x(), own.protected()), (drawn.x(), drawn.protected()));
                let labels = own.positive().iter().map(|positive| positive ^ flipped);
                prop_assert!(labels.eq(drawn.positive().iter().copied()));
            }
        }
    }

    #[test]
    fn splits_use_every_row_once(
        task in tasks_of_any_kind(), k in 0_usize..40, biased: bool, seed: u64,
    ) {
        let draw = if biased { SupportDraw::PositiveProtected } else { SupportDraw::Random };
        let rows_of_both = task.data.positive().iter().zip(task.data.protected());
        let both = rows_of_both.filter(|&(&positive, &protected)| positive && protected).count();
        let candidates = if biased { both } else { task.data.rows() };
        let result = task.split(k, draw, &mut stream(seed, Purpose::Support, 0, 0));
        prop_assert_eq!(result.is_ok(), k <= candidates && k < task.data.rows());
        if let Ok(episode) = result {
            prop_assert_eq!(episode.support.rows(), k);
            prop_assert_eq!(episode.query.rows(), task.data.rows() - k);
            assert_disjoint_rows_of(&task, &episode);
            prop_assert!(rows(&episode.query).is_sorted());
            if biased {
                prop_assert!(episode.support.positive().iter().all(|&positive| positive));
                prop_assert!(episode.support.protected().iter().all(|&protected| protected));
            }
        }
    }

    #[test]
    fn supports_nest_over_k(task in tasks_of_any_kind(), draw_biased: bool, seed: u64) {
        let draw = if draw_biased { SupportDraw::PositiveProtected } else { SupportDraw::Random };
        let supports: Vec<Vec<usize>> = (0..task.data.rows())
            .map_while(|k| task.split(k, draw, &mut stream(seed, Purpose::Support, 0, 0)).ok())
            .map(|episode| rows(&episode.support))
            .collect();
        for pair in supports.windows(2) {
            prop_assert_eq!(&pair[1][..pair[0].len()], &pair[0][..]);
        }
    }

    #[test]
    fn meta_batches_hold_different_tasks_when_there_are_enough(
        tasks in 1_usize..20, wanted in 1_usize..30, kept in 0_usize..4, seed: u64, iteration: u64,
    ) {
        let tasks_of_six = (0..tasks).map(|_| plain(6)).collect();
        let options = EpisodeOptions::new(nonzero(3), NonZeroUsize::new(kept));
        let pool = EpisodePool::new(tasks_of_six, options, seed).unwrap();
        let (mut draws, mut again) = (Vec::new(), Vec::new());
        pool.batch(seed, iteration, nonzero(wanted), &mut draws);
        prop_assert_eq!(draws.len(), wanted);
        prop_assert!(draws.iter().all(|draw| draw.task < tasks));
        if wanted <= tasks {
            let different: HashSet<_> = draws.iter().map(|draw| draw.task).collect();
            prop_assert_eq!(different.len(), wanted);
        }
        // A used vector, and batches of other iterations in between, change nothing.
        pool.batch(seed, iteration.wrapping_add(1), nonzero(30), &mut again);
        pool.batch(seed, iteration, nonzero(wanted), &mut again);
        prop_assert_eq!(&draws, &again);
        for &draw in &draws {
            prop_assert_eq!(pool.episode(draw), pool.episode(draw));
            assert_disjoint_rows_of(&pool.tasks()[draw.task], &pool.episode(draw));
        }
    }
}

/// Counts in `cells` equally likely cells: Pearson's statistic, with mean cells − 1 and variance
/// about 2 (cells − 1).
fn chi_squared(counts: &HashMap<usize, usize>, cells: usize) -> f64 {
    let expected = counts.values().sum::<usize>() as f64 / cells as f64;
    (0..cells)
        .map(|cell| (counts.get(&cell).copied().unwrap_or(0) as f64 - expected).powi(2) / expected)
        .sum()
}

fn assert_uniform(drawn: impl Iterator<Item = usize>, cells: usize) {
    let mut counts = HashMap::new();
    drawn.for_each(|cell| *counts.entry(cell).or_default() += 1);
    let (statistic, freedom) = (chi_squared(&counts, cells), (cells - 1) as f64);
    assert!(
        statistic < freedom + 5.0 * (2.0 * freedom).sqrt(),
        "χ² = {statistic} over {cells} cells: {counts:?}"
    );
}

#[test]
fn every_row_is_as_likely_in_every_place() {
    let task = plain(10);
    let place = |place: usize, draw: &dyn Fn(u64) -> Vec<usize>| {
        assert_uniform((0..20_000).map(|repetition| draw(repetition)[place]), 10);
    };
    let episode = |repetition| {
        let episode = task
            .episode(nonzero(3), &mut stream(1, Purpose::EpisodeSampling, repetition, 0))
            .unwrap();
        [rows(&episode.support), rows(&episode.query)].concat()
    };
    let support = |repetition| {
        rows(
            &task
                .split(3, SupportDraw::Random, &mut stream(1, Purpose::Support, repetition, 0))
                .unwrap()
                .support,
        )
    };
    (0..6).for_each(|slot| place(slot, &episode));
    (0..3).for_each(|slot| place(slot, &support));
}

#[test]
fn an_independent_query_does_not_know_the_support() {
    let task = plain(10);
    let options = options(3, Queries::Independent, Labels::AsTheyAre);
    let pair = |repetition| {
        let mut rng = stream(1, Purpose::EpisodeSampling, repetition, 0);
        let episode = task.episode_with(&options, &mut rng).unwrap();
        (rows(&episode.support), rows(&episode.query))
    };
    let pairs: Vec<_> = (0..20_000).map(pair).collect();
    // All pairs of rows are as likely, a row with itself too, in whichever places they are.
    for (at, other) in [(0, 0), (2, 2), (0, 2), (1, 0)] {
        assert_uniform(pairs.iter().map(|(support, query)| 10 * support[at] + query[other]), 100);
    }
}

#[test]
fn a_fair_coin_flips_labels_and_kept_episodes_keep_theirs() {
    let (k, labels) = (nonzero(2), Labels::RandomlyFlipped);
    let all = |batch: &Batch, label| batch.positive().iter().all(|&positive| positive == label);
    let pool = |kept| {
        let options = EpisodeOptions { labels, ..EpisodeOptions::new(k, kept) };
        EpisodePool::new(vec![plain(20)], options, 4).unwrap()
    };
    let flips = |kept| {
        let (pool, mut draws, mut flips) = (pool(kept), Vec::new(), HashMap::new());
        for iteration in 0..2000 {
            pool.batch(4, iteration, nonzero(1), &mut draws);
            let episode = pool.episode(draws[0]);
            let flipped = all(&episode.support, false);
            // Every label of the task is positive.
            assert!(all(&episode.support, !flipped) && all(&episode.query, !flipped));
            let all_rows = [rows(&episode.support), rows(&episode.query)].concat();
            let (times_flipped, times_own) = flips.entry(all_rows).or_insert((0, 0));
            *if flipped { times_flipped } else { times_own } += 1;
        }
        flips
    };
    let kept = flips(Some(nonzero(60)));
    assert!(kept.values().all(|&(flipped, own)| flipped == 0 || own == 0), "{kept:?}");
    let kept_flipped = kept.values().filter(|(flipped, _)| *flipped > 0).count();
    assert!((1..kept.len()).contains(&kept_flipped), "{kept_flipped} of {}", kept.len());
    let flipped: i32 = flips(None).values().map(|(flipped, _)| flipped).sum();
    // Five standard deviations of a fair coin: 112.
    assert!((888..=1112).contains(&flipped), "{flipped} of 2000");
}

#[test]
fn every_task_and_kept_episode_is_as_likely() {
    let options = EpisodeOptions::new(nonzero(5), Some(nonzero(3)));
    let pool = EpisodePool::new((0..12).map(|_| plain(50)).collect(), options, 2).unwrap();
    let mut draws = Vec::new();
    for wanted in [5, 40] {
        let (mut drawn_tasks, mut drawn_episodes) = (Vec::new(), Vec::new());
        for iteration in 0..4000 {
            pool.batch(3, iteration, nonzero(wanted), &mut draws);
            drawn_tasks.push(draws[iteration as usize % wanted].task);
            let first_task = draws.iter().find(|draw| draw.task == 0);
            drawn_episodes.extend(first_task.map(|&draw| rows(&pool.episode(draw).support)));
        }
        assert_uniform(drawn_tasks.into_iter(), 12);
        let mut different = drawn_episodes.clone();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), 3, "three episodes are kept of each task");
        assert_uniform(
            drawn_episodes.iter().map(|episode| different.binary_search(episode).unwrap()),
            3,
        );
    }
}

#[test]
fn kept_episodes_stay_and_new_ones_change() {
    let tasks: Vec<Task> = (0..4).map(|_| plain(100)).collect();
    let different_supports = |kept| {
        let pool =
            EpisodePool::new(tasks.clone(), EpisodeOptions::new(nonzero(10), kept), 0).unwrap();
        let mut supports: HashMap<usize, HashSet<Vec<usize>>> = HashMap::new();
        let mut draws = Vec::new();
        for iteration in 0..50 {
            pool.batch(0, iteration, nonzero(4), &mut draws);
            for &draw in &draws {
                supports.entry(draw.task).or_default().insert(rows(&pool.episode(draw).support));
            }
        }
        let mut counts: Vec<usize> = supports.values().map(HashSet::len).collect();
        counts.sort();
        counts
    };
    assert_eq!(different_supports(Some(nonzero(1))), [1; 4]);
    assert_eq!(different_supports(Some(nonzero(2))), [2; 4]);
    assert_eq!(different_supports(None), [50; 4]);

    // With replacement, one task in several slots of a batch still has a new episode in each.
    let pool =
        EpisodePool::new(vec![plain(100)], EpisodeOptions::new(nonzero(10), None), 0).unwrap();
    let mut draws = Vec::new();
    pool.batch(0, 0, nonzero(8), &mut draws);
    assert_eq!(
        draws.iter().map(|&draw| rows(&pool.episode(draw).support)).collect::<HashSet<_>>().len(),
        8
    );
}

#[test]
fn too_few_rows() {
    let mut rng = stream(0, Purpose::Support, 0, 0);
    let task = numbered(vec![true, true, false, true], vec![true, false, true, true]);
    let episode = |k| {
        task.episode(nonzero(k), &mut stream(0, Purpose::EpisodeSampling, 0, 0))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        episode(3),
        "task `numbered` has 4 rows, but an episode of K = 3 (support and query) takes 6"
    );
    let independent = task.episode_with(
        &options(5, Queries::Independent, Labels::AsTheyAre),
        &mut stream(0, Purpose::EpisodeSampling, 0, 0),
    );
    assert_eq!(
        independent.unwrap_err().to_string(),
        "task `numbered` has 4 rows, but an episode of K = 5 (support and query may share rows) takes 5"
    );
    assert!(episode(usize::MAX).starts_with("task `numbered` has 4 rows"));
    let mut split = |k, draw| task.split(k, draw, &mut rng).unwrap_err().to_string();
    assert_eq!(
        split(5, SupportDraw::Random),
        "task `numbered` has 4 rows, but a support of K = 5 takes 5"
    );
    assert_eq!(
        split(4, SupportDraw::Random),
        "task `numbered` has 4 rows, but a support of K = 4 with a query takes 5"
    );
    assert_eq!(
        split(3, SupportDraw::PositiveProtected),
        "task `numbered` has 2 positive protected rows, but a support of K = 3 takes 3"
    );
}

#[test]
fn a_pool_refuses_what_it_could_not_serve() {
    let error = |tasks, kept| {
        let options = EpisodeOptions::new(nonzero(3), kept);
        EpisodePool::new(tasks, options, 0).unwrap_err().to_string()
    };
    assert_eq!(error(vec![], None), "training tasks must be at least 1, got 0");
    let wide =
        Task::new("wide", Batch::new(2, vec![0.0; 12], vec![true; 6], vec![true; 6]).unwrap());
    assert_eq!(
        error(vec![plain(6), wide], None),
        "features must be 1 in every task, as in task `numbered`, got 2 in task `wide`"
    );
    for kept in [None, Some(nonzero(2))] {
        let expected =
            "task `numbered` has 5 rows, but an episode of K = 3 (support and query) takes 6";
        assert_eq!(error(vec![plain(6), plain(5)], kept), expected);
    }
}

#[test]
fn options_in_json() {
    let read = |text: &str| serde_json::from_str::<EpisodeOptions>(text);
    let options = EpisodeOptions::new(nonzero(5), None);
    assert_eq!(read(r#"{"k":5,"episodes_per_task":null}"#).unwrap(), options);
    let options = EpisodeOptions {
        cached_batches: Some(nonzero(100)),
        support: SupportDraw::PositiveProtected,
        queries: Queries::Independent,
        labels: Labels::RandomlyFlipped,
        ..EpisodeOptions::new(nonzero(5), Some(nonzero(2)))
    };
    let json = r#"{"k":5,"episodes_per_task":2,"cached_batches":100,"support":"positive-protected","queries":"independent","labels":"randomly-flipped"}"#;
    assert_eq!(serde_json::to_string(&options).unwrap(), json);
    assert_eq!(read(json).unwrap(), options);
    let wrong = [
        "0",
        "5,\"query\":\"disjoint\"",
        "5,\"queries\":\"shared\"",
        "5,\"support\":\"positive\"",
        "5,\"cached_batches\":0",
    ];
    for wrong in wrong {
        assert!(read(&format!(r#"{{"episodes_per_task":null,"k":{wrong}}}"#)).is_err());
    }
}
