# The program with its site, built as `cargo xtask test build` builds it anywhere.
FROM rust:1.95-trixie AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends nodejs npm \
 && rm -rf /var/lib/apt/lists/*
# The versions of xtask/src/tools/mod.rs; where they differ, xtask installs its own. In a layer of its own, for it
# takes some minutes and changes seldom.
RUN CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo install --locked cargo-leptos@0.3.10 wasm-bindgen-cli@0.2.128
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/cache \
    CARGO_TARGET_DIR=/cache cargo xtask test build \
 && mkdir /out \
 && cp /cache/release/streamboard /cache/release/hash.txt /out/ \
 && cp -r target/site /out/site

FROM debian:trixie-slim
RUN useradd --system --create-home --home-dir /data streamboard
COPY --from=build /out /srv/streamboard
USER streamboard
WORKDIR /srv/streamboard
ENV LEPTOS_ENV=PROD STREAMBOARD_LISTEN=0.0.0.0:3000 STREAMBOARD_DATA=/data
EXPOSE 3000
ENTRYPOINT ["/srv/streamboard/streamboard"]
