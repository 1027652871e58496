//! A file that needs scrolling for long holds more than one concern.

use super::Finding;
use super::source::Source;

/// Lines of a file, its tests not counted.
const LIMIT: usize = 400;

pub(crate) fn check(source: &Source) -> Option<Finding> {
    let lines = source.without_tests().lines().count();
    (lines > LIMIT && !source.is_test()).then(|| {
        Finding::new(
            source.name.clone(),
            format!("{lines} lines without tests, {LIMIT} are allowed; split it by concern"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_outside_of_tests_count() {
        let code = "//! A.\n".to_owned() + &"x\n".repeat(LIMIT - 1);
        let tests = "#[cfg(test)]\nmod tests {\n".to_owned() + &"x\n".repeat(LIMIT) + "}\n";
        assert_eq!(check(&Source::new("a.rs", &(code.clone() + &tests))), None);
        assert!(check(&Source::new("a.rs", &(code.clone() + "x\n" + &tests))).is_some());
        assert_eq!(
            check(&Source::new("server/tests/a.rs", &(code + "x\n"))),
            None
        );
    }
}
