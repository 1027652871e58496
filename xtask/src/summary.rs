//! The table at the end of `cargo xtask test`.

use std::time::Duration;

/// How one part ended.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) name: &'static str,
    pub(crate) took: Duration,
    /// Why it failed; `None` if it passed.
    pub(crate) failure: Option<String>,
}

/// One line for each part, then a closing line that counts them.
pub(crate) fn render(outcomes: &[Outcome]) -> String {
    let width = outcomes.iter().map(|one| one.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for outcome in outcomes {
        let verdict = if outcome.failure.is_some() {
            "FAILED"
        } else {
            "passed"
        };
        let seconds = outcome.took.as_secs_f32();
        text.push_str(&format!(
            "  {verdict}  {seconds:7.1} s  {:width$}",
            outcome.name
        ));
        if let Some(failure) = &outcome.failure {
            text.push_str("  ");
            text.push_str(failure.lines().next().unwrap_or_default());
        }
        text.push('\n');
    }
    text.push_str(&closing_line(outcomes));
    text
}

fn closing_line(outcomes: &[Outcome]) -> String {
    let failed = outcomes.iter().filter(|one| one.failure.is_some()).count();
    format!("{} passed, {failed} failed", outcomes.len() - failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &'static str, failure: Option<&str>) -> Outcome {
        Outcome {
            name,
            took: Duration::from_millis(1_250),
            failure: failure.map(str::to_owned),
        }
    }

    #[test]
    fn the_last_line_counts_parts_and_nothing_else() {
        let text = render(&[
            outcome("fmt", None),
            outcome("clippy/app", Some("`cargo clippy` failed\nmore")),
            outcome("e2e", None),
        ]);
        assert_eq!(text.lines().last(), Some("2 passed, 1 failed"));
        assert!(text.contains("FAILED      1.2 s  clippy/app  `cargo clippy` failed\n"));
    }

    #[test]
    fn nothing_run_is_nothing_passed() {
        assert_eq!(render(&[]), "0 passed, 0 failed");
    }
}
