//! Passwords that were given with a job.

use std::fmt;
use zeroize::Zeroizing;

/// The longest password, in bytes.
const MAX_LEN: usize = 1_024;

/// A password for encrypted parts. It is never shown, and its memory is wiped when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The most that come with one job: each is tried on each encrypted part.
    pub const MAX_COUNT: usize = 16;
    /// The most that are tried on one part: those of its job and those of its policy.
    pub const MAX_TRIED: usize = 32;

    /// `None` for none at all, and for more than 1,024 bytes.
    #[must_use]
    pub fn new(text: String) -> Option<Self> {
        let text = Zeroizing::new(text);
        (1..=MAX_LEN).contains(&text.len()).then_some(Self(text))
    }

    /// The password, for whoever tries it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_never_shown() {
        let password = Password::new("秘密".to_owned()).unwrap();
        assert_eq!(format!("{password:?}"), "Password");
        assert_eq!(password.as_str(), "秘密");
        assert_eq!(Password::new(String::new()), None);
        assert_eq!(Password::new("x".repeat(1_025)), None);
    }
}
