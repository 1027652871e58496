//! The rooms this browser has been in, for the list beside the feed.

use serde::{Deserialize, Serialize};

use crate::wire::ids::RoomId;
use crate::wire::room::Visibility;

/// Rooms remembered at the most.
const MOST: usize = 20;

/// A room that was visited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visited {
    /// The room.
    pub room: RoomId,
    /// Its title then.
    pub title: String,
    /// Who can find it.
    pub visibility: Visibility,
}

/// Reads what was remembered; anything else than that reads as nothing.
#[must_use]
pub fn read(text: Option<&str>) -> Vec<Visited> {
    let rooms: Vec<Visited> = text
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    rooms.into_iter().take(MOST).collect()
}

/// Puts a room first and forgets the oldest where there are too many.
pub fn visit(rooms: &mut Vec<Visited>, room: Visited) {
    rooms.retain(|known| known.room != room.room);
    rooms.insert(0, room);
    rooms.truncate(MOST);
}

/// As it is remembered.
#[must_use]
pub fn write(rooms: &[Visited]) -> String {
    serde_json::to_string(rooms).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(number: usize) -> Visited {
        Visited {
            room: format!("room{number:04}").parse().unwrap(),
            title: number.to_string(),
            visibility: Visibility::Listed,
        }
    }

    #[test]
    fn the_last_room_comes_first_and_once() {
        let mut rooms = Vec::new();
        for number in 0..25 {
            visit(&mut rooms, room(number));
        }
        visit(&mut rooms, room(20));
        assert_eq!((rooms.len(), &rooms[0]), (MOST, &room(20)));
        assert_eq!(rooms.iter().filter(|known| **known == room(20)).count(), 1);
        assert_eq!(read(Some(&write(&rooms))), rooms);
    }

    #[test]
    fn nonsense_is_nothing() {
        assert!(read(Some("{\"a\":")).is_empty());
        assert!(read(None).is_empty());
    }
}
