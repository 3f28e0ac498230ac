//! The sound of a recording, made on its way out: a tone as WAV, silence as MP3. **Invariant:** no I/O; nothing is kept.

use bytes::Bytes;

const RATE: u32 = 8_000;

/// So many seconds of A, 8 kHz, 16 bits, one channel.
pub(crate) fn wav(seconds: u32) -> Bytes {
    let samples = RATE * seconds;
    let mut bytes = Vec::with_capacity(44 + samples as usize * 2);
    bytes.extend(b"RIFF");
    bytes.extend((36 + samples * 2).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1_u16, 1].map(u16::to_le_bytes).concat());
    bytes.extend([RATE, RATE * 2].map(u32::to_le_bytes).concat());
    bytes.extend([2_u16, 16].map(u16::to_le_bytes).concat());
    bytes.extend(b"data");
    bytes.extend((samples * 2).to_le_bytes());
    for sample in 0..samples {
        // A triangle of 18 samples: 444 Hz.
        let at = i16::try_from(sample % 18).unwrap_or_default();
        let height = if at < 9 { at } else { 18 - at };
        bytes.extend((height * 800 - 3_600).to_le_bytes());
    }
    bytes.into()
}

/// So many seconds of nothing: frames of MPEG-1 layer III, 32 kbit/s, 44.1 kHz, one channel, without any sound in them.
pub(crate) fn mp3(seconds: u32) -> Bytes {
    const FRAME: usize = 104; // 144 · 32000 / 44100
    let frames = (u64::from(seconds) * 44_100).div_ceil(1_152);
    let mut frame = [0; FRAME];
    frame[..4].copy_from_slice(&[0xff, 0xfb, 0x10, 0xc4]);
    frame.repeat(usize::try_from(frames).unwrap_or_default()).into()
}
