//! Signals to this program: what the operator and the terminal want.
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::{Handle, Signals as Stream},
};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

/// Counts interrupts (Ctrl-C) and ends (a closed terminal, a request to end), instead of dying of them, from when
/// it is made until it is dropped.
pub struct Signals {
    counts: Arc<Counts>,
    handle: Handle,
}

#[derive(Default)]
struct Counts {
    interrupts: AtomicU32,
    ends: AtomicU32,
}

impl Signals {
    /// Begins to count.
    ///
    /// # Errors
    /// If the system does not allow it.
    pub fn watch() -> io::Result<Self> {
        let mut stream = Stream::new([SIGINT, SIGTERM, SIGHUP])?;
        let (counts, handle) = (Arc::<Counts>::default(), stream.handle());
        let counting = Arc::clone(&counts);
        thread::spawn(move || {
            for signal in stream.forever() {
                let count = if signal == SIGINT { &counting.interrupts } else { &counting.ends };
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Ok(Self { counts, handle })
    }

    /// How often the operator pressed Ctrl-C.
    pub fn interrupts(&self) -> u32 {
        self.counts.interrupts.load(Ordering::SeqCst)
    }

    /// Whether this program is to end, or its terminal is gone.
    pub fn is_to_end(&self) -> bool {
        self.counts.ends.load(Ordering::SeqCst) > 0
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.handle.close();
    }
}
