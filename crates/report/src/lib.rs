//! Figures and pages: plain data in, SVG, HTML and Markdown out. Nothing here knows a method or a
//! problem.
//!
//! | file | subject |
//! |---|---|
//! | [`mean`] | means over independent runs with their intervals |
//! | [`rank`] | the rank correlation of pairs with its interval |
//! | [`number`] | how numbers are set |
//! | [`csv`] | rows as CSV |
//! | [`figure`] | figures as SVG |
//! | [`page`] | a report as one HTML page, or as Markdown |
//! | [`terminal`] | the width and the colors of a terminal, and tables that fit it |

pub mod csv;
pub mod figure;
pub mod mean;
pub mod number;
pub mod page;
pub mod rank;
pub mod terminal;
