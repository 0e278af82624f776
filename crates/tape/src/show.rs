//! A recording as text: a listing of its nodes, and a graph for Graphviz.

use std::fmt::Write;

use crate::op::Op;
use crate::{Scalar, Tape, Var};

/// The most entries of a node that a listing shows.
const SHOWN: usize = 3;

/// What a listing shows of a node.
struct Node {
    /// The name of the operation.
    operation: String,
    /// The nodes that it reads.
    inputs: Vec<u32>,
    shape: (usize, usize),
    active: bool,
}

/// The recording as text. It shows the first lane.
///
/// ```
/// use tape::Tape;
/// let mut tape = Tape::<f64>::new();
/// let x = tape.variable(1, 2, &[3.0, 4.0]);
/// let squares = tape.mul(x, x);
/// let y = tape.sum(squares);
/// tape.backward(y);
/// let listing = tape.listing();
/// assert!(listing.contains("mul"), "{listing}");
/// assert!(tape.dot_graph().starts_with("digraph"));
/// ```
impl<S: Scalar> Tape<S> {
    /// A table of the nodes in their order: number, operation, operands, shape, and the first
    /// entries of the value. After a backward sweep the adjoint is below it, and after sweeps of
    /// tangents the tangents of both. Constants have none of these.
    pub fn listing(&self) -> String {
        let mut text =
            format!("{:>4}  {:<13}{:<9}{:<9}numbers\n", "node", "operation", "of", "shape");
        for id in 0..self.places.len() {
            let node = self.describe(id);
            let of: Vec<String> = node.inputs.iter().map(u32::to_string).collect();
            let shape = format!("({}, {})", node.shape.0, node.shape.1);
            let mut head = format!("{id:>4}  {:<13}{:<9}{shape:<9}", node.operation, of.join(" "));
            let indent = " ".repeat(head.chars().count());
            for (name, numbers) in self.numbers_of(id, node.active) {
                writeln!(text, "{head}{name:<16}{numbers}").expect("a string grows");
                head.clone_from(&indent);
            }
        }
        text
    }

    /// The recording as a graph in the language of Graphviz: `dot -Tsvg` draws it. An arrow goes
    /// from an operand to what is computed from it. Nodes with a derivative are boxes, and
    /// constants are ellipses.
    pub fn dot_graph(&self) -> String {
        let mut text =
            String::from("digraph tape {\n  rankdir=BT;\n  node [fontname=monospace];\n");
        for id in 0..self.places.len() {
            let node = self.describe(id);
            let (rows, columns) = node.shape;
            let form = if node.active { "box" } else { "ellipse" };
            let label = format!("{id}: {}\\n({rows}, {columns})", node.operation);
            writeln!(text, "  n{id} [shape={form}, label=\"{label}\"];").expect("a string grows");
            for input in node.inputs {
                writeln!(text, "  n{input} -> n{id};").expect("a string grows");
            }
        }
        text.push_str("}\n");
        text
    }

    /// The names of the planes beside the values, and whether a sweep has filled them.
    fn planes(&self) -> [(&'static str, bool); 3] {
        [
            ("adjoint", self.swept.backward.is_some()),
            ("tangent", self.swept.forward_tangents),
            ("adjoint tangent", self.swept.backward_tangents),
        ]
    }

    fn describe(&self, id: usize) -> Node {
        let (op, place) = (self.ops[id], &self.places[id]);
        let mut inputs = Vec::new();
        op.each_input(&self.custom, &self.runs, |input| inputs.push(input));
        inputs.dedup_by(|run, before| run == before && matches!(op, Op::Gather(..)));
        let operation = match op {
            Op::Leaf if place.active => "variable".into(),
            Op::Leaf => "constant".into(),
            Op::Unary(_, function) => format!("{function:?}").to_lowercase(),
            Op::Binary(_, _, function) => format!("{function:?}").to_lowercase(),
            Op::Affine(..) => "affine".into(),
            Op::Largest(..) => "max".into(),
            Op::LogSumExp(..) => "log_sum_exp".into(),
            Op::LogSoftmax(_) => "log_softmax".into(),
            Op::StopGradient(_) => "stop_gradient".into(),
            Op::Custom(_) => "operation".into(),
            Op::Gather(..) => "gather".into(),
            Op::Window(_) => "window".into(),
            Op::Select(..) => "select".into(),
            Op::MatMul(..) => "matmul".into(),
            Op::Transpose(_) => "transpose".into(),
            Op::Sum(_) => "sum".into(),
            Op::Dot(..) => "dot".into(),
        };
        Node { operation, inputs, shape: place.shape(), active: place.active }
    }

    /// The first entries of a node in every plane that is filled, with the name of the plane.
    fn numbers_of(&self, id: usize, active: bool) -> Vec<(&'static str, String)> {
        let v = Var { index: id as u32, recording: self.recording };
        let mut numbers = vec![("value", entries(self.value(v)))];
        if active {
            let planes = [Tape::adjoint, Tape::tangent, Tape::adjoint_tangent];
            let swept = self.planes().into_iter().zip(planes).filter(|((_, swept), _)| *swept);
            numbers.extend(swept.map(|((name, _), plane)| (name, entries(plane(self, v)))));
        }
        numbers
    }
}

/// The first entries of the first lane. The sum makes a 0 of −0.
fn entries<S: Scalar>(all: &[S]) -> String {
    let mut shown: Vec<String> =
        all.iter().take(SHOWN).map(|x| format!("{:.4}", x.lane(0) + 0.0)).collect();
    if all.len() > SHOWN {
        shown.push("…".into());
    }
    shown.join(" ")
}
