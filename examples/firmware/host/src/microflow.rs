//! MicroFlow's networks in 8-bit integers.

use firmware_networks::microflow::{PERSON_ARENA, checksum, fill, person, sine, speech};

use crate::Report;

/// Holds every byte that the board computed against ours.
///
/// # Errors
/// What differs.
pub fn check(name: &str, report: &Report) -> Result<String, String> {
    let host = match name {
        "sine" => {
            let (mut arena, mut y) = ([0; 32], [0]);
            sine(&[5], &mut arena, &mut y);
            checksum(&arena) ^ checksum(&y)
        }
        "speech" => {
            let (mut x, mut arena, mut y) = ([0; 1960], [0; 4004], [0; 4]);
            fill(&mut x);
            speech(&x, &mut arena, &mut y);
            checksum(&arena) ^ checksum(&y)
        }
        "person" => {
            let (mut arena, mut y) = ([0; PERSON_ARENA], [0; 2]);
            fill(&mut arena[..9216]);
            person(&mut arena, &mut y);
            checksum(&arena) ^ checksum(&y)
        }
        _ => return Err(format!("expected the name of a firmware, found `{name}`")),
    };
    let board = report.number("checksum")?;
    if board == host {
        Ok("every byte as on the host".into())
    } else {
        Err(format!("expected the checksum {host}, found {board}"))
    }
}
