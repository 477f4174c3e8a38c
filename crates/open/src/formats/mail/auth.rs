//! Authentication-Results fields (RFC 8601): who found out what about the sender.

use mugai_core::auth::MAX_RESULTS;
use mugai_core::{AuthMethod, AuthResult, AuthResults, AuthVerdict, Cx, Host, Refusal};

/// Which property names the domain that a result is about, by method (RFC 8601, section 2.7).
const DOMAINS: [(AuthMethod, &[&str]); 4] = [
    (AuthMethod::Dmarc, &["header.from"]),
    (AuthMethod::Dkim, &["header.d", "header.i"]),
    (AuthMethod::Spf, &["smtp.mailfrom", "smtp.helo"]),
    (AuthMethod::Arc, &["header.oldest-pass"]),
];

/// Reads a field. `None` for one that names no server, or has no result of a method that we know; what else
/// is in it is left out.
///
/// # Errors
/// [`Refusal::Overrun`] when the purse is empty.
pub(super) fn parse(value: &str, cx: &mut Cx<'_>) -> Result<Option<AuthResults>, Refusal> {
    cx.charge(
        mugai_core::Resource::Steps,
        u64::try_from(value.len()).unwrap_or(u64::MAX),
    )?;
    let mut statements = statements(value).into_iter();
    let Some(server) = statements.next().and_then(|first| {
        // a version may stand behind the name
        Host::parse(first.split_ascii_whitespace().next()?)
    }) else {
        return Ok(None);
    };
    let results: Vec<AuthResult> = statements
        .filter_map(|statement| result(&statement))
        .take(MAX_RESULTS)
        .collect();
    Ok((!results.is_empty()).then_some(AuthResults { server, results }))
}

/// The statements between semicolons, comments taken out (RFC 5322, section 3.2.2).
fn statements(value: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut depth, mut quoted, mut escaped) = (0u32, false, false);
    for letter in value.chars() {
        let special = !std::mem::take(&mut escaped);
        match letter {
            '\\' if special && (quoted || depth > 0) => {
                escaped = true;
                continue;
            }
            '"' if special && depth == 0 => {
                quoted = !quoted;
                continue;
            }
            '(' if special && !quoted => {
                depth = depth.saturating_add(1);
                continue;
            }
            ')' if special && !quoted => {
                depth = depth.saturating_sub(1);
                continue;
            }
            ';' if special && !quoted && depth == 0 => {
                all.push(String::new());
                continue;
            }
            _ => {}
        }
        if depth == 0
            && let Some(last) = all.last_mut()
        {
            last.push(letter);
        }
    }
    all
}

/// `method[/version] = result [reason=…] [ptype.property=value …]`
fn result(statement: &str) -> Option<AuthResult> {
    let spaced = statement.replace('=', " = ");
    let mut words = spaced.split_ascii_whitespace();
    let method = words.next()?;
    let method = method.split('/').next()?.to_ascii_lowercase();
    let method = AuthMethod::ALL
        .into_iter()
        .find(|known| known.code() == method)?;
    if words.next()? != "=" {
        return None;
    }
    let verdict = words.next()?.to_ascii_lowercase();
    // what RFC 5451 called so
    let verdict = if verdict == "hardfail" {
        "fail".to_owned()
    } else {
        verdict
    };
    let verdict = AuthVerdict::ALL
        .into_iter()
        .find(|known| known.code() == verdict)?;
    let rest: Vec<&str> = words.collect();
    let (_, names) = DOMAINS.iter().find(|(of, _)| *of == method)?;
    let mut domain = None;
    for triple in rest.windows(3) {
        if let [name, "=", value] = triple
            && domain.is_none()
            && names.iter().any(|known| known.eq_ignore_ascii_case(name))
        {
            domain = Host::parse(value.rsplit('@').next().unwrap_or(value));
        }
    }
    Some(AuthResult {
        method,
        verdict,
        domain,
    })
}
