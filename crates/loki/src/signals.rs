//! SIGINT, SIGTERM and SIGHUP ask the run to stop; a second one ends the process at once.

use loki_engine::Stop;
use loki_model::{Outcome, StopCause};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::output;

/// From here on signals reach `stop`. The thread sleeps until one comes.
pub(crate) fn forward_to(stop: Stop) -> std::io::Result<()> {
    let mut wanted = vec![SIGINT, SIGTERM];
    // `nohup` ignores it on purpose.
    if !is_ignored(SIGHUP) {
        wanted.push(SIGHUP);
    }
    let mut signals = Signals::new(wanted)?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            if stop.requested().is_some() {
                // The agent's tree ends with this process: its reaper watches for that.
                std::process::exit(i32::from(Outcome::Stopped.exit_code()));
            }
            let by = if signal == SIGINT { StopCause::Interrupt } else { StopCause::Terminate };
            // First the deed: a closed terminal may not take the words.
            stop.request(by);
            output::talk("stopping: ending what is under way (once more to leave at once)");
        }
    })?;
    Ok(())
}

/// Whether the process was started with `signal` ignored. Where that can not be told it was not.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (signal - 1)) != 0
}
