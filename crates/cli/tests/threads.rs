//! Without threads: the limit of processes holds for a user other than root, so the program runs as
//! nobody. Where this cannot be had, there is nothing to test.
#![cfg(unix)]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use common::{folder, write};

/// A program as a user who may have so many processes.
fn limited(folder: &Path, processes: u32, program: &Path, arguments: &[&str]) -> Option<Output> {
    Command::new("setpriv")
        .args(["--reuid=61234", "--regid=61234", "--clear-groups", "prlimit"])
        .arg(format!("--nproc={processes}"))
        .arg(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .ok()
}

#[test]
fn without_threads_the_main_thread_works_or_an_error_says_so() {
    let folder = folder();
    let here = folder.path();
    let open = |path: &Path| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    };
    let program = here.join("fair-maml");
    std::fs::copy(env!("CARGO_BIN_EXE_fair-maml"), &program).unwrap();
    write(here, "p.csv", "y,d,s\n1,1,a\n0,0,b\n1,0,a\n0,1,b\n");
    open(here);
    open(&program);
    let can = limited(here, 9, &program, &["--version"]);
    if !can.is_some_and(|ran| ran.status.success()) {
        return;
    }
    let audit = "audit p.csv --label y --prediction d --sensitive s --positive 1 --protected a";
    let audit: Vec<&str> = audit.split(' ').collect();
    let ran = limited(here, 1, &program, &audit).unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(String::from_utf8_lossy(&ran.stdout).contains("Fairness audit"));
    for command in ["reproduce --quick --threads 2 --out o", "study --quick --threads 2 --out o"] {
        let ran = limited(here, 1, &program, &command.split(' ').collect::<Vec<_>>()).unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{command}: {said}");
        assert!(said.contains("threads") && said.contains("no more"), "{command}: {said}");
    }
}
