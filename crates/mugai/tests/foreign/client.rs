//! The client in Python.

use crate::environment::{environment, root};
use crate::served::Served;
use std::process::Command;

#[test]
fn the_tests_of_the_python_client_pass_at_a_real_service() {
    let Some(environment) = environment() else {
        return;
    };
    let served = Served::start("", &[]);
    let client = root().join("clients/python");
    let paths = [client.as_path(), &environment.messages].map(|path| path.display().to_string());
    let output = Command::new(&environment.python)
        .args(["-m", "unittest", "-v", "tests.test_client"])
        .current_dir(&client)
        .env("PYTHONPATH", paths.join(":"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("MUGAI_SOCKET", served.path("socket"))
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // not one of them was passed over
    assert!(
        said.contains("Ran 8 tests") && !said.contains("skipped"),
        "{said}"
    );
}
