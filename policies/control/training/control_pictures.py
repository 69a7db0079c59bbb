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
        line = {"marker": ".", "linewidth": 1.2, "label": run.stem.removeprefix("curve_").replace("_", " ")}
        success.plot(minutes, [100 * s["successes"] / s["episodes"] for s in scores], **line)
        seconds.plot(minutes, [s["mean_s"] if s["mean_s"] is not None else float("nan") for s in scores], **line)
    success.set(ylabel="success on held-out episodes [%]", xlabel="training [CPU min]")
    seconds.set(ylabel="mean time of successes [s]", xlabel="training [CPU min]")
    _percent(success)
    seconds.legend(frameon=False)
    for axes in (success, seconds):
        axes.grid(alpha=0.3)
    figure.suptitle(f"{task}: learning curves")
    _save(figure, picture)


def difficulty(
    task: str, what: str, levels: Sequence[float], learned: Sequence[Score], classical: Sequence[Score], picture: Path
) -> None:
    """Success with its 95 % interval and mean time at each level of difficulty, learned and classical on the same
    episodes; a little apart, so that neither hides the other."""
    figure, (success, seconds) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    apart = 0.006 * (max(levels) - min(levels))
    for scores, name, color, aside in (
        (learned, "learned", LEARNED, -apart),
        (classical, "classical", CLASSICAL, apart),
    ):
        at, rates = [level + aside for level in levels], [100 * score.rate for score in scores]
        below = [max(0.0, rate - 100 * score.low) for rate, score in zip(rates, scores, strict=True)]
        above = [max(0.0, 100 * score.high - rate) for rate, score in zip(rates, scores, strict=True)]
        line = {"marker": "o", "markersize": 4, "linewidth": 1.2, "color": color, "label": name}
        success.errorbar(at, rates, [below, above], capsize=3, **line)
        seconds.plot(at, [float("nan") if score.mean_s is None else score.mean_s for score in scores], **line)
    success.set(ylabel="success [%]", xlabel=what, xticks=levels)
    seconds.set(ylabel="mean time of successes [s]", xlabel=what, xticks=levels, ylim=(0.0, None))
    _percent(success)
    seconds.legend(frameon=False)
    for axes in (success, seconds):
        axes.grid(alpha=0.3)
    figure.suptitle(f"{task}: success and time against difficulty")
    _save(figure, picture)


def _percent(axes: plt.Axes) -> None:
    """Show at least 90 to 100 %, so that one failure among a hundred does not look like a collapse."""
    axes.set_ylim(min(90.0, axes.get_ylim()[0]), 100.5)


def _save(figure: plt.Figure, picture: Path) -> None:
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=110)
    plt.close(figure)
