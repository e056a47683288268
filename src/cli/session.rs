//! What one run knows: the world, the flags that all commands share, the frozen moment.
use super::{
    Exit, Failure, World,
    arguments::{ColorChoice, Global, instant, report_format},
};
use crate::adapters::files;
use crate::kernel::{
    report::{Format, Report, Surface, render},
    settings::Settings,
    spec::Optional as _,
    time::Zone,
    units::Instant,
};
use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

/// One run of a command.
pub struct Session<'w, 'o> {
    world: &'w mut World<'o>,
    global: Global,
    now: Instant,
    stdin_taken: bool,
    stdin_text: Option<String>,
}

impl<'w, 'o> Session<'w, 'o> {
    /// A run in `world` with these flags.
    ///
    /// # Errors
    /// If `SRE_NOW` is not an instant.
    pub fn new(world: &'w mut World<'o>, global: Global) -> Result<Self, Failure> {
        let now = match (global.now, world.variable("SRE_NOW")) {
            (Some(now), _) => now,
            (None, Some(text)) => {
                instant(text).map_err(|message| Failure::input(format!("SRE_NOW: {message}")))?
            }
            (None, None) => (world.clock)(),
        };
        Ok(Self { world, global, now, stdin_taken: false, stdin_text: None })
    }

    /// The present moment of this run.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Flags that all commands share.
    pub fn global(&self) -> &Global {
        &self.global
    }

    /// The working folder.
    pub fn folder(&self) -> &Path {
        &self.world.folder
    }

    /// The environment.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.world.environment
    }

    /// A path of the command line, from the working folder.
    pub fn path(&self, path: &Path) -> PathBuf {
        if path.is_absolute() { path.to_owned() } else { self.world.folder.join(path) }
    }

    /// How a path is shown: relative to the working folder where it lies not far from it.
    pub fn shown(&self, path: &Path) -> String {
        Self::shown_from(&self.world.folder, path)
    }

    /// [`Self::shown`], for threads that have the working folder and not the session.
    pub fn shown_from(folder: &Path, path: &Path) -> String {
        const FAR: usize = 4;
        let path = &straight(path);
        let near = folder.ancestors().enumerate().take(FAR).find_map(|(up, folder)| {
            let rest = path.strip_prefix(folder).ok()?;
            (folder.parent().is_some() || up == 0)
                .then(|| "../".repeat(up) + &rest.to_string_lossy())
        });
        let text = near.unwrap_or_else(|| path.to_string_lossy().into_owned()).replace('\\', "/");
        if text.is_empty() { ".".to_owned() } else { text }
    }

    /// The documents on standard input, as often as they are asked for: a catalog is read anew after
    /// it was mended.
    ///
    /// # Errors
    /// If they cannot be read, or something else has read them.
    pub fn stdin_text(&mut self) -> Result<String, Failure> {
        if let Some(text) = &self.stdin_text {
            return Ok(text.clone());
        }
        let text = files::read_limited(self.take_stdin()?, Path::new("<stdin>"))?;
        Ok(self.stdin_text.insert(text).clone())
    }

    /// Standard input.
    ///
    /// # Errors
    /// If it was read before: the second reader would find nothing there.
    pub fn take_stdin(&mut self) -> Result<Box<dyn std::io::Read + Send>, Failure> {
        if std::mem::replace(&mut self.stdin_taken, true) {
            return Err(Failure::input("standard input is asked for twice, and can be read once")
                .hint("write it to a file, or ask for one thing at a time"));
        }
        Ok(std::mem::replace(&mut self.world.stdin, Box::new(std::io::empty())))
    }

    /// The zone in which tables show times.
    pub fn zone(&self, settings: &Settings) -> Zone {
        let declared = || settings.time_zone.value().cloned();
        self.global.tz.clone().or_else(declared).unwrap_or(Zone::UTC)
    }

    /// Whether somebody is there to answer questions.
    pub fn is_interactive(&self) -> bool {
        self.world.stdin_is_terminal
    }

    /// What the answer is shown on.
    pub fn surface(&self) -> Surface {
        Surface {
            width: self.world.stdout_width,
            colour: self.colour(self.world.stdout_width.is_some()),
            unicode: self.unicode(),
        }
    }

    /// Whether standard error is a terminal on which progress may be drawn.
    pub fn may_draw_progress(&self) -> bool {
        self.world.stderr_width.is_some()
            && self.global.quiet == 0
            && self.world.variable("TERM") != Some("dumb")
            && self.world.variable("CI").is_none()
    }

    fn colour(&self, terminal: bool) -> bool {
        match self.global.color {
            Some(ColorChoice::Always) => true,
            Some(ColorChoice::Never) => false,
            Some(ColorChoice::Auto) | None => {
                let variable = |name| self.world.variable(name);
                if variable("NO_COLOR").is_some() {
                    return false;
                }
                let forced = |name| variable(name).is_some_and(|value| value != "0");
                forced("CLICOLOR_FORCE")
                    || forced("FORCE_COLOR")
                    || (terminal
                        && variable("TERM") != Some("dumb")
                        && variable("CLICOLOR") != Some("0"))
            }
        }
    }

    /// Whether the locale can show more than ASCII. Without one, only pipes and files can.
    fn unicode(&self) -> bool {
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.world.variable(name));
        match locale {
            Some(locale) => {
                let locale = locale.to_ascii_lowercase();
                locale.contains("utf-8") || locale.contains("utf8")
            }
            None => self.world.stdout_width.is_none() || self.world.variable("TERM").is_some(),
        }
    }

    /// The format of the answer.
    ///
    /// # Errors
    /// If no such format exists.
    pub fn format(&self) -> Result<Format, Failure> {
        report_format(self.global.format.as_deref())
    }

    /// Prints an answer in the format that was asked for; its verdict is how the run ends.
    ///
    /// # Errors
    /// If the format is unknown or does not suit the answer, or the answer cannot be written.
    pub fn answer(&mut self, report: &Report) -> Result<Exit, Failure> {
        let format = self.format()?;
        if !report.offers(format) {
            return Err(Failure::input(format!("this answer has no form as {format}"))
                .hint("choose another --format: table, json, yaml or markdown"));
        }
        let surface = self.surface();
        let mut bytes = Vec::new();
        render(report, format, surface, &mut bytes)?;
        self.print(&bytes)?;
        Ok(report.outcome().into())
    }

    /// Prints a report on standard error, in the format that was asked for: what has to be said beside
    /// an answer that is not a report, such as a file of another tool.
    ///
    /// # Errors
    /// If the format is unknown.
    pub fn tell(&mut self, report: &Report) -> Result<(), Failure> {
        let format = Some(self.format()?).filter(|format| report.offers(*format));
        let width = self.world.stderr_width;
        let surface = Surface { width, colour: false, unicode: self.unicode() };
        let mut bytes = Vec::new();
        render(report, format.unwrap_or(Format::Table), surface, &mut bytes)?;
        self.say(String::from_utf8_lossy(&bytes).trim_end());
        Ok(())
    }

    /// Writes to standard output.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn print(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.world.stdout.write_all(bytes)?;
        self.world.stdout.flush()?;
        Ok(())
    }

    /// From now on says warnings only, unless more was asked for: for answers about everything, in which
    /// a note on each source would bury what matters.
    pub fn keep_to_warnings(&mut self) {
        if self.global.verbose == 0 {
            self.global.quiet = self.global.quiet.max(1);
        }
    }

    /// Says something on standard error, however quiet the run was asked to be.
    pub fn shout(&mut self, text: &str) {
        self.say(text);
    }

    /// Says something on standard error, unless asked to be quiet.
    pub fn note(&mut self, text: &str) {
        if self.global.quiet == 0 {
            self.say(text);
        }
    }

    /// Says something on standard error, unless asked to be very quiet.
    pub fn warn(&mut self, text: &str) {
        if self.global.quiet < 2 {
            self.say(text);
        }
    }

    /// Asks something on standard error; the answer is typed behind it.
    pub fn ask(&mut self, text: &str) {
        let _ = write!(self.world.stderr, "{text}");
        let _ = self.world.stderr.flush();
    }

    /// Says something on standard error that was asked for by name.
    pub fn show(&mut self, text: &str) {
        self.say(text);
    }

    /// Says something on standard error where more was asked for.
    pub fn detail(&mut self, text: &str) {
        if self.global.verbose > 0 {
            self.say(text);
        }
    }

    fn say(&mut self, text: &str) {
        // A closed standard error is no reason to stop.
        let _ = writeln!(self.world.stderr, "{text}");
    }
}

/// A path without detours such as `specs/../data`, to be shown and not to be opened: behind a symbolic
/// link the two may differ.
fn straight(path: &Path) -> PathBuf {
    let mut straight = PathBuf::new();
    for component in path.components() {
        let detour = component == Component::ParentDir
            && matches!(straight.components().next_back(), Some(Component::Normal(_)));
        if detour {
            straight.pop();
        } else {
            straight.push(component);
        }
    }
    straight
}
