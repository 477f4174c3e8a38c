//! `format=flowed` (RFC 3676): lines that end with a blank go on in the next one.

/// Unfolds `text`. With `delsp` the blank at the end of a line that goes on is not part of the
/// text, as Japanese needs it. Quotes keep their depth, `>> ` before each paragraph.
pub(super) fn unfold(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // the depth of the paragraph that goes on
    let mut open: Option<usize> = None;
    let mut lines = text.split('\n').peekable();
    while let Some(raw) = lines.next() {
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        let (depth, line) = unquote(raw);
        let signature = line == "-- ";
        if open != Some(depth) || signature {
            if open.is_some() {
                out.push('\n');
            }
            if depth > 0 {
                out.extend(std::iter::repeat_n('>', depth));
                out.push(' ');
            }
        }
        let flows = line.ends_with(' ') && !signature;
        let kept = if flows && delsp {
            line.strip_suffix(' ').unwrap_or(line)
        } else {
            line
        };
        out.push_str(kept);
        open = flows.then_some(depth);
        if !flows && lines.peek().is_some() {
            out.push('\n');
        }
    }
    out
}

/// The quote depth of a line, and the line without its quote marks and stuffed blank.
fn unquote(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches('>');
    let depth = line.len().saturating_sub(rest.len());
    (depth, rest.strip_prefix(' ').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_quotes_and_signatures() {
        for (text, delsp, want) in [
            ("a \nb\nc", false, "a b\nc"),
            ("日本 \n語です\n", true, "日本語です\n"),
            ("日本 \n語です\n", false, "日本 語です\n"),
            ("a  \nb", true, "a b"),
            ("a \r\nb\r\n", false, "a b\n"),
            ("> a \n> b\nc", false, "> a b\nc"),
            (">> a \n> b\n", false, ">> a \n> b\n"),
            (">a \nb", false, "> a \nb"),
            (" From x\n  y", false, "From x\n y"),
            ("x \n-- \nname \nn", false, "x \n-- \nname n"),
            ("> -- \n> n", false, "> -- \n> n"),
            ("a \n\nb", false, "a \nb"),
            ("a \n \nb", false, "a \nb"),
            ("a ", false, "a "),
            ("", false, ""),
            ("\n\n", true, "\n\n"),
        ] {
            assert_eq!(unfold(text, delsp), want, "{text:?} {delsp}");
        }
    }
}
