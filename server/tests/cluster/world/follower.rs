//! A client of the feed that comes back as a browser does, and writes down what it heard and what was wrong.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use app::wire::codec;
use app::wire::event::Event;
use app::wire::feed::ClientMessage;
use app::wire::feed::{Cursor, SUBPROTOCOL_POSTCARD, ServerMessage};
use app::wire::ids::{RoomId, Seq};
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use super::{Cluster, Person, until};
use crate::support::Client;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Longest wait for a node to take a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Longest silence on a line that is alive: twice what lies between two pings.
const SILENCE: Duration = Duration::from_secs(50);
/// Before a lost line is tried again: between these many milliseconds.
const BACKOFF_MS: std::ops::Range<u64> = 50..500;

/// What a follower heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Every event since the cursor it began with.
    pub(crate) events: Vec<Event>,
    /// How often it was connected.
    pub(crate) connections: usize,
    /// Whether it follows the room now.
    pub(crate) subscribed: bool,
    /// The close codes it met, 0 for a line that broke.
    pub(crate) closes: Vec<u16>,
    /// Every number of people it was told.
    pub(crate) people: Vec<u32>,
    /// What must never happen.
    pub(crate) faults: Vec<String>,
}

/// Follows a room for as long as it lives.
pub(crate) struct Follower {
    heard: Arc<Mutex<Heard>>,
    _task: AbortOnDropHandle<()>,
}

/// Lines that all break at once when it is told to.
#[derive(Clone)]
pub(crate) struct Lines(watch::Sender<()>);

impl Lines {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// Breaks them, without a word to the server.
    pub(crate) fn cut(&self) {
        self.0.send_replace(());
    }
}

struct Loop {
    room: RoomId,
    cursor: Cursor,
    cookie: String,
    nodes: Vec<SocketAddr>,
    lines: Lines,
    heard: Arc<Mutex<Heard>>,
}

impl Follower {
    /// Follows from `cursor` on, at first at `nodes[first]`; whenever the line is lost, at the next node.
    pub(crate) fn follow(
        person: &Person,
        room: &RoomId,
        cursor: Cursor,
        mut nodes: Vec<SocketAddr>,
        first: usize,
        lines: &Lines,
    ) -> Self {
        let count = nodes.len();
        nodes.rotate_left(first % count);
        let heard = Arc::<Mutex<Heard>>::default();
        let following = Loop {
            room: room.clone(),
            cursor,
            cookie: person.cookie.clone(),
            nodes,
            lines: lines.clone(),
            heard: heard.clone(),
        };
        let task = TaskTracker::new().spawn(following.run());
        Self {
            heard,
            _task: AbortOnDropHandle::new(task),
        }
    }

    pub(crate) fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap()
    }

    /// The last event it has, 0 for none.
    pub(crate) fn last(&self) -> Seq {
        self.heard().events.last().map_or(0, |event| event.seq)
    }
}

/// Opens `count` feeds, spread over the nodes, from where the room is now; each has a session of its own.
pub(crate) async fn follow_all(cluster: &Cluster, room: &RoomId, count: usize) -> Vec<Follower> {
    let nodes: Vec<SocketAddr> = cluster.nodes.iter().map(|node| node.address).collect();
    let (lines, mut followers) = (Lines::new(), Vec::new());
    let anybody = Client::new(cluster.nodes[0].base());
    let cursor = anybody.history(room).await.cursor;
    for at in 0..count {
        let person = cluster.person().await;
        let nodes = nodes.clone();
        followers.push(Follower::follow(&person, room, cursor, nodes, at, &lines));
    }
    until("every feed follows the room", async || {
        followers.iter().all(|one| one.heard().subscribed)
    })
    .await;
    followers
}

impl Loop {
    async fn run(mut self) {
        let mut cut = self.lines.0.subscribe();
        for attempt in 0_usize.. {
            let node = self.nodes[attempt % self.nodes.len()];
            if let Ok(Ok(mut socket)) = timeout(CONNECT_WITHIN, self.connect(node)).await {
                self.heard().connections += 1;
                let code = tokio::select! {
                    code = self.listen(&mut socket) => code,
                    _ = cut.changed() => 0,
                };
                let mut heard = self.heard();
                heard.subscribed = false;
                heard.closes.push(code);
            }
            let mut random = [0; 2];
            getrandom::fill(&mut random).unwrap();
            let spread = u64::from(u16::from_le_bytes(random));
            let span = BACKOFF_MS.end - BACKOFF_MS.start;
            sleep(Duration::from_millis(BACKOFF_MS.start + spread % span)).await;
        }
    }

    async fn connect(
        &self,
        node: SocketAddr,
    ) -> Result<Socket, Box<dyn std::error::Error + Send + Sync>> {
        let mut request = format!("ws://{node}/feed").into_client_request()?;
        let headers = request.headers_mut();
        headers.append("sec-websocket-protocol", SUBPROTOCOL_POSTCARD.parse()?);
        headers.append("cookie", self.cookie.parse()?);
        let (mut socket, _) = connect_async(request).await?;
        let subscribe = ClientMessage::Subscribe {
            room: self.room.clone(),
            since: Some(self.cursor),
        };
        socket.send(encode(&subscribe)).await?;
        Ok(socket)
    }

    /// Takes what comes until the line is lost; the code it was closed with.
    async fn listen(&mut self, socket: &mut Socket) -> u16 {
        loop {
            match timeout(SILENCE, socket.next()).await {
                Err(_) => return 0,
                Ok(None | Some(Err(_))) => return 0,
                Ok(Some(Ok(Message::Close(frame)))) => {
                    return frame.map_or(0, |frame| frame.code.into());
                }
                Ok(Some(Ok(Message::Binary(bytes)))) => {
                    let Ok(message) = codec::from_postcard(&bytes) else {
                        self.fault("a message that cannot be read".to_owned());
                        return 0;
                    };
                    if let ServerMessage::Ping { .. } = message {
                        let _ = socket.send(encode(&ClientMessage::Pong)).await;
                    }
                    if !self.take(message) {
                        return 0;
                    }
                }
                Ok(Some(Ok(_))) => {}
            }
        }
    }

    /// Whether to go on listening.
    fn take(&mut self, message: ServerMessage) -> bool {
        match message {
            ServerMessage::Subscribed { resumed, epoch, .. } => {
                if !resumed || epoch != self.cursor.epoch {
                    self.fault(format!("thrown back at {}", self.cursor.seq));
                }
                self.heard().subscribed = true;
            }
            ServerMessage::Events { events, .. } => {
                for event in events {
                    if event.seq != self.cursor.seq + 1 {
                        self.fault(format!("{} after {}", event.seq, self.cursor.seq));
                    }
                    self.cursor.seq = event.seq;
                    self.heard().events.push(event);
                }
            }
            ServerMessage::Presence { people, .. } => self.heard().people.push(people.here),
            // The store could not be asked: once more a little later.
            ServerMessage::Refused { .. } => return false,
            ServerMessage::Welcome { .. }
            | ServerMessage::Progress { .. }
            | ServerMessage::Ping { .. } => {}
        }
        true
    }

    fn fault(&self, fault: String) {
        self.heard().faults.push(fault);
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap()
    }
}

fn encode(message: &ClientMessage) -> Message {
    Message::binary(codec::to_postcard(message))
}
