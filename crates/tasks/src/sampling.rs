//! This module draws support and query sets from one task. By default the two sets share no row.

use std::num::NonZeroUsize;

use rand::seq::{SliceRandom, index};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::{Batch, Episode, EpisodeOptions, Error, Task};

/// The name that errors use for the support rows of the biased fine-tuning task.
const BIASED_ROWS: &str = "positive protected rows";

/// Selects which rows of a task may be support rows, in meta-training or in evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SupportDraw {
    /// Any row may be a support row.
    #[default]
    Random,
    /// Only rows that are positive and protected may be support rows. This is the biased
    /// fine-tuning task of the paper's section 4.1.
    PositiveProtected,
}

/// Selects how the query rows of an episode for meta-training are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Queries {
    /// The query rows are drawn from the rows that are not support rows.
    #[default]
    Disjoint,
    /// The query rows are drawn from all rows, independently of the support rows. The two sets may
    /// share rows, but neither set contains a row twice. The paper's published code does this.
    Independent,
}

/// Selects the labels of an episode for meta-training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Labels {
    /// The episode has the labels of the task.
    #[default]
    AsTheyAre,
    /// A fair coin, tossed for each episode, decides whether all of its labels are flipped, in
    /// support and query alike. The paper's published code does this.
    RandomlyFlipped,
}

impl Task {
    /// Draws an episode for meta-training: K support rows and K query rows, uniformly without
    /// replacement.
    ///
    /// # Errors
    /// Returns [`Error::TooFewRows`] if the task has fewer than 2K rows.
    pub fn episode<R: Rng + ?Sized>(&self, k: NonZeroUsize, rng: &mut R) -> Result<Episode, Error> {
        self.episode_with(&EpisodeOptions::new(k, None), rng)
    }

    /// Draws an episode for meta-training: K support rows and K query rows, drawn as `options` say.
    /// If the support rows must be positive and protected, the query rows need not be.
    ///
    /// The coin for the labels is tossed after the rows are drawn. Hence `labels` does not change
    /// which rows are drawn.
    ///
    /// # Errors
    /// Returns [`Error::TooFewRows`] if the task has fewer than 2K rows, or fewer than K rows if
    /// support and query are drawn independently. Returns the same error if the support rows must
    /// be positive and protected, and the task has fewer than K such rows.
    pub fn episode_with<R: Rng + ?Sized>(
        &self,
        options: &EpisodeOptions,
        rng: &mut R,
    ) -> Result<Episode, Error> {
        let (k, available) = (options.k.get(), self.data.rows());
        let (needed, sets) = match options.queries {
            Queries::Disjoint => (k.saturating_mul(2), "support and query"),
            Queries::Independent => (k, "support and query may share rows"),
        };
        if available < needed {
            let purpose = format!("an episode of K = {k} ({sets})");
            return Err(self.too_few(available, "rows", purpose, needed));
        }
        let (support, query) = match options.support {
            SupportDraw::Random => self.draw_any(k, options.queries, rng),
            SupportDraw::PositiveProtected => self.draw_biased(k, options.queries, rng)?,
        };
        let mut episode =
            Episode { support: self.data.select(&support), query: self.data.select(&query) };
        if options.labels == Labels::RandomlyFlipped && rng.random() {
            episode.support.flip_labels();
            episode.query.flip_labels();
        }
        Ok(episode)
    }

    /// Draws K support rows and K query rows of any kind.
    fn draw_any<R: Rng + ?Sized>(
        &self,
        k: usize,
        queries: Queries,
        rng: &mut R,
    ) -> (Vec<usize>, Vec<usize>) {
        let mut draw = |rows| index::sample(rng, self.data.rows(), rows).into_vec();
        match queries {
            Queries::Disjoint => {
                let mut support = draw(2 * k);
                let query = support.split_off(k);
                (support, query)
            }
            Queries::Independent => (draw(k), draw(k)),
        }
    }

    /// Draws K positive, protected support rows and K query rows of any kind.
    fn draw_biased<R: Rng + ?Sized>(
        &self,
        k: usize,
        queries: Queries,
        rng: &mut R,
    ) -> Result<(Vec<usize>, Vec<usize>), Error> {
        let candidates = self.positive_protected();
        if candidates.len() < k {
            let purpose = format!("a support of K = {k}");
            return Err(self.too_few(candidates.len(), BIASED_ROWS, purpose, k));
        }
        let support: Vec<usize> =
            index::sample(rng, candidates.len(), k).iter().map(|i| candidates[i]).collect();
        let others: Vec<usize> = match queries {
            Queries::Disjoint => {
                (0..self.data.rows()).filter(|row| !support.contains(row)).collect()
            }
            Queries::Independent => (0..self.data.rows()).collect(),
        };
        let query = index::sample(rng, others.len(), k).iter().map(|i| others[i]).collect();
        Ok((support, query))
    }

    /// Returns the indices of the rows that are positive and protected.
    fn positive_protected(&self) -> Vec<usize> {
        let (positive, protected) = (self.data.positive(), self.data.protected());
        (0..self.data.rows()).filter(|&row| positive[row] && protected[row]).collect()
    }

    /// Draws an episode for evaluation. It has K support rows. All other rows form the query set,
    /// in their original order.
    ///
    /// The support rows are the first K entries of a random order of the allowed rows. Hence, for
    /// the same state of `rng`, a smaller K gives the first support rows of a larger K. For
    /// example, the support sets for K = 5, 10 and 20 are nested. K = 0 gives an empty support set.
    ///
    /// # Errors
    /// Returns [`Error::TooFewRows`] if fewer than K rows are allowed, or if no row would be left
    /// for the query set.
    ///
    /// ```
    /// use tasks::{Purpose, SupportDraw, stream, synthetic::SyntheticConfig};
    ///
    /// let task = SyntheticConfig::default().test_task(0, 0);
    /// let mut rng = stream(0, Purpose::Support, 0, 0);
    /// let episode = task.split(5, SupportDraw::PositiveProtected, &mut rng)?;
    /// assert_eq!((episode.support.rows(), episode.query.rows()), (5, 195));
    /// assert_eq!(episode.support.positive(), [true; 5]);
    /// assert_eq!(episode.support.protected(), [true; 5]);
    /// # Ok::<(), tasks::Error>(())
    /// ```
    pub fn split<R: Rng + ?Sized>(
        &self,
        k: usize,
        draw: SupportDraw,
        rng: &mut R,
    ) -> Result<Episode, Error> {
        Ok(self.split_at(&self.support(k, draw, rng)?))
    }

    /// Draws the support rows of [`split`](Task::split).
    ///
    /// # Errors
    /// Returns the errors of [`split`](Task::split).
    pub fn support<R: Rng + ?Sized>(
        &self,
        k: usize,
        draw: SupportDraw,
        rng: &mut R,
    ) -> Result<Vec<usize>, Error> {
        let data = &self.data;
        let (mut candidates, kind) = match draw {
            SupportDraw::Random => ((0..data.rows()).collect::<Vec<_>>(), "rows"),
            SupportDraw::PositiveProtected => (self.positive_protected(), BIASED_ROWS),
        };
        if candidates.len() < k {
            return Err(self.too_few(candidates.len(), kind, format!("a support of K = {k}"), k));
        }
        if data.rows() == k {
            return Err(self.too_few(
                k,
                "rows",
                format!("a support of K = {k} with a query"),
                k + 1,
            ));
        }
        candidates.shuffle(rng);
        candidates.truncate(k);
        candidates.shrink_to_fit();
        Ok(candidates)
    }

    /// Returns the episode with these support rows. All other rows are its query rows, in their
    /// original order.
    ///
    /// # Panics
    /// Panics if there is no such row.
    pub fn split_at(&self, support: &[usize]) -> Episode {
        Episode { support: self.data.select(support), query: self.without(support) }
    }

    /// Returns all rows but these, in their original order.
    ///
    /// # Panics
    /// Panics if there is no such row.
    pub fn without(&self, rows: &[usize]) -> Batch {
        let mut is_left = vec![true; self.data.rows()];
        rows.iter().for_each(|&row| is_left[row] = false);
        let left: Vec<usize> = (0..is_left.len()).filter(|&row| is_left[row]).collect();
        self.data.select(&left)
    }

    fn too_few(
        &self,
        available: usize,
        kind: &'static str,
        purpose: String,
        needed: usize,
    ) -> Error {
        Error::TooFewRows { task: self.name.clone(), available, kind, purpose, needed }
    }
}
