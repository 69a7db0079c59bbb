"""Pictures of the model cards: learning curves of every seed, success against difficulty beside the classical law."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from policies.control.training.scoring import Score

LEARNED, CLASSICAL = "#0b6e8f", "#c0562b"


def learning_curves(task: str, runs: Sequence[Path], picture: Path) -> None:
    """Held-out success and time against the processor time of the training, a line a seed. runs: curve files."""
    figure, (success, seconds) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for run in runs:
        curve = json.loads(run.read_text(encoding="utf-8"))["curve"]
        minutes = [point["cpu_s"] / 60 for point in curve]
        scores = [point["score"] for point in curve]
        line = {"marker": ".", "linewidth": 1.2, "label": run.stem.removeprefix("curve_")}
        success.plot(minutes, [100 * s["successes"] / s["episodes"] for s in scores], **line)
        seconds.plot(minutes, [s["mean_s"] if s["mean_s"] is not None else float("nan") for s in scores], **line)
    success.set(ylabel="success on held-out episodes [%]", xlabel="training [CPU min]")
    seconds.set(ylabel="mean time of successes [s]", xlabel="training [CPU min]")
    success.legend(frameon=False)
    for axes in (success, seconds):
        axes.grid(alpha=0.3)
    figure.suptitle(f"{task}: learning curves")
    _save(figure, picture)


def difficulty(
    task: str, what: str, levels: Sequence[float], learned: Sequence[Score], classical: Sequence[Score], picture: Path
) -> None:
    """Success with its 95 % interval at each level of difficulty, learned and classical on the same episodes."""
    figure, axes = plt.subplots(figsize=(5.2, 3.4), layout="constrained")
    for scores, name, color in ((learned, "learned", LEARNED), (classical, "classical", CLASSICAL)):
        rates = [100 * score.rate for score in scores]
        below = [max(0.0, rate - 100 * score.low) for rate, score in zip(rates, scores, strict=True)]
        above = [max(0.0, 100 * score.high - rate) for rate, score in zip(rates, scores, strict=True)]
        axes.errorbar(levels, rates, [below, above], marker="o", capsize=3, color=color, label=name)
    axes.set(xlabel=what, ylabel="success [%]", title=f"{task}: success against difficulty")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    _save(figure, picture)


def _save(figure: plt.Figure, picture: Path) -> None:
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=110)
    plt.close(figure)
