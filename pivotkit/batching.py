"""Many calls over a `concurrent.futures` executor, in threads unless another one is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from numbers import Integral, Real
from queue import SimpleQueue
from typing import Final, TypeVar

from pivotkit.errors import UsageError, check_kinds

Job = TypeVar("Job")
Done = TypeVar("Done")

_KINDS: Final = {"workers": Integral, "executor": Executor | None, "rate": Real | None, "each": Callable | None}
_AHEAD = 4  # jobs handed out a worker, so that an endless iterable of callers isn't drained


def run_all(
    work: Callable[[Job], Done],
    jobs: Iterable[Job],
    *,
    workers: int = 8,
    executor: Executor | None = None,
    rate: float | None = None,
    each: Callable[[Done], None] | None = None,
    on_interrupt: Callable[[], None] | None = None,
) -> tuple[list[Done], bool]:
    """Do all jobs, `workers` at a time; one worker is this thread, for an app may care which thread it runs in.

    Args:
        work: does one job; with a process pool it has to be picklable.
        jobs: drawn as workers become free.
        workers: threads, where no `executor` is given.
        executor: any `concurrent.futures.Executor`; it is left open.
        rate: at most this many jobs are begun a second.
        each: told of each result as it comes, in the order of finishing.
        on_interrupt: called at Ctrl-C, so that jobs that run in threads can come to an early end.

    Returns:
        The results in the order of the jobs, and whether the run was interrupted (Ctrl-C): then
        only those of jobs that came to an end.
    """
    check_kinds(_KINDS, locals())
    if workers < 1:
        raise UsageError(f"workers is a number from 1 on, not {workers}")
    todo, each = _paced(jobs, rate), each or _nobody
    if workers == 1 and executor is None:
        return _in_this_thread(work, todo, each)
    with _pool(executor, workers) as pool:
        return _in_pool(pool, workers, work, todo, each, on_interrupt)


def _nobody(_done: object) -> None:
    """Nobody is told."""


def _in_this_thread(
    work: Callable[[Job], Done], todo: Iterable[Job], each: Callable[[Done], None]
) -> tuple[list[Done], bool]:
    done: list[Done] = []
    try:
        for job in todo:
            done.append(work(job))
            each(done[-1])
    except KeyboardInterrupt:
        return done, True
    return done, False


def _in_pool(
    pool: Executor,
    workers: int,
    work: Callable[[Job], Done],
    todo: Iterable[Job],
    each: Callable[[Done], None],
    on_interrupt: Callable[[], None] | None,
) -> tuple[list[Done], bool]:
    done: dict[int, Done] = {}
    running: dict[Future[Done], int] = {}
    over: SimpleQueue[Future[Done]] = SimpleQueue()  # cheaper than to wait for the first of all that run
    interrupted = False

    def take(future: Future[Done]) -> None:
        result = done[running.pop(future)] = future.result()
        each(result)

    numbered = enumerate(todo)
    try:
        more = True
        while more or running:
            while more and len(running) < workers * _AHEAD:
                job = next(numbered, None)
                more = job is not None
                if job is not None:
                    future = pool.submit(work, job[1])
                    running[future] = job[0]
                    future.add_done_callback(over.put)
            if running:
                take(over.get())
    except KeyboardInterrupt:
        interrupted = True
        if on_interrupt is not None:
            on_interrupt()
        for future in [future for future in running if not future.cancel()]:
            if future.exception() is None:  # else there is nothing of it to keep
                take(future)
    return [done[index] for index in sorted(done)], interrupted


@contextmanager
def _pool(executor: Executor | None, workers: int) -> Iterator[Executor]:
    if executor is not None:
        yield executor
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="pivotkit")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _paced(jobs: Iterable[Job], rate: float | None) -> Iterator[Job]:
    """The jobs, at most `rate` of them a second."""
    if rate is None:
        yield from jobs
        return
    if rate <= 0:
        raise UsageError(f"rate is calls a second, more than 0, not {rate}")
    begin = time.monotonic()
    for index, job in enumerate(jobs):
        pause = begin + index / rate - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        yield job
