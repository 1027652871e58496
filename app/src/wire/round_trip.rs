//! What one side encodes is what the other decodes, in both codecs.

use std::fmt::Debug;

use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::codec::{from_json, from_postcard, to_json, to_postcard};
use super::event::EventBody;
use super::feed::{ClientMessage, ServerMessage};
use crate::model::arbitrary as arb;

fn assert_round_trip<T: Debug + PartialEq + Serialize + DeserializeOwned>(message: &T) {
    let bytes = to_postcard(message);
    assert_eq!(from_postcard::<T>(&bytes).as_ref(), Ok(message));
    let text = to_json(message);
    assert_eq!(from_json::<T>(&text).as_ref(), Ok(message), "{text}");

    // Neither more nor less: a cut or a padded message is refused.
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(from_postcard::<T>(&longer).is_err());
    assert!(from_postcard::<T>(&bytes[..bytes.len() - 1]).is_err());
    assert!(from_json::<T>(&text[..text.len() - 1]).is_err());
}

proptest! {
    #[test]
    fn feed_messages(server in arb::server_message(), client in arb::client_message()) {
        assert_round_trip(&server);
        assert_round_trip(&client);
    }

    #[test]
    fn events(event in arb::any_event()) {
        assert_round_trip(&event);
        // As stored: the body alone, in JSON.
        prop_assert_eq!(EventBody::from_json(&to_json(&event.body)).unwrap(), event.body);
    }

    #[test]
    fn pages(page in arb::page_of_anything(), room in arb::room_page(), list in arb::room_list()) {
        assert_round_trip(&page);
        assert_round_trip(&room);
        assert_round_trip(&list);
    }

    #[test]
    fn requests_and_results(
        post in arb::create_post(),
        upload in arb::open_upload(),
        opened in arb::upload_opened(),
        session in arb::session_opened(),
        query in arb::history_query(),
        error in arb::api_error(),
    ) {
        assert_round_trip(&post);
        assert_round_trip(&upload);
        assert_round_trip(&opened);
        assert_round_trip(&session);
        assert_round_trip(&query);
        assert_round_trip(&error);
    }

    #[test]
    fn garbage_is_refused_or_read_but_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = from_postcard::<ClientMessage>(&bytes);
        let _ = from_postcard::<ServerMessage>(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = from_json::<ClientMessage>(&text);
    }
}

#[test]
fn bodies_of_a_newer_version_are_unknown() {
    for text in [
        r#"{"poll_opened":{"question":"?"}}"#,
        r#""lights_out""#,
        r#"{"edited":{"words":"renamed field"}}"#,
        "7",
    ] {
        assert_eq!(
            EventBody::from_json(text).unwrap(),
            EventBody::Unknown,
            "{text}"
        );
    }
    assert!(EventBody::from_json("{").is_err());
}

#[test]
fn json_is_what_the_protocol_page_shows() {
    let subscribe = ClientMessage::Subscribe {
        room: "abcd1234".parse().unwrap(),
        since: None,
    };
    assert_eq!(
        to_json(&subscribe),
        r#"{"subscribe":{"room":"abcd1234","since":null}}"#
    );
    assert_eq!(
        from_json::<ClientMessage>(r#""pong""#),
        Ok(ClientMessage::Pong)
    );
    let short = r#"{"subscribe":{"room":"abcd1234"}}"#;
    assert_eq!(from_json::<ClientMessage>(short), Ok(subscribe));
}
