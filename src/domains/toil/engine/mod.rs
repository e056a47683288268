//! What is computed about toil: pure.
//!
//! | where | what |
//! |---|---|
//! | [`work`] | pieces of work, and how much of it there is without counting an hour twice |
//! | [`share`] | shares of working hours by month, against a cap, and their trend |
//! | [`payback`] | what is worth automating |
pub mod payback;
pub mod share;
pub mod work;
