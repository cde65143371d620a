//! Work for later, done in the background: numbered jobs, results in their order, a bounded number of them ahead.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// What a job left: its result, or the panic that it ended in.
type Outcome<T> = Result<T, Box<dyn Any + Send>>;

/// Runs `make(0, …)`, `make(1, …)`, … on some threads and hands the results out in that order.
///
/// Which thread runs which job depends on timing; what comes out does not, as long as `make` depends on the number
/// alone. A job that panics panics again where its result is asked for. Dropping it stops after the jobs in hand.
pub(super) struct Prefetch<T> {
    shared: Arc<Shared<T>>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    /// A result was put down, or taken, or all is over.
    changed: Condvar,
    jobs: u64,
    ahead: u64,
    make: Box<dyn Fn(u64, Option<T>) -> T + Send + Sync>,
}

struct State<T> {
    /// The next job that a thread takes up.
    next_job: u64,
    /// The next result that is handed out; jobs from `next_result + ahead` on wait.
    next_result: u64,
    done: BTreeMap<u64, Outcome<T>>,
    /// Old results, whose memory can be used again.
    spare: Vec<T>,
    stop: bool,
}

impl<T: Send + 'static> Prefetch<T> {
    /// Starts `threads` threads for the jobs `0 .. jobs`; without any, every job is done when its result is asked for.
    /// `make` also gets a result that was given back, if there is one.
    pub(super) fn start(
        jobs: u64,
        threads: usize,
        ahead: usize,
        make: impl Fn(u64, Option<T>) -> T + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                next_job: 0,
                next_result: 0,
                done: BTreeMap::new(),
                spare: vec![],
                stop: false,
            }),
            changed: Condvar::new(),
            jobs,
            ahead: ahead.max(1) as u64,
            make: Box::new(make),
        });
        let spawn = |i: usize| {
            let shared = Arc::clone(&shared);
            // A system without a thread to spare does the work in `next`.
            thread::Builder::new()
                .name(format!("nn-prefetch-{i}"))
                .spawn(move || shared.work())
                .ok()
        };
        let threads = (0..threads).map_while(spawn).collect();
        Self { shared, threads }
    }

    /// The next result, waiting for it if need be; `None` after the last one.
    pub(super) fn next(&mut self) -> Option<T> {
        let mut state = self.shared.lock();
        let job = state.next_result;
        if job == self.shared.jobs {
            return None;
        }
        let outcome = if self.threads.is_empty() {
            let spare = state.spare.pop();
            drop(state);
            let outcome = self.shared.run(job, spare);
            state = self.shared.lock();
            outcome
        } else {
            loop {
                match state.done.remove(&job) {
                    Some(outcome) => break outcome,
                    None => state = self.shared.wait(state),
                }
            }
        };
        state.next_result += 1;
        drop(state);
        self.shared.changed.notify_all();
        match outcome {
            Ok(result) => Some(result),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Gives a result back, for its memory.
    pub(super) fn give_back(&mut self, result: T) {
        let mut state = self.shared.lock();
        if state.spare.len() < 2 + self.threads.len() {
            state.spare.push(result);
        }
    }
}

impl<T> Shared<T> {
    /// The jobs never run under the lock, so that a panic leaves the state whole.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, job: u64, spare: Option<T>) -> Outcome<T> {
        catch_unwind(AssertUnwindSafe(|| (self.make)(job, spare)))
    }

    fn work(&self) {
        let mut state = self.lock();
        while !state.stop && state.next_job < self.jobs {
            if state.next_job >= state.next_result.saturating_add(self.ahead) {
                state = self.wait(state);
                continue;
            }
            let job = state.next_job;
            state.next_job += 1;
            let spare = state.spare.pop();
            drop(state);
            let outcome = self.run(job, spare);
            state = self.lock();
            state.done.insert(job, outcome);
            self.changed.notify_all();
        }
    }
}

impl<T> Drop for Prefetch<T> {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            // A job's panic was caught; there is nothing to hand on.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_from_any_number_of_threads() {
        for threads in [0, 1, 2, 5] {
            for ahead in [0, 1, 3, 100] {
                // The later of two jobs is often done first.
                let make = |job: u64, _| {
                    if job.is_multiple_of(3) {
                        thread::yield_now();
                    }
                    job * job
                };
                let mut prefetch = Prefetch::start(40, threads, ahead, make);
                let all: Vec<u64> = std::iter::from_fn(|| prefetch.next()).collect();
                assert_eq!(all, (0..40).map(|i| i * i).collect::<Vec<_>>());
                assert!(prefetch.next().is_none());
            }
        }
        assert!(Prefetch::start(0, 2, 2, |_, _| ()).next().is_none());
    }

    #[test]
    fn no_more_than_the_bound_is_made_ahead() {
        let highest = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&highest);
        let mut prefetch = Prefetch::start(1000, 4, 3, move |job, _| {
            seen.fetch_max(job, Ordering::SeqCst);
        });
        for taken in 0..100 {
            // While result `taken` is still there, jobs up to `taken + 2` may have run.
            assert!(highest.load(Ordering::SeqCst) <= taken + 2);
            assert!(prefetch.next().is_some());
        }
        drop(prefetch);
        assert!(highest.load(Ordering::SeqCst) <= 102);
    }

    #[test]
    fn a_panic_arrives_at_its_place() {
        for threads in [0, 3] {
            let mut prefetch = Prefetch::start(10, threads, 4, |job, _| {
                assert!(job != 5, "job {job} fails");
                job
            });
            for expected in 0..5 {
                assert_eq!(prefetch.next(), Some(expected));
            }
            let panic = catch_unwind(AssertUnwindSafe(|| prefetch.next())).unwrap_err();
            assert_eq!(panic.downcast_ref::<String>().unwrap(), "job 5 fails");
            assert_eq!(prefetch.next(), Some(6));
        }
    }

    #[test]
    fn what_is_given_back_is_used_again() {
        let made = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&made);
        let mut prefetch = Prefetch::start(200, 2, 2, move |job, spare: Option<Vec<u64>>| {
            let mut buffer = spare.unwrap_or_else(|| {
                count.fetch_add(1, Ordering::SeqCst);
                vec![]
            });
            buffer.clear();
            buffer.push(job);
            buffer
        });
        for job in 0..200 {
            let buffer = prefetch.next().unwrap();
            assert_eq!(buffer, [job]);
            prefetch.give_back(buffer);
        }
        // Two in the threads' hands, two made ahead, one here, and one that was on its way.
        assert!(made.load(Ordering::SeqCst) <= 6);
    }
}
