//! Tables: their columns, and the features and tasks of their rows.

use frame::{Frame, Options};
use tasks::Scaling;
use tasks::schema::{Encoding, Missing, Roles, Schema};

use super::{Reader, Use, refused};

/// The reader of tables.
pub const READER: Reader = Reader {
    name: "csv",
    accepted: || ACCEPTED.iter().map(|text| text.as_bytes().to_vec()).collect(),
    pieces: &[
        "\"", "\"\"", ",", ";", "\n", "\r", "\r\n", "\0", "\u{feff}", " ", "\t", "1e999", "1e308",
        "1e-320", "-0.", "nan", "?", "=1+1", "t", "y", "g", "b", "good",
    ],
    read,
};

const ACCEPTED: [&str; 4] = [
    "t,y,g,x,c\nn,good,a,1,red\nn,bad,b,2.5e3,blue\ns,bad,a,,red\ns,good,b,-1,\n",
    "\u{feff}t,y,g,x\r\nn,good,a,?\r\nn,bad,\"b\",1e-320\r\ns,good,a,\"1e308\"\r\n",
    "x,t,y,g\r1,n,good,b\r2,\"two\rlines\",bad,a\r",
    "t,y,g,id,=x\nn,good,b,p1,0.1\nn,good,b,p2,0.1\ns,bad,b,p3,0.1\n",
];

fn read(bytes: &[u8]) -> Option<Use> {
    let roles = Roles {
        task: "t".into(),
        label: "y".into(),
        positive: "good".into(),
        sensitive: "g".into(),
        protected: vec!["b".into()],
    };
    let options = roles.reading(Options { most_levels: 3, ..Options::default() });
    let frame = match Frame::<f32>::from_bytes(bytes, "data.csv", &options) {
        Ok(frame) => frame,
        Err(error) => return refused(&error, bytes),
    };
    Some(Box::new(move || {
        for scaling in [Scaling::OverAllTasks, Scaling::WithinTask] {
            for missing in [Missing::Impute, Missing::Refuse] {
                let encoding = Encoding { missing, scaling, frequent: 1, most_levels: 2 };
                tasks_of(frame.clone(), &roles, &encoding);
            }
        }
    }))
}

/// Makes tasks of a table. Every row that has a task, a label and a group is in one of them, with
/// features that are finite.
fn tasks_of(frame: Frame<f32>, roles: &Roles, encoding: &Encoding) {
    let Ok((schema, notes)) = Schema::fit(&frame, roles, encoding) else { return };
    for note in notes {
        assert!(!note.to_string().contains(char::is_control), "{note}");
    }
    let all = frame.rows();
    let Ok(found) = schema.tasks(frame) else { return };
    let rows: usize = found.tasks.iter().map(|task| task.data.rows()).sum();
    assert_eq!(rows + found.left_out, all);
    for task in &found.tasks {
        let data = task.data.all();
        for row in 0..data.rows() {
            let x = data.row(row);
            assert_eq!(x.len(), schema.width());
            assert!(x.iter().all(|x| x.is_finite()), "{x:?}");
        }
    }
}
