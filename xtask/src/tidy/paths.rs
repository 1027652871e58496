//! The paths a file names, in `use` lines and in code, made absolute: `use super::{a, b::C};` in
//! server/src/hub/room.rs names `crate::hub::a` and `crate::hub::b::C`.

use super::source::Source;

/// A path and the line it stands on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) line: usize,
    pub(crate) path: String,
}

/// All paths of two segments or more, and single crates in `use` lines.
pub(crate) fn named(source: &Source) -> Vec<Named> {
    let module = module_of(&source.name);
    let mut found = Vec::new();
    let mut pending: Option<(usize, String)> = None;
    for (line, code) in source.code_lines() {
        if let Some((start, mut statement)) = pending.take() {
            statement.push(' ');
            statement.push_str(code);
            pending = finish(&mut found, &module, start, statement);
        } else if let Some(statement) = use_statement(code) {
            pending = finish(&mut found, &module, line, statement.to_owned());
        } else {
            for path in inline_paths(code) {
                found.push(Named {
                    line,
                    path: absolute(&module, path),
                });
            }
        }
    }
    found
}

/// What follows `use` on a line that starts with it, behind any visibility.
fn use_statement(code: &str) -> Option<&str> {
    let code = code.trim_start();
    let code = match code.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(')')?.1.trim_start(),
        Some(rest) => rest.trim_start(),
        None => code,
    };
    code.strip_prefix("use ")
}

/// Takes a statement apart once its semicolon has come; else hands it back.
fn finish(
    found: &mut Vec<Named>,
    module: &[String],
    line: usize,
    statement: String,
) -> Option<(usize, String)> {
    let Some((tree, _)) = statement.split_once(';') else {
        return Some((line, statement));
    };
    for path in expand(tree) {
        found.push(Named {
            line,
            path: absolute(module, &path),
        });
    }
    None
}

/// `a::{b, c::{D, E}}` to `a::b`, `a::c::D`, `a::c::E`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.trim().trim_start_matches("::").to_owned()];
    };
    let (prefix, rest) = tree.split_at(open);
    let inside = rest[1..].strip_suffix('}').unwrap_or(&rest[1..]);
    split_top(inside)
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .flat_map(expand)
        .map(|tail| match tail.as_str() {
            "self" => prefix.trim_end_matches("::").to_owned(),
            tail => format!("{prefix}{tail}"),
        })
        .collect()
}

/// Splits at the commas outside of braces.
fn split_top(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Runs like `crate::hub::Room` or `leptos::mount` in a line of code.
fn inline_paths(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
        .map(|run| run.trim_matches(':'))
        .filter(|run| run.contains("::") && !run.starts_with(|c: char| c.is_ascii_digit()))
}

fn absolute(module: &[String], path: &str) -> String {
    let mut base = module.to_vec();
    let mut rest = path;
    let mut relative = false;
    while let Some((head, tail)) = rest
        .split_once("::")
        .or((rest == "super").then_some((rest, "")))
    {
        match head {
            "super" => {
                base.pop();
            }
            "self" => {}
            _ => break,
        }
        relative = true;
        rest = tail;
    }
    if relative {
        base.push(rest.to_owned());
        base.join("::").trim_end_matches("::").to_owned()
    } else {
        path.to_owned()
    }
}

/// `server/src/hub/room.rs` is `crate::hub::room`.
fn module_of(name: &str) -> Vec<String> {
    let inner = name.split_once("/src/").map_or(name, |(_, inner)| inner);
    let inner = inner.strip_suffix(".rs").unwrap_or(inner);
    let inner = inner.strip_suffix("/mod").unwrap_or(inner);
    let parts = inner
        .split('/')
        .filter(|part| !matches!(*part, "lib" | "main" | "mod"));
    std::iter::once("crate")
        .chain(parts)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(name: &str, text: &str) -> Vec<String> {
        named(&Source::new(name, text))
            .into_iter()
            .map(|named| named.path)
            .collect()
    }

    #[test]
    fn use_trees_are_expanded_over_lines() {
        let text = "//! A.\npub(crate) use crate::{\n    hub::{self, room::Room}, // x\n    ids::Id as I,\n};\nuse leptos;\n";
        assert_eq!(
            paths("server/src/a.rs", text),
            [
                "crate::hub",
                "crate::hub::room::Room",
                "crate::ids::Id",
                "leptos"
            ]
        );
    }

    #[test]
    fn relative_paths_are_resolved_by_the_place_of_the_file() {
        let text = "use super::bus::Bus;\nuse self::x::Y;\nfn f() { super::super::run::go() }\n";
        assert_eq!(
            paths("server/src/hub/room.rs", text),
            [
                "crate::hub::bus::Bus",
                "crate::hub::room::x::Y",
                "crate::run::go"
            ]
        );
        assert_eq!(
            paths("server/src/hub/mod.rs", "use super::bus;\n"),
            ["crate::bus"]
        );
        assert_eq!(
            paths("server/src/lib.rs", "use self::bus;\n"),
            ["crate::bus"]
        );
    }

    #[test]
    fn paths_in_code_count_and_those_in_comments_and_tests_do_not() {
        let text = "//! See crate::a::b.\nlet x: Vec<crate::c::D> = leptos::mount(\"\"); // crate::e::f\n\
                    #[cfg(test)]\nmod tests {\n    use crate::g::h;\n}\n";
        assert_eq!(
            paths("server/src/a.rs", text),
            ["crate::c::D", "leptos::mount"]
        );
    }
}
