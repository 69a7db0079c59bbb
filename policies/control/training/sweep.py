"""Several training runs: one after another, side by side in processes, or as tasks of a Ray cluster."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from luban.errors import LubanError, MissingComponent
from policies.control.training.progress import Result
from policies.control.training.trainer import Run, train


def train_all(runs: Sequence[Run], jobs: int = 1, on_ray: bool = False) -> Iterator[tuple[Run, Result]]:
    """Yield every run with its result, in order. On Ray the folders must lie on a disk that all hosts share.

    Raises:
        MissingComponent: Ray is asked for and not installed.
    """
    if on_ray:
        yield from _on_ray(runs)
    elif jobs == 1:
        yield from ((run, train(run)) for run in runs)
    else:
        # torch and MuJoCo do not survive a fork; every process is started anew.
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _end_with_parent) as pool:
            yield from zip(runs, pool.map(train, runs), strict=True)


def _end_with_parent() -> None:
    """A killed `luban train` takes its workers with it; the states on disk are whole whenever that happens."""

    def watch() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _on_ray(runs: Sequence[Run]) -> Iterator[tuple[Run, Result]]:
    try:
        ray: Any = importlib.import_module("ray")
    except ModuleNotFoundError as error:
        raise MissingComponent("--ray needs Ray, which is not installed: pip install -e '.[sweep]'") from error
    ray.init(ignore_reinit_error=True, include_dashboard=False, log_to_driver=False)
    try:
        remote = ray.remote(num_cpus=1)(train)
        waiting = [remote.remote(run) for run in runs]
        for run, task in zip(runs, waiting, strict=True):
            yield run, ray.get(task)
    except ray.exceptions.RayTaskError as error:
        cause = getattr(error, "cause", None)
        raise LubanError(str(cause if isinstance(cause, LubanError) else error)) from error
    finally:
        ray.shutdown()
