//! The one ear of this node: takes what the bus brings and hands it to whom it concerns.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::bus::message::BusMessage;
use crate::bus::{BusEvent, Topic};
use crate::files::Watchers;
use crate::hub::Hub;

/// Hands on until the bus ends. Never waits for a receiver: hub and watchers only note and wake.
pub async fn run(mut ear: mpsc::Receiver<BusEvent>, hub: Arc<Hub>, watchers: Arc<Watchers>) {
    while let Some(event) = ear.recv().await {
        match event {
            BusEvent::Message {
                topic: Topic::Room(room),
                payload,
            } => hub.deliver(&room, &payload),
            BusEvent::Message {
                topic: Topic::File(file),
                payload,
            } => match BusMessage::decode(&payload) {
                Ok(_) => watchers.changed(&file),
                // Written by a newer version, or damaged: that something changed is all a follower needs.
                Err(_) => watchers.changed(&file),
            },
            BusEvent::Gap => {
                hub.gap();
                watchers.gap();
            }
        }
    }
}
