//! What a policy requires of workers.

use super::*;

/// Workers with some of what a policy may require of them.
struct Fenced {
    fences: bool,
    groups: bool,
}

impl Opener for Fenced {
    fn open(&self, request: Request<'_>, patience: Patience<'_>) -> Result<(), Refusal> {
        Scripted::default().text("x", "x").open(request, patience)
    }

    fn has_all_fences(&self) -> bool {
        self.fences
    }

    fn has_groups(&self) -> bool {
        self.groups
    }
}

/// A policy that came into force after the workers had started opens nothing without what it requires.
#[test]
fn what_a_policy_requires_of_workers_is_asked_of_them() {
    for (isolation, without_fences, without_groups) in [
        ("worker", false, true),
        ("worker-in-group", false, false),
        ("worker-without-landlock", true, true),
    ] {
        let route =
            "[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\n[route.treat]\ntext = \"text\"\n";
        let policy = format!("name = \"a\"\nisolation = \"{isolation}\"\n{route}");
        let policy = Policy::parse(&policy).unwrap();
        for (fences, groups, opens) in [
            (true, true, true),
            (false, true, without_fences),
            (true, false, without_groups),
        ] {
            let order = Order {
                input: Untrusted::new(b"x".to_vec()),
                name: SafeName::clean("x.txt").0,
                label: "x.txt".to_owned(),
                policy: &policy,
                from: "internet",
                to: "lgwan",
                passwords: &[],
                patience: Patience::default(),
            };
            let outcome = sanitise(order, &Fenced { fences, groups });
            let opened = outcome.report.refusal.is_none();
            assert_eq!(opened, opens, "{isolation} {fences} {groups}");
        }
    }
}
