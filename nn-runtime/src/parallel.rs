//! Threads: the only file that names rayon. Without the feature everything runs on the caller's thread.
//!
//! Work is cut into pieces by the network and the batch alone, so results do not depend on how many threads there are.

/// Calls `f` with every element and its index, spread over rayon's current pool.
pub fn for_each_mut<E: Send>(elements: &mut [E], f: impl Fn(usize, &mut E) + Sync + Send) {
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        if elements.len() > 1 && rayon::current_num_threads() > 1 {
            elements.par_iter_mut().enumerate().for_each(|(i, e)| f(i, e));
            return;
        }
    }
    elements.iter_mut().enumerate().for_each(|(i, e)| f(i, e));
}

/// Calls `f` with consecutive chunks of `len` elements (the last may be shorter) and the index of their first element.
pub fn for_each_chunk_mut<E: Send>(
    elements: &mut [E],
    len: usize,
    f: impl Fn(usize, &mut [E]) + Sync + Send,
) {
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        if elements.len() > len && rayon::current_num_threads() > 1 {
            elements
                .par_chunks_mut(len)
                .enumerate()
                .for_each(|(i, c)| f(i * len, c));
            return;
        }
    }
    elements
        .chunks_mut(len)
        .enumerate()
        .for_each(|(i, c)| f(i * len, c));
}

/// Both results, on two threads if there are.
pub fn join<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    #[cfg(feature = "rayon")]
    if rayon::current_num_threads() > 1 {
        return rayon::join(a, b);
    }
    (a(), b())
}

/// Calls `f` with every index below `count`.
pub fn for_each_index(count: usize, f: impl Fn(usize) + Sync + Send) {
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        if count > 1 && rayon::current_num_threads() > 1 {
            (0..count).into_par_iter().for_each(f);
            return;
        }
    }
    (0..count).for_each(f);
}

/// Sets how many threads all work is spread over, from here to the end of the process (as many as there are processors, if
/// nobody does). The results do not depend on it. Without the feature `rayon` there is only the caller's.
///
/// # Errors
/// [`crate::Error::Setting`] for 0, and where the number is settled already: by an earlier call, or because a large
/// network has run.
pub fn set_threads(threads: usize) -> crate::Result<()> {
    crate::optimizers::expect("threads", threads > 0, "at least 1", threads)?;
    #[cfg(feature = "rayon")]
    {
        let built = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global();
        let running = rayon::current_num_threads();
        let expected = "a first call, before any work";
        let found = format_args!("{running} threads at work");
        crate::optimizers::expect("threads", built.is_ok() || running == threads, expected, found)?;
    }
    Ok(())
}
