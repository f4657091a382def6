//! What to do, as pictures for who reads neither language: in a square of [`SIDE`].

use super::shape::Shape;

/// The side of the square that a pictogram is drawn in.
pub(super) const SIDE: f32 = 24.0;

/// Of the three steps in their order.
pub(super) fn steps() -> [Shape; 3] {
    [open_the_camera(), scan(), in_and_out()]
}

/// A telephone that shows a camera.
fn open_the_camera() -> Shape {
    Shape::default()
        .rounded((4.5, 0.0), (15.0, 24.0), 2.4)
        .rounded((6.2, 2.6), (11.6, 17.0), 0.5)
        .circle(12.0, 21.8, 0.9)
        .polygon(&[
            (8.2, 8.2),
            (9.9, 8.2),
            (10.7, 6.8),
            (13.3, 6.8),
            (14.1, 8.2),
            (15.8, 8.2),
            (16.4, 8.8),
            (16.4, 14.4),
            (15.8, 15.0),
            (8.2, 15.0),
            (7.6, 14.4),
            (7.6, 8.8),
        ])
        .circle(12.0, 11.6, 2.4)
        .circle(12.0, 11.6, 1.4)
}

/// The corners of a camera's frame around a code. Its corner marks have no core, so that no reader takes
/// them for those of a code.
fn scan() -> Shape {
    let corner = |shape: Shape, (x, y): (f32, f32), (right, down): (f32, f32)| {
        let at = |across: f32, along: f32| (x + right * across, y + down * along);
        let corners =
            [at(0.0, 0.0), at(7.0, 0.0), at(7.0, 2.0), at(2.0, 2.0), at(2.0, 7.0), at(0.0, 7.0)];
        shape.polygon(&corners)
    };
    let mut shape = Shape::default();
    for x in [0.0, 1.0] {
        for y in [0.0, 1.0] {
            let direction = (1.0 - 2.0 * x, 1.0 - 2.0 * y);
            shape = corner(shape, (x * SIDE, y * SIDE), direction);
        }
    }
    for (x, y) in [(5.0, 5.0), (13.4, 5.0), (5.0, 13.4)] {
        shape = shape.rectangle(x, y, 5.6, 5.6).rectangle(x + 1.4, y + 1.4, 2.8, 2.8);
    }
    for (x, y) in
        [(13.4, 13.4), (16.4, 13.4), (14.9, 14.9), (17.5, 15.6), (13.4, 17.5), (16.2, 17.5)]
    {
        shape = shape.rectangle(x, y, 1.5, 1.5);
    }
    shape
}

/// A door's frame that one arrow enters and one leaves.
fn in_and_out() -> Shape {
    let arrow = |shape: Shape, y: f32, (tail, head): (f32, f32)| {
        let back = if head > tail { head - 5.2 } else { head + 5.2 };
        shape.polygon(&[
            (tail, y - 1.1),
            (back, y - 1.1),
            (back, y - 3.6),
            (head, y),
            (back, y + 3.6),
            (back, y + 1.1),
            (tail, y + 1.1),
        ])
    };
    let door = [
        (9.0, 0.0),
        (23.0, 0.0),
        (23.0, 24.0),
        (9.0, 24.0),
        (9.0, 21.8),
        (20.8, 21.8),
        (20.8, 2.2),
        (9.0, 2.2),
    ];
    let shape = Shape::default().polygon(&door);
    let shape = arrow(shape, 7.6, (1.0, 17.6));
    arrow(shape, 16.4, (17.6, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictograms_stay_in_their_square() {
        for shape in steps() {
            assert!(shape.points().count() > 10);
            for (x, y) in shape.points() {
                assert!((0.0..=SIDE).contains(&x) && (0.0..=SIDE).contains(&y), "{x} {y}");
            }
        }
    }
}
