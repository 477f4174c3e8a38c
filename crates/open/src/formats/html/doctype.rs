//! Document types, as far as they say whether a page is read as the oldest ones are.

/// Identifiers beyond this length are none of the old ones.
const MAX_BYTES: usize = 128;

/// A document type (HTML standard section 13.2.5.53).
#[derive(Debug, Default)]
pub(super) struct Doctype {
    name: Vec<u8>,
    public: Option<Vec<u8>>,
    system: Option<Vec<u8>>,
    broken: bool,
}

impl Doctype {
    /// Appends to its name.
    pub(super) fn push_name(&mut self, more: &[u8]) {
        push(&mut self.name, more);
    }

    /// Begins or goes on with the public identifier.
    pub(super) fn push_public(&mut self, more: &[u8]) {
        push(self.public.get_or_insert_default(), more);
    }

    /// Begins or goes on with the system identifier.
    pub(super) fn push_system(&mut self, more: &[u8]) {
        push(self.system.get_or_insert_default(), more);
    }

    /// Notes that it is not written as one must be.
    pub(super) const fn set_broken(&mut self) {
        self.broken = true;
    }

    /// Whether pages of this type are read as the oldest ones are, in quirks mode (HTML standard
    /// section 13.2.6.4.1).
    pub(super) fn is_quirky(&self) -> bool {
        let public = self.public.as_deref().unwrap_or_default();
        let system = self.system.as_deref().unwrap_or_default();
        let begins = |with: &&str| {
            let head = public.get(..with.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(with.as_bytes()))
        };
        self.broken
            || !self.name.eq_ignore_ascii_case(b"html")
            || EXACTLY
                .iter()
                .any(|old| public.eq_ignore_ascii_case(old.as_bytes()))
            || system.eq_ignore_ascii_case(IBM)
            || BEGINNINGS.iter().any(begins)
            || (self.system.is_none() && WITHOUT_SYSTEM.iter().any(begins))
    }
}

fn push(to: &mut Vec<u8>, more: &[u8]) {
    let room = MAX_BYTES.saturating_sub(to.len());
    to.extend_from_slice(more.get(..room).unwrap_or(more));
}

const IBM: &[u8] = b"http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd";

/// Whole public identifiers.
const EXACTLY: [&str; 3] = [
    "-//W3O//DTD W3 HTML Strict 3.0//EN//",
    "-/W3C/DTD HTML 4.0 Transitional/EN",
    "HTML",
];

/// Beginnings that are old where there is no system identifier.
const WITHOUT_SYSTEM: [&str; 2] = [
    "-//W3C//DTD HTML 4.01 Frameset//",
    "-//W3C//DTD HTML 4.01 Transitional//",
];

/// Beginnings of public identifiers.
const BEGINNINGS: [&str; 55] = [
    "+//Silmaril//dtd html Pro v0r11 19970101//",
    "-//AS//DTD HTML 3.0 asWedit + extensions//",
    "-//AdvaSoft Ltd//DTD HTML 3.0 asWedit + extensions//",
    "-//IETF//DTD HTML 2.0 Level 1//",
    "-//IETF//DTD HTML 2.0 Level 2//",
    "-//IETF//DTD HTML 2.0 Strict Level 1//",
    "-//IETF//DTD HTML 2.0 Strict Level 2//",
    "-//IETF//DTD HTML 2.0 Strict//",
    "-//IETF//DTD HTML 2.0//",
    "-//IETF//DTD HTML 2.1E//",
    "-//IETF//DTD HTML 3.0//",
    "-//IETF//DTD HTML 3.2 Final//",
    "-//IETF//DTD HTML 3.2//",
    "-//IETF//DTD HTML 3//",
    "-//IETF//DTD HTML Level 0//",
    "-//IETF//DTD HTML Level 1//",
    "-//IETF//DTD HTML Level 2//",
    "-//IETF//DTD HTML Level 3//",
    "-//IETF//DTD HTML Strict Level 0//",
    "-//IETF//DTD HTML Strict Level 1//",
    "-//IETF//DTD HTML Strict Level 2//",
    "-//IETF//DTD HTML Strict Level 3//",
    "-//IETF//DTD HTML Strict//",
    "-//IETF//DTD HTML//",
    "-//Metrius//DTD Metrius Presentational//",
    "-//Microsoft//DTD Internet Explorer 2.0 HTML Strict//",
    "-//Microsoft//DTD Internet Explorer 2.0 HTML//",
    "-//Microsoft//DTD Internet Explorer 2.0 Tables//",
    "-//Microsoft//DTD Internet Explorer 3.0 HTML Strict//",
    "-//Microsoft//DTD Internet Explorer 3.0 HTML//",
    "-//Microsoft//DTD Internet Explorer 3.0 Tables//",
    "-//Netscape Comm. Corp.//DTD HTML//",
    "-//Netscape Comm. Corp.//DTD Strict HTML//",
    "-//O'Reilly and Associates//DTD HTML 2.0//",
    "-//O'Reilly and Associates//DTD HTML Extended 1.0//",
    "-//O'Reilly and Associates//DTD HTML Extended Relaxed 1.0//",
    "-//SQ//DTD HTML 2.0 HoTMetaL + extensions//",
    "-//SoftQuad Software//DTD HoTMetaL PRO 6.0::19990601::extensions to HTML 4.0//",
    "-//SoftQuad//DTD HoTMetaL PRO 4.0::19971010::extensions to HTML 4.0//",
    "-//Spyglass//DTD HTML 2.0 Extended//",
    "-//Sun Microsystems Corp.//DTD HotJava HTML//",
    "-//Sun Microsystems Corp.//DTD HotJava Strict HTML//",
    "-//W3C//DTD HTML 3 1995-03-24//",
    "-//W3C//DTD HTML 3.2 Draft//",
    "-//W3C//DTD HTML 3.2 Final//",
    "-//W3C//DTD HTML 3.2//",
    "-//W3C//DTD HTML 3.2S Draft//",
    "-//W3C//DTD HTML 4.0 Frameset//",
    "-//W3C//DTD HTML 4.0 Transitional//",
    "-//W3C//DTD HTML Experimental 19960712//",
    "-//W3C//DTD HTML Experimental 970421//",
    "-//W3C//DTD W3 HTML//",
    "-//W3O//DTD W3 HTML 3.0//",
    "-//WebTechs//DTD Mozilla HTML 2.0//",
    "-//WebTechs//DTD Mozilla HTML//",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_types_are_told_from_new_ones() {
        const STRICT: &str = "http://www.w3.org/TR/html4/strict.dtd";
        for (name, public, system, want) in [
            ("html", None, None, false),
            ("HTML", None, Some("about:legacy-compat"), false),
            ("svg", None, None, true),
            ("", None, None, true),
            (
                "html",
                Some("-//W3C//DTD HTML 4.0 Transitional//EN"),
                Some(STRICT),
                true,
            ),
            (
                "html",
                Some("-//w3c//dtd html 4.01 transitional//en"),
                None,
                true,
            ),
            (
                "html",
                Some("-//W3C//DTD HTML 4.01 Transitional//EN"),
                Some(STRICT),
                false,
            ),
            (
                "html",
                Some("-//W3C//DTD HTML 4.01 Frameset//EN"),
                None,
                true,
            ),
            ("html", Some("-//W3C//DTD HTML 4.01//EN"), None, false),
            ("html", Some("-//W3C//DTD HTML 3.2 Final//EN"), None, true),
            ("html", Some("-//IETF//DTD HTML 2.0//EN"), None, true),
            (
                "html",
                Some("-//W3C//DTD XHTML 1.0 Transitional//EN"),
                Some(STRICT),
                false,
            ),
            ("html", Some("html"), None, true),
            ("html", Some("html5"), None, false),
        ] {
            let mut doctype = Doctype::default();
            doctype.push_name(name.as_bytes());
            if let Some(public) = public {
                doctype.push_public(b"");
                doctype.push_public(public.as_bytes());
            }
            if let Some(system) = system {
                doctype.push_system(system.as_bytes());
            }
            assert_eq!(doctype.is_quirky(), want, "{name} {public:?} {system:?}");
            doctype.set_broken();
            assert!(doctype.is_quirky());
        }
    }
}
