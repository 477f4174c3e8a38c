//! What the suite finds in its folder: settings, and which fonts stand for those that are missing.

/// The settings: no macro, no link followed, no update, no Java, no recovery, A4.
///
/// The confinement holds without any of them; they keep the suite from trying.
pub(super) const SETTINGS: &str = include_str!("profile/settings.xcu");

/// The fonts of the machine, and Japanese ones for the names that documents use.
pub(super) const FONTS: &str = include_str!("profile/fonts.conf");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_switch_off_what_a_document_could_set_in_motion() {
        for name in [
            "DisableMacrosExecution",
            "BlockUntrustedRefererLinks",
            "UpdateDocMode",
            "Link",
            "Enable",
        ] {
            let named = format!("oor:name=\"{name}\"");
            assert!(SETTINGS.contains(&named), "{name}");
        }
        assert!(FONTS.contains("/etc/fonts/fonts.conf"));
    }
}
