//! What the suite is told: names of files, filters, and the rest of its command line.

use mugai_core::{Conversion, Kind};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// One conversion in the words of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    /// The word for it between keeper and role.
    pub(super) word: &'static str,
    /// What the document is called in the folder.
    pub(super) input: &'static str,
    /// The import filter. With it the suite does not guess: a text that looks like a web page
    /// would be read as one, with all that it loads. Of several the first that makes something of the
    /// document counts.
    pub(super) imports: &'static [&'static str],
    /// The format to convert to, with its export filter.
    export: &'static str,
    /// What the result is called in the folder.
    pub(super) output: &'static str,
}

macro_rules! tasks {
    ($($word:literal = $from:ident to $into:ident, $input:literal, $imports:expr, $export:literal, $output:literal;)*) => {
        const TASKS: &[(Kind, Kind, Task)] = &[$((
            Kind::$from,
            Kind::$into,
            Task { word: $word, input: $input, imports: &$imports, export: $export, output: $output },
        ),)*];
    };
}

tasks! {
    "docx-pdf" = Word to Pdf, "in.docx", ["MS Word 2007 XML"], "pdf:writer_pdf_Export", "out/in.pdf";
    "xlsx-pdf" = Sheet to Pdf, "in.xlsx", ["Calc MS Excel 2007 XML"], "pdf:calc_pdf_Export", "out/in.pdf";
    "pptx-pdf" = Slides to Pdf, "in.pptx", ["Impress MS PowerPoint 2007 XML"], "pdf:impress_pdf_Export", "out/in.pdf";
    "odt-pdf" = OpenText to Pdf, "in.odt", ["writer8"], "pdf:writer_pdf_Export", "out/in.pdf";
    "ods-pdf" = OpenSheet to Pdf, "in.ods", ["calc8"], "pdf:calc_pdf_Export", "out/in.pdf";
    "odp-pdf" = OpenSlides to Pdf, "in.odp", ["impress8"], "pdf:impress_pdf_Export", "out/in.pdf";
    "doc-pdf" = Doc to Pdf, "in.doc", ["MS Word 97", "MS Word 95"], "pdf:writer_pdf_Export", "out/in.pdf";
    "ppt-pdf" = Ppt to Pdf, "in.ppt", ["MS PowerPoint 97"], "pdf:impress_pdf_Export", "out/in.pdf";
    "rtf-pdf" = Rtf to Pdf, "in.rtf", ["Rich Text Format"], "pdf:writer_pdf_Export", "out/in.pdf";
    "doc-docx" = Doc to Word, "in.doc", ["MS Word 97", "MS Word 95"], "docx:MS Word 2007 XML", "out/in.docx";
    "rtf-docx" = Rtf to Word, "in.rtf", ["Rich Text Format"], "docx:MS Word 2007 XML", "out/in.docx";
    "ppt-pptx" = Ppt to Slides, "in.ppt", ["MS PowerPoint 97"], "pptx:Impress MS PowerPoint 2007 XML", "out/in.pptx";
}

impl Task {
    /// The task of a conversion.
    pub(super) fn of(conversion: Conversion) -> Option<Self> {
        TASKS
            .iter()
            .find(|(from, into, _)| (*from, *into) == (conversion.from(), conversion.into()))
            .map(|(_, _, task)| *task)
    }

    /// The task of a word on the role's command line.
    pub(super) fn named(word: &OsStr) -> Option<Self> {
        let mut tasks = TASKS.iter().map(|(_, _, task)| *task);
        tasks.find(|task| word == task.word)
    }

    /// The command line of the suite.
    pub(super) fn arguments(self, import: &str, folder: &Path) -> Vec<OsString> {
        let inside = |name: &str| folder.join(name).into_os_string();
        let mut profile = OsString::from("-env:UserInstallation=file://");
        profile.push(inside("profile"));
        let mut filter = OsString::from("--infilter=");
        filter.push(import);
        // the socket at which it listens for another of its kind, or it would be in a folder of all
        let mut socket = OsString::from("-env:OSL_SOCKET_PATH=");
        socket.push(inside("tmp"));
        let mut arguments = vec![profile, socket];
        // no display, no first-run pages, no recovery of documents, no lock files of others
        for word in [
            "--headless",
            "--invisible",
            "--nodefault",
            "--nofirststartwizard",
            "--nolockcheck",
            "--nologo",
            "--norestore",
        ] {
            arguments.push(OsString::from(word));
        }
        arguments.push(filter);
        arguments.push(OsString::from("--convert-to"));
        arguments.push(OsString::from(self.export));
        arguments.push(OsString::from("--outdir"));
        arguments.push(inside("out"));
        arguments.push(inside(self.input));
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_conversion_that_there_is_has_a_task_and_every_word_leads_back() {
        for kind in Kind::ALL.iter().copied() {
            for conversion in [Conversion::into_pages(kind), Conversion::into_modern(kind)] {
                let Some(conversion) = conversion else {
                    continue;
                };
                let task = Task::of(conversion).unwrap();
                assert!(!task.imports.is_empty());
                assert_eq!(Task::named(OsStr::new(task.word)), Some(task));
            }
        }
        let tasks = TASKS.iter().filter(|(from, into, _)| {
            let pages = Conversion::into_pages(*from).map(Conversion::into);
            let modern = Conversion::into_modern(*from).map(Conversion::into);
            pages == Some(*into) || modern == Some(*into)
        });
        assert_eq!(tasks.count(), TASKS.len(), "a task that nobody can ask for");
        assert_eq!(Task::named(OsStr::new("svg-pdf")), None);
    }
}
