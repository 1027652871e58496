//! `cargo xtask test`: all parts or those named, each to its end whatever became of the others.

mod browser;
mod cluster;
mod rust;

use std::process::ExitCode;
use std::time::Instant;

use crate::project::Project;
use crate::summary::{Outcome, render};
use crate::{say, tidy};

/// A named check.
struct Part {
    name: &'static str,
    run: fn(&Project) -> anyhow::Result<()>,
}

/// In the order they run: what fails fast goes first, the release build before what needs it.
const PARTS: &[Part] = &[
    Part {
        name: "fmt",
        run: rust::format,
    },
    Part {
        name: "tidy",
        run: |project| tidy::check(project.root()),
    },
    Part {
        name: "wasm-tree",
        run: rust::wasm_tree,
    },
    Part {
        name: "clippy/xtask",
        run: |project| rust::clippy(project, "-p xtask --all-targets"),
    },
    Part {
        name: "clippy/app",
        run: |project| rust::clippy(project, "-p app --all-targets --features ssr"),
    },
    Part {
        name: "clippy/server",
        run: |project| rust::clippy(project, "-p server --all-targets --features cluster-tests"),
    },
    Part {
        name: "clippy/frontend",
        run: rust::clippy_frontend,
    },
    Part {
        name: "docs",
        run: rust::docs,
    },
    Part {
        name: "unit/xtask",
        run: |project| rust::test(project, "-p xtask"),
    },
    Part {
        name: "unit/app",
        run: |project| rust::test(project, "-p app --features ssr"),
    },
    Part {
        name: "unit/server",
        run: |project| rust::test(project, "-p server --lib --bins -- --show-output"),
    },
    Part {
        name: "integration",
        run: |project| rust::test(project, "-p server --test integration"),
    },
    Part {
        name: "cluster",
        run: cluster::server,
    },
    Part {
        name: "build",
        run: browser::build,
    },
    Part {
        name: "wasm-size",
        run: browser::wasm_size,
    },
    Part {
        name: "e2e",
        run: browser::end_to_end,
    },
    Part {
        name: "e2e-cluster",
        run: cluster::browsers,
    },
];

/// The names of all parts.
pub(crate) fn names() -> Vec<&'static str> {
    PARTS.iter().map(|part| part.name).collect()
}

/// Runs the parts that `wanted` names, all if it names none, and prints the summary.
/// Fails if one failed, and before anything runs if a name is unknown.
pub(crate) fn test(project: &Project, wanted: &[String]) -> anyhow::Result<ExitCode> {
    let parts = select(wanted)?;
    let outcomes: Vec<Outcome> = parts.into_iter().map(|part| run(project, part)).collect();
    say::line("");
    say::line(&render(&outcomes));
    let failed = outcomes.iter().any(|outcome| outcome.failure.is_some());
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn run(project: &Project, part: &Part) -> Outcome {
    say::line(&format!("\n===== {} =====", part.name));
    let started = Instant::now();
    let failure = (part.run)(project).err().map(|error| format!("{error:#}"));
    if let Some(failure) = &failure {
        say::line(&format!("{} failed: {failure}", part.name));
    }
    Outcome {
        name: part.name,
        took: started.elapsed(),
        failure,
    }
}

fn select(wanted: &[String]) -> anyhow::Result<Vec<&'static Part>> {
    for name in wanted {
        anyhow::ensure!(
            PARTS.iter().any(|part| is_named(part, name)),
            "there is no part `{name}`; there are: {}",
            names().join(", ")
        );
    }
    let chosen = |part: &&Part| wanted.is_empty() || wanted.iter().any(|name| is_named(part, name));
    Ok(PARTS.iter().filter(chosen).collect())
}

/// A name stands for its part and for all parts below it.
fn is_named(part: &Part, name: &str) -> bool {
    part.name
        .strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(names: &[&str]) -> Vec<&'static str> {
        let wanted: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        select(&wanted)
            .unwrap()
            .iter()
            .map(|part| part.name)
            .collect()
    }

    #[test]
    fn no_name_stands_for_all() {
        assert_eq!(selected(&[]), names());
    }

    #[test]
    fn a_name_stands_for_what_is_below_it_in_the_order_of_the_list() {
        assert_eq!(
            selected(&["clippy", "fmt"]),
            [
                "fmt",
                "clippy/xtask",
                "clippy/app",
                "clippy/server",
                "clippy/frontend"
            ]
        );
        assert_eq!(selected(&["e2e"]), ["e2e"]);
    }

    #[test]
    fn an_unknown_name_is_refused_before_anything_runs() {
        let error = select(&["clip".to_owned()]).err().unwrap();
        assert!(
            error
                .to_string()
                .starts_with("there is no part `clip`; there are: fmt, ")
        );
    }

    #[test]
    fn a_failing_part_is_told_and_does_not_stop_the_others() {
        let project = Project::find().unwrap();
        let failing = Part {
            name: "x",
            run: |_| anyhow::bail!("broken"),
        };
        let passing = Part {
            name: "y",
            run: |_| Ok(()),
        };
        assert_eq!(run(&project, &failing).failure.as_deref(), Some("broken"));
        assert!(run(&project, &passing).failure.is_none());
    }
}
