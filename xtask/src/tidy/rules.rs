//! The import table: what each part must not know.

/// Folders (or files) and the paths they must not name.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Prefixes of file names.
    of: &'static [&'static str],
    /// Prefixes of file names this rule leaves out.
    but: &'static [&'static str],
    /// Paths, a crate or module with all that is in it.
    never: &'static [&'static str],
    pub(crate) why: &'static str,
}

impl Rule {
    pub(crate) fn covers(&self, file: &str) -> bool {
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| file.starts_with(prefix));
        starts(self.of) && !starts(self.but)
    }

    pub(crate) fn forbids(&self, path: &str) -> bool {
        self.never.iter().any(|never| {
            path.strip_prefix(never)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        })
    }
}

/// Where conditional compilation has no place.
pub(crate) const CFG_FREE: &[&str] = &[
    "app/src/app.rs",
    "app/src/components/",
    "app/src/contexts/",
    "app/src/model/",
    "app/src/pages/",
    "app/src/wire/",
];

const LEPTOS: &[&str] = &["leptos", "leptos_axum", "leptos_meta", "leptos_router"];
const DRIVERS: &[&str] = &["rusqlite", "mongodb", "fred"];
const ADAPTERS: &[&str] = &[
    "crate::storage::embedded",
    "crate::storage::mongo",
    "crate::bus::local",
    "crate::bus::redis",
    "crate::presence::local",
    "crate::presence::redis",
];
/// What receives requests; nothing below may know it.
const EDGE: &[&str] = &[
    "axum",
    "crate::config",
    "crate::listener",
    "crate::middleware",
    "crate::router",
    "crate::routes",
    "crate::run",
    "crate::service",
    "crate::state",
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        of: &["app/src/wire/"],
        but: &["app/src/wire/error.rs"],
        never: LEPTOS,
        why: "the wire is plain data; only its errors speak to the server function framework",
    },
    Rule {
        of: &["app/src/wire/"],
        but: &[],
        never: &[
            "crate::api",
            "crate::app",
            "crate::browser",
            "crate::components",
            "crate::contexts",
            "crate::model",
            "crate::pages",
        ],
        why: "the wire is the lowest layer of app",
    },
    Rule {
        of: &["app/src/model/"],
        but: &[],
        never: LEPTOS,
        why: "the model is plain data without reactive types",
    },
    Rule {
        of: &["app/src/model/", "app/src/api/"],
        but: &[],
        never: &[
            "crate::app",
            "crate::browser",
            "crate::components",
            "crate::contexts",
            "crate::pages",
        ],
        why: "model and api are below everything a person sees",
    },
    Rule {
        of: &["app/src/model/"],
        but: &[],
        never: &["crate::api"],
        why: "the model asks nobody",
    },
    Rule {
        of: &["app/src/api/"],
        but: &[],
        never: &["axum", "tokio", "rusqlite", "mongodb", "fred"],
        why: "server functions reach the server through Backend alone",
    },
    Rule {
        of: &["app/src/browser/"],
        but: &[],
        never: &[
            "crate::api",
            "crate::app",
            "crate::components",
            "crate::contexts",
            "crate::pages",
        ],
        why: "browser functions are used by contexts and components, not the other way",
    },
    Rule {
        of: &["app/src/"],
        but: &["app/src/browser/"],
        never: &[
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "wasm_bindgen_futures",
            "gloo_net",
            "gloo_timers",
            "idb",
            "leptos::web_sys",
            "leptos::wasm_bindgen",
        ],
        why: "only app/src/browser touches the browser",
    },
    Rule {
        of: &["app/src/contexts/"],
        but: &[],
        never: &["crate::components", "crate::pages"],
        why: "contexts are used by components, not the other way",
    },
    Rule {
        of: &["app/src/components/"],
        but: &[],
        never: &["crate::pages", "crate::app"],
        why: "components are composed by pages, not the other way",
    },
    Rule {
        of: &["frontend/src/"],
        but: &[],
        never: &[
            "app::api",
            "app::browser",
            "app::components",
            "app::contexts",
            "app::model",
            "app::pages",
            "app::wire",
            "server",
        ],
        why: "the entry point knows the root component and nothing inside",
    },
    Rule {
        of: &["server/src/"],
        but: &[
            "server/src/run.rs",
            "server/src/run/",
            "server/src/main.rs",
            "server/src/storage/embedded/",
            "server/src/storage/mongo/",
            "server/src/bus/local",
            "server/src/bus/redis",
            "server/src/presence/local",
            "server/src/presence/redis",
        ],
        never: ADAPTERS,
        why: "only run.rs names adapters",
    },
    Rule {
        of: &["server/src/"],
        but: &["server/src/storage/embedded/"],
        never: &["rusqlite"],
        why: "only the embedded store speaks to SQLite",
    },
    Rule {
        of: &["server/src/"],
        but: &["server/src/storage/mongo/"],
        never: &["mongodb", "bson"],
        why: "only the MongoDB adapter speaks to MongoDB",
    },
    Rule {
        of: &["server/src/"],
        but: &[
            "server/src/bus/redis",
            "server/src/presence/redis",
            "server/src/storage/redis",
        ],
        never: &["fred"],
        why: "only the Redis adapters speak to Redis",
    },
    Rule {
        of: &["server/src/"],
        but: &["server/src/main.rs"],
        never: &["crate::run"],
        why: "the boot order is started by main and called by nobody else",
    },
    Rule {
        of: &["server/src/domain/"],
        but: &[],
        never: &[
            "crate::bus",
            "crate::dispatch",
            "crate::error",
            "crate::files",
            "crate::hub",
            "crate::lifecycle",
            "crate::log",
            "crate::presence",
            "crate::storage",
            "crate::sweeper",
            "crate::telemetry",
            "crate::uploads",
            "tokio",
            "http",
        ],
        why: "the domain is plain types and rules",
    },
    Rule {
        of: &[
            "server/src/domain/",
            "server/src/storage/",
            "server/src/bus/",
            "server/src/presence/",
            "server/src/hub/",
            "server/src/uploads/",
            "server/src/files/",
            "server/src/log/",
            "server/src/sweeper/",
        ],
        but: &[],
        never: EDGE,
        why: "this part must not know who calls it",
    },
    Rule {
        of: &[
            "server/src/domain/",
            "server/src/storage/",
            "server/src/bus/",
            "server/src/presence/",
            "server/src/hub/",
            "server/src/uploads/",
            "server/src/files/",
            "server/src/log/",
            "server/src/sweeper/",
        ],
        but: &[],
        never: LEPTOS,
        why: "the framework of the pages ends at the routes",
    },
    Rule {
        of: &[
            "server/src/storage/",
            "server/src/bus/",
            "server/src/presence/",
        ],
        but: &[],
        never: &[
            "crate::files",
            "crate::hub",
            "crate::log",
            "crate::sweeper",
            "crate::uploads",
        ],
        why: "ports and adapters are below what uses them",
    },
    Rule {
        of: &["server/src/storage/"],
        but: &[],
        never: &["crate::bus", "crate::presence"],
        why: "ports do not know each other",
    },
    Rule {
        of: &["server/src/bus/"],
        but: &[],
        never: &["crate::storage", "crate::presence"],
        why: "ports do not know each other",
    },
    Rule {
        of: &["server/src/routes/"],
        but: &[],
        never: DRIVERS,
        why: "routes speak to services, not to stores",
    },
    Rule {
        of: &["server/src/service/"],
        but: &[],
        never: &["axum", "crate::routes", "crate::router"],
        why: "the service implements Backend and knows nothing of HTTP's routes",
    },
];
