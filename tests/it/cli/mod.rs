//! The commands, run in process: what they print, where, and how they end.
mod backtest;
mod budget;
mod burn;
mod catalog;
mod dependencies;
mod doctor;
mod documents;
pub(crate) mod export;
mod gate;
mod graph;
pub(crate) mod harness;
mod methods;
mod pyrra;
mod seed;
mod servers;
mod sla;
mod streams;
mod validate;
