//! A verdict is told by its word, by the shape of a sign and by color: in greyscale, and to those
//! who see no difference between colors, two of the three remain.

use maud::{Markup, html};

use super::Verdict;

/// Colors of the signs, apart in lightness as well (Okabe and Ito's, darker where they carry
/// white).
const GREEN: &str = "#00694b";
const ORANGE: &str = "#e69f00";
const VERMILLION: &str = "#b03a00";
const GREY: &str = "#555";
const INK: &str = "#262626";

impl Verdict {
    /// Every verdict.
    pub const ALL: [Verdict; 4] =
        [Verdict::Holds, Verdict::InPart, Verdict::DoesNotHold, Verdict::Undecided];

    /// As said of one claim.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::InPart => "holds in part",
            Verdict::DoesNotHold => "does not hold",
            Verdict::Undecided => "cannot be decided",
        }
    }

    /// As said of several claims, or of none.
    fn plural(self) -> &'static str {
        match self {
            Verdict::Holds => "hold",
            Verdict::InPart => "hold in part",
            Verdict::DoesNotHold => "do not hold",
            Verdict::Undecided => "cannot be decided",
        }
    }

    /// A disc with a check, a half-filled disc, a square with a cross, a dashed ring with a
    /// question mark.
    pub(super) fn icon(self) -> Markup {
        html! {
            svg.icon viewBox="0 0 20 20" aria-hidden="true" {
                @match self {
                    Verdict::Holds => {
                        circle cx="10" cy="10" r="9.5" fill=(GREEN) {}
                        path d="M5.3 10.4 8.6 13.7 14.7 6.6" fill="none" stroke="#fff"
                            stroke-width="2.4" {}
                    }
                    Verdict::InPart => {
                        path d="M10 1.2a8.8 8.8 0 0 0 0 17.6z" fill=(ORANGE) {}
                        circle cx="10" cy="10" r="8.8" fill="none" stroke=(INK)
                            stroke-width="1.4" {}
                        path d="M10 1.2v17.6" stroke=(INK) stroke-width="1.4" {}
                    }
                    Verdict::DoesNotHold => {
                        rect x="1" y="1" width="18" height="18" rx="2" fill=(VERMILLION) {}
                        path d="M5.6 5.6 14.4 14.4M14.4 5.6 5.6 14.4" fill="none" stroke="#fff"
                            stroke-width="2.4" {}
                    }
                    Verdict::Undecided => {
                        circle cx="10" cy="10" r="8.8" fill="none" stroke=(GREY)
                            stroke-width="1.6" stroke-dasharray="3.1 2.43" {}
                        path d="M7.4 8.1a2.6 2.6 0 1 1 3.9 2.3c-.9.5-1.3 1-1.3 1.9M10 13.6v1.8"
                            fill="none" stroke=(GREY) stroke-width="1.8" {}
                    }
                }
            }
        }
    }
}

/// How many claims have each verdict: a summary, and the key to the signs.
pub(super) fn tally(verdicts: impl Iterator<Item = Verdict> + Clone) -> Markup {
    html! {
        ul.tally {
            @for verdict in Verdict::ALL {
                @let count = verdicts.clone().filter(|other| *other == verdict).count();
                li {
                    (verdict.icon())
                    b { (count) } " "
                    (if count == 1 { verdict.word() } else { verdict.plural() })
                }
            }
        }
    }
}
