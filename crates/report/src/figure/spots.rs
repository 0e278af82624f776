//! The points of a front: which of them fall onto one spot, and what is written there.
//!
//! A marker covers some pixels. Settings of a method that differ by less share one marker, which
//! stands at the true place of the one in their middle, and one label. Markers of several methods
//! that lie on one another are drawn one within the other, each at its own place, and labeled
//! together.

use super::FigureError;
use super::axes::Frame;
use super::canvas::{Anchor, Canvas, HOLLOW, Point, Rect, Stroke, Type};
use super::front::{Mark, Method, Place, Setting};
use super::labels::{self, Label, Obstacles};
use super::legend::DOT;
use super::style::{HAIR_LINE, INK, LINE, Look, MARKER, PAPER, SMALL_SIZE};
use super::text;

/// Settings of one method so close, in pixels, share a marker.
const SAME: f64 = 3.2;
/// Markers of several methods so close are nested.
const NESTED: f64 = 6.0;
/// How much an error bar covers what lies below.
const BAR: f64 = 0.35;
/// From one line of a label to the next.
const LEADING: f64 = 10.5;

/// A method's defined points in pixels, in the order in which they are joined.
pub(super) struct Drawn<'a> {
    method: &'a Method,
    settings: Vec<&'a Setting>,
    path: Vec<Point>,
    /// The two ends of each error bar, and its opacity.
    bars: Vec<([Point; 2], f64)>,
    dots: Vec<Point>,
    groups: Vec<Group>,
}

/// Settings of a method that share a marker.
struct Group {
    /// Their positions along the path, in increasing order.
    members: Vec<usize>,
    /// The place of the member in the middle.
    at: Point,
    collapsed: bool,
}

impl<'a> Drawn<'a> {
    pub fn new(method: &'a Method, frame: &Frame) -> Self {
        let mut settings: Vec<&Setting> =
            method.settings.iter().filter(|s| s.fairness.is_some()).collect();
        let order = |setting: &Setting| setting.value.unwrap_or(f64::NEG_INFINITY);
        settings.sort_by(|a, b| order(a).total_cmp(&order(b)));
        let place = |s: &&Setting| Some(frame.at(s.fairness?.mean, s.accuracy.mean));
        let path: Vec<Point> = settings.iter().filter_map(place).collect();
        let seeds = settings.iter().flat_map(|setting| &setting.seeds);
        let dots = seeds.map(|(accuracy, fairness)| frame.at(*fairness, *accuracy)).collect();
        let groups = groups(&settings, &path);
        let mut bars = Vec::new();
        for group in &groups {
            // Together, bars on one spot are about as dark as one.
            let opacity = 1.0 - (1.0 - BAR).powf(1.0 / group.members.len() as f64);
            let opacity = (1e3 * opacity).round() / 1e3;
            for &member in &group.members {
                bars.extend(error_bars(settings[member], frame).map(|bar| (bar, opacity)));
            }
        }
        Self { method, settings, path, bars, dots, groups }
    }

    pub fn draw_dots(&self, canvas: &Canvas) -> Result<(), FigureError> {
        let color = self.method.look.color();
        self.dots.iter().try_for_each(|&at| canvas.dot(at, DOT.0, color, DOT.1))
    }

    pub fn draw_bars(&self, canvas: &Canvas) -> Result<(), FigureError> {
        let color = self.method.look.color();
        self.bars.iter().try_for_each(|&(bar, opacity)| canvas.error_bar(bar, color, opacity))
    }

    pub fn draw_line(&self, canvas: &Canvas) -> Result<(), FigureError> {
        let look = self.method.look;
        match self.path.len() {
            0 | 1 => Ok(()),
            _ => canvas.line(&self.path, Stroke::dashed(look.color(), LINE, look.dash())),
        }
    }

    /// What is written beside a group, in the short form for a spot of one method. Empty where no
    /// setting has a value.
    fn text(&self, group: &Group, alone: bool) -> String {
        let values = |run: &[usize]| -> Vec<f64> {
            run.iter().filter_map(|&member| self.settings[member].value).collect()
        };
        let runs = group.members.chunk_by(|a, b| a + 1 == *b).map(values);
        let numbers: Vec<String> = runs
            .map(|run| match &run[..] {
                [first, .., last] if run.len() > 2 => {
                    format!("{} to {}", text::number(*first), text::number(*last))
                }
                few => few.iter().map(|v| text::number(*v)).collect::<Vec<_>>().join(", "),
            })
            .filter(|run| !run.is_empty())
            .collect();
        let numbers = numbers.join(", ");
        let short = alone && group.members.len() == 1;
        match &self.method.varies {
            // A long name is in the note only.
            Some(varies) if !short && !numbers.is_empty() && varies.chars().count() <= 3 => {
                format!("{varies} = {numbers}")
            }
            _ => numbers,
        }
    }
}

fn error_bars(setting: &Setting, frame: &Frame) -> impl Iterator<Item = [Point; 2]> {
    let accuracy = setting.accuracy;
    let bars = setting.fairness.map(|fairness| {
        let across = fairness.interval.map(|ends| (ends, (accuracy.mean, accuracy.mean)));
        let up = accuracy.interval.map(|ends| ((fairness.mean, fairness.mean), ends));
        [across, up]
    });
    let ends = bars.into_iter().flatten().flatten();
    ends.map(|((x0, x1), (y0, y1))| [frame.at(x0, y0), frame.at(x1, y1)])
}

/// Each setting joins the first group near whose first member it stands.
fn groups(settings: &[&Setting], path: &[Point]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, (setting, at)) in settings.iter().zip(path).enumerate() {
        let joined = groups.iter_mut().find(|group| {
            group.collapsed == setting.collapsed && apart(path[group.members[0]], *at) <= SAME
        });
        match joined {
            Some(group) => group.members.push(index),
            None => {
                let collapsed = setting.collapsed;
                groups.push(Group { members: vec![index], at: *at, collapsed });
            }
        }
    }
    for group in &mut groups {
        let count = group.members.len() as f64;
        let sum =
            |pick: fn(Point) -> f64| group.members.iter().map(|&m| pick(path[m])).sum::<f64>();
        let mean = (sum(|at| at.0) / count, sum(|at| at.1) / count);
        let places = group.members.iter().map(|&member| path[member]);
        let middle = places.min_by(|a, b| apart(*a, mean).total_cmp(&apart(*b, mean)));
        group.at = middle.unwrap_or(group.at);
    }
    groups
}

fn apart(a: Point, b: Point) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// Markers that lie on one another, the outermost first.
pub(super) struct Spot<'a> {
    markers: Vec<Placed<'a>>,
}

/// A marker in its place.
struct Placed<'a> {
    look: Look,
    at: Point,
    collapsed: bool,
    scale: f64,
    /// Whose it is, unless a mark's.
    of: Option<(&'a Drawn<'a>, &'a Group)>,
}

/// The spots of a panel.
pub(super) fn find<'a>(drawn: &'a [Drawn<'a>], marks: &[Mark], frame: &Frame) -> Vec<Spot<'a>> {
    let points = marks.iter().filter(|mark| matches!(mark.place, Place::Point(_)));
    let points = points.flat_map(|mark| {
        let place = |at| Placed { look: mark.look, at, collapsed: false, scale: 1.0, of: None };
        mark.path(frame).into_iter().map(place)
    });
    let groups =
        drawn.iter().flat_map(|drawn| drawn.groups.iter().map(move |group| (drawn, group)));
    let groups = groups.map(|(drawn, group)| Placed {
        look: drawn.method.look,
        at: group.at,
        collapsed: group.collapsed,
        scale: 1.0,
        of: Some((drawn, group)),
    });
    let markers = points.chain(groups);
    let mut spots: Vec<Spot> = Vec::new();
    for marker in markers {
        let mut joined = Spot { markers: vec![marker] };
        let mut others = Vec::new();
        for spot in spots {
            match spot.touches(&joined) {
                true => joined = spot.joined_by(joined),
                false => others.push(spot),
            }
        }
        others.push(joined);
        spots = others;
    }
    for spot in &mut spots {
        let count = spot.markers.len();
        for (index, marker) in spot.markers.iter_mut().enumerate() {
            let scale = nested(index, count);
            // Outlines are larger anyway.
            let hollow = marker.look.hollow && count > 1;
            marker.scale = if hollow { scale.max(1.0) / 1.2 } else { scale };
        }
    }
    spots
}

/// The size of the marker `index` of `count`, the outermost first.
fn nested(index: usize, count: usize) -> f64 {
    const SMALLEST: f64 = 0.75;
    const LARGEST: f64 = 2.5;
    if count == 1 {
        return 1.0;
    }
    let inner = (count - 1 - index) as f64;
    let step = ((LARGEST - SMALLEST) / (count - 1) as f64).min(0.55);
    SMALLEST + step * inner
}

impl Placed<'_> {
    fn draw(&self, canvas: &Canvas) -> Result<(), FigureError> {
        match self.collapsed {
            true => canvas.noted(self.at, self.look, self.scale),
            false => canvas.method(self.at, self.look, self.scale),
        }
    }

    /// What is written beside it.
    fn line(&self, alone: bool) -> Option<Line> {
        let (drawn, group) = self.of?;
        let text = drawn.text(group, alone);
        (!text.is_empty()).then_some(Line { look: Some(self.look), text })
    }
}

impl Spot<'_> {
    fn at(&self) -> Point {
        self.markers[0].at
    }

    /// Whether markers of both lie on one another, which is not to be said of two markers of one
    /// method: those are points of a curve.
    fn touches(&self, other: &Spot) -> bool {
        let pairs = || self.markers.iter().flat_map(|a| other.markers.iter().map(move |b| (a, b)));
        pairs().any(|(a, b)| apart(a.at, b.at) <= NESTED)
            && !pairs().any(|(a, b)| match (a.of, b.of) {
                (Some((a, _)), Some((b, _))) => std::ptr::eq(a, b),
                _ => false,
            })
    }

    fn joined_by(mut self, other: Self) -> Self {
        self.markers.extend(other.markers);
        // A hollow marker goes around what stands at the same place.
        self.markers.sort_by_key(|marker| !marker.look.hollow);
        self
    }

    /// How far the markers reach.
    fn reach(&self) -> f64 {
        let reach = |marker: &Placed| {
            let outline = if marker.look.hollow { HOLLOW } else { 1.0 };
            (MARKER + 1.0) * outline * marker.scale
        };
        self.markers.iter().map(reach).fold(0.0, f64::max)
    }

    pub fn draw(&self, canvas: &Canvas) -> Result<(), FigureError> {
        self.markers.iter().try_for_each(|marker| marker.draw(canvas))
    }

    /// What is written beside it, line by line.
    fn lines(&self) -> Vec<Line> {
        let lines = |alone| -> Vec<Line> {
            self.markers.iter().filter_map(|marker| marker.line(alone)).collect()
        };
        // Where only one method has something to say, its color tells that it is that one's.
        let alone = lines(true);
        if alone.len() == 1 {
            return alone;
        }
        let mut said: Vec<Line> = Vec::new();
        for line in lines(false) {
            match said.iter_mut().find(|other| other.text == line.text) {
                Some(same) => same.look = None,
                None => said.push(line),
            }
        }
        said
    }
}

/// A line of a label: one method's settings, or those of several that are alike.
struct Line {
    /// Whose color it has; that of all text where it is of several methods.
    look: Option<Look>,
    text: String,
}

/// What is written beside a spot, in its place.
pub(super) struct PlacedLabel {
    lines: Vec<Line>,
    anchor: Point,
    reach: f64,
    rect: Rect,
}

impl PlacedLabel {
    /// Clears what the text crosses, and leads to the spot if it is far.
    pub fn draw_ground(&self, canvas: &Canvas) -> Result<(), FigureError> {
        if let Some(leader) = labels::leader(self.anchor, self.reach, &self.rect) {
            canvas.line(&leader, Stroke::solid(INK, HAIR_LINE))?;
        }
        canvas.fill(&self.rect.outline(), PAPER, 0.8)
    }

    /// Each line begins at the side of the spot.
    pub fn draw_text(&self, canvas: &Canvas) -> Result<(), FigureError> {
        let Rect { left, top, .. } = self.rect;
        let line_height = self.rect.height / self.lines.len() as f64;
        let leftwards = self.rect.right() <= self.anchor.0;
        let (begin, anchor) = match leftwards {
            true => (self.rect.right(), Anchor::Right),
            false => (left, Anchor::Left),
        };
        for (index, Line { look, text }) in self.lines.iter().enumerate() {
            let y = top + (index as f64 + 0.5) * line_height;
            let upright = !leftwards && left < self.anchor.0;
            let (x, anchor) = match upright {
                true => (self.rect.middle().0, Anchor::Center),
                false => (begin, anchor),
            };
            let color = look.map_or(INK, |look| look.text_color());
            canvas.text(text, (x, y), Type::new(SMALL_SIZE, anchor).color(color))?;
        }
        Ok(())
    }
}

/// The labels of all spots, clear of everything drawn.
pub(super) fn labels(
    drawn: &[Drawn],
    spots: &[Spot],
    marks: &[Mark],
    frame: &Frame,
) -> Vec<PlacedLabel> {
    let markers = spots.iter().map(|spot| (spot.at(), spot.reach())).collect();
    let lines = drawn.iter().flat_map(|d| d.path.windows(2)).map(|pair| (pair[0], pair[1]));
    let bars = drawn.iter().flat_map(|d| &d.bars).map(|([from, to], _)| (*from, *to));
    let segments = lines.chain(bars).chain(marks.iter().flat_map(|mark| mark.segments(frame)));
    let dots = drawn.iter().flat_map(|d| d.dots.iter().copied()).collect();
    let obstacles = Obstacles { markers, segments: segments.collect(), dots };
    let labeled: Vec<_> =
        spots.iter().map(|s| (s, s.lines())).filter(|(_, lines)| !lines.is_empty()).collect();
    let wanted: Vec<Label> = labeled
        .iter()
        .map(|(spot, lines)| {
            let width =
                lines.iter().map(|line| text::width(&line.text, SMALL_SIZE)).fold(0.0, f64::max);
            let height = 0.9 * SMALL_SIZE + LEADING * (lines.len() - 1) as f64;
            Label { anchor: spot.at(), reach: spot.reach(), size: (width, height) }
        })
        .collect();
    let rects = labels::place(&wanted, &obstacles, frame.rect);
    let placed = labeled.into_iter().zip(&wanted).zip(rects);
    placed
        .map(|(((_, lines), label), rect)| {
            let (anchor, reach) = (label.anchor, label.reach);
            PlacedLabel { lines, anchor, reach, rect }
        })
        .collect()
}
