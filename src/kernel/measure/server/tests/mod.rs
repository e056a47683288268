//! The source as a whole, at servers that are made up.
mod answers;
mod caching;
mod failures;
mod servers;
