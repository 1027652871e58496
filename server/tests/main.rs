//! Behaviour of the whole server, through HTTP and the feed alone: one binary, one real server a test.

mod support;

mod api;
mod feed;
mod operation;
mod pages;
mod uploads;
