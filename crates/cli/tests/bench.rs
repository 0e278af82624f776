//! What `fair-maml bench` prints. How fast anything is, is not for a test to say.

mod common;

use common::{folder, run};
use serde_json::Value;

#[test]
fn timings_as_json_lines() {
    let folder = folder();
    let out = run(folder.path(), "bench --json --threads 2 --precision f32").done().out;
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = lines.iter().map(|line| line["workload"].as_str().unwrap()).collect();
    let workloads = ["synthetic", "communities", "wide", "gradient of 16 tasks", "hvp of 16 tasks"];
    assert_eq!(names, workloads);
    for line in &lines {
        assert_eq!(line["precision"], "f32");
        let derivative = line["workload"].as_str().unwrap().contains(" of ");
        assert_eq!(line["threads"], if derivative { 1 } else { 2 }, "{line}");
        // The statistics are tested where they are computed.
        for field in ["min_us", "median_us", "max_us"] {
            assert!(line[field].as_f64().is_some_and(|us| us > 0.0), "{line}");
        }
    }
}
