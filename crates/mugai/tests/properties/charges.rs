//! Every charge of every reader may be the one that cannot be paid: then there is a refusal, or what was not paid for did
//! not matter. Never a part of a document that looks like the whole.

use mugai_core::{Assignment, Budget, Cx, Hints, NoFonts, Refusal, Token};
use mugai_testkit::case::Case;
use mugai_testkit::corpus;
use mugai_testkit::show::Tape;

/// How many charges of a case are tried: all of them where there are fewer.
const TRIES: u64 = 24;

fn opened(case: &Case, assignment: &Assignment, budget: &Budget) -> (Result<(), Refusal>, Tape) {
    let mut heard = Tape::default();
    let mut cx = Cx::new(assignment, budget, &NoFonts, &mut heard);
    let result = mugai_open::open(&case.input, &mut cx);
    let result = cx.flush().and(result);
    (result, heard)
}

/// The charges that are tried of so many: from the first to the last, evenly.
fn tried(count: u64) -> Vec<u64> {
    if count <= TRIES {
        return (1..=count).collect();
    }
    let steps = TRIES.saturating_sub(1);
    let place = |step: u64| {
        let far = count.saturating_sub(1).saturating_mul(step);
        far.checked_div(steps).unwrap_or(0).saturating_add(1)
    };
    (0..TRIES).map(place).collect()
}

#[test]
fn a_charge_that_fails_leaves_no_half_of_a_document() {
    let (mut cases, mut failed, mut unneeded) = (0u32, 0u32, Vec::new());
    for place in corpus::cases().expect("testdata can be listed") {
        let case = Case::read(&place).expect("the recipe is good");
        let policy = case.policy().expect("the policy is good");
        let Some(route) = policy.route("internet", "lgwan") else {
            continue;
        };
        let extension = case.name.split_extension().1.map(str::to_ascii_lowercase);
        let assignment = Assignment {
            hints: Hints {
                extension: extension.and_then(|extension| Token::parse(&extension)),
                passwords: case.passwords(),
                // pictures as documents show them: there is more to pay for
                shown: true,
                ..Hints::default()
            },
            treatments: route.treatments.clone(),
            limits: route.part,
            params: route.params,
        };
        let budget = Budget::new(route.part);
        let (result, whole) = opened(&case, &assignment, &budget);
        // what takes long says the same as what is quick
        if result.is_err() || budget.all_spent().steps > 50_000_000 {
            continue;
        }
        cases = cases.saturating_add(1);
        for number in tried(budget.charges()) {
            for on in [false, true] {
                let budget = Budget::failing(route.part, number, on);
                match opened(&case, &assignment, &budget) {
                    (Err(refusal), _) => {
                        assert!(
                            !refusal.is_alarm(),
                            "{}: charge {number}: {refusal}",
                            place.name
                        );
                        failed = failed.saturating_add(1);
                    }
                    (Ok(()), heard) => {
                        if heard != whole {
                            unneeded.push(format!("{} {number} {on}", place.name));
                        }
                    }
                }
            }
        }
    }
    println!("{cases} cases, {failed} refusals");
    assert!(
        unneeded.is_empty(),
        "half a document:\n{}",
        unneeded.join("\n")
    );
    assert!(cases > 100, "only {cases} cases");
    assert!(failed > cases, "hardly any charge failed: {failed}");
}
