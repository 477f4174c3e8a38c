//! Why a call was not answered, in words of a closed list.

/// How far a call had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before its body was read.
    Gate,
    /// While its header and its file came in.
    Intake,
    /// From the moment that its file was whole.
    Job,
}

macro_rules! reasons {
    ($($variant:ident = $code:literal, $doc:literal;)*) => {
        /// Why a call ended with another status than OK.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason { $(#[doc = $doc] $variant,)* }
        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The stable code for metrics, logs and events.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code,)* } }
        }
    };
}

reasons! {
    Unauthenticated = "unauthenticated", "The caller showed nothing to be known by.";
    Caller = "caller", "The caller is not configured, or may not do this.";
    Zones = "zones", "The caller may not use this pair of zones.";
    Policy = "policy", "There is no such policy, or no route in it.";
    IllFormed = "ill_formed", "A frame out of order, a wrong length or digest, an ill-formed field.";
    Size = "size", "More bytes than are taken.";
    Key = "key", "An idempotency key that was used for other content.";
    Seats = "seats", "Too many calls at once.";
    Room = "room", "No room for the file.";
    Jobs = "jobs", "No job could be begun in time.";
    Deadline = "deadline", "The caller's time was over, or it was too slow.";
    Gone = "gone", "The caller went away, or the call took longer than any may.";
    Stopping = "stopping", "The service was stopping.";
    Reload = "reload", "The policies could not be read again.";
    Internal = "internal", "A mistake of ours.";
}

impl Reason {
    /// The reason behind a status, by its gRPC name and by how far the call had come; `None` for OK.
    #[must_use]
    pub fn of(code: &str, stage: Stage) -> Option<Self> {
        Some(match (code, stage) {
            ("OK", _) => return None,
            ("UNAUTHENTICATED", _) => Self::Unauthenticated,
            ("PERMISSION_DENIED", Stage::Intake) => Self::Zones,
            ("PERMISSION_DENIED", _) => Self::Caller,
            ("NOT_FOUND", _) => Self::Policy,
            ("INVALID_ARGUMENT", _) => Self::IllFormed,
            ("OUT_OF_RANGE", _) => Self::Size,
            ("FAILED_PRECONDITION", _) => Self::Key,
            ("RESOURCE_EXHAUSTED", Stage::Gate) => Self::Seats,
            ("RESOURCE_EXHAUSTED", Stage::Intake) => Self::Room,
            ("RESOURCE_EXHAUSTED", Stage::Job) => Self::Jobs,
            ("DEADLINE_EXCEEDED", _) => Self::Deadline,
            ("CANCELLED", _) => Self::Gone,
            ("UNAVAILABLE", _) => Self::Stopping,
            _ => Self::Internal,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_call_was_says_what_was_full() {
        for (code, stage, want) in [
            ("OK", Stage::Job, None),
            ("RESOURCE_EXHAUSTED", Stage::Gate, Some(Reason::Seats)),
            ("RESOURCE_EXHAUSTED", Stage::Intake, Some(Reason::Room)),
            ("RESOURCE_EXHAUSTED", Stage::Job, Some(Reason::Jobs)),
            ("PERMISSION_DENIED", Stage::Gate, Some(Reason::Caller)),
            ("PERMISSION_DENIED", Stage::Intake, Some(Reason::Zones)),
            ("DATA_LOSS", Stage::Job, Some(Reason::Internal)),
        ] {
            assert_eq!(Reason::of(code, stage), want, "{code} {stage:?}");
        }
    }
}
