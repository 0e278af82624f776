//! Which adjoints are stale: nothing was added to them yet, so a rule can overwrite them.

use super::reads::Reads;
use crate::number::Number;
use crate::op::Op;
use crate::place::Place;

/// Marks the adjoints of all nodes in `plane` as stale. Windows that tile a leaf stand in for it;
/// any other leaf with windows is set to 0 and everything is added to that.
pub(crate) fn freshen<S: Number>(
    ops: &[Op],
    places: &[Place],
    plane: &mut [S],
    fresh: &mut Vec<bool>,
) {
    fresh.clear();
    fresh.extend(places.iter().map(|node| node.active));
    for (id, node) in places.iter().enumerate().filter(|(_, node)| node.active) {
        let entries = node.range().len();
        match ops[id] {
            Op::Leaf => match node.reads {
                Reads::Never | Reads::Whole => {}
                Reads::Tiled(end) if end == entries => fresh[id] = false,
                Reads::Tiled(_) | Reads::Mixed => {
                    plane[node.range()].fill(S::zero());
                    fresh[id] = false;
                }
            },
            Op::Window(leaf) => {
                let leaf = places[leaf as usize];
                fresh[id] = leaf.reads == Reads::Tiled(leaf.range().len());
            }
            _ => {}
        }
    }
}
