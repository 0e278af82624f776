//! The visual language that all figures share.
//!
//! A method keeps its look in every figure, and the look says it three times over: by color, by
//! marker and by dash, so that a greyscale print or a color-blind reader loses nothing. The
//! colors are those of Okabe and Ito (*Color Universal Design*, 2008); the three methods of the
//! paper have the three that lie farthest apart in lightness.

use plotters::style::RGBColor;

/// Text and frames.
pub(super) const INK: RGBColor = RGBColor(0x26, 0x26, 0x26);
/// Ticks, notes and other things of second rank.
pub(super) const QUIET: RGBColor = RGBColor(0x5A, 0x5A, 0x5A);
/// Lines of the grid.
pub(super) const GRID: RGBColor = RGBColor(0xE8, 0xE8, 0xE8);
/// The ground of every figure.
pub(super) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
/// Where a classifier decides for class 1.
pub(super) const REGION: RGBColor = RGBColor(0xD3, 0xE3, 0xF1);
/// Points of the protected group.
pub(super) const PROTECTED: RGBColor = VERMILLION;
/// Points of everyone else.
pub(super) const UNPROTECTED: RGBColor = RGBColor(0x33, 0x33, 0x33);

const BLACK: RGBColor = RGBColor(0x00, 0x00, 0x00);
const ORANGE: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
const SKY_BLUE: RGBColor = RGBColor(0x56, 0xB4, 0xE9);
const GREEN: RGBColor = RGBColor(0x00, 0x9E, 0x73);
const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xB2);
const VERMILLION: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
const PURPLE: RGBColor = RGBColor(0xCC, 0x79, 0xA7);
const GREY: RGBColor = RGBColor(0x80, 0x80, 0x80);

/// The figure's title, in pixels like all sizes.
pub(super) const TITLE_SIZE: f64 = 13.0;
/// Panel titles.
pub(super) const PANEL_SIZE: f64 = 11.5;
/// Axis labels.
pub(super) const LABEL_SIZE: f64 = 11.0;
/// The legend.
pub(super) const LEGEND_SIZE: f64 = 10.0;
/// Tick labels, point labels and notes.
pub(super) const SMALL_SIZE: f64 = 9.5;

/// Lines of the data.
pub(super) const LINE: f64 = 1.6;
/// Error bars, contours, reference lines.
pub(super) const FINE_LINE: f64 = 1.0;
/// Frames and the grid.
pub(super) const HAIR_LINE: f64 = 0.7;
/// Half the height of a marker.
pub(super) const MARKER: f64 = 3.7;

/// How a method looks, in every figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Fair-MAML.
    FairMaml,
    /// MAML, that is, γ = 0.
    Maml,
    /// The network trained on all tasks together, then fine-tuned.
    PreTrained,
    /// LAFTR (Madras et al. 2018).
    Laftr,
    /// A network trained on the K points alone.
    FromScratch,
    /// Meta-trained weights before adaptation.
    Unadapted,
    /// The variant of the paper's published code.
    PublishedCode,
    /// A constant decision for the larger class.
    MajorityClass,
}

impl Look {
    /// Every look.
    pub const ALL: [Look; 8] = [
        Look::FairMaml,
        Look::Maml,
        Look::PreTrained,
        Look::Laftr,
        Look::FromScratch,
        Look::Unadapted,
        Look::PublishedCode,
        Look::MajorityClass,
    ];

    /// The color of lines and markers.
    pub(super) fn color(self) -> RGBColor {
        match self {
            Look::FairMaml => BLUE,
            Look::Maml => ORANGE,
            Look::PreTrained => BLACK,
            Look::Laftr => VERMILLION,
            Look::FromScratch => GREEN,
            Look::Unadapted => SKY_BLUE,
            Look::PublishedCode => PURPLE,
            Look::MajorityClass => GREY,
        }
    }

    /// A darker shade of the color, for text, which needs more contrast than a line.
    pub(super) fn text_color(self) -> RGBColor {
        let RGBColor(r, g, b) = self.color();
        let darker = |channel: u8| (f64::from(channel) * 0.62) as u8;
        RGBColor(darker(r), darker(g), darker(b))
    }

    /// The shape of the markers.
    pub(super) fn marker(self) -> Marker {
        match self {
            Look::FairMaml => Marker::Circle,
            Look::Maml => Marker::Square,
            Look::PreTrained => Marker::TriangleUp,
            Look::Laftr => Marker::Diamond,
            Look::FromScratch => Marker::TriangleDown,
            Look::Unadapted => Marker::Pentagon,
            Look::PublishedCode => Marker::Star,
            Look::MajorityClass => Marker::Cross,
        }
    }

    /// Whether the marker is a large outline, which can be seen around another method's: weights
    /// before and after a small step stand at the same place.
    pub(super) fn is_hollow(self) -> bool {
        self == Look::Unadapted
    }

    /// Lengths of strokes and gaps in turn, in pixels; none for a solid line.
    pub(super) fn dash(self) -> &'static [f64] {
        match self {
            Look::FairMaml => &[],
            Look::Maml => &[7.0, 3.0],
            Look::PreTrained => &[1.6, 2.4],
            Look::Laftr => &[7.0, 2.5, 1.6, 2.5],
            Look::FromScratch => &[3.5, 2.5],
            Look::Unadapted => &[12.0, 3.0],
            Look::PublishedCode => &[5.0, 2.2, 1.6, 2.2, 1.6, 2.2],
            Look::MajorityClass => &[1.6, 5.0],
        }
    }
}

/// Dashes of reference lines, finer than those of any method.
pub(super) const REFERENCE_DASH: &[f64] = &[3.0, 3.0];

/// The shape of a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    Circle,
    Square,
    TriangleUp,
    TriangleDown,
    Diamond,
    Pentagon,
    Star,
    Cross,
}

impl Marker {
    /// The corners around the origin, y downwards, scaled so that all shapes of one `radius`
    /// look equally large; `None` for the circle.
    pub(super) fn corners(self, radius: f64) -> Option<Vec<(f64, f64)>> {
        let regular = |corners: usize, start: f64, reach: &dyn Fn(usize) -> f64| {
            (0..corners)
                .map(|k| {
                    let turn = (start + k as f64 / corners as f64) * std::f64::consts::TAU;
                    let reach = radius * reach(k);
                    (reach * turn.sin(), -reach * turn.cos())
                })
                .collect()
        };
        let corners = match self {
            Marker::Circle => return None,
            Marker::Square => regular(4, 0.125, &|_| 1.27),
            Marker::TriangleUp => regular(3, 0.0, &|_| 1.4),
            Marker::TriangleDown => regular(3, 0.5, &|_| 1.4),
            Marker::Diamond => regular(4, 0.0, &|_| 1.35),
            Marker::Pentagon => regular(5, 0.0, &|_| 1.15),
            Marker::Star => regular(10, 0.0, &|k| [1.45, 0.62][k % 2]),
            Marker::Cross => {
                let (arm, half) = (1.2 * radius, 0.38 * radius);
                let corner = [(half, arm), (half, half), (arm, half)];
                // A plus sign, a quarter at a time, turned by an eighth into an x.
                (0..4)
                    .flat_map(|quarter| {
                        corner.map(|(x, y)| match quarter {
                            0 => (x, -y),
                            1 => (y, x),
                            2 => (-x, y),
                            _ => (-y, -x),
                        })
                    })
                    .map(|(x, y)| {
                        let r = std::f64::consts::FRAC_1_SQRT_2;
                        (r * (x - y), r * (x + y))
                    })
                    .collect()
            }
        };
        Some(corners)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_differ_in_color_marker_and_dash() {
        for (index, a) in Look::ALL.iter().enumerate() {
            for b in &Look::ALL[..index] {
                assert_ne!(a.color(), b.color(), "{a:?} and {b:?}");
                assert_ne!(a.marker(), b.marker(), "{a:?} and {b:?}");
                assert_ne!(a.dash(), b.dash(), "{a:?} and {b:?}");
            }
        }
    }

    /// CIE lightness, 0 to 100: what a greyscale print keeps of a color.
    fn lightness(RGBColor(r, g, b): RGBColor) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
        116.0 * luminance.cbrt() - 16.0
    }

    #[test]
    fn the_papers_methods_differ_in_greyscale() {
        let methods = [Look::PreTrained, Look::FairMaml, Look::Maml];
        let lightness = methods.map(|look| lightness(look.color()));
        assert!(lightness[1] - lightness[0] > 20.0, "{lightness:?}");
        assert!(lightness[2] - lightness[1] > 20.0, "{lightness:?}");
    }
}
