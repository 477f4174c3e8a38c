//! Formulas as objects of ODF have them (MathML 3, chapter 3), as one line of text.

use crate::formats::formula::{Formula, Sign};
use mugai_core::markup::Event;
use mugai_core::{Cx, Markup, Refusal, Resource};
use std::borrow::Cow;

/// What an element of a formula is remembered with, in bytes.
const NODE: u64 = 160;

/// The most letters of a formula that are told as one, in bytes; of longer ones the letters are told as they come.
const MAX_LETTERS: usize = 65_536;

/// A document without the document type that old programs wrote before a formula. One with declarations of its own
/// stays, and is refused where it is read.
pub(super) fn without_type(text: Cow<'_, str>) -> Cow<'_, str> {
    let Some((before, declared)) = text.split_once("<!DOCTYPE") else {
        return text;
    };
    match declared.split_once('>') {
        Some((named, rest)) if !before.contains("<!--") && !named.contains(['[', '<']) => {
            Cow::Owned(format!("{before}{rest}"))
        }
        Some(_) | None => text,
    }
}

/// An element, and all that is in it.
#[derive(Debug, Default)]
struct Node<'a> {
    name: &'static str,
    text: String,
    signs: Vec<(Sign, &'a str)>,
    children: Vec<Node<'a>>,
}

/// A formula as a line of text, near to the linear form of the readers of Word.
///
/// # Errors
/// [`Refusal::Overrun`] where the purse has no room for it.
pub(super) fn text(part: &Markup, cx: &Cx<'_>) -> Result<String, Refusal> {
    let mut open: Vec<Node<'_>> = vec![Node::default()];
    let (mut letters, mut deepest) = (0usize, 0usize);
    for event in part.events() {
        let open_before = open.len();
        let Some(node) = open.last_mut() else {
            break;
        };
        match event {
            Event::Open(element) => {
                cx.charge(Resource::Bytes, NODE)?;
                open.push(Node {
                    name: element.local(),
                    ..Node::default()
                });
            }
            Event::Attribute(attribute, value) => {
                let sign = match attribute.local() {
                    "open" => Sign::First,
                    "close" => Sign::Last,
                    "separators" => Sign::Between,
                    "linethickness" => Sign::Stroke,
                    _ => continue,
                };
                node.signs.push((sign, value));
            }
            Event::Text(text) => {
                cx.charge_len(Resource::Bytes, text.len())?;
                letters = letters.saturating_add(text.len());
                deepest = deepest.max(open_before);
                // operators that are not written: application, multiplication, comma, plus
                let seen = |c: &char| !matches!(c, '\u{2061}'..='\u{2064}');
                node.text.extend(text.trim().chars().filter(seen));
            }
            Event::Close => {
                let node = open.pop().unwrap_or_default();
                if let Some(around) = open.last_mut() {
                    around.children.push(node);
                }
            }
            Event::Reference(..) | Event::Link(..) => {}
        }
    }
    let (mut out, mut formula) = (String::new(), Formula::default());
    if let Some(root) = open.first() {
        if letters <= MAX_LETTERS {
            // letters are moved once for each part that they lie in
            cx.charge_len(Resource::Steps, letters.saturating_mul(deepest) / 4)?;
            tell(root, &mut formula, &mut out);
        } else {
            words(root, false, &mut out);
        }
        if out.trim().is_empty() {
            // what programs show then
            words(root, true, &mut out);
        }
    }
    cx.charge_len(Resource::Bytes, out.len())?;
    Ok(out.trim().to_owned())
}

/// Tells an element. Parts have at most the depth of markup.
fn tell(node: &Node<'_>, formula: &mut Formula, out: &mut String) {
    let pieces: &[&str] = match node.name {
        "mi" | "mn" | "mo" | "mtext" | "ms" => {
            formula.begin("r", out);
            out.extend(formula.before(&node.text, out));
            out.push_str(&node.text);
            return formula.end(out);
        }
        // of these nothing is seen but the place that they take
        "mphantom" | "mspace" => return out.push(' '),
        "annotation" | "maligngroup" | "malignmark" => return,
        "mfrac" => &["f", "num", "den"],
        "mroot" => &["rad", "e", "deg"],
        "msub" => &["sSub", "e", "sub"],
        "msup" => &["sSup", "e", "sup"],
        "msubsup" => &["sSubSup", "e", "sub", "sup"],
        "munder" | "mover" | "munderover" => return limits(node, formula, out),
        "mmultiscripts" => return scripts(node, formula, out),
        "msqrt" => {
            formula.begin("rad", out);
            piece("e", &node.children, formula, out);
            return formula.end(out);
        }
        "mfenced" => return fenced(node, formula, out),
        "mtable" => return table(node, formula, out),
        _ => return all(&node.children, formula, out),
    };
    part(pieces, node, formula, out);
}

/// Tells a formula in the words of programs for ODF, or its letters as they come.
fn words(node: &Node<'_>, annotated: bool, out: &mut String) {
    // what takes a place and is not seen is not told
    if node.name == "mphantom" {
        return;
    }
    if (node.name == "annotation") == annotated {
        out.push_str(&node.text);
    }
    for child in &node.children {
        words(child, annotated, out);
    }
}

fn all(nodes: &[Node<'_>], formula: &mut Formula, out: &mut String) {
    for node in nodes {
        tell(node, formula, out);
    }
}

/// Tells elements as one piece of a part.
fn piece(name: &str, nodes: &[Node<'_>], formula: &mut Formula, out: &mut String) {
    formula.begin(name, out);
    all(nodes, formula, out);
    formula.end(out);
}

/// Tells an element whose children are the pieces of a part, in this order; what is beyond follows it.
fn part(names: &[&str], node: &Node<'_>, formula: &mut Formula, out: &mut String) {
    let Some((name, pieces)) = names.split_first() else {
        return;
    };
    formula.begin(name, out);
    for (sign, said) in &node.signs {
        // a fraction without a stroke: one over another
        let is_bare = said.bytes().all(|b| !matches!(b, b'1'..=b'9'));
        if *sign == Sign::Stroke && is_bare && said.starts_with('0') {
            formula.say(Sign::Stroke, "noBar");
        }
    }
    for (name, child) in pieces.iter().zip(&node.children) {
        piece(name, std::slice::from_ref(child), formula, out);
    }
    formula.end(out);
    all(
        node.children.get(pieces.len()..).unwrap_or_default(),
        formula,
        out,
    );
}

/// What stands below and above: limits of sums, accents, and what else there is.
fn limits(node: &Node<'_>, formula: &mut Formula, out: &mut String) {
    let is_large = node.children.first().is_some_and(is_large);
    let names: &[&str] = match (node.name, is_large) {
        ("munder", true) => &["sSub", "e", "sub"],
        ("mover", true) => &["sSup", "e", "sup"],
        ("munderover", _) => &["sSubSup", "e", "sub", "sup"],
        ("munder", false) => &["limLow", "e", "lim"],
        _ => &["limUpp", "e", "lim"],
    };
    let mark = node.children.get(1).and_then(mark);
    let [_, base, ..] = names else {
        return;
    };
    match mark.filter(|_| node.name == "mover") {
        Some(mark) => {
            formula.begin(if mark == "bar" { "bar" } else { "acc" }, out);
            if mark == "bar" {
                formula.say(Sign::Place, "top");
            } else {
                formula.say(Sign::Own, mark);
            }
            piece(
                base,
                node.children.get(..1).unwrap_or_default(),
                formula,
                out,
            );
            formula.end(out);
            all(node.children.get(2..).unwrap_or_default(), formula, out);
        }
        None => part(names, node, formula, out),
    }
}

/// Whether an element is the sign of a sum, a product, an integral.
fn is_large(node: &Node<'_>) -> bool {
    match node.children.as_slice() {
        [one] if node.name != "mo" => is_large(one),
        _ => {
            let mut letters = node.text.chars();
            let sign = letters.next().filter(|_| letters.next().is_none());
            sign.is_some_and(|c| matches!(c, '∏'..='∑' | '∫'..='∳' | '⋀'..='⋃' | '⨀'..='⨆'))
        }
    }
}

/// The mark that combines with a letter, for a sign that stands above one; `bar` for a stroke.
fn mark(node: &Node<'_>) -> Option<&'static str> {
    Some(match node.text.as_str() {
        "¯" | "‾" | "̅" | "̄" | "_" => "bar",
        "^" | "ˆ" | "̂" => "\u{302}",
        "~" | "˜" | "̃" => "\u{303}",
        "→" | "⃗" => "\u{20d7}",
        "˙" | "." | "̇" => "\u{307}",
        "¨" | "̈" => "\u{308}",
        "ˇ" | "̌" => "\u{30c}",
        "´" | "́" => "\u{301}",
        "`" | "̀" => "\u{300}",
        "˘" | "̆" => "\u{306}",
        _ => return None,
    })
}

/// Scripts on both sides: those behind come first, then those in front (MathML 3, 3.4.7).
fn scripts(node: &Node<'_>, formula: &mut Formula, out: &mut String) {
    let Some((base, scripts)) = node.children.split_first() else {
        return;
    };
    let is_front = |node: &Node<'_>| node.name == "mprescripts";
    let behind = scripts.iter().position(is_front).unwrap_or(scripts.len());
    let (behind, front) = scripts.split_at_checked(behind).unwrap_or_default();
    let front = front.split_first().map_or(front, |(_, front)| front);
    formula.begin("sSubSup", out);
    formula.begin("e", out);
    if front.is_empty() {
        tell(base, formula, out);
    } else {
        formula.begin("sPre", out);
        pairs(front, formula, out);
        piece("e", std::slice::from_ref(base), formula, out);
        formula.end(out);
    }
    formula.end(out);
    pairs(behind, formula, out);
    formula.end(out);
}

fn pairs(nodes: &[Node<'_>], formula: &mut Formula, out: &mut String) {
    for (node, name) in nodes.iter().zip(["sub", "sup"].into_iter().cycle()) {
        piece(name, std::slice::from_ref(node), formula, out);
    }
}

fn fenced(node: &Node<'_>, formula: &mut Formula, out: &mut String) {
    formula.begin("d", out);
    let said = |sign: Sign, usual: &'static str| {
        let found = node.signs.iter().find(|(of, _)| *of == sign);
        found.map_or(usual, |(_, said)| said.trim())
    };
    formula.say(Sign::First, said(Sign::First, "("));
    formula.say(Sign::Last, said(Sign::Last, ")"));
    let between = said(Sign::Between, ",");
    let first = between.chars().next().map(String::from);
    formula.say(Sign::Between, &first.unwrap_or_default());
    for child in &node.children {
        piece("e", std::slice::from_ref(child), formula, out);
    }
    formula.end(out);
}

fn table(node: &Node<'_>, formula: &mut Formula, out: &mut String) {
    formula.begin("m", out);
    for row in &node.children {
        formula.begin("mr", out);
        for cell in &row.children {
            piece("e", std::slice::from_ref(cell), formula, out);
        }
        formula.end(out);
    }
    formula.end(out);
}
