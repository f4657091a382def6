//! Films for a browser's camera: what is held before it, again and again.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use image::{GrayImage, Luma};
use qrcode::{Color, EcLevel, QrCode};

const WIDTH: usize = 640;
const HEIGHT: usize = 480;
const FRAMES_A_SECOND: u32 = 10;
/// At 110 dots an inch: half the width of a corner of a code of 5 cm.
const LONG_LINE: usize = 20;
/// The wall behind it.
const WALL: u8 = 120;

/// A picture in shades of grey.
struct Gray {
    width: usize,
    height: usize,
    dots: Vec<u8>,
}

/// One frame.
pub struct Still(Vec<u8>);

fn read(file: &Path) -> Gray {
    let mut decoder = png::Decoder::new(BufReader::new(File::open(file).unwrap()));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let shape = reader.next_frame(&mut bytes).unwrap();
    let samples = shape.color_type.samples();
    let (width, height) = (shape.width as usize, shape.height as usize);
    // Codes and paper are grey: the first sample stands for all.
    let dots = bytes.chunks_exact(samples).take(width * height).map(|dot| dot[0]).collect();
    Gray { width, height, dots }
}

/// A picture in the middle before a wall, as large as `side`.
pub fn still(file: &Path, side: usize) -> Still {
    let picture = read(file);
    place(&picture, (0, 0, picture.width, picture.height), side)
}

/// A film of a text's QR code, held before the camera and taken away again and again. `picture` is where the code is drawn.
pub fn film_of_code(film: &Path, picture: &Path, text: &str) {
    let drawn = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
    let (width, colours) = (drawn.width(), drawn.to_colors());
    let module = |point: u32| (point as usize / 8).checked_sub(4).filter(|at| *at < width);
    let dot = |x, y| {
        let at = module(x).zip(module(y)).map(|(x, y)| colours[y * width + x]);
        Luma([if at == Some(Color::Dark) { 0 } else { 255 }])
    };
    let side = u32::try_from(8 * (width + 8)).unwrap();
    GrayImage::from_fn(side, side, dot).save(picture).unwrap();
    write_film(film, &[(Some(&still(picture, 400)), 2), (None, 1)]);
}

/// One of the codes of the first row on a sheet of paper, with the paper around it.
pub fn paper(file: &Path, number: usize, side: usize) -> Still {
    let sheet = read(file);
    // The upper edges of a code's corners: no letter has so long a line.
    let edges = (0..sheet.height).map(|row| (row, sheet.lines(row)));
    let (top, edges) = edges.into_iter().find(|(_, lines)| lines.len() >= 2).unwrap();
    let corner = edges[0].1 - edges[0].0;
    let edges: Vec<_> =
        edges.into_iter().filter(|(from, until)| (until - from).abs_diff(corner) <= 2).collect();
    let (left, right) = (edges[2 * number].0, edges[2 * number + 1].1);
    let size = right - left;
    let rim = size / 8;
    place(&sheet, (left - rim, top - rim, size + 2 * rim, size + 2 * rim), side)
}

impl Gray {
    /// The long dark lines of a row, from left to right.
    fn lines(&self, row: usize) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut start = None;
        for column in 0..=self.width {
            let at = row * self.width + column;
            let is_dark = column < self.width && self.dots[at] < 128;
            match (start, is_dark) {
                (None, true) => start = Some(column),
                (Some(from), false) => {
                    if column - from >= LONG_LINE {
                        found.push((from, column));
                    }
                    start = None;
                }
                _ => {}
            }
        }
        found
    }
}

fn place(picture: &Gray, piece: (usize, usize, usize, usize), side: usize) -> Still {
    let (left, top, width, height) = piece;
    let mut frame = vec![WALL; WIDTH * HEIGHT];
    let (x0, y0) = ((WIDTH - side) / 2, (HEIGHT - side) / 2);
    for y in 0..side {
        for x in 0..side {
            let column = (left + x * width / side).min(picture.width - 1);
            let row = (top + y * height / side).min(picture.height - 1);
            frame[(y0 + y) * WIDTH + x0 + x] = picture.dots[row * picture.width + column];
        }
    }
    Still(frame)
}

/// Writes a film (YUV4MPEG2) of stills, or of the wall, each shown for so many seconds.
pub fn write_film(file: &Path, scenes: &[(Option<&Still>, u32)]) {
    let mut film = BufWriter::new(File::create(file).unwrap());
    writeln!(film, "YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg").unwrap();
    let wall = vec![WALL; WIDTH * HEIGHT];
    let colour = vec![128; WIDTH * HEIGHT / 2];
    for (still, seconds) in scenes {
        for _ in 0..seconds * FRAMES_A_SECOND {
            film.write_all(b"FRAME\n").unwrap();
            film.write_all(still.map_or(&wall, |still| &still.0)).unwrap();
            film.write_all(&colour).unwrap();
        }
    }
    film.flush().unwrap();
}
