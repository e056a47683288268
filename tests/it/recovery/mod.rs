//! Recovery plans: the arithmetic against vectors that were computed elsewhere, and `sre dr` as people use it.
mod plans;
mod vectors;
