//! The host's side of a generated network: its parameters, its working memory, and the loop over tiles.

mod trace;

use crate::origin::Trace;
use crate::program::Program;

use crate::aligned::Aligned;
use crate::step::{Arena, Buf, Step, Tile, Views, Whole, inverse, mix, penalty};
use crate::{Error, Network, ParameterKind, Result, Rows, Scalar, parallel};

/// Which data a program reads: views of the caller's, with the numbers per sample, and the chosen rows.
#[derive(Clone, Debug)]
pub struct Feed<'a, T, const I: usize, const V: usize, const L: usize> {
    /// Network inputs.
    pub inputs: [(&'a [T], usize); I],
    /// Targets that are numbers.
    pub values: [(&'a [T], usize); V],
    /// Targets that are class indices.
    pub labels: [(&'a [u32], usize); L],
    /// Which samples.
    pub rows: Rows<'a>,
    /// How many of them.
    pub n: usize,
}

impl<T> Feed<'_, T, 0, 0, 0> {
    /// `n` samples of nothing: everything a segment reads is in the batch arena.
    #[must_use]
    pub fn of(n: usize) -> Self {
        Self {
            inputs: [],
            values: [],
            labels: [],
            rows: Rows::All,
            n,
        }
    }
}

/// What crosses segments.
#[derive(Clone, Debug)]
struct Batch<T: Scalar> {
    arena: Aligned<T>,
    stats: Aligned<T>,
}

impl<T: Scalar> Batch<T> {
    fn new() -> Self {
        Self {
            arena: Aligned::default(),
            stats: Aligned::default(),
        }
    }
}

/// A forward pass that waits for its backward.
#[derive(Clone, Copy, Debug)]
struct Tape {
    samples: usize,
    seed: u64,
    /// `backward` writes over what `forward` kept, so it may come once.
    waiting: bool,
}

#[derive(Clone, Debug)]
struct Slot<T: Scalar> {
    arena: Aligned<T>,
    gradients: Aligned<T>,
    gathered: Vec<T>,
    gathered_labels: Vec<u32>,
    loss: f64,
    trace: Trace,
}

impl<T: Scalar> Slot<T> {
    fn new() -> Self {
        Self {
            arena: Aligned::default(),
            gradients: Aligned::default(),
            gathered: Vec::new(),
            gathered_labels: Vec::new(),
            loss: 0.0,
            trace: Trace::default(),
        }
    }
}

/// Parameters and working memory of one network on the host.
#[derive(Clone, Debug)]
pub struct Model<T: Scalar> {
    parameters: Aligned<T>,
    /// Parameters before this are trainable.
    trainable: usize,
    /// Parameters from here on are running statistics.
    state: usize,
    slots: Vec<Slot<T>>,
    /// Of whole programs, and of those that run in halves.
    batches: [Batch<T>; 2],
    tape: Option<Tape>,
    input_gradients: bool,
    seed: u64,
    steps: u64,
    /// The number of the next segment, while a step is looked at; what its segments over the whole batch saw.
    segment: Option<u32>,
    trace: Trace,
}

/// The signature of an emitted tile function.
pub type TileFn<T, const I: usize, const V: usize, const L: usize, const R: usize, const W: usize> =
    fn(&Step<'_, T>, &mut Tile<'_, T>, [&[T]; I], [&[T]; V], [&[u32]; L], [&[T]; R], [&mut [T]; W]);

impl<T: Scalar> Model<T> {
    /// Parameters initialised from `seed`; working memory is allocated by the first call that needs it.
    #[must_use]
    pub fn new<N: Network<Scalar = T>>(seed: u64) -> Self {
        let end = |kinds: &[ParameterKind]| {
            N::PARAMETERS
                .iter()
                .filter(|p| kinds.contains(&p.kind))
                .map(|p| p.range().end)
                .max()
                .unwrap_or(0)
        };
        let trainable = end(&[ParameterKind::Trainable]);
        let state = end(&[ParameterKind::Trainable, ParameterKind::Frozen]);
        let len = end(&[
            ParameterKind::Trainable,
            ParameterKind::Frozen,
            ParameterKind::State,
        ]);
        let mut parameters = Aligned::zeros(len);
        crate::init::initialise_all(N::PARAMETERS, seed, &mut parameters);
        Self {
            parameters,
            trainable,
            state,
            slots: vec![Slot::new()],
            batches: [Batch::new(), Batch::new()],
            tape: None,
            input_gradients: false,
            seed: mix(seed),
            steps: 0,
            segment: None,
            trace: Trace::default(),
        }
    }

    /// All parameters and running statistics.
    #[must_use]
    pub fn parameters(&self) -> &[T] {
        &self.parameters
    }

    /// The same, to change.
    pub fn parameters_mut(&mut self) -> &mut [T] {
        &mut self.parameters
    }

    /// Gradients of the trainable parameters; empty before the first backward pass.
    #[must_use]
    pub fn gradients(&self) -> &[T] {
        let gradients = &self.slots[0].gradients;
        &gradients[..self.trainable.min(gradients.len())]
    }

    /// Parameters to change and gradients, for an optimizer.
    pub fn update_parts(&mut self) -> (&mut [T], &mut [T]) {
        let gradients = &mut self.slots[0].gradients;
        let len = self.trainable.min(gradients.len());
        (&mut self.parameters, &mut gradients[..len])
    }

    /// Restarts the random masks (dropout) from `seed`.
    pub fn reseed(&mut self, seed: u64) {
        self.seed = mix(seed);
        self.steps = 0;
    }

    /// Makes room for a run of `program` over the feed's samples, and starts it. `training` draws new random masks.
    pub fn begin<const I: usize, const V: usize, const L: usize>(
        &mut self,
        program: &Program,
        feed: &Feed<'_, T, I, V, L>,
        training: bool,
    ) {
        self.steps += u64::from(training);
        let slots = program.slots(feed.n);
        if self.slots.len() < slots {
            self.slots.resize_with(slots, Slot::new);
        }
        let tile = program.tile.min(feed.n);
        let gathers = matches!(feed.rows, Rows::Index(_));
        for (i, slot) in self.slots[..slots].iter_mut().enumerate() {
            slot.arena.reserve(program.tile_elems * tile);
            if program.gradients && (i == 0 || !program.tile_gradients.is_empty()) {
                slot.gradients.reserve(self.trainable);
            }
            if gathers {
                let widths = feed.inputs.iter().chain(&feed.values).map(|s| s.1).sum::<usize>();
                grow(&mut slot.gathered, widths * tile);
                grow(
                    &mut slot.gathered_labels,
                    feed.labels.iter().map(|s| s.1).sum::<usize>() * tile,
                );
            }
            slot.loss = 0.0;
        }
        let batch = &mut self.batches[usize::from(program.halves)];
        batch.arena.reserve(program.batch_elems * feed.n);
        batch.stats.reserve(program.stats_elems);
        if program.halves {
            self.tape = Some(Tape {
                samples: feed.n,
                seed: self.step_seed(),
                waiting: true,
            });
        }
        let batch = &mut self.batches[usize::from(program.halves)];
        for (input, buf) in program.copied_inputs {
            let (data, width) = feed.inputs[*input];
            let to = &mut batch.arena[buf.offset * feed.n..][..width * feed.n];
            fetch(data, width, &feed.rows, 0, feed.n, to);
        }
    }

    /// Goes on with the last forward pass; gives its number of samples.
    ///
    /// # Errors
    /// [`Error::NoForward`].
    pub fn resume(&mut self, input_gradients: bool) -> Result<usize> {
        let tape = self.tape.as_mut().filter(|t| t.waiting).ok_or(Error::NoForward)?;
        tape.waiting = false;
        let samples = tape.samples;
        self.input_gradients = input_gradients;
        self.slots.iter_mut().for_each(|s| s.loss = 0.0);
        Ok(samples)
    }

    fn step_seed(&self) -> u64 {
        self.seed ^ mix(self.steps)
    }

    /// Sends every tile of the feed through `f`, spread over threads by slots. `views` are the values of the batch
    /// arena that the segment touches; `f` gets its tile's rows of them.
    ///
    /// # Panics
    /// If the buffers overlap or lie outside the arena: a fault of the compiler.
    pub fn tiles<const I: usize, const V: usize, const L: usize, const R: usize, const W: usize>(
        &mut self,
        program: &Program,
        feed: &Feed<'_, T, I, V, L>,
        views: Views<R, W>,
        f: TileFn<T, I, V, L, R, W>,
    ) {
        self.tiles_by(program, feed, views, |_| f);
    }

    /// As [`Self::tiles`]; tiles of whole groups of 16 samples go through `lanes`.
    ///
    /// # Panics
    /// As there.
    pub fn tiles_in_lanes<const I: usize, const V: usize, const L: usize, const R: usize, const W: usize>(
        &mut self,
        program: &Program,
        feed: &Feed<'_, T, I, V, L>,
        views: Views<R, W>,
        f: TileFn<T, I, V, L, R, W>,
        lanes: TileFn<T, I, V, L, R, W>,
    ) {
        let whole = |n: usize| n.is_multiple_of(crate::kernels::conv::lanes::SAMPLES);
        self.tiles_by(program, feed, views, |n| if whole(n) { lanes } else { f });
    }

    fn tiles_by<const I: usize, const V: usize, const L: usize, const R: usize, const W: usize>(
        &mut self,
        program: &Program,
        feed: &Feed<'_, T, I, V, L>,
        views: Views<R, W>,
        f: impl Fn(usize) -> TileFn<T, I, V, L, R, W> + Sync + Send,
    ) {
        let n = feed.n;
        let slots = program.slots(n);
        let tiles = n.div_ceil(program.tile);
        let seed = match self.tape {
            Some(tape) if program.halves => tape.seed,
            _ => self.step_seed(),
        };
        let segment = self.next_segment();
        let batch = &mut self.batches[usize::from(program.halves)];
        let step = Step {
            parameters: &self.parameters,
            stats: &batch.stats,
            batch: n,
            inverse_batch: inverse(n),
            seed,
            input_gradients: self.input_gradients,
        };
        let (reads, writes) = Arena::new(&mut batch.arena, n).rows(views);
        let run = |s: usize, slot: &mut Slot<T>| {
            let mine = s * tiles / slots..(s + 1) * tiles / slots;
            for (i, t) in mine.enumerate() {
                let first = t * program.tile;
                let len = program.tile.min(n - first);
                let mut rest = slot.gathered.as_mut_slice();
                let inputs = feed
                    .inputs
                    .map(|(data, width)| take(data, width, &feed.rows, first, len, &mut rest));
                let values = feed
                    .values
                    .map(|(data, width)| take(data, width, &feed.rows, first, len, &mut rest));
                let mut rest = slot.gathered_labels.as_mut_slice();
                let labels = feed
                    .labels
                    .map(|(data, width)| take(data, width, &feed.rows, first, len, &mut rest));
                let mut tile = Tile {
                    n: len,
                    first,
                    accumulate: i > 0,
                    arena: Arena::new(&mut slot.arena, len),
                    gradients: &mut slot.gradients,
                    loss: &mut slot.loss,
                    trace: started(&mut slot.trace, segment),
                };
                let reads = std::array::from_fn(|i| reads[i].get(first, len));
                // SAFETY: tiles are disjoint ranges of samples, each visited once, by the one slot that owns it.
                let writes = std::array::from_fn(|i| unsafe { writes[i].get_mut(first, len) });
                f(len)(&step, &mut tile, inputs, values, labels, reads, writes);
            }
        };
        if slots == 1 {
            run(0, &mut self.slots[0]);
        } else {
            parallel::for_each_mut(&mut self.slots[..slots], run);
        }
    }

    /// Runs a function that needs the whole batch at once.
    pub fn whole(&mut self, program: &Program, n: usize, f: fn(&mut Whole<'_, T>)) {
        let segment = self.next_segment();
        let (parameters, state) = self.parameters.split_at_mut(self.state);
        let batch = &mut self.batches[usize::from(program.halves)];
        f(&mut Whole {
            n,
            input_gradients: self.input_gradients,
            arena: Arena::new(&mut batch.arena, n),
            stats: Arena::new(&mut batch.stats, 1),
            parameters,
            state,
            gradients: &mut self.slots[0].gradients,
            inverse_batch: inverse(n),
            trace: started(&mut self.trace, segment),
        });
    }

    /// The number of the segment at hand, while a step is looked at.
    fn next_segment(&mut self) -> Option<u32> {
        let segment = self.segment;
        self.segment = segment.map(|segment| segment + 1);
        segment
    }

    /// Sums the slots' gradients and losses in their fixed order, adds the `l2` terms; gives the batch's mean loss.
    pub fn finish<N: Network<Scalar = T>>(&mut self, program: &Program, n: usize) -> f64 {
        let slots = program.slots(n);
        let loss: f64 = self.slots[..slots].iter().map(|s| s.loss).sum::<f64>() / n as f64;
        if !program.gradients {
            return loss + self.l2::<N>(false);
        }
        let (first, others) = self.slots[..slots].split_at_mut(1);
        let first = &mut first[0].gradients;
        for range in if others.is_empty() {
            &[]
        } else {
            program.tile_gradients
        } {
            let others = &*others;
            parallel::for_each_chunk_mut(&mut first[range.clone()], REDUCE_CHUNK, |at, chunk| {
                for other in others {
                    let from = range.start + at;
                    crate::ops::axpy(T::ONE, &other.gradients[from..from + chunk.len()], chunk);
                }
            });
        }
        loss + self.l2::<N>(true)
    }

    /// `Σ l2 · w²`, and its gradient `2 · l2 · w` added if asked.
    fn l2<N: Network<Scalar = T>>(&mut self, gradient: bool) -> f64 {
        let mut sum = 0.0;
        for p in N::PARAMETERS.iter().filter(|p| p.l2 > 0.0) {
            let trains = gradient && p.kind == ParameterKind::Trainable;
            let gradients = trains.then(|| &mut self.slots[0].gradients[p.range()]);
            sum += penalty(p.l2, &self.parameters[p.range()], gradients);
        }
        sum
    }

    /// A buffer of the batch arena, for all `n` samples.
    #[must_use]
    pub fn buffer(&self, program: &Program, buf: Buf, n: usize) -> &[T] {
        &self.batches[usize::from(program.halves)].arena[buf.offset * n..][..buf.elems * n]
    }

    /// The same, to write.
    pub fn buffer_mut(&mut self, program: &Program, buf: Buf, n: usize) -> &mut [T] {
        &mut self.batches[usize::from(program.halves)].arena[buf.offset * n..][..buf.elems * n]
    }
}

/// The trace, to go on in that segment; none where nobody looks.
fn started(trace: &mut Trace, segment: Option<u32>) -> Option<&mut Trace> {
    segment.map(|segment| {
        trace.start(segment);
        trace
    })
}

/// Elements that one thread sums at a time.
const REDUCE_CHUNK: usize = 16 * 1024;

fn grow<E: Clone + Default>(v: &mut Vec<E>, len: usize) {
    if v.len() < len {
        v.resize(len, E::default());
    }
}

/// Samples `first .. first + n` of the chosen rows: borrowed where they lie in a run, copied into `rest` where not.
fn take<'b, E: Copy>(
    data: &'b [E],
    width: usize,
    rows: &Rows<'_>,
    first: usize,
    n: usize,
    rest: &mut &'b mut [E],
) -> &'b [E] {
    let start = match rows {
        Rows::All => first,
        Rows::Range(r) => r.start + first,
        Rows::Index(_) => {
            let (mine, after) = std::mem::take(rest).split_at_mut(width * n);
            *rest = after;
            fetch(data, width, rows, first, n, mine);
            return mine;
        }
    };
    &data[start * width..(start + n) * width]
}

fn fetch<E: Copy>(data: &[E], width: usize, rows: &Rows<'_>, first: usize, n: usize, to: &mut [E]) {
    match rows {
        Rows::All => to.copy_from_slice(&data[first * width..][..n * width]),
        Rows::Range(r) => to.copy_from_slice(&data[(r.start + first) * width..][..n * width]),
        Rows::Index(index) => {
            for (to, &row) in to.chunks_exact_mut(width).zip(&index[first..first + n]) {
                to.copy_from_slice(&data[row as usize * width..][..width]);
            }
        }
    }
}
