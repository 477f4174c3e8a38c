//! Reading order: from runs on a page to lines of text.
//!
//! The page is cut where blank space goes through it: first across, then into columns of prose, and
//! so on. What cannot be cut any more is read line by line. Vertical writing is the same, turned: its
//! lines go down and follow each other to the left.

use super::runs::is_wide;
use mugai_core::Run;
use std::fmt::Write as _;

/// How often a page is cut into smaller pieces, at most.
const MAX_CUTS: usize = 4_000;
/// Columns are so many lines high and so many sizes wide at least; what is less is a table.
const COLUMN_LINES: usize = 3;
const COLUMN_WIDTH: i64 = 8;

/// A run, turned so that it goes to the right and lines follow each other downwards; all in tenths
/// of a point.
#[derive(Clone, Copy)]
struct Piece<'r> {
    start: i64,
    end: i64,
    /// Its base line.
    line: i64,
    size: i64,
    text: &'r str,
}

impl Piece<'_> {
    const fn top(&self) -> i64 {
        self.line.saturating_sub(self.size)
    }
}

/// The text of a page.
pub(in crate::formats::pdf) fn in_order(runs: &[Run]) -> String {
    // the four directions along the sides, each by itself, in the order in which they are met
    let mut sides: Vec<(usize, Vec<Piece<'_>>)> = Vec::new();
    for run in runs {
        let side = side_of(run.direction());
        let piece = turned(run, side);
        match sides.iter_mut().find(|(of, _)| *of == side) {
            Some((_, pieces)) => pieces.push(piece),
            None => sides.push((side, vec![piece])),
        }
    }
    let mut out = String::new();
    for (_, pieces) in sides {
        if !out.is_empty() {
            out.push('\n');
        }
        for block in blocks(pieces) {
            lines(block, &mut out);
        }
    }
    out
}

/// Right, down, left or up: the nearest.
fn side_of((x, y): (i16, i16)) -> usize {
    match (x.unsigned_abs() >= y.unsigned_abs(), x >= 0, y >= 0) {
        (true, true, _) => 0,
        (false, _, true) => 1,
        (true, false, _) => 2,
        (false, _, false) => 3,
    }
}

fn turned(run: &Run, side: usize) -> Piece<'_> {
    let (x, y) = (i64::from(run.at().0), i64::from(run.at().1));
    let height = i64::from(run.size());
    let (start, line) = match side {
        0 => (x, y),
        1 => (y, x.saturating_neg()),
        2 => (x.saturating_neg(), y.saturating_neg()),
        _ => (y.saturating_neg(), x),
    };
    let width: i64 = run
        .advances()
        .iter()
        .fold(0i64, |sum, advance| sum.saturating_add(i64::from(*advance)))
        .saturating_mul(height)
        .div_euclid(1000);
    Piece {
        start,
        end: start.saturating_add(width),
        line,
        size: height,
        text: run.text().as_str(),
    }
}

/// Cuts until nothing can be cut; the blocks come in their order of reading.
fn blocks(all: Vec<Piece<'_>>) -> Vec<Vec<Piece<'_>>> {
    let mut done = Vec::new();
    let mut waiting = vec![all];
    let mut cuts = 0usize;
    while let Some(block) = waiting.pop() {
        cuts = cuts.saturating_add(1);
        let parts = if cuts > MAX_CUTS {
            vec![block]
        } else {
            match across(block) {
                Ok(parts) => parts,
                Err(whole) => columns(whole).unwrap_or_else(|whole| vec![whole]),
            }
        };
        if parts.len() == 1 {
            done.extend(parts);
        } else {
            waiting.extend(parts.into_iter().rev());
        }
    }
    done
}

type Parts<'r> = Result<Vec<Vec<Piece<'r>>>, Vec<Piece<'r>>>;

/// Cuts where there is a blank line from side to side.
fn across(mut block: Vec<Piece<'_>>) -> Parts<'_> {
    block.sort_by_key(Piece::top);
    let mut parts: Vec<Vec<Piece<'_>>> = Vec::new();
    let mut bottom = i64::MIN;
    for piece in &block {
        let gap = piece.top().saturating_sub(bottom);
        let is_new = bottom == i64::MIN || gap > piece.size.saturating_mul(4).div_euclid(5);
        bottom = bottom.max(piece.line.saturating_add(piece.size.div_euclid(5)));
        match parts.last_mut() {
            Some(part) if !is_new => part.push(*piece),
            _ => parts.push(vec![*piece]),
        }
    }
    if parts.len() > 1 {
        Ok(parts)
    } else {
        Err(block)
    }
}

/// Cuts where there is a blank column from top to bottom, with prose on both sides.
fn columns(mut block: Vec<Piece<'_>>) -> Parts<'_> {
    block.sort_by_key(|piece| piece.start);
    let mut parts: Vec<Vec<Piece<'_>>> = Vec::new();
    let mut end = i64::MIN;
    for piece in &block {
        let gap = piece.start.saturating_sub(end);
        let is_new = end == i64::MIN || gap > piece.size;
        end = end.max(piece.end);
        match parts.last_mut() {
            Some(part) if !is_new => part.push(*piece),
            _ => parts.push(vec![*piece]),
        }
    }
    if parts.len() > 1 && parts.iter().all(|part| is_prose(part)) {
        Ok(parts)
    } else {
        Err(block)
    }
}

fn is_prose(part: &[Piece<'_>]) -> bool {
    let wide = part
        .iter()
        .filter(|piece| {
            piece.end.saturating_sub(piece.start) >= piece.size.saturating_mul(COLUMN_WIDTH)
        })
        .count();
    wide >= COLUMN_LINES && wide.saturating_mul(2) >= part.len()
}

/// Writes a block line by line.
fn lines(mut block: Vec<Piece<'_>>, out: &mut String) {
    block.sort_by_key(|piece| piece.line);
    let mut rows: Vec<Vec<Piece<'_>>> = Vec::new();
    for piece in block {
        let fits = rows
            .last()
            .and_then(|row| row.first())
            .is_some_and(|first| {
                let off = piece.line.saturating_sub(first.line).saturating_abs();
                off.saturating_mul(2) <= first.size.min(piece.size)
            });
        match rows.last_mut() {
            Some(row) if fits => row.push(piece),
            _ => rows.push(vec![piece]),
        }
    }
    let mut before: Option<Piece<'_>> = None;
    for mut row in rows {
        row.sort_by_key(|piece| piece.start);
        let Some(first) = row.first().copied() else {
            continue;
        };
        let far = before.map_or(!out.is_empty(), |before| {
            first.line.saturating_sub(before.line) > first.size.max(before.size).saturating_mul(2)
        });
        if far {
            out.push('\n');
        }
        let mut end = first.start;
        let mut last = ' ';
        for piece in &row {
            let gap = piece.start.saturating_sub(end).saturating_mul(100);
            let gap = gap.checked_div(piece.size).unwrap_or(0);
            let next = piece.text.chars().next().unwrap_or(' ');
            let needed = if is_wide(last) && is_wide(next) {
                60
            } else {
                17
            };
            if end != first.start && gap > needed {
                // cells of a table are told apart from words
                out.push_str(if gap > 150 { "  " } else { " " });
            }
            let _ = out.write_str(piece.text);
            last = piece.text.chars().last().unwrap_or(' ');
            end = piece.end.max(end);
        }
        out.push('\n');
        before = Some(first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::Line;

    fn run(at: (u32, u32), direction: (i16, i16), text: &str) -> Run {
        let advances = vec![1000; text.chars().count()];
        Run::new(at, direction, 100, Line::clean(text).0, advances).unwrap()
    }

    #[test]
    fn lines_are_read_from_above_and_words_from_the_left() {
        let runs = [
            run((500, 300), (1000, 0), "b"),
            run((100, 440), (1000, 0), "c"),
            run((100, 310), (1000, 0), "a"),
        ];
        assert_eq!(in_order(&runs), "a  b\nc\n");
    }

    #[test]
    fn columns_of_prose_are_read_one_after_the_other() {
        let mut runs = vec![run((100, 100), (1000, 0), "Title of it all")];
        for line in 0..4u32 {
            runs.push(run((100, 300 + line * 120), (1000, 0), "left column"));
            runs.push(run((2000, 300 + line * 120), (1000, 0), "right column"));
        }
        let read = in_order(&runs);
        let left = read.rfind("left").unwrap();
        assert!(left < read.find("right").unwrap(), "{read}");
        assert!(read.starts_with("Title of it all\n"), "{read}");
    }

    #[test]
    fn tables_are_read_row_by_row() {
        let mut runs = Vec::new();
        for row in 0..4u32 {
            for column in 0..3u32 {
                let cell = format!("{row}{column}");
                runs.push(run((100 + column * 800, 300 + row * 120), (1000, 0), &cell));
            }
        }
        assert!(in_order(&runs).starts_with("00  01  02\n10  11  12\n"));
    }

    #[test]
    fn vertical_lines_follow_each_other_to_the_left() {
        let runs = [
            run((2000, 100), (0, 1000), "吾輩は"),
            run((1800, 100), (0, 1000), "猫である"),
        ];
        assert_eq!(in_order(&runs), "吾輩は\n猫である\n");
    }
}
