//! The log's output. **Invariant:** an event is one line, whatever its values hold: line breaks, control characters and marks
//! that turn the reading direction are written as `\u000a`, so that nobody outside can write a line of ours.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, IsTerminal, Write};
use std::panic::PanicHookInfo;

use serde::Deserialize;
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// What is logged, and how lines look.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// `tracing`'s filter.
    #[serde(rename = "log")]
    filter: String,
    #[serde(rename = "log_format")]
    format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// From now on this process logs to its standard error, panics included.
pub fn start(settings: &Settings) {
    let colours = io::stderr().is_terminal() && settings.format == LogFormat::Text;
    let output = Lines { to: io::stderr, colours };
    let subscriber = subscriber(&settings.filter, settings.format, output);
    tracing::subscriber::set_global_default(subscriber).expect("the log is started once");
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // Empty, unless the operator asks for it by RUST_BACKTRACE.
        let trace = Some(Backtrace::capture()).filter(|trace| trace.status() == BacktraceStatus::Captured);
        let backtrace = trace.map(|trace| trace.to_string());
        tracing::error!(place, panic = words(panic), backtrace, "a thread panicked");
    }));
}

fn words<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    panic.payload_as_str().unwrap_or("no words")
}

fn subscriber<W>(filter: &str, format: LogFormat, output: Lines<W>) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let colours = output.colours;
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(colours)
        .with_writer(output);
    match format {
        LogFormat::Text => Box::new(log.finish()),
        LogFormat::Json => Box::new(log.json().finish()),
    }
}

/// Makes each event one line of `to`.
struct Lines<W> {
    to: W,
    /// Our own colours pass.
    colours: bool,
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Lines<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { to: self.to.make_writer(), colours: self.colours }
    }
}

/// Takes an event whole, as `tracing_subscriber` writes it.
struct Line<W> {
    to: W,
    colours: bool,
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        self.to.write_all(one_line(&text, self.colours).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// The escapes are JSON's, so that a line of JSON stays one.
fn one_line(event: &str, colours: bool) -> String {
    use std::fmt::Write;
    let event = event.strip_suffix('\n').unwrap_or(event);
    let mut line = String::with_capacity(event.len() + 1);
    let mut rest = event;
    while let Some(character) = rest.chars().next() {
        let colour = if colours { colour(rest) } else { 0 };
        let length = colour.max(character.len_utf8());
        if colour > 0 || !is_escaped(character) {
            line.push_str(&rest[..length]);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(line, "\\u{unit:04x}"); // a text takes everything
            }
        }
        rest = &rest[length..];
    }
    line.push('\n');
    line
}

/// The length of the colour's change at the text's beginning; 0 where there is none.
fn colour(text: &str) -> usize {
    let Some(code) = text.strip_prefix("\u{1b}[") else { return 0 };
    let digits = code.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
    if code[digits..].starts_with('m') { 2 + digits + 1 } else { 0 }
}

fn is_escaped(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("nobody panics").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, colours: bool, event: impl Fn()) -> String {
        let paper = Paper::default();
        let to = paper.clone();
        let output = Lines { to: move || to.clone(), colours };
        tracing::subscriber::with_default(subscriber("trace", format, output), event);
        let written = paper.0.lock().expect("nobody panics").clone();
        String::from_utf8(written).expect("text")
    }

    #[test]
    fn a_value_from_outside_never_makes_a_line_of_its_own() {
        const FORGED: &str =
            "x\n2026-11-22T12:00:00Z  INFO deskside: forged\r\u{1b}[2J\u{1b}[31m\u{85}\u{2028}\u{202e}\u{7f}";
        let events: [&dyn Fn(); 5] = [
            &|| tracing::info!("an event with {FORGED} in its sentence"),
            &|| tracing::info!(name = FORGED, "an event with it in a field"),
            &|| tracing::info!(name = %FORGED, "an event with it in a field as it is shown"),
            &|| tracing::info!(name = ?FORGED, "an event with it in a field as it is debugged"),
            &|| tracing::info_span!("span", name = %FORGED).in_scope(|| tracing::info!("an event below it")),
        ];
        for event in events {
            for (format, colours) in
                [(LogFormat::Text, false), (LogFormat::Text, true), (LogFormat::Json, false)]
            {
                let text = logged(format, colours, event);
                let (line, end) = text.split_at(text.len() - 1);
                assert_eq!(end, "\n");
                assert!(line.contains("an event") && line.contains("forged"), "{line}");
                let plain = if colours { without_colours(line) } else { line.to_owned() };
                assert!(!plain.chars().any(is_escaped), "{plain:?}");
                if format == LogFormat::Json {
                    assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
                }
            }
        }
    }

    /// A terminal shows no more of them than that letters have a colour.
    fn without_colours(line: &str) -> String {
        let mut plain = String::new();
        let mut rest = line;
        while let Some(character) = rest.chars().next() {
            let length = colour(rest);
            if length == 0 {
                plain.push(character);
            }
            rest = &rest[length.max(character.len_utf8())..];
        }
        plain
    }

    #[test]
    fn what_is_harmless_is_left_as_it_is() {
        let line = logged(LogFormat::Text, false, || tracing::info!(name = "Ada Lovelace 田中", "hello"));
        assert!(line.ends_with("INFO deskside::log::tests: hello name=\"Ada Lovelace 田中\"\n"), "{line}");
    }
}
