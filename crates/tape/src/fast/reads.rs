//! How a leaf is read, so that only adjoints that nothing overwrites are set to 0.

/// How operations read a leaf, which decides who answers for the zeros of its adjoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Not at all yet.
    Never,
    /// As a whole.
    Whole,
    /// Through windows that lie side by side and cover the entries before this one.
    Tiled(usize),
    /// Through windows with gaps or overlaps, or both through windows and as a whole.
    Mixed,
}

impl Reads {
    pub fn whole(self) -> Reads {
        match self {
            Reads::Never | Reads::Whole => Reads::Whole,
            Reads::Tiled(_) | Reads::Mixed => Reads::Mixed,
        }
    }

    pub fn window(self, start: usize, end: usize) -> Reads {
        match self {
            Reads::Never if start == 0 => Reads::Tiled(end),
            Reads::Tiled(covered) if start == covered => Reads::Tiled(end),
            _ => Reads::Mixed,
        }
    }
}
