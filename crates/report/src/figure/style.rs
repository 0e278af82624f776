//! The visual language that all figures share.
//!
//! A [`Look`] is plain data: which method has which is the caller's to say, once for all figures.
//! It tells a method three times over, by color, by marker and by dash, so that a greyscale print
//! or a color-blind reader loses nothing. Most colors are those of Okabe and Ito (*Color Universal
//! Design*, 2008), the others of Tol's (*Colour Schemes*, 2021), made for color-blind readers too.

use plotters::style::RGBColor;

/// Text and frames.
pub(super) const INK: RGBColor = RGBColor(0x26, 0x26, 0x26);
/// Ticks, notes and other things of second rank.
pub(super) const QUIET: RGBColor = RGBColor(0x5A, 0x5A, 0x5A);
/// Lines of the grid.
pub(super) const GRID: RGBColor = RGBColor(0xE8, 0xE8, 0xE8);
/// The ground of every figure.
pub(super) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
/// Points of the protected group.
pub(super) const PROTECTED: RGBColor = Color::Vermillion.rgb();
/// Points of everyone else.
pub(super) const UNPROTECTED: RGBColor = RGBColor(0x33, 0x33, 0x33);

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

/// How a method, or whatever else a figure compares, looks: in every figure the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Look {
    /// Of lines and markers.
    pub color: Color,
    /// The shape of points.
    pub marker: Marker,
    /// Of lines.
    pub dash: Dash,
    /// Whether the marker is an outline, somewhat larger, which can be seen around another at the
    /// same place.
    pub hollow: bool,
}

impl Look {
    /// The look of the n-th thing in a figure whose things have no look of their own.
    pub fn nth(n: usize) -> Self {
        let (colors, markers, dashes) = (Color::ALL, Marker::ALL, Dash::ALL);
        Self::new(colors[n % colors.len()], markers[n % markers.len()], dashes[n % dashes.len()])
    }

    /// A look with filled markers.
    pub const fn new(color: Color, marker: Marker, dash: Dash) -> Self {
        Self { color, marker, dash, hollow: false }
    }

    /// The same with outlines for markers.
    pub const fn hollow(self) -> Self {
        Self { hollow: true, ..self }
    }

    /// The color of lines and markers.
    pub(super) const fn color(self) -> RGBColor {
        self.color.rgb()
    }

    /// A darker shade of the color, for text, which needs more contrast than a line.
    pub(super) fn text_color(self) -> RGBColor {
        let RGBColor(r, g, b) = self.color();
        let darker = |channel: u8| (f64::from(channel) * 0.62) as u8;
        RGBColor(darker(r), darker(g), darker(b))
    }

    /// Lengths of strokes and gaps in turn, in pixels; none for a solid line.
    pub(super) const fn dash(self) -> &'static [f64] {
        self.dash.lengths()
    }
}

/// A color that color-blind readers, too, tell from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Color {
    Black,
    Blue,
    Green,
    Grey,
    Indigo,
    Olive,
    Orange,
    Purple,
    SkyBlue,
    Vermillion,
    Wine,
}

impl Color {
    /// Every color.
    pub const ALL: [Color; 11] = [
        Color::Black,
        Color::Blue,
        Color::Green,
        Color::Grey,
        Color::Indigo,
        Color::Olive,
        Color::Orange,
        Color::Purple,
        Color::SkyBlue,
        Color::Vermillion,
        Color::Wine,
    ];

    const fn rgb(self) -> RGBColor {
        match self {
            Color::Black => RGBColor(0x00, 0x00, 0x00),
            Color::Blue => RGBColor(0x00, 0x72, 0xB2),
            Color::Green => RGBColor(0x00, 0x9E, 0x73),
            Color::Grey => RGBColor(0x80, 0x80, 0x80),
            Color::Indigo => RGBColor(0x33, 0x22, 0x88),
            Color::Olive => RGBColor(0x99, 0x99, 0x33),
            Color::Orange => RGBColor(0xE6, 0x9F, 0x00),
            Color::Purple => RGBColor(0xCC, 0x79, 0xA7),
            Color::SkyBlue => RGBColor(0x56, 0xB4, 0xE9),
            Color::Vermillion => RGBColor(0xD5, 0x5E, 0x00),
            Color::Wine => RGBColor(0x88, 0x22, 0x55),
        }
    }
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Dash {
    Solid,
    Long,
    VeryLong,
    Short,
    Dotted,
    SparselyDotted,
    DashDot,
    DashDotDot,
}

impl Dash {
    /// Every dash.
    pub const ALL: [Dash; 8] = [
        Dash::Solid,
        Dash::Long,
        Dash::VeryLong,
        Dash::Short,
        Dash::Dotted,
        Dash::SparselyDotted,
        Dash::DashDot,
        Dash::DashDotDot,
    ];

    const fn lengths(self) -> &'static [f64] {
        match self {
            Dash::Solid => &[],
            Dash::Long => &[7.0, 3.0],
            Dash::VeryLong => &[12.0, 3.0],
            Dash::Short => &[3.5, 2.5],
            Dash::Dotted => &[1.6, 2.4],
            Dash::SparselyDotted => &[1.6, 5.0],
            Dash::DashDot => &[7.0, 2.5, 1.6, 2.5],
            Dash::DashDotDot => &[5.0, 2.2, 1.6, 2.2, 1.6, 2.2],
        }
    }
}

/// Dashes of reference lines, finer than those of any method.
pub(super) const REFERENCE_DASH: &[f64] = &[3.0, 3.0];

/// The shape of a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Marker {
    Circle,
    Square,
    TriangleUp,
    TriangleDown,
    TriangleLeft,
    TriangleRight,
    Diamond,
    Pentagon,
    Star,
    Cross,
    Plus,
}

impl Marker {
    /// Every shape.
    pub const ALL: [Marker; 11] = [
        Marker::Circle,
        Marker::Square,
        Marker::TriangleUp,
        Marker::TriangleDown,
        Marker::TriangleLeft,
        Marker::TriangleRight,
        Marker::Diamond,
        Marker::Pentagon,
        Marker::Star,
        Marker::Cross,
        Marker::Plus,
    ];

    /// The corners around the origin, y downwards, scaled so that all shapes of one `radius`
    /// look equally large; `None` for the circle.
    pub(super) fn corners(self, radius: f64) -> Option<Vec<(f64, f64)>> {
        Some(match self {
            Marker::Circle => return None,
            Marker::Square => regular(4, 0.125, |_| 1.27 * radius),
            Marker::TriangleUp => regular(3, 0.0, |_| 1.4 * radius),
            Marker::TriangleDown => regular(3, 0.5, |_| 1.4 * radius),
            Marker::TriangleLeft => regular(3, 0.75, |_| 1.4 * radius),
            Marker::TriangleRight => regular(3, 0.25, |_| 1.4 * radius),
            Marker::Diamond => regular(4, 0.0, |_| 1.35 * radius),
            Marker::Pentagon => regular(5, 0.0, |_| 1.15 * radius),
            Marker::Star => regular(10, 0.0, |k| [1.45, 0.62][k % 2] * radius),
            Marker::Plus => plus(1.25 * radius, 0.36 * radius),
            Marker::Cross => {
                let eighth = std::f64::consts::FRAC_1_SQRT_2;
                let turned = |(x, y)| (eighth * (x - y), eighth * (x + y));
                plus(1.25 * radius, 0.38 * radius).into_iter().map(turned).collect()
            }
        })
    }
}

/// Corners at even turns from `start` (in turns, clockwise from the top), each at its `reach`.
fn regular(corners: usize, start: f64, reach: impl Fn(usize) -> f64) -> Vec<(f64, f64)> {
    let corner = |k: usize| {
        let turn = (start + k as f64 / corners as f64) * std::f64::consts::TAU;
        (reach(k) * turn.sin(), -reach(k) * turn.cos())
    };
    (0..corners).map(corner).collect()
}

/// A plus sign of arms that long and half that wide, a quarter at a time.
fn plus(arm: f64, half: f64) -> Vec<(f64, f64)> {
    let corner = [(half, arm), (half, half), (arm, half)];
    let quarter = |quarter: usize| {
        corner.map(|(x, y)| match quarter {
            0 => (x, -y),
            1 => (y, x),
            2 => (-x, y),
            _ => (-y, -x),
        })
    };
    (0..4).flat_map(quarter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_markers_and_dashes_differ() {
        for (index, a) in Color::ALL.iter().enumerate() {
            assert!(Color::ALL[..index].iter().all(|b| b.rgb() != a.rgb()), "{a:?}");
        }
        for (index, a) in Marker::ALL.iter().enumerate() {
            assert!(Marker::ALL[..index].iter().all(|b| b.corners(1.0) != a.corners(1.0)), "{a:?}");
        }
        for (index, a) in Dash::ALL.iter().enumerate() {
            assert!(Dash::ALL[..index].iter().all(|b| b.lengths() != a.lengths()), "{a:?}");
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
    fn three_colors_differ_in_greyscale() {
        let lightness = [Color::Black, Color::Blue, Color::Orange].map(|c| lightness(c.rgb()));
        assert!(lightness[1] - lightness[0] > 20.0, "{lightness:?}");
        assert!(lightness[2] - lightness[1] > 20.0, "{lightness:?}");
    }

    #[test]
    fn text_is_dark_enough_for_small_type() {
        for color in Color::ALL {
            let look = Look::new(color, Marker::Circle, Dash::Solid);
            assert!(lightness(look.text_color()) < 50.0, "{color:?}");
        }
    }
}
