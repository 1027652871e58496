//! What is refused at start, and in which words.

use std::time::Duration;

use super::{Config, ConfigError, LogFormat, TlsConfig};

fn load(flags: &[&str]) -> Result<Config, ConfigError> {
    Config::from_args(std::iter::once("streamboard").chain(flags.iter().copied()))
}

fn refusal(flags: &[&str]) -> String {
    load(flags).unwrap_err().to_string()
}

#[test]
fn without_settings_the_defaults_hold() {
    let config = load(&[]).unwrap();
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(config.limits.wire, app::wire::limits::Limits::default());
    assert_eq!(config.limits.posts.every, Duration::from_secs(1));
    assert_eq!(config.limits.posts.burst, 5);
    assert_eq!(config.tls, TlsConfig::Off);
    assert!(!config.is_secure());
    assert!(!config.storage.new_epoch);
}

#[test]
fn flags_win_over_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("streamboard.toml");
    std::fs::write(
        &file,
        "[http]\nlisten = \"127.0.0.1:4000\"\ntrusted-proxy = [\"10.0.0.0/8\"]\n\
         [limits]\ntext-chars = 10\npost-burst = 7\n[log]\nformat = \"json\"\n",
    )
    .unwrap();
    let config = load(&["--config", file.to_str().unwrap(), "--text-chars", "20"]).unwrap();
    assert_eq!(config.http.listen.port(), 4000);
    assert_eq!(config.http.trusted_proxies.len(), 1);
    assert_eq!(config.limits.wire.text_chars, 20);
    assert_eq!(config.limits.posts.burst, 7);
    assert_eq!(config.telemetry.format, LogFormat::Json);
}

#[test]
fn an_unknown_key_in_the_file_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("streamboard.toml");
    std::fs::write(&file, "[limits]\ntext-charts = 10\n").unwrap();
    let refusal = refusal(&["--config", file.to_str().unwrap()]);
    assert!(refusal.contains("text-charts"), "{refusal}");
    assert!(load(&["--config", "/nowhere.toml"]).is_err());
}

#[test]
fn half_a_cluster_is_refused_with_what_would_go_wrong() {
    assert!(refusal(&["--mongodb-url", "mongodb://u:secret@h"]).contains("seconds late"));
    assert!(refusal(&["--redis-url", "redis://h"]).contains("do not have"));
    assert!(refusal(&["--redis-sharded-pubsub"]).contains("--redis-url"));
}

#[test]
fn a_cluster_s_urls_are_not_shown() {
    let config = load(&[
        "--mongodb-url",
        "mongodb://u:secret@h/board",
        "--redis-url",
        "redis://:secret@h",
    ]);
    let storage = config.unwrap().storage;
    assert!(!format!("{storage:?}").contains("secret"));
    let cluster = storage.cluster.unwrap();
    assert_eq!(cluster.mongodb_url.reveal(), "mongodb://u:secret@h/board");
    assert!(!cluster.sharded_pubsub);
}

#[test]
fn half_a_certificate_is_refused() {
    assert!(refusal(&["--tls-cert", "a.pem"]).contains("--tls-key"));
    assert!(refusal(&["--tls-key", "a.pem"]).contains("--tls-cert"));
    assert!(
        refusal(&["--tls-cert", "a", "--tls-key", "b", "--tls", "self-signed"])
            .contains("choose one")
    );
    assert!(load(&["--tls", "self-signed"]).unwrap().is_secure());
}

#[test]
fn an_origin_is_kept_as_browsers_write_it() {
    let origin = |text| {
        load(&["--public-origin", text])
            .unwrap()
            .http
            .public_origin
            .unwrap()
    };
    assert_eq!(
        origin("https://Board.Example:443/").as_str(),
        "https://board.example"
    );
    assert_eq!(
        origin("http://localhost:8080").as_str(),
        "http://localhost:8080"
    );
    for text in [
        "board.example",
        "https://a/b",
        "ftp://a",
        "https://u@a",
        "https://a?x",
        "",
    ] {
        assert!(
            refusal(&["--public-origin", text]).contains("--public-origin"),
            "{text:?}"
        );
    }
}

#[test]
fn numbers_out_of_range_are_refused_with_the_range() {
    let refusal = refusal(&["--files-per-post", "0"]);
    assert_eq!(refusal, "--files-per-post is 0, it must be 1 to 50");
    assert!(load(&["--room-hours", "-1"]).is_err());
    assert!(load(&["--trusted-proxy", "10.0.0.0/8,nonsense"]).is_err());
    assert!(load(&["--log", "server=loud"]).is_err());
}
