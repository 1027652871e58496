//! Who may name whom: the layers of each crate, as the table in `rules` has them.

use super::Finding;
use super::paths::named;
use super::rules::{CFG_FREE, RULES, Rule};
use super::source::{Source, is_test_condition};

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if source.is_test() {
        return Vec::new();
    }
    let mut findings = cfg_lines(source);
    let rules: Vec<&Rule> = RULES
        .iter()
        .filter(|rule| rule.covers(&source.name))
        .collect();
    if rules.is_empty() {
        return findings;
    }
    for named in named(source) {
        for rule in &rules {
            if rule.forbids(&named.path) {
                findings.push(Finding::new(
                    format!("{}:{}", source.name, named.line),
                    format!("`{}`: {}", named.path, rule.why),
                ));
            }
        }
    }
    findings
}

/// Conditional compilation outside of the few places made for it.
fn cfg_lines(source: &Source) -> Vec<Finding> {
    if !CFG_FREE
        .iter()
        .any(|folder| source.name.starts_with(folder))
    {
        return Vec::new();
    }
    let conditional = |code: &str| {
        ["cfg(", "cfg!(", "cfg_attr(", "cfg_if!"]
            .iter()
            .any(|form| code.contains(form))
            && !is_test_condition(code)
    };
    source
        .code_lines()
        .filter(|(_, code)| conditional(code))
        .map(|(line, _)| {
            Finding::new(
                format!("{}:{line}", source.name),
                "conditional compilation belongs in app/src/browser, whose functions are inert on the server",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, code: &str) -> bool {
        !check(&Source::new(name, &format!("//! A module.\n{code}\n"))).is_empty()
    }

    #[test]
    fn the_wire_knows_nothing_of_leptos_but_for_its_errors() {
        assert!(found("app/src/wire/feed.rs", "use leptos::prelude::*;"));
        assert!(found("app/src/wire/feed.rs", "use crate::model::room;"));
        assert!(!found(
            "app/src/wire/error.rs",
            "use leptos::prelude::FromServerFnError;"
        ));
        assert!(!found("app/src/wire/feed.rs", "use super::event::Event;"));
    }

    #[test]
    fn only_the_browser_folder_touches_the_browser() {
        for folder in ["components/post", "contexts", "model", "pages"] {
            let name = format!("app/src/{folder}/x.rs");
            assert!(
                found(&name, "let w = leptos::web_sys::window();"),
                "{folder}"
            );
            assert!(found(&name, "use web_sys::Blob;"), "{folder}");
        }
        assert!(!found("app/src/browser/x.rs", "use web_sys::Blob;"));
    }

    #[test]
    fn components_hold_no_conditional_code() {
        assert!(found(
            "app/src/components/x.rs",
            "#[cfg(feature = \"ssr\")]"
        ));
        assert!(found(
            "app/src/components/x.rs",
            "if cfg!(feature = \"ssr\") {}"
        ));
        assert!(!found("app/src/browser/x.rs", "#[cfg(feature = \"ssr\")]"));
    }

    #[test]
    fn the_middle_of_the_server_names_no_driver_and_no_adapter() {
        for folder in ["hub", "uploads", "files", "log"] {
            let name = format!("server/src/{folder}/x.rs");
            for code in [
                "use axum::body::Body;",
                "use rusqlite::Connection;",
                "use crate::storage::embedded::Store;",
                "use crate::bus::local::LocalBus;",
                "use crate::routes::feed;",
            ] {
                assert!(found(&name, code), "{folder}: {code}");
            }
            assert!(
                !found(&name, "use crate::storage::UploadStore;"),
                "{folder}"
            );
        }
    }

    #[test]
    fn only_the_boot_order_names_adapters() {
        assert!(!found(
            "server/src/run.rs",
            "use crate::storage::embedded::Store;"
        ));
        assert!(found(
            "server/src/service/mod.rs",
            "use crate::storage::embedded::Store;"
        ));
        assert!(!found(
            "server/src/storage/embedded/log.rs",
            "use rusqlite::Connection;"
        ));
        assert!(found(
            "server/src/storage/embedded/log.rs",
            "use fred::prelude::*;"
        ));
    }

    #[test]
    fn ports_know_no_adapter_and_the_domain_knows_nobody() {
        assert!(found(
            "server/src/storage/event_log.rs",
            "use rusqlite::Row;"
        ));
        assert!(found(
            "server/src/domain/room.rs",
            "use crate::storage::Store;"
        ));
        assert!(!found(
            "server/src/domain/room.rs",
            "use app::wire::ids::RoomId;"
        ));
    }

    #[test]
    fn tests_may_name_what_they_like() {
        let text = "//! Hub.\n#[cfg(test)]\nmod tests {\n    use crate::bus::local::LocalBus;\n}\n";
        assert!(check(&Source::new("server/src/hub/mod.rs", text)).is_empty());
        assert!(!found(
            "server/tests/hub.rs",
            "use server::storage::embedded::Store;"
        ));
    }
}
