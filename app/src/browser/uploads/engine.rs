//! The engine's tasks, and what starts and ends them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use wasm_bindgen_futures::spawn_local;

use super::task::{Shared, Stop, Task};
use super::{SendJob, SendState, request, stream};
use crate::browser::files::LocalFile;
use crate::browser::host::Guard;
use crate::browser::page::{on_offline, on_online, sleep};
use crate::browser::store::{self, KeptJob};
use crate::wire::ids::{FileId, UploadKey};

/// Tries to tell the server of a cancellation; after that its own idle period ends the upload.
const DELETE_TRIES: u32 = 4;
/// Time between them.
const DELETE_MS: u32 = 2_000;

pub(super) struct Inner {
    me: Weak<Inner>,
    shared: Rc<Shared>,
    /// Every upload that is not over; the person's open uploads are few, see `Limits::open_uploads`.
    tasks: RefCell<BTreeMap<FileId, Rc<Task>>>,
    network: RefCell<Guard>,
}

impl Inner {
    pub(super) fn start(on: Rc<dyn Fn(FileId, SendState)>) -> Rc<Self> {
        let inner = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            shared: Rc::new(Shared {
                on,
                streams: Cell::new(stream::is_possible()),
            }),
            tasks: RefCell::default(),
            network: RefCell::default(),
        });
        // Whichever way the network changed, what is under way on the old one is dead, and waiting is over.
        let came = on_online(inner.cut_all());
        let went = on_offline(inner.cut_all());
        *inner.network.borrow_mut() = came.and(went);
        inner
    }

    pub(super) fn send(&self, job: SendJob) {
        let job = KeptJob {
            file: job.file,
            key: job.key,
            room: job.room,
            post: job.post,
            slice_bytes: job.slice_bytes,
            name: job.blob.name().to_owned(),
            size: job.blob.size(),
            last_modified: job.blob.last_modified(),
            blob: Some(job.blob),
        };
        if self.tasks.borrow().contains_key(&job.file) {
            return;
        }
        let task = Task::new(Rc::clone(&self.shared), job, false);
        self.add(&task);
        keep(&task);
    }

    pub(super) fn cancel(&self, file: FileId) {
        let known = self.tasks.borrow_mut().remove(&file);
        if let Some(task) = &known {
            task.stop(Stop::Cancel);
        }
        let shared = Rc::clone(&self.shared);
        spawn_local(async move {
            let key = match &known {
                Some(task) => Some(task.job.borrow().key),
                None => store::job(file).await.map(|job| job.key),
            };
            match known {
                Some(task) => task.tell(SendState::Cancelled),
                None => (shared.on)(file, SendState::Cancelled),
            }
            store::delete_job(file).await;
            if let Some(key) = key {
                give_up(key).await;
            }
        });
    }

    pub(super) fn pause(&self, file: FileId) {
        if let Some(task) = self.task(file)
            && task.is_running()
        {
            task.stop(Stop::Pause);
        }
    }

    pub(super) fn resume(&self, file: FileId) {
        let Some(task) = self.task(file) else {
            return;
        };
        task.unstop();
        if !task.is_running() {
            if *task.state.borrow() == SendState::TakenOver {
                keep(&task);
            }
            self.run(task);
        }
    }

    pub(super) fn restore(&self) {
        let me = Weak::clone(&self.me);
        spawn_local(async move {
            for job in store::jobs().await {
                let Some(inner) = me.upgrade() else {
                    return;
                };
                if !inner.tasks.borrow().contains_key(&job.file) {
                    inner.add(&Task::new(Rc::clone(&inner.shared), job, true));
                }
            }
        });
    }

    pub(super) fn offer_file(&self, blob: &LocalFile) -> Option<FileId> {
        let task = self
            .tasks
            .borrow()
            .values()
            .find(|task| {
                *task.state.borrow() == SendState::NeedsFile && task.job.borrow().is_of(blob)
            })
            .map(Rc::clone)?;
        task.give(blob.clone());
        keep(&task);
        let file = task.job.borrow().file;
        self.run(task);
        Some(file)
    }

    pub(super) fn is_busy(&self) -> bool {
        self.tasks.borrow().values().any(|task| task.is_running())
    }

    fn task(&self, file: FileId) -> Option<Rc<Task>> {
        self.tasks.borrow().get(&file).map(Rc::clone)
    }

    fn add(&self, task: &Rc<Task>) {
        let file = task.job.borrow().file;
        self.tasks.borrow_mut().insert(file, Rc::clone(task));
        self.run(Rc::clone(task));
    }

    /// Runs a task that does not run, from a task of its own; forgets it once it is over.
    fn run(&self, task: Rc<Task>) {
        let me = Weak::clone(&self.me);
        spawn_local(async move {
            if task.is_running() {
                return;
            }
            task.run().await;
            let file = task.job.borrow().file;
            // A task that another tab finished has told nothing and is over as well.
            let stays = task.is_kept() || *task.state.borrow() == SendState::TakenOver;
            if let Some(inner) = me.upgrade()
                && !stays
            {
                inner.forget(file, &task);
            }
        });
    }

    fn forget(&self, file: FileId, task: &Rc<Task>) {
        let mut tasks = self.tasks.borrow_mut();
        if tasks
            .get(&file)
            .is_some_and(|known| Rc::ptr_eq(known, task))
        {
            tasks.remove(&file);
        }
    }

    fn cut_all(&self) -> impl Fn() + 'static {
        let me = Weak::clone(&self.me);
        move || {
            if let Some(inner) = me.upgrade() {
                let tasks: Vec<_> = inner.tasks.borrow().values().map(Rc::clone).collect();
                for task in tasks {
                    task.cut();
                }
            }
        }
    }
}

/// Keeps a job for reloads, beside the sending; if that was faster, what was kept goes again.
fn keep(task: &Rc<Task>) {
    let task = Rc::clone(task);
    spawn_local(async move {
        let job = task.job.borrow().clone();
        store::put_job(&job).await;
        if !task.is_kept() {
            store::delete_job(job.file).await;
        }
    });
}

async fn give_up(key: UploadKey) {
    for _ in 0..DELETE_TRIES {
        let status = request::delete(key).await.status;
        if status != 0 && status < 500 {
            return;
        }
        sleep(DELETE_MS).await;
    }
}
