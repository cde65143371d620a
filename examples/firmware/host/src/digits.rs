//! Digits in f32 and in int8.

use firmware_networks::{Digits, images};

use crate::{Report, class, compare};

/// Holds the board's scores against ours.
///
/// # Errors
/// What differs.
pub fn check(report: &Report) -> Result<String, String> {
    let mut network = Digits::trained();
    let board = report.rows("scores")?;
    let images: Vec<_> = images::test().collect();
    if board.len() != images.len() {
        return Err(format!("expected {} images, found {}", images.len(), board.len()));
    }
    let (mut worst, mut right, mut classes) = (0.0_f32, 0, String::new());
    for (i, (image, board)) in images.iter().zip(&board).enumerate() {
        let host = network.predict(&image.pixels());
        worst = worst.max(compare(&format!("image {i}"), board, host)?);
        let found = class(board);
        if found != class(host) {
            return Err(format!(
                "image {i}: expected class {}, found {found}",
                class(host)
            ));
        }
        right += usize::from(found == image.digit as usize);
        classes.push_str(&format!(" {found}"));
    }
    let n = images.len();
    Ok(format!(
        "classes{classes}: {right} of {n} right; as on the host, the largest difference {worst:e}"
    ))
}

/// Holds the board's bytes against ours: they are the same, to the last bit.
///
/// # Errors
/// What differs.
pub fn check_int8(report: &Report) -> Result<String, String> {
    let network = Digits::quantized();
    let board = report.rows("scores")?;
    let images: Vec<_> = images::test().collect();
    if board.len() != images.len() {
        return Err(format!("expected {} images, found {}", images.len(), board.len()));
    }
    let (mut right, mut classes) = (0, String::new());
    for (i, (image, board)) in images.iter().zip(&board).enumerate() {
        let bytes = image.quantized(network.input_scale(0));
        let host = network
            .predict_int8(&[&bytes])
            .map_err(|error| error.to_string())?;
        let host: Vec<f32> = host[0].iter().map(|&byte| f32::from(byte)).collect();
        if *board != host {
            return Err(format!("image {i}: expected the bytes {host:?}, found {board:?}"));
        }
        let found = class(board);
        right += usize::from(found == image.digit as usize);
        classes.push_str(&format!(" {found}"));
    }
    let n = images.len();
    Ok(format!(
        "classes{classes}: {right} of {n} right; every byte as on the host"
    ))
}
