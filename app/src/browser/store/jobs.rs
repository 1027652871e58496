//! Upload jobs: a small JSON text, and the bytes beside it while the browser has space for them.

use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::database::{self, Table};
use super::degraded;
use crate::browser::files::LocalFile;
use crate::browser::host;
use crate::wire::ids::{FileId, Nonce, RoomId, UploadKey};

/// Share of the browser's quota that may be in use after a blob was added.
const QUOTA_SHARE: f64 = 0.8;

/// An upload that is not over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeptJob {
    pub(crate) file: FileId,
    pub(crate) key: UploadKey,
    pub(crate) room: RoomId,
    pub(crate) post: Nonce,
    pub(crate) slice_bytes: u64,
    /// By name, size in bytes and time of change the file is known again when it is picked anew.
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) last_modified: i64,
    #[serde(skip)]
    pub(crate) blob: Option<LocalFile>,
}

impl KeptJob {
    /// Whether `blob` is the file of this job, as far as anybody can tell without reading it.
    pub(crate) fn is_of(&self, blob: &LocalFile) -> bool {
        self.name == blob.name()
            && self.size == blob.size()
            && self.last_modified == blob.last_modified()
    }
}

/// Keeps a job, with its bytes if there is space for them.
pub(crate) async fn put_job(job: &KeptJob) {
    let key = job.file.to_string();
    let Some(record) = record(job) else {
        return;
    };
    if let Some(blob) = &job.blob
        && has_space(blob.size()).await
    {
        host::set(&record, "blob", blob.blob());
        if database::put(Table::Jobs, &key, &record).await.is_ok() {
            return;
        }
        host::set(&record, "blob", &JsValue::UNDEFINED);
    }
    // Without the bytes the person is asked for the file after a reload; that is worth a word only if even this
    // cannot be kept.
    if database::put(Table::Jobs, &key, &record).await.is_err() {
        degraded();
    }
}

/// Forgets a job and its bytes.
pub(crate) async fn delete_job(file: FileId) {
    database::delete(Table::Jobs, &file.to_string()).await;
}

/// A kept job.
pub(crate) async fn job(file: FileId) -> Option<KeptJob> {
    read(&database::get(Table::Jobs, &file.to_string()).await?)
}

/// All kept jobs.
pub(crate) async fn jobs() -> Vec<KeptJob> {
    database::list(Table::Jobs, "")
        .await
        .iter()
        .filter_map(read)
        .collect()
}

fn record(job: &KeptJob) -> Option<JsValue> {
    let text = serde_json::to_string(job).ok()?;
    let record = js_sys::Object::new();
    host::set(&record, "job", &text.into());
    Some(record.into())
}

fn read(record: &JsValue) -> Option<KeptJob> {
    let text = host::get(record, "job")?.as_string()?;
    let mut job: KeptJob = serde_json::from_str(&text).ok()?;
    job.blob = host::get(record, "blob")
        .and_then(|blob| blob.dyn_into::<Blob>().ok())
        .map(|blob| LocalFile::new(blob, job.name.clone(), job.last_modified))
        // A browser that lost the bytes may hand out an empty shell.
        .filter(|blob| blob.size() == job.size);
    Some(job)
}

/// Whether `bytes` more fit. Where the browser does not tell its quota, trying tells.
async fn has_space(bytes: u64) -> bool {
    estimate().await.is_none_or(|(usage, quota)| {
        // An estimate.
        let after = usage + bytes as f64;
        after <= quota * QUOTA_SHARE
    })
}

async fn estimate() -> Option<(f64, f64)> {
    let storage = host::get(&host::window()?.navigator(), "storage")?;
    let estimate = host::call(&storage, "estimate", &[]).await?;
    let number = |name| host::get(&estimate, name)?.as_f64();
    Some((number("usage")?, number("quota")?))
}
