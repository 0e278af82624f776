//! Accuracy against fairness as a setting varies (the paper's Figure 2).

use super::axes::{Axis, Frame, Scale};
use super::canvas::{Anchor, Canvas, Point, Rect, Stroke, Type};
use super::labels::{self, Label, Obstacles};
use super::sheet::{self, Entry, Key, Surround};
use super::style::{HAIR_LINE, LINE, Look, MARKER, PAPER, SMALL_SIZE};
use super::{Estimate, FigureError, finite, text};
use crate::number::counted;

/// A figure of panels that share the range of accuracy.
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
    /// Added to the note under the panel; may be empty.
    pub note: String,
}

/// One method over its settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Method {
    /// Named in the legend.
    pub name: String,
    /// The same in all figures.
    pub look: Look,
    /// What varies ("γ", "fine-tuning rate"): explains the numbers beside the points.
    pub varies: Option<String>,
    /// In any order; joined in the order of their values.
    pub settings: Vec<Setting>,
}

/// The results of a method at one setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Written beside the point; `None` for a method that has nothing to vary.
    pub value: Option<f64>,
    /// In [0, 1].
    pub accuracy: Estimate,
    /// In [0, 1], 1 is fair; `None` where undefined: the point is then left out and counted.
    pub fairness: Option<Estimate>,
}

impl Tradeoff {
    /// The figure as SVG.
    ///
    /// # Errors
    /// [`FigureError::Empty`] without a single setting, [`FigureError::Value`] for a value that
    /// is not finite.
    pub fn svg(&self) -> Result<String, FigureError> {
        self.check()?;
        let settings = || self.panels.iter().flat_map(Panel::settings);
        let accuracies = settings().flat_map(|(_, setting)| setting.accuracy.values());
        let accuracy = Axis::covering(accuracies, Scale::Linear, (0.0, 1.0));
        let surrounds: Vec<_> = self
            .panels
            .iter()
            .map(|panel| Surround { title: panel.title.clone(), note: panel.full_note() })
            .collect();
        sheet::draw(&self.title, &surrounds, &self.legend(), |canvas, index, rect| {
            self.panels[index].draw(canvas, rect, accuracy)
        })
    }

    fn check(&self) -> Result<(), FigureError> {
        for (method, setting) in self.panels.iter().flat_map(Panel::settings) {
            let fairness = setting.fairness.into_iter().flat_map(Estimate::values);
            let values = setting.accuracy.values().chain(fairness).chain(setting.value);
            finite(&self.title, &method.name, values)?;
        }
        match self.panels.iter().flat_map(Panel::settings).next() {
            Some(_) => Ok(()),
            None => Err(FigureError::Empty {
                figure: self.title.clone(),
                missing: "no method has a setting",
            }),
        }
    }

    fn legend(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for method in self.panels.iter().flat_map(|panel| &panel.methods) {
            let entry = Entry::new(Key::Method(method.look), &method.name);
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
        entries.push(Entry::new(Key::Reference, "1: fair"));
        entries
    }
}

impl Panel {
    fn settings(&self) -> impl Iterator<Item = (&Method, &Setting)> {
        self.methods.iter().flat_map(|m| m.settings.iter().map(move |setting| (m, setting)))
    }

    /// Says what the numbers are, counts the points that are not shown, then says what the
    /// caller has to say.
    fn full_note(&self) -> String {
        let missing = |method: &Method| {
            let undefined = method.settings.iter().filter(|s| s.fairness.is_none()).count();
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
        let varying = || self.methods.iter().filter_map(|m| Some((m, m.varies.as_ref()?)));
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

    fn draw(&self, canvas: &Canvas, rect: Rect, accuracy: Axis) -> Result<(), FigureError> {
        let fairness = self.settings().filter_map(|(_, setting)| setting.fairness);
        let shown = fairness.flat_map(Estimate::values).chain([1.0]);
        let x = Axis::covering(shown, Scale::Linear, (0.0, 1.0));
        let frame = Frame { rect, x, y: accuracy };
        let x_label = format!("{} (1 is fair)", self.fairness);
        frame.draw(canvas, &x_label, "Accuracy (higher is better)")?;
        frame.vertical_reference(canvas, 1.0)?;
        let drawn: Vec<_> = self.methods.iter().map(|method| Drawn::new(method, &frame)).collect();
        for method in &drawn {
            method.draw_bars(canvas)?;
        }
        for method in &drawn {
            method.draw_line(canvas)?;
        }
        let labels = placed_labels(&drawn, rect);
        for label in &labels {
            label.draw_ground(canvas)?;
        }
        // A hollow marker goes around what stands at the same place.
        let (hollow, filled): (Vec<_>, Vec<_>) = drawn.iter().partition(|m| m.look.is_hollow());
        for method in hollow.into_iter().chain(filled) {
            method.draw_markers(canvas)?;
        }
        labels.iter().try_for_each(|label| label.draw_text(canvas))
    }
}

/// A method's defined points in pixels, in the order in which they are joined.
struct Drawn {
    look: Look,
    path: Vec<Point>,
    /// The two ends of each error bar.
    bars: Vec<[Point; 2]>,
    /// The label of each point of the path.
    labels: Vec<Option<String>>,
}

impl Drawn {
    fn new(method: &Method, frame: &Frame) -> Self {
        let mut settings: Vec<&Setting> = method.settings.iter().collect();
        let order = |setting: &Setting| setting.value.unwrap_or(f64::NEG_INFINITY);
        settings.sort_by(|a, b| order(a).total_cmp(&order(b)));
        let mut drawn =
            Self { look: method.look, path: Vec::new(), bars: Vec::new(), labels: Vec::new() };
        for setting in settings {
            let (Some(fairness), accuracy) = (setting.fairness, setting.accuracy) else { continue };
            drawn.path.push(frame.at(fairness.mean, accuracy.mean));
            drawn.labels.push(setting.value.map(text::number));
            let across = fairness.interval.map(|ends| (ends, (accuracy.mean, accuracy.mean)));
            let up = accuracy.interval.map(|ends| ((fairness.mean, fairness.mean), ends));
            for ((x0, x1), (y0, y1)) in across.into_iter().chain(up) {
                drawn.bars.push([frame.at(x0, y0), frame.at(x1, y1)]);
            }
        }
        drawn
    }

    fn draw_bars(&self, canvas: &Canvas) -> Result<(), FigureError> {
        self.bars.iter().try_for_each(|&bar| canvas.error_bar(bar, self.look.color()))
    }

    fn draw_line(&self, canvas: &Canvas) -> Result<(), FigureError> {
        match self.path.len() {
            0 | 1 => Ok(()),
            _ => {
                let stroke = Stroke::dashed(self.look.color(), LINE, self.look.dash());
                canvas.line(&self.path, stroke)
            }
        }
    }

    fn draw_markers(&self, canvas: &Canvas) -> Result<(), FigureError> {
        for &at in &self.path {
            canvas.method(at, self.look)?;
        }
        Ok(())
    }
}

/// A setting, written beside its point.
struct PlacedLabel<'a> {
    text: &'a str,
    look: Look,
    anchor: Point,
    rect: Rect,
}

impl PlacedLabel<'_> {
    /// Clears what the text crosses, and leads to the point if it is far.
    fn draw_ground(&self, canvas: &Canvas) -> Result<(), FigureError> {
        if let Some(leader) = labels::leader(self.anchor, &self.rect) {
            canvas.line(&leader, Stroke::solid(self.look.text_color(), HAIR_LINE))?;
        }
        canvas.fill(&self.rect.outline(), PAPER, 0.8)
    }

    fn draw_text(&self, canvas: &Canvas) -> Result<(), FigureError> {
        let type_ = Type::new(SMALL_SIZE, Anchor::Center).color(self.look.text_color());
        canvas.text(self.text, self.rect.middle(), type_)
    }
}

/// The labels of all points, clear of everything drawn.
fn placed_labels(drawn: &[Drawn], rect: Rect) -> Vec<PlacedLabel<'_>> {
    let markers = drawn.iter().flat_map(|d| &d.path).map(|&at| (at, MARKER + 1.0)).collect();
    let lines = drawn.iter().flat_map(|d| d.path.windows(2)).map(|pair| (pair[0], pair[1]));
    let bars = drawn.iter().flat_map(|d| &d.bars).map(|[from, to]| (*from, *to));
    let obstacles = Obstacles { markers, segments: lines.chain(bars).collect() };
    let (mut labels, mut texts) = (Vec::new(), Vec::new());
    for method in drawn {
        for (&anchor, label) in method.path.iter().zip(&method.labels) {
            if let Some(text) = label {
                let size = (text::width(text, SMALL_SIZE), 0.9 * SMALL_SIZE);
                labels.push(Label { anchor, size });
                texts.push((text, method.look, anchor));
            }
        }
    }
    let rects = labels::place(&labels, &obstacles, rect);
    let placed = texts.into_iter().zip(rects);
    placed.map(|((text, look, anchor), rect)| PlacedLabel { text, look, anchor, rect }).collect()
}
