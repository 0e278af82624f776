//! Where a function sampled on a grid is above a threshold, by marching squares.

use std::collections::BTreeMap;

use super::canvas::Point;

/// P(class 1) at evenly spaced points of a rectangle.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The first and the last column's x, in increasing order.
    pub x: (f64, f64),
    /// The first and the last row's y, in increasing order.
    pub y: (f64, f64),
    /// Points along x, at least 2.
    pub columns: usize,
    /// Points along y, at least 2.
    pub rows: usize,
    /// `(rows, columns)` in row-major order, the row of the least y first; each in [0, 1].
    pub probabilities: Vec<f64>,
}

impl Grid {
    /// Asks once for P(class 1) at all points `(x, y)` of the grid, in the grid's order.
    pub fn sample(
        x: (f64, f64),
        y: (f64, f64),
        (columns, rows): (usize, usize),
        probabilities: impl FnOnce(&[(f64, f64)]) -> Vec<f64>,
    ) -> Self {
        let at = |row, column| (along(x, column, columns), along(y, row, rows));
        let points: Vec<_> =
            (0..rows).flat_map(|row| (0..columns).map(move |column| at(row, column))).collect();
        Self { x, y, columns, rows, probabilities: probabilities(&points) }
    }

    /// Whether a point lies on the rectangle.
    pub(super) fn covers(&self, x: f64, y: f64) -> bool {
        (self.x.0..=self.x.1).contains(&x) && (self.y.0..=self.y.1).contains(&y)
    }
}

/// The `index`-th of `count` evenly spaced values.
fn along((first, last): (f64, f64), index: usize, count: usize) -> f64 {
    first + (last - first) * index as f64 / (count - 1) as f64
}

/// A closed curve where P(class 1) passes a level, with the higher values on its left (y upwards).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Loop {
    /// Each with whether the way on from it runs along the grid's edge, where the region does
    /// not end but the picture does.
    pub points: Vec<(Point, bool)>,
}

impl Loop {
    /// The enclosed area: positive around a region above the level, negative around a hole in it.
    #[cfg(test)]
    pub fn area(&self) -> f64 {
        let next = self.points.iter().cycle().skip(1);
        let pairs = self.points.iter().zip(next);
        0.5 * pairs.map(|(((x0, y0), _), ((x1, y1), _))| x0 * y1 - x1 * y0).sum::<f64>()
    }

    /// The pieces that are a true boundary, without the way along the grid's edge.
    pub fn boundaries(&self) -> Vec<Vec<Point>> {
        let count = self.points.len();
        // Begin after a stretch of edge, so that no piece is cut by the list's own ends.
        let begin = self.points.iter().position(|(_, edge)| *edge).map_or(0, |i| i + 1);
        let mut pieces = Vec::new();
        let mut piece = Vec::new();
        for k in 0..=count {
            let (point, edge) = self.points[(begin + k) % count];
            piece.push(point);
            if edge || k == count {
                pieces.push(std::mem::take(&mut piece));
            }
        }
        pieces.retain(|piece| piece.len() > 1);
        pieces
    }
}

/// The boundaries of {P(class 1) > level}, as closed curves, for a level strictly between 0 and 1.
pub(super) fn loops(grid: &Grid, level: f64) -> Vec<Loop> {
    let padded = Padded { grid, level: log_odds(level) };
    let mut next = BTreeMap::new();
    for row in 0..=grid.rows {
        for column in 0..=grid.columns {
            padded.cross_cell(column, row, &mut next);
        }
    }
    let mut loops = Vec::new();
    while let Some((&start, _)) = next.first_key_value() {
        let mut points = Vec::new();
        let mut at = start;
        while let Some((to, edge)) = next.remove(&at) {
            points.push((padded.crossing(at), edge));
            at = to;
        }
        loops.push(Loop { points });
    }
    loops
}

/// The log-odds of a probability, as far as they matter.
fn log_odds(p: f64) -> f64 {
    (p.ln() - (1.0 - p).ln()).clamp(-40.0, 40.0)
}

/// A step between neighboring nodes: column and row of the lower left one, whether upwards.
type Edge = (usize, usize, bool);

/// The grid with a ring below the level around it, at no distance, so that every curve closes.
struct Padded<'a> {
    grid: &'a Grid,
    /// As log-odds.
    level: f64,
}

impl Padded<'_> {
    /// The log-odds of class 1, which vary more evenly across a cell than probabilities do, above
    /// the level.
    fn excess(&self, column: usize, row: usize) -> f64 {
        let grid = self.grid;
        if self.in_ring(column, row) {
            return -1.0;
        }
        let p = grid.probabilities[(row - 1) * grid.columns + column - 1];
        log_odds(p) - self.level
    }

    fn inside(&self, column: usize, row: usize) -> bool {
        self.excess(column, row) > 0.0
    }

    fn in_ring(&self, column: usize, row: usize) -> bool {
        column == 0 || row == 0 || column > self.grid.columns || row > self.grid.rows
    }

    fn position(&self, column: usize, row: usize) -> Point {
        let grid = self.grid;
        (
            along(grid.x, column.clamp(1, grid.columns) - 1, grid.columns),
            along(grid.y, row.clamp(1, grid.rows) - 1, grid.rows),
        )
    }

    /// Where the boundary crosses the step between two nodes on different sides.
    fn crossing(&self, (column, row, upwards): Edge) -> Point {
        let (end_column, end_row) = if upwards { (column, row + 1) } else { (column + 1, row) };
        let (from, to) = (self.excess(column, row), self.excess(end_column, end_row));
        let t = from / (from - to);
        let (a, b) = (self.position(column, row), self.position(end_column, end_row));
        (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t)
    }

    /// Adds the boundary through the cell above and right of a node: from each step by which
    /// a walk around the cell leaves the region to one by which it enters.
    fn cross_cell(&self, column: usize, row: usize, next: &mut BTreeMap<Edge, (Edge, bool)>) {
        let (right, top) = (column + 1, row + 1);
        let corners = [(column, row), (right, row), (right, top), (column, top)];
        let steps =
            [(column, row, false), (right, row, true), (column, top, false), (column, row, true)];
        let inside = corners.map(|(c, r)| self.inside(c, r));
        let crossed: Vec<usize> = (0..4).filter(|&k| inside[k] != inside[(k + 1) % 4]).collect();
        // With two opposite corners inside, the middle of the cell decides if they meet.
        let mean: f64 = corners.iter().map(|&(c, r)| self.excess(c, r)).sum();
        let meet = crossed.len() == 2 || mean > 0.0;
        let at_edge = corners.iter().any(|&(c, r)| self.in_ring(c, r));
        for (index, &leaving) in crossed.iter().enumerate() {
            if inside[leaving] {
                let partner = if meet { index + 1 } else { index + crossed.len() - 1 };
                let entering = crossed[partner % crossed.len()];
                next.insert(steps[leaving], (steps[entering], at_edge));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn loops(grid: &Grid) -> Vec<Loop> {
        let mut loops = super::loops(grid, 0.5);
        loops.sort_by(|a, b| b.area().abs().total_cmp(&a.area().abs()));
        loops
    }

    fn grid(columns: usize, rows: usize, mut p: impl FnMut(f64, f64) -> f64) -> Grid {
        let (x, y) = ((0.0, (columns - 1) as f64), (0.0, (rows - 1) as f64));
        let each = |points: &[Point]| points.iter().map(|(x, y)| p(*x, *y)).collect();
        Grid::sample(x, y, (columns, rows), each)
    }

    /// A probability whose log-odds are `z`.
    fn sigmoid(z: f64) -> f64 {
        1.0 / (1.0 + (-z).exp())
    }

    #[test]
    fn one_class_everywhere() {
        assert!(loops(&grid(3, 4, |_, _| 0.2)).is_empty());
        let all = loops(&grid(3, 4, |_, _| 1.0));
        assert_eq!(all.len(), 1);
        assert!((all[0].area() - 6.0).abs() < 1e-12);
        assert!(all[0].boundaries().is_empty(), "the picture's edge is no decision boundary");
    }

    #[test]
    fn a_tie_is_class_0() {
        assert!(loops(&grid(3, 3, |_, _| 0.5)).is_empty());
    }

    #[test]
    fn corners_of_a_saddle_meet_if_its_middle_is_class_1() {
        let saddle = |high: f64, low: f64| {
            loops(&Grid {
                x: (0.0, 1.0),
                y: (0.0, 1.0),
                columns: 2,
                rows: 2,
                probabilities: vec![high, low, low, high],
            })
        };
        assert_eq!(saddle(0.9, 0.4).len(), 1);
        assert_eq!(saddle(0.6, 0.1).len(), 2);
    }

    #[test]
    fn a_linear_classifier_has_its_line_as_boundary() {
        let found = loops(&grid(21, 21, |x, y| sigmoid(0.7 * x - 0.4 * y - 2.3)));
        assert_eq!(found.len(), 1);
        let boundaries = found[0].boundaries();
        assert_eq!(boundaries.len(), 1);
        for (x, y) in &boundaries[0] {
            assert!((0.7 * x - 0.4 * y - 2.3).abs() < 1e-9);
        }
        let ends = [boundaries[0][0], boundaries[0][boundaries[0].len() - 1]];
        assert!(ends.iter().any(|(_, y)| *y == 0.0) && ends.iter().any(|(_, y)| *y == 20.0));
    }

    #[test]
    fn a_disc_with_a_hole() {
        let ring = |x: f64, y: f64| {
            let r = (x - 30.0).hypot(y - 30.0);
            sigmoid((20.0 - r) * (r - 8.0) / 10.0)
        };
        let found = loops(&grid(61, 61, ring));
        let areas: Vec<f64> = found.iter().map(Loop::area).collect();
        assert_eq!(areas.len(), 2);
        assert!((areas[0] / (400.0 * std::f64::consts::PI) - 1.0).abs() < 0.01, "{areas:?}");
        assert!((areas[1] / (-64.0 * std::f64::consts::PI) - 1.0).abs() < 0.02, "{areas:?}");
        for ring in &found {
            let [boundary] = &ring.boundaries()[..] else { panic!("one closed boundary") };
            assert_eq!(boundary.first(), boundary.last());
        }
    }

    #[test]
    fn a_level_is_crossed_where_the_probability_has_it() {
        let grid = grid(21, 3, |x, _| sigmoid((x - 10.0) / 3.0));
        for level in [0.1, 0.3, 0.9] {
            let found = super::loops(&grid, level);
            for (x, _) in &found[0].boundaries()[0] {
                assert!((sigmoid((x - 10.0) / 3.0) - level).abs() < 1e-9, "{level}: {x}");
            }
        }
    }

    /// The number of turns of a loop around a point.
    fn winding(found: &[Loop], (px, py): Point) -> i32 {
        let mut turns = 0;
        for ring in found {
            let next = ring.points.iter().cycle().skip(1);
            for ((a, _), (b, _)) in ring.points.iter().zip(next) {
                let side = (b.0 - a.0) * (py - a.1) - (px - a.0) * (b.1 - a.1);
                if a.1 <= py && b.1 > py && side > 0.0 {
                    turns += 1;
                } else if a.1 > py && b.1 <= py && side < 0.0 {
                    turns -= 1;
                }
            }
        }
        turns
    }

    proptest! {
        /// Over any grid, saddles included: a node lies within the loops, counted with their
        /// direction, exactly if it is above the level.
        #[test]
        fn loops_enclose_what_is_above_the_level(
            (columns, rows, p) in (2..8usize, 2..8usize).prop_flat_map(|(columns, rows)| {
                (Just(columns), Just(rows), prop::collection::vec(0.0..1.0f64, columns * rows))
            }),
            level in 0.01..0.99f64,
        ) {
            let mut values = p.iter().copied();
            let grid = grid(columns, rows, |_, _| values.next().expect("one for each node"));
            let found = super::loops(&grid, level);
            for ring in &found {
                prop_assert!(!ring.points.is_empty());
            }
            for row in 1..rows - 1 {
                for column in 1..columns - 1 {
                    let value = p[row * columns + column];
                    // Rounding may put a crossing onto its node.
                    if (value - level).abs() > 1e-6 {
                        let inside = winding(&found, (column as f64, row as f64));
                        prop_assert_eq!(inside, i32::from(value > level));
                    }
                }
            }
        }
    }
}
