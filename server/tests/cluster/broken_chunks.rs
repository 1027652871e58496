//! A store that lost or spoiled a chunk: readers get an error, never wrong bytes.

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Document, doc};

use crate::support::{Client, picture, send};
use crate::world::{Cluster, until};

const SIZE: usize = 700_001;

/// What happened to the chunk.
#[derive(Debug, Clone, Copy)]
enum Damage {
    Missing,
    Short,
    Long,
}

/// A finished file on a cluster of two nodes, the second of which has not seen it yet.
async fn finished(cluster: &Cluster) -> (Client, String, Vec<u8>) {
    let (anna, room) = cluster.person_in_a_room().await;
    let (first, second) = (anna.at(&cluster.nodes[0]), anna.at(&cluster.nodes[1]));
    let bytes = picture(SIZE);
    let upload = first.open(&room, "cat.png", Some(SIZE as u64)).await;
    first.share(&room, &upload.file).await;
    let sent = send(first.patch(&upload, "0").body(bytes.clone())).await;
    assert_eq!(sent.status, 204, "{}", sent.body);
    let files = cluster.database.raw().collection::<Document>("fs.files");
    until("the file is finished", async || {
        files.count_documents(doc! {}).await.unwrap() == 1
    })
    .await;
    (second, format!("/files/{}", upload.file), bytes)
}

async fn damage(cluster: &Cluster, damage: Damage) {
    let chunks = cluster.database.raw().collection::<Document>("fs.chunks");
    let chunk = chunks.find_one(doc! { "n": 4 }).await.unwrap().unwrap();
    let id = doc! { "_id": chunk.get_object_id("_id").unwrap() };
    let mut data = chunk.get_binary_generic("data").unwrap().clone();
    match damage {
        Damage::Missing => {
            chunks.delete_one(id).await.unwrap();
            return;
        }
        Damage::Short => data.truncate(data.len() - 7),
        Damage::Long => data.extend([0; 7]),
    }
    let data = Binary {
        subtype: BinarySubtype::Generic,
        bytes: data,
    };
    let set = doc! { "$set": { "data": data } };
    chunks.update_one(id, set).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_a_damaged_file_gets_an_error_and_nothing_wrong() {
    for kind in [Damage::Missing, Damage::Short, Damage::Long] {
        let cluster = Cluster::of(2).await;
        let (reader, path, bytes) = finished(&cluster).await;
        damage(&cluster, kind).await;
        let answer = reader.get(&path).send().await.unwrap();
        let mut read = Vec::new();
        let mut answer = answer;
        let ended = if answer.status() == 200 {
            loop {
                match answer.chunk().await {
                    Ok(Some(chunk)) => read.extend(chunk),
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            }
        } else {
            assert!(answer.status().is_server_error(), "{kind:?} {answer:?}");
            continue;
        };
        assert!(
            ended.is_err(),
            "{kind:?}: ended cleanly after {}",
            read.len()
        );
        assert!(bytes.starts_with(&read), "{kind:?}: wrong bytes");
        // A part that lies before the damage is as good as ever.
        let before = reader
            .get(&path)
            .header("range", "bytes=0-999")
            .send()
            .await;
        let before = before.unwrap();
        assert_eq!(before.status(), 206);
        assert!(before.bytes().await.unwrap() == bytes[..1_000]);
        cluster.stop().await;
    }
}
