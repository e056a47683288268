//! What the YAML parser alone needs: reads every file below a folder and counts the parser's events.
//! The yardstick for `sre validate`: `cargo run --release --example yaml_events -- FOLDER`.
#![expect(clippy::disallowed_methods, reason = "a program of its own, which reads files")]
#![expect(clippy::print_stdout, reason = "a program of its own, which prints")]
use std::{env, fs, path::PathBuf};

fn main() {
    let mut folders: Vec<PathBuf> = env::args().skip(1).map(PathBuf::from).collect();
    let (mut files, mut bytes, mut events) = (0_u64, 0_u64, 0_u64);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a text");
            files += 1;
            bytes += text.len() as u64;
            events += granit_parser::Parser::new_from_str(&text).count() as u64;
        }
    }
    println!("{files} files, {bytes} bytes, {events} events");
}
