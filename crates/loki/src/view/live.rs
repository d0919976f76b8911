//! A terminal: what happened scrolls by, what happens stands below it.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use loki_engine::{Observer, Recorded};
use loki_model::{Activity, Event, Run};
use loki_store::Store;

use super::{render, reports};

/// Often enough to look alive, seldom enough to cost nothing.
const TICK: Duration = Duration::from_millis(500);

pub(super) struct Live<'a> {
    store: &'a Store,
    bar: ProgressBar,
    doing: String,
}

impl Live<'_> {
    pub(super) fn new(store: &Store) -> Live<'_> {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed_precise}") {
            bar.set_style(style.tick_strings(&["◐", "◓", "◑", "◒", "●"]));
        }
        bar.enable_steady_tick(TICK);
        Live { store, bar, doing: String::new() }
    }
}

impl Observer for Live<'_> {
    fn on_event(&mut self, run: &Run, recorded: &Recorded) {
        for line in render::lines(run, recorded, &|digest| reports(self.store, digest)) {
            self.bar.println(line.styled());
        }
        match &recorded.event {
            Event::AgentActed { activities } => {
                if let Some(Activity::Used { tool, detail }) = activities.last() {
                    self.doing = format!("{tool} {}", render::one_line(detail, 60));
                }
            }
            Event::RunEnded { .. } => return self.bar.finish_and_clear(),
            _ => self.doing.clear(),
        }
        self.bar.set_message(render::standing(run, &self.doing));
    }
}

impl Drop for Live<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
