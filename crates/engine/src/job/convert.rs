//! What a foreign office suite has to do: pages of documents, and modern forms of old ones.
//!
//! What a policy asks for and what a worker is told are not the same here. A document that is to be
//! drawn is rebuilt first, and the suite is given what was rebuilt; an old document is told as text
//! first, which shows that our own reader accepts it, and the suite is given the original, with fields that
//! keep what they showed. Whatever the suite makes is opened by a worker as the file of a stranger.

use crate::job::open::limits;
use crate::job::part::{Part, State};
use crate::job::sink::{Opened, PartSink};
use crate::job::{Job, fonts, open, verifiers};
use crate::report::Findings;
use mugai_core::{
    Action, Assignment, Budget, Conversion, Family, FindingCode, Hints, Kind, NO_CONVERTER, Opener,
    Refusal, Request, Resource, Role, Treatment, Treatments, Untrusted,
};
use mugai_verify::Verified;

/// What a worker is told to do with a part, where the policy says `asked`.
pub(super) fn told(part: &Part, asked: &Treatments) -> Treatments {
    if let Some(into) = part.converted {
        return once_converted(into, asked);
    }
    let mut told = asked.clone();
    for family in [Family::Word, Family::Sheet, Family::Slides] {
        if asked.of(family) == Treatment::Flatten {
            told = told.with(family, Treatment::Rebuild);
        }
    }
    if matches!(
        asked.of(Family::Office),
        Treatment::Flatten | Treatment::Rebuild
    ) {
        told = told.with(Family::Office, Treatment::Text);
    }
    told
}

/// Whether the suite may be given a part, so that whoever opens it by a password has to hand it on without one.
pub(super) fn needs_plain(part: &Part, asked: &Treatments) -> bool {
    let suite = matches!(
        asked.of(Family::Office),
        Treatment::Flatten | Treatment::Rebuild
    );
    suite && part.converted.is_none() && !matches!(part.role, Role::Body { .. })
}

/// What became of a part is opened as that and as nothing else.
fn once_converted(into: Kind, asked: &Treatments) -> Treatments {
    let treatment = if into == Kind::Pdf {
        Treatment::Flatten
    } else {
        Treatment::Rebuild
    };
    // the pictures in it are looked after by themselves
    Treatments::nothing()
        .with(into.family(), treatment)
        .with(Family::Image, asked.of(Family::Image))
}

/// The conversion that an old document needs, now that it was recognised.
pub(super) fn of_old(part: &Part, asked: Treatment) -> Option<Conversion> {
    // bodies of messages stay texts
    if part.converted.is_some() || matches!(part.role, Role::Body { .. }) {
        return None;
    }
    let kind = part.kind?;
    if kind.family() != Family::Office {
        return None;
    }
    match asked {
        // a suite draws what was deleted; what is rebuilt first, it does not
        Treatment::Flatten if part.findings.has(FindingCode::OfficeRevision) => {
            Conversion::into_modern(kind)
        }
        Treatment::Flatten => Conversion::into_pages(kind),
        Treatment::Rebuild => Conversion::into_modern(kind),
        Treatment::Withhold | Treatment::Text | Treatment::Redraw => None,
    }
}

/// Puts what the suite makes of an old document into the place of the document.
pub(super) fn replace(
    job: &mut Job<'_>,
    index: usize,
    input: &Untrusted,
    conversion: Conversion,
    opener: &dyn Opener,
) -> Result<(), Refusal> {
    let made = run(job, index, input, conversion, opener)?;
    if let Some(part) = job.parts.get_mut(index) {
        part.converted = Some(conversion.into());
        part.state = State::Waiting(made);
    }
    Ok(())
}

/// Whether a document that was rebuilt is to become pages.
pub(super) fn is_drawn(job: &Job<'_>, index: usize) -> Option<Conversion> {
    let part = job.parts.get(index)?;
    let kind = part.converted.or(part.kind)?;
    let office = matches!(kind.family(), Family::Word | Family::Sheet | Family::Slides);
    (office && part.treatment == Treatment::Flatten)
        .then_some(kind)
        // old workbooks were rebuilt in the modern format
        .map(|kind| {
            if matches!(kind, Kind::Xls | Kind::Xlsb) {
                Kind::Sheet
            } else {
                kind
            }
        })
        .and_then(Conversion::into_pages)
}

/// Has a rebuilt document converted into pages, and has these opened, drawn and verified.
pub(super) fn drawn(
    job: &mut Job<'_>,
    index: usize,
    rebuilt: &Verified,
    conversion: Conversion,
    opener: &dyn Opener,
) -> Result<Verified, Refusal> {
    let document = Untrusted::from(rebuilt.content().clone());
    let pages = run(job, index, &document, conversion, opener)?;
    drop(document);
    let limits = limits(job)?;
    let asked = job.route.map(|route| (&route.treatments, route.params));
    let (asked, params) = asked.ok_or(Refusal::internal("job: no route"))?;
    let treatments = once_converted(Kind::Pdf, asked);
    let asked_for = match job.parts.get(index).map(|part| &part.state) {
        Some(State::Office(parts)) => fonts::asked(parts),
        _ => Vec::new(),
    };
    let assignment = Assignment {
        hints: Hints {
            fonts: asked_for,
            ..Hints::default()
        },
        treatments: treatments.clone(),
        limits,
        params,
    };
    let budget = Budget::new(limits);
    let mut sink = PartSink::new(treatments, job.spool.clone());
    let request = Request {
        input: &pages,
        assignment: &assignment,
        budget: &budget,
        sink: &mut sink,
    };
    let result = opener.open(request, job.patience());
    job.left = open::spend(job.left, &budget);
    if let Some(part) = job.parts.get_mut(index) {
        part.steps = part.steps.saturating_add(budget.spent(Resource::Steps));
        merge(&mut part.findings, &sink.findings);
    }
    result?;
    match sink.finish()? {
        (Opened::Draft(draft), children) if children.is_empty() => {
            verifiers::of(job).judge().verify(draft, &[])
        }
        _ => Err(Refusal::malformed("office: LibreOffice made no pages")),
    }
}

/// Calls the suite.
fn run(
    job: &mut Job<'_>,
    index: usize,
    document: &Untrusted,
    conversion: Conversion,
    opener: &dyn Opener,
) -> Result<Untrusted, Refusal> {
    let limit = limits(job)?.bytes;
    let made = opener.convert(document, conversion, limit, job.patience());
    if let Some(part) = job.parts.get_mut(index) {
        match &made {
            Ok(_) => part.findings.add(FindingCode::OfficeConverted, 1),
            Err(refusal) if *refusal == NO_CONVERTER => {
                part.findings.add(FindingCode::OfficeConverter, 1);
            }
            Err(_) => {}
        }
    }
    made
}

/// Of what is seen in what the suite made counts what is wrong with it and what is active in it. The
/// rest is the suite's own: its name among the properties, links that it wrote, bookmarks.
pub(super) fn merge(findings: &mut Findings, of_made: &Findings) {
    for (code, count) in of_made.iter() {
        let active = matches!(
            code,
            FindingCode::OfficeMacro
                | FindingCode::OfficeExternal
                | FindingCode::OfficeEmbedded
                | FindingCode::OfficeControl
                | FindingCode::OfficeField
                | FindingCode::OfficeLink
        );
        if active || code.action() == Action::Noted {
            findings.add(code, count);
            findings.name_as(code, of_made);
        }
    }
}
