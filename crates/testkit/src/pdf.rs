//! PDF files for tests, honest and hostile, written out in code.

use std::fmt::Write as _;

/// A PDF file in the making: objects 1 (catalog) and 2 (page tree) are written at the end.
#[derive(Clone, Debug, Default)]
pub struct PdfFile {
    objects: Vec<Vec<u8>>,
    pages: Vec<u32>,
    catalog: String,
    trailer: String,
}

impl PdfFile {
    /// An empty file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number that the next object will get.
    #[must_use]
    pub fn next_id(&self) -> u32 {
        u32::try_from(self.objects.len()).map_or(u32::MAX, |count| count.saturating_add(3))
    }

    /// Adds an object of any kind and returns its number.
    pub fn object(&mut self, body: &str) -> u32 {
        let id = self.next_id();
        self.objects.push(body.as_bytes().to_vec());
        id
    }

    /// Adds a stream; `dict` is the inside of its dictionary, without `/Length`.
    pub fn stream(&mut self, dict: &str, data: &[u8]) -> u32 {
        let id = self.next_id();
        let mut body = format!("<< {dict} /Length {} >>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.objects.push(body);
        id
    }

    /// Adds a page with `content`; `dict` is the inside of its dictionary, boxes and resources.
    pub fn page(&mut self, dict: &str, content: &str) -> u32 {
        let content = self.stream("", content.as_bytes());
        self.page_of(&format!("{dict} /Contents {content} 0 R"))
    }

    /// Adds a page that names its own contents.
    pub fn page_of(&mut self, dict: &str) -> u32 {
        let boxed = if dict.contains("/MediaBox") {
            ""
        } else {
            "/MediaBox [0 0 200 100]"
        };
        let id = self.object(&format!("<< /Type /Page /Parent 2 0 R {boxed} {dict} >>"));
        self.pages.push(id);
        id
    }

    /// Adds entries to the catalog.
    #[must_use]
    pub fn with_catalog(mut self, entries: &str) -> Self {
        self.catalog.push_str(entries);
        self
    }

    /// Adds entries to the trailer.
    #[must_use]
    pub fn with_trailer(mut self, entries: &str) -> Self {
        self.trailer.push_str(entries);
        self
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        let kids = self.pages.iter().fold(String::new(), |mut kids, id| {
            let _ = write!(kids, "{id} 0 R ");
            kids
        });
        let fixed = [
            format!("<< /Type /Catalog /Pages 2 0 R {} >>", self.catalog).into_bytes(),
            format!(
                "<< /Type /Pages /Kids [ {kids}] /Count {} >>",
                self.pages.len()
            )
            .into_bytes(),
        ];
        let mut table = String::new();
        let mut count = 1u32;
        for body in fixed.iter().chain(&self.objects) {
            let _ = writeln!(table, "{:010} 00000 n ", out.len());
            out.extend_from_slice(format!("{count} 0 obj\n").as_bytes());
            out.extend_from_slice(body);
            out.extend_from_slice(b"\nendobj\n");
            count = count.saturating_add(1);
        }
        let start = out.len();
        let end = format!(
            "xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R {} >>\nstartxref\n{start}\n%%EOF\n",
            self.trailer
        );
        out.extend_from_slice(end.as_bytes());
        out
    }
}
