//! How well and how fast specs are read; `cargo xtask bench --only spec` runs it.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people who measure")]

#[path = "../tests/labelled/score.rs"]
mod score;

use std::time::Instant;

fn main() {
    let scores = score::scores();
    if std::env::args().any(|arg| arg == "--all") {
        for score in &scores {
            println!(
                "{}: {} of {} read, {} labels; wrong {:?}, missing {:?}",
                score.name, score.right, score.read, score.labels, score.wrong, score.missing
            );
        }
    }
    let (precision, recall) = score::totals(scores.iter());
    let labels: usize = scores.iter().map(|score| score.labels).sum();
    println!(
        "labelled specs: precision {precision:.3}, recall {recall:.3} ({} specs, {labels} requirements)",
        scores.len()
    );
    // The generated one is longer than all others together.
    let by_hand = scores.iter().filter(|score| score.name != "awkward-60-pages.md");
    let (precision, recall) = score::totals(by_hand);
    println!("labelled specs written by hand: precision {precision:.3}, recall {recall:.3}");
    let page = score::sixty_pages().0;
    let text: String = page.chars().cycle().take(1_000_000).collect();
    println!("1 MB of Markdown: {}", timed(|| drop(loki_spec::read("prd.md", &text))));
    let mut yaml = "openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths:\n".to_owned();
    (0..).map(operation).find(|operation| {
        yaml.push_str(operation);
        yaml.len() >= 1_000_000
    });
    println!("1 MB of OpenAPI: {}", timed(|| drop(loki_spec::read_as("a.yaml", &yaml).unwrap())));
}

fn operation(number: usize) -> String {
    format!(
        "  /things/{number}/{{id}}:\n    get:\n      operationId: thing{number}\n      summary: Thing {number}\n      \
         parameters:\n        - {{name: id, in: path, required: true, schema: {{type: string, minLength: 1}}}}\n      \
         responses:\n        '200':\n          description: The thing\n          content:\n            \
         application/json: {{schema: {{type: object, properties: {{a: {{type: integer}}}}}}}}\n"
    )
}

/// Median, least and 95th percentile of 20 times.
fn timed(work: impl Fn()) -> String {
    let mut times: Vec<f64> = (0..20)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    format!("{:.1} ms median ({:.1} min, {:.1} p95, n=20)", times[10], times[0], times[18])
}
