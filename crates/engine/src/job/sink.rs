//! Takes the pieces of one part and tells apart what an honest worker says from what it does not.

use crate::report::Findings;
use mugai_core::{
    Child, Conversion, Draft, Envelope, Family, Finding, Kind, Loss, Markup, Named, Piece, Purpose,
    Refusal, Role, Sink, Spool, Treatment, Treatments, Writer,
};

/// What a part was opened as.
pub(super) enum Opened {
    /// Text.
    Text(String),
    /// A new file, not yet checked.
    Draft(Draft),
    /// The headers of a message.
    Mail(Box<Envelope>),
    /// A mailbox.
    Mailbox,
    /// An archive.
    Archive,
    /// The parts of an office document.
    Office(Vec<Markup>),
}

/// Collects one part.
pub(super) struct PartSink {
    treatments: Treatments,
    /// Whether a document that a password opens is handed on without one.
    hands_on: bool,
    shows: bool,
    pub(super) kind: Option<Kind>,
    pub(super) findings: Findings,
    pub(super) children: Vec<Child>,
    text: String,
    office: Vec<Markup>,
    envelope: Option<Box<Envelope>>,
    writer: Option<Box<dyn Writer>>,
    /// Where what is written goes once it is large.
    spool: Spool,
}

/// Whether a kind is a document that can be rebuilt.
const fn is_office(kind: Kind) -> bool {
    matches!(kind.family(), Family::Word | Family::Sheet | Family::Slides)
}

/// What no honest worker says.
const LIE: Refusal = Refusal::Lost(Loss::Crash);

impl PartSink {
    pub(super) fn new(treatments: Treatments, spool: Spool) -> Self {
        Self {
            treatments,
            hands_on: false,
            shows: false,
            kind: None,
            findings: Findings::default(),
            children: Vec::new(),
            text: String::new(),
            office: Vec::new(),
            envelope: None,
            writer: None,
            spool,
        }
    }

    /// The same for a part that hands on what an office suite is given in its place, as an only child.
    pub(super) fn handing_on(self, hands_on: bool) -> Self {
        Self { hands_on, ..self }
    }

    /// The same for a picture that a document shows: what is behind it may be seen through it.
    pub(super) fn showing(self, shows: bool) -> Self {
        Self { shows, ..self }
    }

    /// Whether a part of this kind may have such a part inside.
    fn holds(&self, kind: Kind, child: &Child) -> bool {
        // nothing but archives has files that lie in folders or are packed
        let loose = child.hints.packed.is_none() && child.hints.folders.is_empty();
        let mail = kind == Kind::Mail && self.envelope.is_some();
        let fits = match child.role {
            Role::Member => return kind.family() == Family::Archive,
            Role::Body { .. } => mail,
            // what an office suite makes another document of
            Role::Attachment if Conversion::into_modern(kind).is_some() => {
                self.hands_on && self.children.is_empty()
            }
            Role::Attachment => {
                mail || matches!(
                    kind,
                    Kind::Plain | Kind::Html | Kind::Tnef | Kind::Cms | Kind::Msg | Kind::Pdf
                )
            }
            Role::Message => kind == Kind::Mbox,
            Role::Picture => is_office(kind) && self.rebuilds(kind),
        };
        loose && fits
    }

    fn rebuilds(&self, kind: Kind) -> bool {
        self.treatments.of(kind.family()) == Treatment::Rebuild
    }

    /// The end of a part that was opened whole.
    pub(super) fn finish(self) -> Result<(Opened, Vec<Child>), Refusal> {
        let kind = self.kind.ok_or(LIE)?;
        let rebuilds = self.rebuilds(kind);
        let opened = match (kind, self.writer, self.envelope) {
            (_, Some(writer), None) => Opened::Draft(writer.finish()?),
            (Kind::Mail, None, Some(envelope)) => Opened::Mail(envelope),
            (Kind::Mbox, None, None) => Opened::Mailbox,
            (Kind::Tnef | Kind::Cms | Kind::Msg, None, None) => Opened::Archive,
            (kind, None, None) if kind.family() == Family::Archive => Opened::Archive,
            (kind, None, None) if is_office(kind) && rebuilds => Opened::Office(self.office),
            (Kind::Csv, None, None) if rebuilds => Opened::Office(self.office),
            (kind, None, None) if is_office(kind) || kind.family() == Family::Office => {
                Opened::Text(self.text)
            }
            (Kind::Plain | Kind::Html | Kind::Calendar | Kind::Vcard | Kind::Pdf, None, None) => {
                Opened::Text(self.text)
            }
            _ => return Err(LIE),
        };
        Ok((opened, self.children))
    }
}

impl Sink for PartSink {
    fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
        if self.kind.replace(kind).is_some() {
            return Err(LIE);
        }
        self.writer = match kind.family() {
            Family::Csv if self.treatments.of(Family::Csv) == Treatment::Rebuild => None,
            Family::Csv => Some(mugai_emit::csv::writer()),
            Family::Image => {
                let spool = self.spool.clone();
                let many = move || mugai_emit::pdf::writer_to(spool.clone());
                Some(if self.shows {
                    mugai_emit::image::shown(many)
                } else {
                    mugai_emit::image::writer(many)
                })
            }
            Family::Pdf
                if matches!(
                    self.treatments.of(Family::Pdf),
                    Treatment::Flatten | Treatment::Redraw
                ) =>
            {
                Some(mugai_emit::pdf::writer_to(self.spool.clone()))
            }
            Family::Mail
            | Family::Pdf
            | Family::Text
            | Family::Html
            | Family::Word
            | Family::Sheet
            | Family::Slides
            | Family::Office
            | Family::Archive
            | Family::Container
            | Family::Active
            | Family::Other => None,
        };
        Ok(())
    }

    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        let kind = self.kind.ok_or(LIE)?;
        if self.treatments.of(kind.family()) == Treatment::Withhold {
            return Err(LIE);
        }
        match (kind, piece) {
            (kind, Piece::Child(child)) if self.holds(kind, &child) => self.children.push(*child),
            (Kind::Plain | Kind::Html | Kind::Calendar | Kind::Vcard, Piece::Text(text)) => {
                self.text.push_str(text.as_str());
            }
            (Kind::Pdf, Piece::Text(text)) if self.writer.is_none() => {
                self.text.push_str(text.as_str());
            }
            (kind, Piece::Markup(part))
                if (is_office(kind) || kind == Kind::Csv) && self.rebuilds(kind) =>
            {
                self.office.push(part);
            }
            (kind, Piece::Text(text)) if is_office(kind) && !self.rebuilds(kind) => {
                self.text.push_str(text.as_str());
            }
            (kind, Piece::Text(text))
                if kind.family() == Family::Office && !self.rebuilds(kind) =>
            {
                self.text.push_str(text.as_str());
            }
            (Kind::Mail, Piece::Envelope(envelope)) => {
                if self.envelope.replace(envelope).is_some() {
                    return Err(LIE);
                }
            }
            (_, Piece::Page(page))
                if page.purpose() != Purpose::Sheet
                    && self.treatments.of(kind.family()) != Treatment::Redraw =>
            {
                return Err(LIE);
            }
            (_, Piece::Drawing(_)) if self.treatments.of(kind.family()) != Treatment::Redraw => {
                return Err(LIE);
            }
            (Kind::Pdf, piece @ (Piece::Contents(_) | Piece::Drawing(_)))
            | (_, piece @ (Piece::Page(_) | Piece::Row(_))) => {
                self.writer.as_mut().ok_or(LIE)?.put(piece)?;
            }
            _ => return Err(LIE),
        }
        Ok(())
    }

    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.findings.add(finding.code, finding.count);
        Ok(())
    }

    fn name(&mut self, named: Named) -> Result<(), Refusal> {
        self.findings.name(&named);
        Ok(())
    }

    fn begin_again(&mut self) -> bool {
        let treatments = std::mem::replace(&mut self.treatments, Treatments::nothing());
        *self = Self::new(treatments, self.spool.clone())
            .handing_on(self.hands_on)
            .showing(self.shows);
        true
    }
}
