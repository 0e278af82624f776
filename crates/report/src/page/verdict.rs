//! A verdict is told by its word, by the shape of a sign and by color: in greyscale, and to those
//! who see no difference between colors, two of the three remain.

use maud::{Markup, html};

use super::Verdict;

impl Verdict {
    /// Every verdict.
    pub const ALL: [Verdict; 6] = [
        Verdict::Holds,
        Verdict::InPart,
        Verdict::DoesNotHold,
        Verdict::Undecided,
        Verdict::NotRun,
        Verdict::TooShort,
    ];

    /// As said of one claim.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::InPart => "holds in part",
            Verdict::DoesNotHold => "does not hold",
            Verdict::Undecided => "cannot be decided",
            Verdict::NotRun => "not run",
            Verdict::TooShort => "too short to judge",
        }
    }

    /// As said of several claims, or of none.
    fn plural(self) -> &'static str {
        match self {
            Verdict::Holds => "hold",
            Verdict::InPart => "hold in part",
            Verdict::DoesNotHold => "do not hold",
            Verdict::Undecided => "cannot be decided",
            Verdict::NotRun => "not run",
            Verdict::TooShort => "too short to judge",
        }
    }

    /// A disc with a check, a half-filled disc, a square with a cross, a dashed ring with a
    /// question mark, an hourglass. The style sheet has the colors, for light pages and dark ones.
    pub(super) fn icon(self) -> Markup {
        html! {
            svg.icon.(self.class()) viewBox="0 0 20 20" aria-hidden="true" {
                @match self {
                    Verdict::Holds => {
                        circle.fill cx="10" cy="10" r="9.5" {}
                        path.sign d="M5.3 10.4 8.6 13.7 14.7 6.6" {}
                    }
                    Verdict::InPart => {
                        path.fill d="M10 1.2a8.8 8.8 0 0 0 0 17.6z" {}
                        circle.line cx="10" cy="10" r="8.8" {}
                        path.line d="M10 1.2v17.6" {}
                    }
                    Verdict::DoesNotHold => {
                        rect.fill x="1" y="1" width="18" height="18" rx="2" {}
                        path.sign d="M5.6 5.6 14.4 14.4M14.4 5.6 5.6 14.4" {}
                    }
                    Verdict::Undecided => {
                        circle.line cx="10" cy="10" r="8.8" stroke-dasharray="3.1 2.43" {}
                        path.line d="M7.4 8.1a2.6 2.6 0 1 1 3.9 2.3c-.9.5-1.3 1-1.3 1.9M10 13.6v1.8" {}
                    }
                    Verdict::NotRun => {
                        circle.line cx="10" cy="10" r="8.8" {}
                        path.line d="M5.5 10h9" {}
                    }
                    Verdict::TooShort => {
                        path.line d="M4.5 2h11M4.5 18h11M6 2c0 5 3 6 4 8-1 2-4 3-4 8M14 2c0 5-3 6-4 8 1 2 4 3 4 8" {}
                        path.fill d="M7 17.4c.4-2.4 2-3.2 3-4.4 1 1.2 2.6 2 3 4.4z" {}
                    }
                }
            }
        }
    }

    /// Its name in the style sheet.
    fn class(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::InPart => "in-part",
            Verdict::DoesNotHold => "refuted",
            Verdict::Undecided => "undecided",
            Verdict::NotRun => "not-run",
            Verdict::TooShort => "too-short",
        }
    }
}

/// How many claims have each verdict: a summary, and the key to the signs. Whether a run was long
/// enough is no verdict on a claim: it is only counted where there is something to count.
pub(super) fn tally(verdicts: impl Iterator<Item = Verdict> + Clone) -> Markup {
    html! {
        ul.tally {
            @for verdict in Verdict::ALL {
                @let count = verdicts.clone().filter(|other| *other == verdict).count();
                @if count > 0 || !matches!(verdict, Verdict::NotRun | Verdict::TooShort) {
                    li {
                        (verdict.icon())
                        b { (count) } " "
                        (if count == 1 { verdict.word() } else { verdict.plural() })
                    }
                }
            }
        }
    }
}

/// What is said in place of verdicts if every claim's run was too short; `None` otherwise.
pub(super) fn too_short(mut verdicts: impl ExactSizeIterator<Item = Verdict>) -> Option<String> {
    let all = verdicts.len() > 0 && verdicts.all(|verdict| verdict == Verdict::TooShort);
    all.then(|| "No claim of the paper is judged, because this run is too short.".into())
}
