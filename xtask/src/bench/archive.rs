//! The archive beside what people use in its place: 500 mixed files beside a script, and a gigabyte beside a plain copy.
//! Both sides ask the same stand-in for Zendesk and write to the same S3 server, in turns: what else the machine does, it
//! does to both. **Invariant:** a side counts only when every file is whole in the store, and gone from Zendesk.

mod calls; // what each side asks of Zendesk
mod large; // a gigabyte
mod many; // 500 files
mod script; // the peer of many
mod world; // Zendesk, a store, a server

use super::{Options, Part, Verdict};
use crate::house;
use crate::problem::Outcome;

/// No file is large enough for more.
const RESIDENT_MB: f64 = 64.0;

pub(super) fn measure(options: &Options, rounds: usize) -> Outcome<Vec<Verdict>> {
    let binaries = options.binaries()?;
    let place = house::target_dir("bench")?;
    let scene = world::Scene { binaries: &binaries, place: &place };
    let (mut verdicts, mut peaks) = (Vec::new(), Vec::new());
    if options.only != Some(Part::Large) {
        verdicts.extend(many::measure(&scene, rounds, &mut peaks)?);
    }
    if options.only != Some(Part::Many) {
        verdicts.push(large::measure(&scene, rounds, &mut peaks)?);
    }
    let most = peaks.into_iter().fold(0.0, f64::max);
    verdicts.push(Verdict::at_most("resident at most, of all rounds, MB", most, RESIDENT_MB));
    Ok(verdicts)
}
