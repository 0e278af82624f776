//! What a report is made of. All of it is plain data, filled in by the caller.

use serde::Serialize;

use crate::mean::Mean;

/// A verdict on a paper's claims, and what it rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Stands above the page.
    pub title: String,
    /// What it is, before all else.
    pub about: Vec<String>,
    /// The words without which nothing that follows can be understood: about ten lines.
    pub definitions: Vec<Definition>,
    /// The paper, and what else is drawn on.
    pub sources: Vec<Source>,
    /// How verdicts come about, and what the numbers are.
    pub reading: Vec<String>,
    /// Numbered in this order.
    pub claims: Vec<Claim>,
    /// What else was seen.
    pub findings: Vec<Finding>,
    /// Tables and figures.
    pub sections: Vec<Section>,
    /// Every term, at the end of the page; the text links to it where a term is first used.
    pub glossary: Vec<Term>,
    /// What was run, name and value: command, version, seeds.
    pub provenance: Vec<(String, String)>,
}

/// A word and what it means, in one line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definition {
    /// As it is spelled in the text.
    pub term: String,
    /// One sentence.
    pub text: String,
    /// Where to read more; only addresses that begin with `https://` or `http://` become links.
    pub link: Option<String>,
}

/// A source: the paper, a method, the data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// Authors, title, year.
    pub name: String,
    /// What it is here, as in "the paper" or "the data".
    pub role: String,
    /// Its address; only one that begins with `https://` or `http://` becomes a link.
    pub link: String,
}

/// An entry of the glossary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Term {
    /// As it is spelled in the text; case matters.
    pub term: String,
    /// Its other spellings in the text, such as the plural.
    pub forms: Vec<String>,
    /// What it means, in one sentence or a few.
    pub text: String,
    /// Where to read more; only addresses that begin with `https://` or `http://` become links.
    pub link: Option<String>,
}

/// One claim of the paper.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Claim {
    /// The claim, in our words.
    pub claim: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, in one or two sentences.
    pub because: String,
    /// The reading of the paper and the settings it was judged under; may be empty.
    pub under: String,
    /// The numbers behind it; those of one unit are drawn on one scale.
    pub evidence: Vec<Evidence>,
    /// What becomes of it under other readings; may be empty.
    pub readings: Vec<UnderReading>,
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Holds.
    Holds,
    /// Holds in part.
    InPart,
    /// Does not hold.
    DoesNotHold,
    /// Cannot be decided.
    #[default]
    Undecided,
    /// What it is about was not run.
    NotRun,
    /// The run was so short that nothing is concluded from it.
    TooShort,
}

/// What a row of evidence comes to, for a claim that says something of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceOutcome {
    /// What the claim says of it was found.
    BorneOut,
    /// The opposite was found.
    Refuted,
    /// The interval holds both.
    Open,
}

/// What becomes of a claim under another reading of the paper.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnderReading {
    /// The open question.
    pub decision: String,
    /// How it is read.
    pub reading: String,
    /// What becomes of the claim.
    pub verdict: Verdict,
}

/// A quantity, measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Evidence {
    /// Names it, as in "accuracy, Fair-MAML γ = 10 − pre-trained".
    pub quantity: String,
    /// Mean and interval over seeds; `None` where undefined.
    pub value: Option<Mean>,
    /// How many of all values are undefined; `None` for a quantity that always exists.
    pub undefined: Option<(usize, usize)>,
    /// Whether it is a difference or a correlation, whose sign is always shown.
    pub signed: bool,
    /// What it measures: rows of one unit share a scale.
    pub unit: Unit,
    /// The least difference that counts, above 0; drawn as a band to either side of zero.
    pub margin: Option<f64>,
    /// What the claim says of it; `None` for what is only shown for comparison.
    pub tested: Option<Tested>,
    /// What it comes to; `None` for what is only shown for comparison.
    pub outcome: Option<EvidenceOutcome>,
    /// The value of each seed, drawn as a small dot; may be empty.
    pub seeds: Vec<f64>,
}

/// What a quantity measures. A value lies in [0, 1], a difference of two in [−1, 1].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// The share of rows that are decided as labeled.
    #[default]
    Accuracy,
    /// Parity or opportunity: 1 is fair.
    Fairness,
    /// An area under a front.
    Area,
    /// A share of tasks or of rows.
    Share,
    /// A correlation, in [−1, 1], whose sign is always shown.
    Correlation,
}

/// What a claim says of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tested {
    /// Above zero, by a margin that counts.
    More,
    /// Not above zero by a margin that counts.
    NotMore,
    /// Within the margin to either side of zero.
    Alike,
    /// Below zero, by a margin that counts.
    Less,
}

/// Something seen that the paper makes no claim about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// In a few words.
    pub heading: String,
    /// In a few sentences.
    pub text: String,
    /// The numbers behind it; those of one unit are drawn on one scale.
    pub evidence: Vec<Evidence>,
}

/// A chapter: its text, its tables, its figures, then its subsections.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Also an entry of the table of contents.
    pub heading: String,
    /// Paragraphs.
    pub text: Vec<String>,
    /// Numbered through the report.
    pub tables: Vec<Table>,
    /// Numbered through the report.
    pub figures: Vec<Figure>,
    /// Each with text, tables and figures of its own.
    pub subsections: Vec<Section>,
}

/// A table of texts; the first column names the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Says what is shown; stands above.
    pub caption: String,
    /// The names of the columns.
    pub head: Vec<String>,
    /// Cells, row by row. A row starts a new group where its first cell differs from the last.
    pub rows: Vec<Vec<String>>,
    /// Columns from here on hold numbers.
    pub numeric_from: usize,
}

/// A picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// The name of its own file.
    pub file: String,
    /// Says what is shown; stands below.
    pub caption: String,
    /// The whole SVG document.
    pub svg: String,
    /// Said in place of the picture to those who do not see it.
    pub description: String,
}

impl Definition {
    /// A word and what it means.
    pub fn new(term: impl Into<String>, text: impl Into<String>) -> Definition {
        Definition { term: term.into(), text: text.into(), link: None }
    }

    /// With an address where to read more.
    pub fn link(mut self, link: impl Into<String>) -> Definition {
        self.link = Some(link.into());
        self
    }
}

impl Source {
    /// What it is here, what it is called, and its address.
    pub fn new(
        role: impl Into<String>,
        name: impl Into<String>,
        link: impl Into<String>,
    ) -> Source {
        Source { name: name.into(), role: role.into(), link: link.into() }
    }
}

impl Term {
    /// A term and what it means.
    pub fn new(term: impl Into<String>, text: impl Into<String>) -> Term {
        Term { term: term.into(), text: text.into(), ..Term::default() }
    }

    /// With other spellings that stand for it in the text.
    pub fn forms<const N: usize>(mut self, forms: [&str; N]) -> Term {
        self.forms.extend(forms.map(String::from));
        self
    }

    /// With an address where to read more.
    pub fn link(mut self, link: impl Into<String>) -> Term {
        self.link = Some(link.into());
        self
    }
}

impl Claim {
    /// A claim and what became of it; without evidence, a reason or settings as yet.
    pub fn new(claim: impl Into<String>, verdict: Verdict) -> Claim {
        Claim { claim: claim.into(), verdict, ..Claim::default() }
    }

    /// With the reason for the verdict.
    pub fn because(mut self, because: impl Into<String>) -> Claim {
        self.because = because.into();
        self
    }

    /// With the reading and the settings it was judged under.
    pub fn under(mut self, under: impl Into<String>) -> Claim {
        self.under = under.into();
        self
    }

    /// With the numbers behind it.
    pub fn evidence(mut self, evidence: Vec<Evidence>) -> Claim {
        self.evidence = evidence;
        self
    }
}

impl Evidence {
    /// A difference, whose sign is always shown; `None` where it is undefined.
    ///
    /// ```
    /// use report::mean::Mean;
    /// use report::page::{Evidence, Tested, Unit};
    ///
    /// let seeds = [0.02, 0.05, 0.03];
    /// let row = Evidence::difference("accuracy, ours − theirs", Mean::of(&seeds))
    ///     .unit(Unit::Accuracy)
    ///     .tested(Tested::More, 0.05)
    ///     .seeds(seeds);
    /// assert_eq!((row.signed, row.margin), (true, Some(0.05)));
    /// ```
    pub fn difference(quantity: impl Into<String>, value: Option<Mean>) -> Evidence {
        Evidence { signed: true, ..Evidence::level(quantity, value) }
    }

    /// A quantity that is no difference; `None` where it is undefined.
    pub fn level(quantity: impl Into<String>, value: Option<Mean>) -> Evidence {
        Evidence { quantity: quantity.into(), value, ..Evidence::default() }
    }

    /// A correlation, whose sign is always shown; `None` where it is undefined.
    pub fn correlation(quantity: impl Into<String>, value: Option<Mean>) -> Evidence {
        Evidence::difference(quantity, value).unit(Unit::Correlation)
    }

    /// With what it measures.
    pub fn unit(mut self, unit: Unit) -> Evidence {
        self.unit = unit;
        self
    }

    /// With the least difference that counts.
    pub fn margin(mut self, margin: f64) -> Evidence {
        self.margin = Some(margin);
        self
    }

    /// With what the claim says of it, and the least difference that counts.
    pub fn tested(mut self, tested: Tested, margin: f64) -> Evidence {
        self.tested = Some(tested);
        self.margin(margin)
    }

    /// With how many of all values are undefined.
    pub fn undefined(mut self, undefined: usize, all: usize) -> Evidence {
        self.undefined = Some((undefined, all));
        self
    }

    /// With the value of each seed.
    pub fn seeds(mut self, seeds: impl Into<Vec<f64>>) -> Evidence {
        self.seeds = seeds.into();
        self
    }
}

impl Unit {
    /// Names the scale.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Accuracy => "accuracy",
            Unit::Fairness => "fairness",
            Unit::Area => "area",
            Unit::Share => "share",
            Unit::Correlation => "correlation",
        }
    }
}

impl Tested {
    /// As it stands in a table.
    pub fn word(self) -> &'static str {
        match self {
            Tested::More => "more",
            Tested::NotMore => "not more",
            Tested::Alike => "alike",
            Tested::Less => "less",
        }
    }
}
