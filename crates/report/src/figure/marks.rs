//! Marks of a front: references that are no method.

use super::FigureError;
use super::axes::Frame;
use super::canvas::{Canvas, Point, Stroke};
use super::front::{Mark, Place};
use super::legend::{BEYOND, MARK_LINE};

impl Mark {
    /// Its points in pixels, in the order in which they are joined.
    pub(super) fn path(&self, frame: &Frame) -> Vec<Point> {
        let mut values = self.place.values().to_vec();
        if matches!(self.place, Place::Ceiling(_)) {
            // Of points equally fair the best is reached first from the left.
            values.sort_by(|a, b| a.1.total_cmp(&b.1).then(b.0.total_cmp(&a.0)));
        }
        values.into_iter().map(|(accuracy, fairness)| frame.at(fairness, accuracy)).collect()
    }

    /// The lines that a label should not stand on.
    pub(super) fn segments(&self, frame: &Frame) -> Vec<(Point, Point)> {
        self.path(frame).windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    /// Shades what lies above a ceiling.
    pub(super) fn shade(&self, canvas: &Canvas, frame: &Frame) -> Result<(), FigureError> {
        let path = self.path(frame);
        let (Place::Ceiling(_), Some(first), Some(last)) = (&self.place, path.first(), path.last())
        else {
            return Ok(());
        };
        let (rect, top) = (frame.rect, frame.rect.top);
        let mut around = vec![(rect.left, top), (rect.left, first.1)];
        around.extend(&path);
        around.extend([(rect.right(), last.1), (rect.right(), top)]);
        canvas.fill(&around, self.look.color(), BEYOND)
    }

    /// The line, which a point has not.
    pub(super) fn draw_line(&self, canvas: &Canvas, frame: &Frame) -> Result<(), FigureError> {
        if matches!(self.place, Place::Point(_)) {
            return Ok(());
        }
        let stroke = Stroke::dashed(self.look.color(), MARK_LINE, self.look.dash());
        match &self.path(frame)[..] {
            [] => Ok(()),
            // A line of one point would not be seen.
            [only] => canvas.method(*only, self.look, 1.0),
            path => canvas.line(path, stroke),
        }
    }
}
