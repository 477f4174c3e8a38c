//! Orders: the assignment that goes to a worker, and the policy that they come from.

use mugai_core::wire::{decode_assignment, encode_assignment};
use mugai_engine::Policy;

/// Decodes `data` as an assignment.
///
/// # Panics
/// When what was decoded does not come back from its own encoding.
pub fn assignment(data: &[u8]) {
    if let Ok(order) = decode_assignment(data) {
        let mut bytes = Vec::new();
        encode_assignment(&order, &mut bytes);
        assert_eq!(decode_assignment(&bytes).as_ref(), Ok(&order));
    }
}

/// Reads `data` as a policy file.
///
/// # Panics
/// When the same text gives another policy, or an error does not say what it is about.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match Policy::parse(text) {
        Ok(policy) => {
            assert_eq!(Policy::parse(text).as_ref(), Ok(&policy));
            for route in policy.routes() {
                assert!(policy.route(&route.from, &route.to).is_some());
                assert!(!route.to_string().is_empty());
            }
        }
        Err(error) => assert!(error.to_string().starts_with("policy: ")),
    }
}
