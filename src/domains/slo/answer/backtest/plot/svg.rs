//! The picture as SVG. Colours are readable on white and on black; there is no background of its own.
use super::{Extent, Lane, Scene, Severity, Track, logarithmic};
use crate::kernel::report::{words, xml};
use std::fmt::Write as _;

/// Width of the picture, and where the time begins and ends in it. Unit: pixels.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 96.0;
const RIGHT: f64 = 936.0;
/// Columns that the time is best drawn in: one for each pixel.
pub const COLUMNS: usize = 840;

const ERRORS_HEIGHT: f64 = 120.0;
const TRACK_HEIGHT: f64 = 76.0;
const LANE_HEIGHT: f64 = 14.0;
const GAP: f64 = 30.0;

const INK: &str = "#767c86";
const FAINT: &str = "#9aa0a8";
const MEASURED: &str = "#3b82c4";
const SHORT: &str = "#2a9d8f";
const PAGE: &str = "#d1495b";
const TICKET: &str = "#d98a1f";
const INCIDENT: &str = "#8a63b8";

/// Decades that axes are marked at.
const DECADES: [f64; 12] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5];

/// The scene as an SVG document.
pub fn svg(scene: &Scene) -> String {
    let mut picture = Picture { body: String::new(), y: 24.0 };
    picture.text(LEFT, 24.0, "start", "title", &scene.title);
    picture.text(LEFT, 42.0, "start", "note", &scene.subtitle);
    picture.y = 42.0 + GAP;
    picture.errors(scene);
    for track in &scene.tiers {
        picture.track(track, scene.columns);
    }
    picture.y -= GAP - 12.0;
    for lane in scene.alerts.iter().chain([&scene.incidents]) {
        picture.lane(lane);
    }
    picture.axis(scene);
    let (height, body) = (picture.y + 34.0, picture.body);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {WIDTH} {height:.0}\" font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\" \
         font-size=\"11\" fill=\"{INK}\">\n<title>{}</title>\n<defs><pattern id=\"unknown\" width=\"6\" height=\"6\" \
         patternTransform=\"rotate(45)\" patternUnits=\"userSpaceOnUse\"><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" \
         stroke=\"{FAINT}\" stroke-opacity=\"0.45\"/></pattern></defs>\n{body}</svg>\n",
        xml::escape(&scene.title)
    )
}

fn colour(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Page) => PAGE,
        Some(Severity::Ticket) => TICKET,
        None => INCIDENT,
    }
}

/// A picture that grows downwards.
struct Picture {
    body: String,
    y: f64,
}

impl Picture {
    fn put(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, class: &str, text: &str) {
        let style = match class {
            "title" => " font-size=\"16\" font-weight=\"600\"",
            "head" => " font-weight=\"600\"",
            "axis" => " font-size=\"10\"",
            _ => "",
        };
        let text = xml::escape(text);
        self.put(&format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\"{style}>{text}</text>"
        ));
    }

    /// A horizontal line over the whole time.
    fn level(&mut self, y: f64, stroke: &str, style: &str) {
        self.put(&format!(
            "<line x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{stroke}\" {style}/>"
        ));
    }

    fn rectangle(&mut self, (from, to): (f64, f64), y: f64, height: f64, style: &str) {
        let (x, width) = (at(from), ((to - from) * (RIGHT - LEFT)).max(1.5));
        self.put(&format!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" {style}/>"
        ));
    }

    /// Decades of a scale, with their labels.
    fn decades(&mut self, scale: (f64, f64), height: f64, label: impl Fn(f64) -> String) {
        let bottom = self.y + height;
        for decade in DECADES.into_iter().filter(|at| scale.0 * 1.001 < *at && *at <= scale.1) {
            let y = bottom - height * logarithmic(decade, scale);
            self.level(y, FAINT, "stroke-opacity=\"0.3\" stroke-width=\"0.6\"");
            // What is too near to the bottom would cover its label.
            if bottom - y > 10.0 {
                self.text(LEFT - 6.0, y + 3.5, "end", "axis", &label(decade));
            }
        }
        self.level(bottom, FAINT, "stroke-width=\"0.8\"");
        self.text(LEFT - 6.0, bottom + 3.5, "end", "axis", "0");
    }

    /// A line through the greatest values, broken where nothing is known.
    fn line(&mut self, values: &[Option<Extent>], scale: (f64, f64), height: f64, style: &str) {
        let (bottom, columns) = (self.y + height, values.len());
        let mut path = String::new();
        let mut is_open = false;
        for (column, value) in values.iter().enumerate() {
            let Some(value) = value else {
                is_open = false;
                continue;
            };
            let y = bottom - height * logarithmic(value.most, scale);
            let x = at((column as f64 + 0.5) / columns as f64);
            let _ = write!(path, "{}{x:.1} {y:.1}", if is_open { "L" } else { "M" });
            is_open = true;
        }
        if !path.is_empty() {
            self.put(&format!(
                "<path d=\"{path}\" fill=\"none\" stroke-linejoin=\"round\" {style}/>"
            ));
        }
    }

    fn errors(&mut self, scene: &Scene) {
        let scale = (scene.budget / 100.0, 1.0);
        let head = "error ratio of each step, the worst of each pixel";
        self.text(LEFT, self.y - 8.0, "start", "head", head);
        self.decades(scale, ERRORS_HEIGHT, |ratio| format!("{}%", digits(ratio * 100.0)));
        self.bars(&scene.errors, scale);
        let y = self.y + ERRORS_HEIGHT * (1.0 - logarithmic(scene.budget, scale));
        self.level(y, PAGE, "stroke-dasharray=\"5 4\"");
        let allowed = format!("{} allowed", words::percent(scene.budget));
        self.text(RIGHT, y - 4.0, "end", "axis", &allowed);
        self.y += ERRORS_HEIGHT + GAP;
    }

    /// Bars up to the greatest value, joined where they are next to each other.
    fn bars(&mut self, values: &[Option<Extent>], scale: (f64, f64)) {
        let (bottom, columns) = (self.y + ERRORS_HEIGHT, values.len());
        let mut path = String::new();
        for (column, value) in values.iter().enumerate() {
            let Some(value) = value.filter(|value| value.most > 0.0) else { continue };
            let (from, to) =
                (column as f64 / columns as f64, (column as f64 + 1.0) / columns as f64);
            let y = bottom - (ERRORS_HEIGHT * logarithmic(value.most, scale)).max(1.0);
            let (from, to) = (at(from), at(to));
            let _ = write!(path, "M{from:.1} {bottom:.1}V{y:.1}H{to:.1}V{bottom:.1}z");
        }
        if !path.is_empty() {
            self.put(&format!("<path d=\"{path}\" fill=\"{MEASURED}\" fill-opacity=\"0.75\"/>"));
        }
    }

    fn track(&mut self, track: &Track, columns: usize) {
        debug_assert_eq!(track.long.len(), columns, "as many values as columns");
        let highest = track.long.iter().chain(&track.short).flatten().map(|one| one.most);
        let most = highest.fold(track.threshold * 2.0, f64::max);
        let scale = (track.threshold / 50.0, most);
        let colour = colour(Some(track.severity));
        self.text(LEFT, self.y - 8.0, "start", "head", &track.name);
        let (long, short) = track.windows.split_once('/').unwrap_or((&track.windows, ""));
        let mut x = LEFT + 9.0 * (track.name.chars().count() as f64) + 14.0;
        for (label, stroke, width) in [(long, MEASURED, 1.6), (short, SHORT, 1.0)] {
            let y = self.y - 11.5;
            self.put(&format!(
                "<line x1=\"{x:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{stroke}\" stroke-width=\"{width}\"/>",
                x + 16.0
            ));
            let label = format!("burn rate over {label}");
            self.text(x + 21.0, self.y - 8.0, "start", "note", &label);
            x += 21.0 + 6.6 * label.chars().count() as f64 + 14.0;
        }
        if track.lane.unknown_until > 0.0 {
            let unknown = (0.0, track.lane.unknown_until);
            self.rectangle(unknown, self.y, TRACK_HEIGHT, "fill=\"url(#unknown)\"");
        }
        for bar in &track.lane.bars {
            let style = format!("fill=\"{colour}\" fill-opacity=\"0.2\"");
            self.rectangle(*bar, self.y, TRACK_HEIGHT, &style);
        }
        self.decades(scale, TRACK_HEIGHT, short_burn);
        let faint = format!("stroke=\"{SHORT}\" stroke-width=\"0.9\" stroke-opacity=\"0.8\"");
        self.line(&track.short, scale, TRACK_HEIGHT, &faint);
        self.line(
            &track.long,
            scale,
            TRACK_HEIGHT,
            &format!("stroke=\"{MEASURED}\" stroke-width=\"1.6\""),
        );
        let y = self.y + TRACK_HEIGHT * (1.0 - logarithmic(track.threshold, scale));
        self.level(y, colour, "stroke-dasharray=\"5 4\"");
        let label = format!("fires above {}", digits(track.threshold));
        self.text(RIGHT, y - 4.0, "end", "axis", &label);
        self.y += TRACK_HEIGHT + GAP;
    }

    fn lane(&mut self, lane: &Lane) {
        self.text(LEFT - 6.0, self.y + LANE_HEIGHT - 3.5, "end", "note", &lane.name);
        let base = format!("fill=\"{FAINT}\" fill-opacity=\"0.14\" rx=\"2\"");
        self.rectangle((0.0, 1.0), self.y, LANE_HEIGHT, &base);
        if lane.unknown_until > 0.0 {
            let style = "fill=\"url(#unknown)\"";
            self.rectangle((0.0, lane.unknown_until), self.y, LANE_HEIGHT, style);
        }
        let style = format!("fill=\"{}\" rx=\"1\"", colour(lane.severity));
        for bar in &lane.bars {
            self.rectangle(*bar, self.y, LANE_HEIGHT, &style);
        }
        self.y += LANE_HEIGHT + 5.0;
    }

    fn axis(&mut self, scene: &Scene) {
        let y = self.y + 2.0;
        for tick in &scene.ticks {
            let x = at(tick.at);
            self.put(&format!(
                "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{y:.1}\" y2=\"{:.1}\" stroke=\"{INK}\"/>",
                y + 5.0
            ));
            self.put(&format!(
                "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{y:.1}\" stroke=\"{FAINT}\" stroke-opacity=\"0.18\"/>",
                42.0 + GAP
            ));
            self.text(x, y + 17.0, "middle", "axis", &tick.label);
        }
        self.level(y, INK, "stroke-width=\"0.8\"");
    }
}

/// Where a share of the time lies. Unit: pixels.
fn at(share: f64) -> f64 {
    LEFT + share * (RIGHT - LEFT)
}

fn short_burn(rate: f64) -> String {
    format!("{}×", digits(rate))
}

/// A number in as few digits as say it.
fn digits(number: f64) -> String {
    let rounded = format!("{number:.6}");
    let text = rounded.trim_end_matches('0').trim_end_matches('.');
    match text.find('.') {
        // Factors of scaled periods have many digits.
        Some(point) if number >= 0.1 && text.len() > point + 3 => format!("{number:.2}"),
        _ => text.to_owned(),
    }
}
