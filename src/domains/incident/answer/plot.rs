//! Incidents as a picture: how long it took to resolve them, and when they were. Colours are readable on white and
//! on black; there is no background of its own.
use super::{Shown, stats::Stats};
use crate::{
    domains::incident::engine::{Clock, Record, durations::Survival},
    kernel::{
        report::{words, xml},
        units::Duration,
    },
};
use std::fmt::Write as _;

/// The picture's width, and where the axes begin and end. Unit: pixels.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 740.0;
const CURVES: f64 = 260.0;
const BARS: f64 = 140.0;

const INK: &str = "#767c86";
const FAINT: &str = "#9aa0a8";
/// Of groups, in their order; again from the first where there are more.
const COLOURS: [&str; 6] = ["#d1495b", "#d98a1f", "#3b82c4", "#2a9d8f", "#8a63b8", "#8d8741"];

/// Marks of the axis of durations. Unit: minutes.
const MARKS: [f64; 9] = [1.0, 5.0, 15.0, 60.0, 240.0, 1440.0, 10_080.0, 43_200.0, 525_600.0];

/// The picture as an SVG document.
pub fn svg(stats: &Stats<'_>, shown: &Shown) -> String {
    let mut picture = Picture::default();
    picture.text((LEFT, 24.0), "start", 16, "Incidents");
    let bottom = picture.curves(stats, 64.0);
    let height = picture.bars(stats, shown, bottom + 64.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {WIDTH} {height:.0}\" font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\" \
         fill=\"{INK}\">\n<title>Incidents</title>\n{}</svg>\n",
        picture.body
    )
}

#[derive(Default)]
struct Picture {
    body: String,
}

impl Picture {
    fn text(&mut self, (x, y): (f64, f64), anchor: &str, size: u8, text: &str) {
        let text = xml::escape(text);
        let _ = writeln!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{text}</text>"
        );
    }

    fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), opacity: f64) {
        let _ = writeln!(
            self.body,
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{FAINT}\" \
             stroke-opacity=\"{opacity}\" stroke-width=\"0.8\"/>"
        );
    }

    /// The share of each group that was not resolved after how long, from `top` on. Returns where that ends.
    fn curves(&mut self, stats: &Stats<'_>, top: f64) -> f64 {
        let bottom = top + CURVES;
        self.text(
            (LEFT, top - 14.0),
            "start",
            12,
            "Not resolved after that long (Kaplan and Meier)",
        );
        let curves: Vec<(String, usize, Survival, f64)> = stats
            .groups
            .iter()
            .filter_map(|group| {
                let (lengths, summary) = group.lengths(Clock::Resolve)?;
                let longest = lengths.ended.iter().chain(&lengths.going_on).copied();
                let longest = longest.fold(0.0, f64::max);
                let name = group.name.clone().unwrap_or_else(|| "none".to_owned());
                let count = lengths.ended.len() + lengths.going_on.len();
                (count > 0).then(|| (name, count, summary.survival.clone(), longest))
            })
            .collect();
        let longest = curves.iter().map(|(.., longest)| *longest).fold(60.0, f64::max);
        let end = MARKS.into_iter().find(|mark| *mark >= longest).unwrap_or(longest);
        // Logarithmic, because durations are; the first minute is the left edge.
        let x = |minutes: f64| {
            let share = minutes.max(1.0).ln() / end.max(2.0).ln();
            LEFT + (RIGHT - LEFT) * share.clamp(0.0, 1.0)
        };
        let y = |share: f64| bottom - CURVES * share;
        for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
            self.line((LEFT, y(share)), (RIGHT, y(share)), if share > 0.0 { 0.3 } else { 1.0 });
            self.text((LEFT - 6.0, y(share) + 3.5), "end", 10, &format!("{:.0}%", share * 100.0));
        }
        for mark in MARKS.into_iter().filter(|mark| *mark <= end) {
            self.line((x(mark), bottom), (x(mark), bottom + 4.0), 1.0);
            let label = words::span_short(Duration::from_minutes(whole(mark)));
            self.text((x(mark), bottom + 16.0), "middle", 10, &label);
        }
        for (at, (name, count, survival, longest)) in curves.iter().enumerate() {
            let colour = colour(at);
            let mut path = format!("M{:.1} {:.1}", x(0.0), y(1.0));
            for step in &survival.steps {
                let _ = write!(path, "H{:.1}V{:.1}", x(step.time), y(step.survival));
            }
            let _ = write!(path, "H{:.1}", x(*longest));
            let _ = writeln!(
                self.body,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"/>"
            );
            self.legend(at, top, &format!("{name} (n = {count})"));
        }
        bottom + 20.0
    }

    /// How many began in each month, from `top` on. Returns the height of it all.
    fn bars(&mut self, stats: &Stats<'_>, shown: &Shown, top: f64) -> f64 {
        let bottom = top + BARS;
        self.text((LEFT, top - 14.0), "start", 12, "Began in the month");
        let months = stats.months(shown);
        let most = months.iter().map(|(_, records)| records.len()).max().unwrap_or(0).max(1);
        let width = (RIGHT - LEFT) / months.len().max(1) as f64;
        self.line((LEFT, bottom), (RIGHT, bottom), 1.0);
        self.line((LEFT, top), (RIGHT, top), 0.3);
        self.text((LEFT - 6.0, top + 3.5), "end", 10, &most.to_string());
        self.text((LEFT - 6.0, bottom + 3.5), "end", 10, "0");
        // Labels that would overlap are left out.
        let every = (52.0 / width).ceil().max(1.0);
        for (at, (month, records)) in months.iter().enumerate() {
            let x = LEFT + width * at as f64;
            let height = BARS * records.len() as f64 / most as f64;
            let open = records.iter().filter(|record: &&&Record| record.clocks.status().is_open());
            let title = format!("{month}: {}, {} open", records.len(), open.count());
            let _ = writeln!(
                self.body,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{}\"><title>{}</title></rect>",
                x + width * 0.1,
                bottom - height,
                width * 0.8,
                COLOURS[2],
                xml::escape(&title)
            );
            if (at as f64 % every) < 0.5 {
                self.text((x + width / 2.0, bottom + 16.0), "middle", 10, month);
            }
        }
        bottom + 36.0
    }

    fn legend(&mut self, at: usize, top: f64, text: &str) {
        let y = top + 8.0 + 18.0 * at as f64;
        let _ = writeln!(
            self.body,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"12\" height=\"4\" fill=\"{}\"/>",
            RIGHT + 16.0,
            y - 4.0,
            colour(at)
        );
        self.text((RIGHT + 34.0, y), "start", 11, text);
    }
}

fn colour(at: usize) -> &'static str {
    COLOURS[at % COLOURS.len()]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the marks are small whole numbers"
)]
fn whole(minutes: f64) -> u64 {
    minutes as u64
}
