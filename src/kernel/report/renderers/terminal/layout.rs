//! Which columns of a table stay in a given width, and how wide each is. Numbers only, no text.

/// Columns of a terminal between two columns of a table.
pub(super) const GAP: u16 = 2;
/// As wide as a column can be where nothing limits it: the grid counts in 16 bits.
pub(super) const WIDEST: usize = 60_000;

/// What a column asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    /// Width below which nothing can be read.
    pub(super) tight: usize,
    /// Width that its author wants it to keep.
    pub(super) floor: usize,
    /// Width that shows all its cells, its heading in several lines.
    pub(super) cells: usize,
    /// Width that shows its heading in one line too.
    pub(super) whole: usize,
    /// 0 for a column that always stays; of the others the highest goes first.
    pub(super) priority: u8,
}

impl Demand {
    /// Brings the widths into order and below what the grid can count.
    pub(super) fn new(
        tight: usize,
        floor: usize,
        cells: usize,
        whole: usize,
        priority: u8,
    ) -> Self {
        let whole = whole.max(cells).min(WIDEST);
        let cells = cells.min(whole);
        let floor = floor.min(cells);
        Self { tight: tight.min(floor), floor, cells, whole, priority }
    }
}

/// The columns that stay with their widths, and those that do not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Position of a column and its width.
    pub(super) kept: Vec<(usize, usize)>,
    /// Positions of the columns left out.
    pub(super) left_out: Vec<usize>,
}

impl Layout {
    /// Shrinks what can shrink, then leaves out columns by priority, then shrinks what is left as far as
    /// it can be read; `None` if even that does not fit side by side.
    pub(super) fn new(demands: &[Demand], limit: Option<usize>) -> Option<Self> {
        let mut kept: Vec<usize> = (0..demands.len()).collect();
        let mut left_out = Vec::new();
        let widths = loop {
            let wanted: Vec<Demand> = kept.iter().map(|at| demands[*at]).collect();
            if let Some(widths) = fitting_widths(&wanted, limit) {
                break widths;
            }
            let dispensable = kept.iter().copied().filter(|at| demands[*at].priority > 0);
            let Some(least) = dispensable.max_by_key(|at| (demands[*at].priority, *at)) else {
                let tight = |demand: Demand| Demand { floor: demand.tight, ..demand };
                break fitting_widths(&wanted.into_iter().map(tight).collect::<Vec<_>>(), limit)?;
            };
            kept.retain(|at| *at != least);
            left_out.push(least);
        };
        left_out.sort_unstable();
        Some(Self { kept: kept.into_iter().zip(widths).collect(), left_out })
    }
}

/// Widths with which the columns fit; `None` if there are none.
fn fitting_widths(demands: &[Demand], limit: Option<usize>) -> Option<Vec<usize>> {
    let whole = demands.iter().map(|demand| demand.whole).collect();
    let Some(limit) = limit else { return Some(whole) };
    let room = limit.checked_sub(usize::from(GAP) * demands.len().saturating_sub(1))?;
    if whole.iter().sum::<usize>() <= room {
        return Some(whole);
    }
    let at_level = |level: usize| -> Vec<usize> {
        demands.iter().map(|demand| level.clamp(demand.floor, demand.cells)).collect()
    };
    let fits = |level: usize| at_level(level).iter().sum::<usize>() <= room;
    if !fits(0) {
        return None;
    }
    let widths = at_level(highest(fits));
    let left = room - widths.iter().sum::<usize>();
    Some(with_rest(widths, demands, left))
}

/// The highest level up to [`WIDEST`] that `fits`, which 0 does.
fn highest(fits: impl Fn(usize) -> bool) -> usize {
    let (mut fitting, mut too_high) = (0, WIDEST + 1);
    while too_high - fitting > 1 {
        let middle = fitting.midpoint(too_high);
        if fits(middle) { fitting = middle } else { too_high = middle }
    }
    fitting
}

/// Gives what is left to cells first, then to headings that fit in one line with it.
fn with_rest(mut widths: Vec<usize>, demands: &[Demand], mut left: usize) -> Vec<usize> {
    let mut grow = |width: &mut usize, more: usize| {
        let granted = if more <= left { more } else { 0 };
        *width += granted;
        left -= granted;
    };
    for (width, demand) in widths.iter_mut().zip(demands) {
        grow(width, usize::from(*width < demand.cells));
    }
    for (width, demand) in widths.iter_mut().zip(demands) {
        if *width == demand.cells {
            grow(width, demand.whole - demand.cells);
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAME: Demand = Demand { tight: 10, floor: 20, cells: 30, whole: 30, priority: 0 };
    const BURN: Demand = Demand { tight: 4, floor: 4, cells: 4, whole: 9, priority: 1 };
    const OWNER: Demand = Demand { tight: 8, floor: 8, cells: 8, whole: 8, priority: 2 };

    #[track_caller]
    fn check(limit: usize, kept: &[(usize, usize)], left_out: &[usize]) {
        let layout = Layout { kept: kept.to_vec(), left_out: left_out.to_vec() };
        assert_eq!(Layout::new(&[NAME, BURN, OWNER], Some(limit)), Some(layout));
    }

    #[test]
    fn headings_wrap_then_text_shrinks_then_columns_go() {
        check(51, &[(0, 30), (1, 9), (2, 8)], &[]);
        check(50, &[(0, 30), (1, 4), (2, 8)], &[]);
        check(46, &[(0, 30), (1, 4), (2, 8)], &[]);
        check(45, &[(0, 29), (1, 4), (2, 8)], &[]);
        check(36, &[(0, 20), (1, 4), (2, 8)], &[]);
        check(35, &[(0, 29), (1, 4)], &[2]);
        check(25, &[(0, 25)], &[1, 2]);
        check(20, &[(0, 20)], &[1, 2]);
        check(19, &[(0, 19)], &[1, 2]);
        check(10, &[(0, 10)], &[1, 2]);
        assert_eq!(Layout::new(&[NAME, BURN, OWNER], Some(9)), None);
    }

    #[test]
    fn nothing_is_left_out_where_nothing_limits() {
        let layout = Layout { kept: vec![(0, 30), (1, 9), (2, 8)], left_out: Vec::new() };
        assert_eq!(Layout::new(&[NAME, BURN, OWNER], None), Some(layout));
    }

    proptest! {
        #[test]
        fn fits_or_says_that_it_cannot(
            wanted in prop::collection::vec(
                (0..90_usize, 0..90_usize, 0..70_000_usize, 0..90_usize, 0..4_u8),
                0..8,
            ),
            limit in 0..300_usize,
        ) {
            let demands: Vec<Demand> =
                wanted.into_iter().map(|(a, b, c, d, e)| Demand::new(a, b, c, d, e)).collect();
            let Some(layout) = Layout::new(&demands, Some(limit)) else { return Ok(()) };
            let gaps = usize::from(GAP) * layout.kept.len().saturating_sub(1);
            let total = gaps + layout.kept.iter().map(|(_, width)| width).sum::<usize>();
            prop_assert!(total <= limit);
            for (at, width) in layout.kept {
                prop_assert!((demands[at].tight..=demands[at].whole).contains(&width));
            }
            prop_assert!(layout.left_out.iter().all(|at| demands[*at].priority > 0));
        }
    }
}
