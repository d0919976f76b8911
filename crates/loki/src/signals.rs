//! SIGINT and SIGTERM ask the run to stop; a second one ends the process at once.

use loki_engine::Stop;
use loki_model::{Outcome, StopCause};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::output;

/// From here on signals reach `stop`. The thread sleeps until one comes.
pub(crate) fn forward_to(stop: Stop) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            if stop.requested().is_some() {
                // The agent's tree ends with this process: its reaper watches for that.
                std::process::exit(i32::from(Outcome::Stopped.exit_code()));
            }
            let by = if signal == SIGINT { StopCause::Interrupt } else { StopCause::Terminate };
            output::talk("stopping: ending what is under way (once more to leave at once)");
            stop.request(by);
        }
    })?;
    Ok(())
}
