//! Outlines that are no text: pictograms and round corners. A filled outline within another one is left
//! out again (the even-odd rule).

/// How far the handles of a curve reach that is a quarter of a circle, in radii.
const QUARTER: f32 = 0.552_284_8;

/// A step of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    Move(f32, f32),
    Line(f32, f32),
    /// Two handles and the end.
    Curve([(f32, f32); 3]),
    Close,
}

/// Closed outlines, filled by the even-odd rule.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape(Vec<Step>);

impl Shape {
    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }

    pub(super) fn polygon(mut self, corners: &[(f32, f32)]) -> Self {
        for (index, (x, y)) in corners.iter().enumerate() {
            self.0.push(if index == 0 { Step::Move(*x, *y) } else { Step::Line(*x, *y) });
        }
        self.0.push(Step::Close);
        self
    }

    pub(super) fn rectangle(self, x: f32, y: f32, width: f32, height: f32) -> Self {
        self.polygon(&[(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
    }

    /// A rectangle with round corners.
    pub(super) fn rounded(
        mut self,
        (x, y): (f32, f32),
        (width, height): (f32, f32),
        radius: f32,
    ) -> Self {
        let (right, bottom, handle) = (x + width, y + height, radius * (1.0 - QUARTER));
        self.0.extend([
            Step::Move(x + radius, y),
            Step::Line(right - radius, y),
            Step::Curve([(right - handle, y), (right, y + handle), (right, y + radius)]),
            Step::Line(right, bottom - radius),
            Step::Curve([
                (right, bottom - handle),
                (right - handle, bottom),
                (right - radius, bottom),
            ]),
            Step::Line(x + radius, bottom),
            Step::Curve([(x + handle, bottom), (x, bottom - handle), (x, bottom - radius)]),
            Step::Line(x, y + radius),
            Step::Curve([(x, y + handle), (x + handle, y), (x + radius, y)]),
            Step::Close,
        ]);
        self
    }

    pub(super) fn circle(self, x: f32, y: f32, radius: f32) -> Self {
        self.rounded((x - radius, y - radius), (2.0 * radius, 2.0 * radius), radius)
    }

    /// As large as `scale` makes it, from a corner on.
    pub(super) fn placed(&self, x: f32, y: f32, scale: f32) -> Self {
        let at = |(px, py): (f32, f32)| (px * scale + x, py * scale + y);
        let steps = self.0.iter().map(|step| match *step {
            Step::Move(px, py) => {
                let (px, py) = at((px, py));
                Step::Move(px, py)
            }
            Step::Line(px, py) => {
                let (px, py) = at((px, py));
                Step::Line(px, py)
            }
            Step::Curve(points) => Step::Curve(points.map(at)),
            Step::Close => Step::Close,
        });
        Self(steps.collect())
    }

    /// The points that it goes through, and its handles.
    #[cfg(test)]
    pub(super) fn points(&self) -> impl Iterator<Item = (f32, f32)> {
        self.0.iter().flat_map(|step| match *step {
            Step::Move(x, y) | Step::Line(x, y) => vec![(x, y)],
            Step::Curve(points) => points.to_vec(),
            Step::Close => Vec::new(),
        })
    }
}
