//! Server-sent events from bytes. `EventSource` cannot carry our bearer, so the stream is read by hand.

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its name; `message` where the server gave none.
    pub name: String,
    /// Its data, lines joined.
    pub data: String,
}

/// Collects bytes until they make events.
#[derive(Debug, Default)]
pub struct Events {
    bytes: Vec<u8>,
    name: String,
    data: Vec<String>,
}

impl Events {
    /// The events that are complete with these bytes, which may end anywhere.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.bytes.extend_from_slice(bytes);
        let mut events = vec![];
        while let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.bytes.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line[..end]);
            events.extend(self.line(line.trim_end_matches('\r')));
        }
        events
    }

    fn line(&mut self, line: &str) -> Option<Event> {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => self.data.push(value.to_owned()),
            "" if line.is_empty() && !self.data.is_empty() => {
                let name = std::mem::take(&mut self.name);
                let name = if name.is_empty() { "message".into() } else { name };
                return Some(Event { name, data: std::mem::take(&mut self.data).join("\n") });
            }
            "" if line.is_empty() => self.name.clear(),
            _ => {} // comments keep the line open; ids are not ours to resume
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the bytes are cut.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        for size in [1, 2, 3, 7, text.len()] {
            let mut events = Events::default();
            let got: Vec<_> = text.as_bytes().chunks(size).flat_map(|bytes| events.feed(bytes)).collect();
            let got: Vec<_> = got.iter().map(|event| (event.name.as_str(), event.data.as_str())).collect();
            assert_eq!(got, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn events_are_read_however_they_are_cut() {
        check("event: view\ndata: {\"a\":\"請求\"}\n\n", &[("view", "{\"a\":\"請求\"}")]);
        check(
            "data:a\r\ndata: b\r\n\r\n: keep-alive\n\nid: 3\ndata: c\n\n",
            &[("message", "a\nb"), ("message", "c")],
        );
    }

    #[test]
    fn half_an_event_is_none() {
        check("event: end\n\nevent: view\ndata: x\n", &[]);
    }
}
