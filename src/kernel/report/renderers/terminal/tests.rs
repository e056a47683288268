use super::*;
use crate::kernel::report::testing::{budget_report, printed};

fn show(report: &Report, surface: Surface) -> String {
    printed(|out| write(report, surface, out))
}

#[test]
fn look() {
    for width in [None, Some(120), Some(80), Some(60), Some(40)] {
        println!("{}", show(&budget_report(), Surface { width, colour: true, unicode: true }));
        println!("----");
    }
}
