//! How sheets are printed.

use super::Paper;
use super::markup::Scribe;
use mugai_core::Refusal;
use mugai_core::markup::scrub;

/// How a sheet is printed.
pub(super) fn paper(scribe: &mut Scribe, paper: &Paper) -> Result<(), Refusal> {
    let names = [
        "horizontalCentered",
        "verticalCentered",
        "headings",
        "gridLines",
    ];
    let options = names.into_iter().zip(paper.options);
    let options: Vec<_> = options
        .filter(|(_, on)| *on)
        .map(|(name, _)| (name, "1"))
        .collect();
    if !options.is_empty() {
        scribe.leaf("x:printOptions", &options)?;
    }
    if let Some(margins) = paper.margins {
        let names = ["left", "right", "top", "bottom", "header", "footer"];
        let values = margins.map(|inches| format!("{:.4}", inches.clamp(0.0, 48.0)));
        let attributes: Vec<_> = names
            .into_iter()
            .zip(values.iter().map(String::as_str))
            .collect();
        scribe.leaf("x:pageMargins", &attributes)?;
    }
    let (size, scale) = (paper.size.to_string(), paper.scale.to_string());
    let fit = paper
        .fit
        .map(|(wide, high)| (wide.to_string(), high.to_string()));
    let mut attributes = Vec::new();
    if (1..=118).contains(&paper.size) {
        attributes.push(("paperSize", size.as_str()));
    }
    if (10..=400).contains(&paper.scale) {
        attributes.push(("scale", scale.as_str()));
    }
    if let Some((wide, high)) = &fit {
        attributes.extend([
            ("fitToWidth", wide.as_str()),
            ("fitToHeight", high.as_str()),
        ]);
    }
    if paper.landscape {
        attributes.push(("orientation", "landscape"));
    }
    if !attributes.is_empty() {
        scribe.leaf("x:pageSetup", &attributes)?;
    }
    lines(scribe, paper)?;
    let names = [("x:rowBreaks", "16383"), ("x:colBreaks", "1048575")];
    for ((name, max), breaks) in names.into_iter().zip(&paper.breaks) {
        if breaks.is_empty() {
            continue;
        }
        let count = breaks.len().to_string();
        scribe.open(name, &[("count", &count), ("manualBreakCount", &count)])?;
        for place in breaks {
            let place = place.to_string();
            scribe.leaf("x:brk", &[("id", &place), ("max", max), ("man", "1")])?;
        }
        scribe.close()?;
    }
    Ok(())
}

/// What is read above and below the pages of a sheet, each once: the lines without their marks (ECMA-376 part 1, section
/// 18.3.1.46). Numbers of pages, days and names that the program puts there are not told.
pub(super) fn told(paper: &Paper) -> Vec<String> {
    let [even, first] = paper.other;
    let uses = [true, true, even, even, first, first];
    let mut told = Vec::new();
    for (line, _) in paper.lines.iter().zip(uses).filter(|(_, used)| *used) {
        let line = plain(line);
        // of some nothing but dashes is left
        if line.contains(char::is_alphanumeric) && !told.contains(&line) {
            told.push(line);
        }
    }
    told
}

/// A line without its marks: its three parts behind each other.
fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '&' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('&') => out.push('&'),
            Some('L' | 'C' | 'R' | 'l' | 'c' | 'r') => {
                let inside = !out.is_empty() && !out.ends_with(' ');
                out.extend(inside.then_some(' '));
            }
            // the name of a font
            Some('"') => while chars.next().is_some_and(|c| c != '"') {},
            // a colour: six digits, or the number of one and how much lighter it is
            Some('K' | 'k') => {
                chars.nth(5);
            }
            // a size
            Some('0'..='9') => while chars.next_if(char::is_ascii_digit).is_some() {},
            _ => {}
        }
    }
    out.trim().to_owned()
}

/// What stands above and below the pages.
fn lines(scribe: &mut Scribe, paper: &Paper) -> Result<(), Refusal> {
    if paper.lines.iter().all(String::is_empty) {
        return Ok(());
    }
    let mut attributes = Vec::new();
    for (name, is) in ["differentOddEven", "differentFirst"]
        .into_iter()
        .zip(paper.other)
    {
        if is {
            attributes.push((name, "1"));
        }
    }
    scribe.open("x:headerFooter", &attributes)?;
    let names = [
        "x:oddHeader",
        "x:oddFooter",
        "x:evenHeader",
        "x:evenFooter",
        "x:firstHeader",
        "x:firstFooter",
    ];
    for (name, line) in names.into_iter().zip(&paper.lines) {
        let line = scrub(line).0;
        if !line.is_empty() {
            scribe.open(name, &[])?;
            scribe.text(&line)?;
            scribe.close()?;
        }
    }
    scribe.close()
}
