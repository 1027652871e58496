//! Uploads on MongoDB: writes that come late, and writes that happen twice.
//!
//! Needs a MongoDB that STREAMBOARD_TEST_MONGODB_URL names; without it the tests fail. All of it is test code, also
//! what is not a test itself: `cfg(test)` tells that to clippy.

#[cfg(test)]
mod database;
#[cfg(test)]
mod late_bytes;
#[cfg(test)]
mod node;

#[cfg(test)]
mod late;
#[cfg(test)]
mod twice;
