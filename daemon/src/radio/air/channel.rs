//! The radio channel between two devices: a pure function of distance, walls, power and chance.
//!
//! Mean loss follows the log-distance model (T. S. Rappaport, *Wireless Communications*, 2nd
//! ed., section 4.9): the free-space loss over the first metre (ITU-R P.525, 40.2 dB at
//! 2,440 MHz), then ten times the exponent for each decade of distance, plus a constant for
//! bodies and pockets and one for each wall. Slow shadowing is drawn once for a pair and a few
//! minutes, fast fading for each reception; both are normal and cut at [`CUT_SIGMAS`].

use std::time::Duration;

use rand::{Rng, RngExt};

/// Where normal noise is cut, in standard deviations: beyond [`Channel::furthest_m`] nothing is
/// ever received.
pub const CUT_SIGMAS: f64 = 2.5;
/// For how long one draw of shadowing holds for a pair, in seconds.
pub const SHADOWING_SECONDS: u64 = 300;
/// Below this distance the loss grows no smaller, in metres.
const NEAREST_M: f64 = 0.1;

/// The channel's parameters. Losses in dB, powers in dBm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Channel {
    /// Loss over the first metre.
    pub reference_loss_db: f64,
    /// Constant loss to bodies, pockets and antennas of both ends.
    pub body_loss_db: f64,
    /// Path loss exponent; 2 is free space.
    pub exponent: f64,
    /// Loss of each wall in between.
    pub wall_loss_db: f64,
    /// Standard deviation of slow shadowing.
    pub shadowing_sigma_db: f64,
    /// Standard deviation of fast fading.
    pub fading_sigma_db: f64,
    /// The weakest power that a receiver decodes.
    pub sensitivity_dbm: f64,
    /// Share of receptions lost however near the sender is: collisions, other channels.
    pub collision_loss: f64,
    /// Time between two repetitions of an advertisement.
    pub repetition: Duration,
}

impl Default for Channel {
    /// Indoors, devices carried by people: exponent 2.8 as for homes in ITU-R P.1238 (earlier
    /// editions, N = 28), repetition 250 ms as GAEN's 200-270 ms. Body loss, wall, noise and
    /// sensitivity are plausible round figures, not measurements.
    fn default() -> Self {
        Self {
            reference_loss_db: 40.2,
            body_loss_db: 8.0,
            exponent: 2.8,
            wall_loss_db: 8.0,
            shadowing_sigma_db: 4.0,
            fading_sigma_db: 3.0,
            sensitivity_dbm: -88.0,
            collision_loss: 0.1,
            repetition: Duration::from_millis(250),
        }
    }
}

/// One sender and one receiver for the duration of a scan window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    pub distance_m: f64,
    pub walls: u32,
    /// Radiated power in dBm.
    pub tx_power: i8,
    /// Present shadowing of this pair in dB, see [`Channel::draw_shadowing_db`].
    pub shadowing_db: f64,
}

impl Channel {
    /// Mean loss in dB.
    pub fn path_loss_db(&self, distance_m: f64, walls: u32) -> f64 {
        self.reference_loss_db
            + self.body_loss_db
            + 10.0 * self.exponent * distance_m.max(NEAREST_M).log10()
            + f64::from(walls) * self.wall_loss_db
    }

    /// Draws a pair's shadowing, in dB, either sign.
    pub fn draw_shadowing_db(&self, rng: &mut impl Rng) -> f64 {
        self.shadowing_sigma_db * cut_normal(rng)
    }

    /// The distance without walls beyond which nothing is received, whatever chance does.
    pub fn furthest_m(&self, tx_power: i8) -> f64 {
        let noise = CUT_SIGMAS * (self.shadowing_sigma_db + self.fading_sigma_db);
        let budget = f64::from(tx_power) - self.sensitivity_dbm + noise;
        10_f64.powf((budget - self.reference_loss_db - self.body_loss_db) / (10.0 * self.exponent))
    }

    /// Probability that a repetition arriving with `rssi` dBm is decoded: 0 at the sensitivity,
    /// near 1 well above it.
    pub fn decoding_probability(&self, rssi: f64) -> f64 {
        let margin_db = rssi - self.sensitivity_dbm;
        if margin_db <= 0.0 {
            return 0.0;
        }
        (1.0 - self.collision_loss) * (1.0 - 10_f64.powf(-margin_db / 10.0))
    }

    /// One repetition: its RSSI in dBm, or `None` when it is lost.
    pub fn receive(&self, link: &Link, rng: &mut impl Rng) -> Option<i8> {
        let loss = self.path_loss_db(link.distance_m, link.walls) + link.shadowing_db;
        let rssi = f64::from(link.tx_power) - loss + self.fading_sigma_db * cut_normal(rng);
        let decoded = rng.random::<f64>() < self.decoding_probability(rssi);
        decoded.then(|| rssi.round().clamp(-126.0, 20.0) as i8)
    }

    /// The RSSI of every repetition that is received in a scan window.
    pub fn receptions(&self, link: &Link, window: Duration, rng: &mut impl Rng) -> Vec<i8> {
        (0..self.repetitions(window)).filter_map(|_| self.receive(link, rng)).collect()
    }

    /// How often an advertisement is repeated in a window: 16 times in 4 s.
    pub fn repetitions(&self, window: Duration) -> u32 {
        let count = window.as_millis() / self.repetition.as_millis().max(1);
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// A standard normal number by Box and Muller's method, cut at [`CUT_SIGMAS`].
fn cut_normal(rng: &mut impl Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    let angle = std::f64::consts::TAU * rng.random::<f64>();
    (radius * angle.cos()).clamp(-CUT_SIGMAS, CUT_SIGMAS)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const WINDOW: Duration = Duration::from_secs(400);

    fn link(distance_m: f64, walls: u32) -> Link {
        Link { distance_m, walls, tx_power: 0, shadowing_db: 0.0 }
    }

    fn received(distance_m: f64, walls: u32) -> Vec<i8> {
        let mut rng = StdRng::seed_from_u64(5);
        Channel::default().receptions(&link(distance_m, walls), WINDOW, &mut rng)
    }

    fn mean(rssi: &[i8]) -> f64 {
        rssi.iter().map(|r| f64::from(*r)).sum::<f64>() / rssi.len() as f64
    }

    #[test]
    fn first_metre_is_free_space() {
        // ITU-R P.525: 32.45 + 20 log10(MHz) + 20 log10(km).
        let free_space = 32.45 + 20.0 * 2_440_f64.log10() + 20.0 * 0.001_f64.log10();
        assert!((Channel::default().reference_loss_db - free_space).abs() < 0.05);
    }

    #[test]
    fn farther_is_weaker_and_lost_more_often() {
        let rings: Vec<_> = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0].map(|d| received(d, 0)).into();
        for pair in rings.windows(2) {
            assert!(mean(&pair[0]) > mean(&pair[1]) + 2.0);
        }
        let counts: Vec<_> = [5.0, 15.0, 25.0, 40.0, 60.0].map(|d| received(d, 0).len()).into();
        assert!(counts.is_sorted_by(|near, far| near > far), "{counts:?}");
    }

    #[test]
    fn some_are_lost_even_near() {
        let sent = Channel::default().repetitions(WINDOW) as usize;
        let heard = received(1.0, 0).len();
        assert_eq!(sent, 1_600);
        assert!((0.87..0.93).contains(&(heard as f64 / sent as f64)), "{heard} of {sent}");
    }

    #[test]
    fn a_wall_costs_its_loss() {
        let difference = mean(&received(2.0, 0)) - mean(&received(2.0, 1));
        assert!((difference - Channel::default().wall_loss_db).abs() < 0.5, "{difference}");
        assert!(received(25.0, 3).len() < received(25.0, 0).len());
    }

    #[test]
    fn nothing_beyond_the_furthest() {
        let channel = Channel::default();
        let furthest = channel.furthest_m(0);
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..2_000 {
            let shadowing_db = channel.draw_shadowing_db(&mut rng);
            let link = Link { distance_m: furthest, walls: 0, tx_power: 0, shadowing_db };
            assert_eq!(channel.receive(&link, &mut rng), None);
        }
        assert!((50.0..200.0).contains(&furthest), "{furthest}");
    }

    #[test]
    fn same_seed_same_receptions() {
        assert_eq!(received(7.0, 1), received(7.0, 1));
    }
}
