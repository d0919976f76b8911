//! The floor under every detector that reads trees: how quickly one core parses the given files, and does
//! nothing else with them.
//!
//! `cargo run --release -p loki-verify --example parse -- FILE.py ...`
#![expect(clippy::print_stdout, reason = "what it is for")]

use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_python::LANGUAGE.into())?;
    let texts = std::env::args_os().skip(1).map(std::fs::read);
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    let bytes: usize = texts.iter().map(Vec::len).sum();
    let started_at = Instant::now();
    let nodes: usize = texts
        .iter()
        .filter_map(|text| parser.parse(text, None))
        .map(|tree| tree.root_node().descendant_count())
        .sum();
    let seconds = started_at.elapsed().as_secs_f64();
    let megabytes = bytes as f64 / 1e6;
    println!("{:.1} MB/s of {megabytes:.1} MB, {nodes} nodes", megabytes / seconds);
    Ok(())
}
