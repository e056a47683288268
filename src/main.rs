//! The `sre` program.
fn main() {}
