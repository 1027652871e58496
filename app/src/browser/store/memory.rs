//! The stand-in for a database that refuses: gone with the page, and bounded.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::database::Table;

/// Most entries; further ones are not kept at all, which their owner (who still has them) outlives.
const MOST: usize = 1_000;

thread_local! {
    static ENTRIES: RefCell<BTreeMap<(Table, String), String>> = const { RefCell::new(BTreeMap::new()) };
}

pub(super) fn put(table: Table, key: &str, text: String) {
    ENTRIES.with_borrow_mut(|entries| {
        if entries.len() < MOST || entries.contains_key(&(table, key.to_owned())) {
            entries.insert((table, key.to_owned()), text);
        }
    });
}

pub(super) fn get(table: Table, key: &str) -> Option<String> {
    ENTRIES.with_borrow(|entries| entries.get(&(table, key.to_owned())).cloned())
}

pub(super) fn delete(table: Table, key: &str) {
    ENTRIES.with_borrow_mut(|entries| entries.remove(&(table, key.to_owned())));
}

/// The texts whose keys start with `prefix`, by key.
pub(super) fn list(table: Table, prefix: &str) -> Vec<String> {
    ENTRIES.with_borrow(|entries| {
        entries
            .range((table, prefix.to_owned())..)
            .take_while(|((owner, key), _)| *owner == table && key.starts_with(prefix))
            .map(|(_, text)| text.clone())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_by_prefix_within_a_table() {
        for key in ["a/2", "a/1", "ab/1", "b/1"] {
            put(Table::Posts, key, key.to_owned());
        }
        put(Table::Values, "a/3", "other".to_owned());
        assert_eq!(list(Table::Posts, "a/"), ["a/1", "a/2"]);
        delete(Table::Posts, "a/1");
        assert_eq!(get(Table::Posts, "a/1"), None);
        assert_eq!(list(Table::Posts, "a/"), ["a/2"]);
    }
}
