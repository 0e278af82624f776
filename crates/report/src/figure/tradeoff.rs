//! Accuracy against fairness as a setting varies (the paper's Figure 2).

use super::axes::{Axis, Frame, Scale};
use super::canvas::{Canvas, Rect};
pub use super::front::{Mark, Method, Place, Setting};
use super::legend::{ANY, Entry, Key};
use super::sheet::{self, Surround};
use super::spots::{self, Drawn};
use super::{Estimate, FigureError, finite};
use crate::number::counted;

/// A figure of panels that share one range of accuracy and one of fairness.
#[derive(Clone, Debug, PartialEq)]
pub struct Tradeoff {
    /// What is shown: problem, adaptation, number of seeds, kind of interval.
    pub title: String,
    /// One for each notion of fairness, or for each state; two stand side by side.
    pub panels: Vec<Panel>,
}

/// Accuracy against one notion of fairness.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Stands above the panel.
    pub title: String,
    /// Names the fairness, as in "Demographic parity".
    pub fairness: String,
    /// The methods, in the order of the legend.
    pub methods: Vec<Method>,
    /// What the methods are to be compared with, below them in the legend; may be empty.
    pub marks: Vec<Mark>,
    /// Added to the note under the panel; may be empty.
    pub note: String,
}

/// The ranges of all panels.
#[derive(Clone, Copy)]
struct Ranges {
    fairness: Axis,
    accuracy: Axis,
}

/// The height of a panel that stands alone: there is room for its labels then.
const ALONE: f64 = 300.0;

impl Tradeoff {
    /// The figure as SVG.
    ///
    /// # Errors
    /// [`FigureError::Empty`] without a single setting, [`FigureError::Value`] for a value that
    /// is not finite.
    pub fn svg(&self) -> Result<String, FigureError> {
        self.check()?;
        let ranges = self.ranges();
        let mut surrounds: Vec<_> = self.panels.iter().map(Panel::surround).collect();
        if let [alone] = &mut surrounds[..] {
            alone.plot_height = ALONE;
        }
        sheet::draw(&self.title, &surrounds, &self.legend(), |canvas, index, rect| {
            self.panels[index].draw(canvas, rect, ranges)
        })
    }

    fn check(&self) -> Result<(), FigureError> {
        for (method, setting) in self.panels.iter().flat_map(Panel::settings) {
            let fairness = setting.fairness.into_iter().flat_map(Estimate::values);
            let seeds = setting.seeds.iter().flat_map(|(a, f)| [*a, *f]);
            let values = setting.accuracy.values().chain(fairness).chain(seeds);
            finite(&self.title, &method.name, values.chain(setting.value))?;
        }
        for mark in self.panels.iter().flat_map(|panel| &panel.marks) {
            let values = mark.place.values().iter().flat_map(|(a, f)| [*a, *f]);
            finite(&self.title, &mark.name, values)?;
        }
        match self.panels.iter().flat_map(Panel::settings).next() {
            Some(_) => Ok(()),
            None => Err(FigureError::Empty {
                figure: self.title.clone(),
                missing: "no method has a setting",
            }),
        }
    }

    /// One range for all panels, so that they can be compared.
    fn ranges(&self) -> Ranges {
        let pairs = || self.panels.iter().flat_map(Panel::pairs);
        let shown = || self.panels.iter().flat_map(Panel::settings).filter(|(_, s)| s.is_shown());
        let accuracies = shown().flat_map(|(_, setting)| setting.accuracy.values());
        let fairness = shown().filter_map(|(_, setting)| setting.fairness);
        let accuracies = accuracies.chain(pairs().map(|(accuracy, _)| accuracy));
        let fairness = fairness.flat_map(Estimate::values).chain(pairs().map(|(_, f)| f));
        Ranges {
            fairness: Axis::covering(fairness.chain([1.0]), Scale::Linear, (0.0, 1.0)),
            accuracy: Axis::covering(accuracies, Scale::Linear, (0.0, 1.0)),
        }
    }

    fn legend(&self) -> Vec<Entry> {
        let methods = || self.panels.iter().flat_map(|panel| &panel.methods);
        let settings = || self.panels.iter().flat_map(Panel::settings).map(|(_, s)| s);
        let entry = |method: &Method| {
            let alike = |m: &&Method| m.name == method.name && m.look == method.look;
            let joined = methods().filter(alike).any(|m| m.settings.len() > 1);
            let key = if joined { Key::Method(method.look) } else { Key::Lone(method.look) };
            Entry::new(key, &method.name)
        };
        let marks = self.panels.iter().flat_map(|panel| &panel.marks).map(|mark| {
            let key = match mark.place {
                Place::Point(_) => Key::Lone(mark.look),
                Place::Line(_) => Key::Line(mark.look),
                Place::Ceiling(_) => Key::Ceiling(mark.look),
            };
            Entry::new(key, &mark.name)
        });
        let mut entries = Entry::unique(methods().map(entry).chain(marks));
        if settings().any(|setting| setting.is_shown() && !setting.seeds.is_empty()) {
            entries.push(Entry::new(Key::Dots(ANY), "single runs"));
        }
        if settings().any(|setting| setting.is_shown() && setting.collapsed) {
            entries.push(Entry::new(Key::Noted, "decides most tasks by one class"));
        }
        entries.push(Entry::new(Key::Reference(0), "1: fair"));
        entries
    }
}

impl Panel {
    fn settings(&self) -> impl Iterator<Item = (&Method, &Setting)> {
        self.methods.iter().flat_map(|m| m.settings.iter().map(move |setting| (m, setting)))
    }

    /// (accuracy, fairness) of all that is drawn besides means and intervals.
    fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        let shown = self.settings().filter(|(_, setting)| setting.is_shown());
        let seeds = shown.flat_map(|(_, setting)| setting.seeds.iter().copied());
        seeds.chain(self.marks.iter().flat_map(|mark| mark.place.values().iter().copied()))
    }

    fn surround(&self) -> Surround {
        let x_label = format!("{} (1 is fair)", self.fairness);
        Surround::new(&self.title, &x_label, "Accuracy (higher is better)", self.full_note())
    }

    /// Says what the numbers are, counts the points that are not shown, then says what the
    /// caller has to say.
    fn full_note(&self) -> String {
        let missing = |method: &Method| {
            let undefined = method.settings.iter().filter(|s| !s.is_shown()).count();
            (undefined > 0).then(|| format!("{} ({})", method.name, counted(undefined, "point")))
        };
        let missing: Vec<String> = self.methods.iter().filter_map(missing).collect();
        let mut sentences = self.numbers();
        if !missing.is_empty() {
            sentences.push(format!("Not shown, fairness undefined: {}.", missing.join(", ")));
        }
        sentences.push(self.note.clone());
        sentences.join(" ")
    }

    /// What the numbers beside the points are, if there are any.
    fn numbers(&self) -> Vec<String> {
        let numbered = |m: &Method| m.settings.iter().any(|s| s.is_shown() && s.value.is_some());
        let varying = || {
            self.methods
                .iter()
                .filter(|m| numbered(m))
                .filter_map(|m| Some((m, m.varies.as_ref()?)))
        };
        let Some((_, first)) = varying().next() else { return Vec::new() };
        let numbers = match varying().all(|(_, varies)| varies == first) {
            true => first.clone(),
            false => {
                let each = varying().map(|(m, varies)| format!("{varies} ({})", m.name));
                each.collect::<Vec<_>>().join(", ")
            }
        };
        vec![format!("Numbers: {numbers}.")]
    }

    fn draw(&self, canvas: &Canvas, rect: Rect, ranges: Ranges) -> Result<(), FigureError> {
        let frame = Frame { rect, x: ranges.fairness, y: ranges.accuracy };
        // Shading first: the grid's lines stay visible in it.
        for mark in &self.marks {
            mark.shade(canvas, &frame)?;
        }
        frame.draw(canvas)?;
        frame.vertical_reference(canvas, 1.0)?;
        let drawn: Vec<_> = self.methods.iter().map(|method| Drawn::new(method, &frame)).collect();
        for method in &drawn {
            method.draw_dots(canvas)?;
        }
        for method in &drawn {
            method.draw_bars(canvas)?;
        }
        for mark in &self.marks {
            mark.draw_line(canvas, &frame)?;
        }
        for method in &drawn {
            method.draw_line(canvas)?;
        }
        let spots = spots::find(&drawn, &self.marks, &frame);
        let labels = spots::labels(&drawn, &spots, &self.marks, &frame);
        labels.iter().try_for_each(|label| label.draw_ground(canvas))?;
        spots.iter().try_for_each(|spot| spot.draw(canvas))?;
        labels.iter().try_for_each(|label| label.draw_text(canvas))
    }
}
