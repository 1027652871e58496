//! The one ear of this node: takes what the bus brings and hands it to whom it concerns.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::bus::{BusEvent, Topic};
use crate::files::Watchers;
use crate::hub::Hub;

/// Hands on until `stop` or until the bus ends. Never waits for a receiver: hub and watchers only note and wake.
pub async fn run(
    mut ear: mpsc::Receiver<BusEvent>,
    hub: Arc<Hub>,
    watchers: Arc<Watchers>,
    stop: CancellationToken,
) {
    loop {
        let event = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            event = ear.recv() => event,
        };
        let Some(event) = event else {
            return;
        };
        match event {
            BusEvent::Message {
                topic: Topic::Room(room),
                payload,
            } => hub.deliver(&room, &payload),
            BusEvent::Message {
                topic: Topic::File(file),
                ..
            } => watchers.changed(&file),
            BusEvent::Gap => {
                hub.gap();
                watchers.gap();
            }
        }
    }
}
