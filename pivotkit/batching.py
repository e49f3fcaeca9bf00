"""Many calls over a `concurrent.futures` executor, in threads unless another one is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from numbers import Integral, Real
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
    """Do all jobs, `workers` at a time.

    Args:
        work: does one job; with a process pool it has to be picklable.
        jobs: drawn as workers become free.
        workers: threads, where no `executor` is given.
        executor: any `concurrent.futures.Executor`; it is left open.
        rate: at most this many jobs are begun a second.
        each: told of each result as it comes, in the order of finishing.
        on_interrupt: called at Ctrl-C, so that jobs that run can come to an early end.

    Returns:
        The results in the order of the jobs, and whether the run was interrupted (Ctrl-C): then
        only those of jobs that were begun, and did not fail.
    """
    check_kinds(_KINDS, locals())
    if workers < 1:
        raise UsageError(f"workers is a number from 1 on, not {workers}")
    done: dict[int, Done] = {}
    running: dict[Future[Done], int] = {}
    interrupted = False

    def take(future: Future[Done]) -> None:
        result = done[running.pop(future)] = future.result()
        if each is not None:
            each(result)

    with _pool(executor, workers) as pool:
        todo = enumerate(_paced(jobs, rate))
        try:
            more = True
            while more or running:
                while more and len(running) < workers * _AHEAD:
                    job = next(todo, None)
                    more = job is not None
                    if job is not None:
                        running[pool.submit(work, job[1])] = job[0]
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    take(future)
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
