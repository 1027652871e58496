//! A session in a room.

use app::wire::ids::ParticipantNo;
use app::wire::room::Author;
use unicode_normalization::UnicodeNormalization;

/// A session in a room: unique by (room, session), (room, number) and (room, name key).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// 1, 2, 3 ... in the order of coming.
    pub number: ParticipantNo,
    /// The name as typed, if one was taken.
    pub name: Option<String>,
    /// Whether this session created the room.
    pub op: bool,
}

impl Participant {
    /// As shown to others.
    #[must_use]
    pub fn author(&self) -> Author {
        Author {
            number: self.number,
            name: self.name.clone(),
            op: self.op,
        }
    }
}

/// A name as typed, with what makes it unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As typed.
    pub shown: String,
    /// Two names with one key are the same name.
    pub key: String,
}

impl Name {
    /// Keys a name by its compatibility form without case, so that "Ada" and "ＡＤＡ" are one name. Unicode UAX 15
    #[must_use]
    pub fn new(shown: String) -> Self {
        let key = shown
            .nfkc()
            .flat_map(char::to_lowercase)
            .collect::<String>()
            .nfkc()
            .collect();
        Self { shown, key }
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn case_and_width_make_no_other_name() {
        assert_eq!(Name::new("Ada".into()).key, Name::new("ＡＤＡ".into()).key);
        assert_ne!(Name::new("Ada".into()).key, Name::new("Adam".into()).key);
    }
}
