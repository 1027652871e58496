//! The connection: its options, set on purpose, and what may be wrong with it.

use std::time::Duration;

use mongodb::Client;
use mongodb::bson::doc;
use mongodb::error::{Error, ErrorKind};
use mongodb::options::{
    Acknowledgment, ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
};
use tokio::time::timeout;

use super::call::Database;
use super::error::code;

/// Connections to one server at the most; each call holds one.
const POOL: u32 = 64;

/// Connections made at once: a node that comes back meets all who waited for it.
const CONNECTING: u32 = 8;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(4);

/// How long a call waits for a server that can take it: an election takes about twelve seconds, so callers try again.
const SELECT: Duration = Duration::from_secs(5);

/// How often the servers are asked how they are.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// How long the majority may take to acknowledge a write; then it may have happened or not.
const ACKNOWLEDGE: Duration = Duration::from_secs(8);

/// How long the first answer may take.
const FIRST_ANSWER: Duration = Duration::from_secs(8);

/// Why the store of a cluster cannot be used. Each is a sentence for whoever started the server; none shows the URL.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// It is no URL of a MongoDB.
    #[error(
        "--mongodb-url is not a MongoDB URL, it looks like mongodb://user:password@host/database"
    )]
    Url,
    /// It names no database.
    #[error("--mongodb-url names no database, add one as its path: mongodb://host/streamboard")]
    NoDatabase,
    /// Nobody answers there.
    #[error("MongoDB does not answer at {hosts}, is it running and reachable")]
    Unreachable {
        /// Its addresses, without user and password.
        hosts: String,
    },
    /// It refuses the user.
    #[error("MongoDB at {hosts} refuses the user and password of --mongodb-url")]
    Refused {
        /// Its addresses.
        hosts: String,
    },
    /// The user may not make collections and indexes.
    #[error(
        "MongoDB lets this user create no collections or indexes, give it the role readWrite on the database `{database}`"
    )]
    NoRights {
        /// Which database.
        database: String,
    },
    /// An index cannot be made.
    #[error("MongoDB cannot create the indexes of the database `{database}`")]
    Indexes {
        /// Which database.
        database: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Opens the database that `url` names and waits for its first answer.
pub(super) async fn open(url: &str) -> Result<Database, ConnectError> {
    let mut options = match timeout(FIRST_ANSWER, ClientOptions::parse(url)).await {
        Ok(Ok(options)) => options,
        // A name of the DNS that leads nowhere reads like this too.
        Ok(Err(error)) if matches!(error.kind.as_ref(), ErrorKind::DnsResolve { .. }) => {
            return Err(ConnectError::Unreachable {
                hosts: "the name in --mongodb-url".to_owned(),
            });
        }
        Ok(Err(_)) => return Err(ConnectError::Url),
        Err(_) => {
            return Err(ConnectError::Unreachable {
                hosts: "the name in --mongodb-url".to_owned(),
            });
        }
    };
    let name = options.default_database.clone();
    let name = name
        .filter(|name| !name.is_empty())
        .ok_or(ConnectError::NoDatabase)?;
    configure(&mut options);
    let hosts = hosts(&options);
    let client = Client::with_options(options).map_err(|_| ConnectError::Url)?;
    let database = client.database(&name);
    match timeout(FIRST_ANSWER, database.run_command(doc! { "ping": 1 })).await {
        Ok(Ok(_)) => Ok(Database::new(database)),
        Ok(Err(error)) if is_refusal(&error) => Err(ConnectError::Refused { hosts }),
        Ok(Err(_)) | Err(_) => Err(ConnectError::Unreachable { hosts }),
    }
}

/// What this program needs, whatever the URL says: acknowledged by the majority, read from the primary.
fn configure(options: &mut ClientOptions) {
    options.app_name = Some("streamboard".to_owned());
    options.max_pool_size.get_or_insert(POOL);
    options.max_connecting.get_or_insert(CONNECTING);
    options.connect_timeout.get_or_insert(CONNECT);
    options.server_selection_timeout = Some(SELECT);
    options.heartbeat_freq.get_or_insert(HEARTBEAT);
    options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
    options.read_concern = Some(ReadConcern::majority());
    options.write_concern = Some(
        WriteConcern::builder()
            .w(Acknowledgment::Majority)
            .journal(true)
            .w_timeout(ACKNOWLEDGE)
            .build(),
    );
}

fn hosts(options: &ClientOptions) -> String {
    let hosts: Vec<String> = options.hosts.iter().map(ToString::to_string).collect();
    hosts.join(", ")
}

/// Whether the server knows the user or what it may do.
fn is_refusal(error: &Error) -> bool {
    matches!(error.kind.as_ref(), ErrorKind::Authentication { .. })
        || matches!(code(error), Some(13 | 18))
}
