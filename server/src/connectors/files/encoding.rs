//! Which encoding a file has: by its byte order mark, else UTF-8 where its bytes are, else the most likely one, which is said.
//! Docs: <https://encoding.spec.whatwg.org>, <https://docs.rs/chardetng>.

use std::fs::File;
use std::io::{Read, Seek};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::ReadError;
use super::error::{FileProblem, cannot_read};

const BLOCK: usize = 256 * 1024;
/// So many bytes are enough to recognise an encoding.
const ENOUGH: usize = 8 * 1024 * 1024;

/// How a file's bytes become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    encoding: &'static Encoding,
    how: How,
    /// It may hold bytes that are no text, which read as U+FFFD.
    pub(super) replaces: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Given,
    Marked,
    Valid,
    Detected,
}

impl Text {
    pub(super) fn note(&self) -> Option<String> {
        let name = self.encoding.name();
        match self.how {
            How::Detected if self.encoding == UTF_8 => {
                Some("the file is read as UTF-8, although some of its bytes are no text".to_owned())
            }
            How::Detected => Some(format!(
                "the file is read as {name}, which was recognised by its bytes; save it as UTF-8, or set `encoding`"
            )),
            How::Marked if self.encoding != UTF_8 => Some(format!("the file is read as {name}")),
            How::Given | How::Marked | How::Valid => None,
        }
    }

    /// UTF-8 without a byte order mark.
    pub(super) fn decode<'a>(&self, file: &'a mut File) -> Box<dyn Read + 'a> {
        let mut builder = DecodeReaderBytesBuilder::new();
        builder.encoding(Some(self.encoding)).strip_bom(true).bom_override(true);
        Box::new(builder.build(file))
    }
}

/// Finds the encoding; `label` is what an admin says it is.
pub(super) fn find(file: &mut File, label: Option<&str>, name: &str) -> Result<Text, ReadError> {
    let failed = |cause| cannot_read(name, cause);
    if let Some(label) = label {
        let encoding = Encoding::for_label(label.as_bytes()).ok_or(FileProblem::Encoding)?;
        return Ok(Text { encoding, how: How::Given, replaces: true });
    }
    let mut validity = Validity::default();
    let mut sample = Vec::new();
    let mut block = vec![0; BLOCK];
    let mut is_first = true;
    loop {
        let read = file.read(&mut block).map_err(failed)?;
        if read == 0 {
            break;
        }
        let bytes = &block[..read];
        if std::mem::take(&mut is_first) {
            if let Some((encoding, _)) = Encoding::for_bom(bytes)
                && (encoding == UTF_16LE || encoding == UTF_16BE)
            {
                return Ok(Text { encoding, how: How::Marked, replaces: true });
            }
            if bytes.contains(&0) {
                let encoding = utf_16(bytes).ok_or_else(|| FileProblem::NotText { name: name.to_owned() })?;
                return Ok(Text { encoding, how: How::Detected, replaces: true });
            }
        }
        validity.feed(bytes);
        if sample.len() < ENOUGH {
            sample.extend_from_slice(bytes);
        }
    }
    validity.finish();
    if validity.invalid == 0 {
        return Ok(Text { encoding: UTF_8, how: How::Valid, replaces: false });
    }
    // A few broken letters in a file of UTF-8 are no reason to break all others.
    if validity.letters >= 10 * validity.invalid {
        return Ok(Text { encoding: UTF_8, how: How::Detected, replaces: true });
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(from_first_letter(&sample), true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    file.rewind().map_err(failed)?;
    Ok(Text { encoding, how: How::Detected, replaces: true })
}

/// UTF-16 without a mark, as `bcp -w` writes it: most of its line breaks are two bytes, of which the first has an even place.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let breaks = bytes.split(|byte| *byte == b'\n').count() - 1;
    let units = |unit: [u8; 2]| bytes.chunks_exact(2).filter(|pair| **pair == unit).count();
    let are_most = |unit| 2 * units(unit) > breaks;
    if units([0, 0]) > 0 {
        return None; // a character that no text has; UTF-32, too
    }
    match (are_most([b'\n', 0]), are_most([0, b'\n'])) {
        (true, _) => Some(UTF_16LE),
        (_, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// Leaves long beginnings without any letter beyond ASCII out.
fn from_first_letter(bytes: &[u8]) -> &[u8] {
    let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    &bytes[first.saturating_sub(1_024)..]
}

/// How far bytes are UTF-8.
#[derive(Default)]
struct Validity {
    /// Beyond ASCII.
    letters: u64,
    invalid: u64,
    /// The beginning of a letter whose end is in the next block.
    cut: Vec<u8>,
}

impl Validity {
    fn feed(&mut self, bytes: &[u8]) {
        let joined;
        let mut rest = bytes;
        if !self.cut.is_empty() {
            joined = [std::mem::take(&mut self.cut).as_slice(), bytes].concat();
            rest = &joined;
        }
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => return self.count(valid),
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    self.count(std::str::from_utf8(valid).unwrap_or_default());
                    let Some(wrong) = error.error_len() else {
                        after.clone_into(&mut self.cut);
                        return;
                    };
                    self.invalid += 1;
                    rest = &after[wrong..];
                }
            }
        }
    }

    fn finish(&mut self) {
        self.invalid += u64::from(!self.cut.is_empty());
    }

    fn count(&mut self, valid: &str) {
        if !valid.is_ascii() {
            self.letters += valid.bytes().filter(|byte| *byte >= 0xc0).count() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str, note: &str) {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        file.rewind().expect("a beginning");
        let text = find(&mut file, None, "report.csv").expect("an encoding");
        file.rewind().expect("a beginning");
        let mut decoded = String::new();
        text.decode(&mut file).read_to_string(&mut decoded).expect("text");
        assert_eq!(decoded, expected);
        assert!(text.note().unwrap_or_default().contains(note), "{text:?}");
    }

    /// Without a mark. The second byte of 一 is a NUL, too.
    #[track_caller]
    fn check_utf_16(bytes_of: fn(u16) -> [u8; 2], note: &str) {
        let text = "email,会社\r\nann@acme.example,一一一一一\u{3000}社\r\n";
        check(&text.encode_utf16().flat_map(bytes_of).collect::<Vec<u8>>(), text, note);
    }

    #[test]
    fn a_file_is_read_in_the_encoding_that_it_has() {
        check(b"a,b", "a,b", "");
        check("näme,絵文字 😀".as_bytes(), "näme,絵文字 😀", "");
        check(b"\xef\xbb\xbfname", "name", "");
        check(b"\xff\xfen\0\xe4\0", "nä", "UTF-16LE");
        check(b"\xfe\xff\0n\0\xe4", "nä", "UTF-16BE");
        check_utf_16(u16::to_le_bytes, "UTF-16LE, which was recognised");
        check_utf_16(u16::to_be_bytes, "UTF-16BE, which was recognised");
        let (japanese, ..) = encoding_rs::SHIFT_JIS.encode("会社名,担当者\n株式会社アクメ,山田太郎\n");
        check(&japanese, "会社名,担当者\n株式会社アクメ,山田太郎\n", "Shift_JIS");
        let (german, ..) = encoding_rs::WINDOWS_1252.encode("Straße,Größe\nMünchner Straße,für Äpfel\n");
        check(&german, "Straße,Größe\nMünchner Straße,für Äpfel\n", "windows-1252");
        let mut broken = "Müller, Jäger, Köhler, Schröder, Böhm, Schäfer, Krüger, Günther, Jürgen, Käthe"
            .to_owned()
            .into_bytes();
        broken.extend(b", Caf\xe9");
        check(&broken, &String::from_utf8_lossy(&broken), "UTF-8");
    }

    #[test]
    fn a_letter_may_lie_across_two_blocks() {
        for cut in 1..4 {
            let (mut validity, bytes) = (Validity::default(), "😀".as_bytes());
            validity.feed(&bytes[..cut]);
            validity.feed(&bytes[cut..]);
            validity.finish();
            assert_eq!((validity.letters, validity.invalid), (1, 0));
        }
    }
}
