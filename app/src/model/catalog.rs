//! Finding and ordering rooms in the catalog, and what is said of one.

use super::format;
use crate::wire::room::RoomCard;

/// How the catalog is ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Last active first.
    #[default]
    Active,
    /// Last created first.
    New,
    /// Most people first.
    People,
}

/// The rooms whose title or words hold `wanted`, in `order`. Rooms that are equal stay as the server sent them.
#[must_use]
pub fn arrange(rooms: &[RoomCard], wanted: &str, order: Order) -> Vec<RoomCard> {
    let wanted = wanted.trim().to_lowercase();
    let mut found: Vec<RoomCard> = rooms
        .iter()
        .filter(|card| {
            let words = card.words.as_deref().unwrap_or_default();
            card.snapshot.title.to_lowercase().contains(&wanted)
                || words.to_lowercase().contains(&wanted)
        })
        .cloned()
        .collect();
    found.sort_by_key(|card| {
        std::cmp::Reverse(match order {
            Order::Active => card.last_activity,
            Order::New => card.snapshot.created_at,
            Order::People => i64::from(card.here),
        })
    });
    found
}

/// What stands where a room has no picture to show: the newest words or the name of the newest file, else how many
/// posts came without any. Only the newest posts are looked through, hence "lately".
#[must_use]
pub fn words_for(card: &RoomCard) -> String {
    match (&card.words, card.posts) {
        (Some(words), _) => words.clone(),
        (None, 0) => "Nothing posted yet.".to_owned(),
        (None, posts) => {
            let posts = format::count(posts.into(), "post", "posts");
            format!("{posts} so far, no words or picture lately.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::room::{RoomSnapshot, Visibility};

    fn card(title: &str, created_at: i64, last_activity: i64, here: u32) -> RoomCard {
        RoomCard {
            snapshot: RoomSnapshot {
                room: "aaaaaaaa".parse().unwrap(),
                title: title.to_owned(),
                visibility: Visibility::Listed,
                created_at,
                ends_after_hours: 72,
            },
            posts: 1,
            here,
            arriving: 0,
            last_activity,
            ends_at: 0,
            cover: None,
            words: Some("Some words".to_owned()),
        }
    }

    #[test]
    fn rooms_are_found_and_ordered() {
        let rooms = [
            card("Bread", 1, 30, 5),
            card("Trains", 2, 20, 9),
            card("Bread again", 3, 10, 9),
        ];
        let titles = |wanted: &str, order| {
            let found = arrange(&rooms, wanted, order);
            found
                .into_iter()
                .map(|card| card.snapshot.title)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            titles("", Order::Active),
            ["Bread", "Trains", "Bread again"]
        );
        assert_eq!(titles(" bREAD ", Order::New), ["Bread again", "Bread"]);
        assert_eq!(
            titles("words", Order::People),
            ["Trains", "Bread again", "Bread"]
        );
        assert!(titles("none", Order::New).is_empty());
    }

    #[test]
    fn a_room_with_posts_is_never_said_to_have_none() {
        let worded = card("Bread", 1, 1, 1);
        assert_eq!(words_for(&worded), "Some words");
        let silent = RoomCard {
            words: None,
            ..worded
        };
        assert_eq!(
            words_for(&silent),
            "1 post so far, no words or picture lately."
        );
        let empty = RoomCard { posts: 0, ..silent };
        assert_eq!(words_for(&empty), "Nothing posted yet.");
    }
}
