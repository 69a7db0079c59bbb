"""Places as a person says them, in the cell frame: which parts they admit and which of them come first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from luban.catalogue import Area
from luban.meaning import Between, Corner, Extreme, FarFrom, NextTo, PartRef, SideOf, Where

ASIDE_M = 1e-6  # what lies level with a landmark is on no side of it
BETWEEN_COS = -0.5  # from between two things, they are seen at least 120 degrees apart
CORNER_SHARE = 0.4  # how far a corner reaches along each side of the area


def landmarks(where: Where | None) -> tuple[PartRef | str, ...]:
    """Return the things that a place is said by; their positions are the `anchors` below."""
    if isinstance(where, NextTo | FarFrom | SideOf):
        return (where.landmark,)
    return (where.first, where.second) if isinstance(where, Between) else ()


def superlative(where: Where | None) -> bool:
    """Whether a place picks one of several, so that it cannot be said of all."""
    return isinstance(where, Extreme | NextTo | FarFrom)


def ranked(where: Where | None) -> bool:
    """Whether the parts at a place have an order, so that one of several can be meant without doubt."""
    return superlative(where) or (isinstance(where, Corner) and bool(where.depth and where.side))


def admits(where: Where | None, at: np.ndarray, anchors: Sequence[np.ndarray], area: Area) -> bool:
    """Return whether a part at `at` (3,) [m] can be meant. anchors: (3,) [m] each; area: where parts lie."""
    if isinstance(where, SideOf):
        return _toward(where.side, at) - _toward(where.side, anchors[0]) > ASIDE_M
    if isinstance(where, Between):
        first, second = anchors[0][:2] - at[:2], anchors[1][:2] - at[:2]
        return bool(first @ second < BETWEEN_COS * np.linalg.norm(first) * np.linalg.norm(second))
    if isinstance(where, Corner):
        along_x, along_y = _share(float(at[0]), area.x_m), _share(float(at[1]), area.y_m)
        return _at_end(along_x, where.depth, "near", "far") and _at_end(along_y, where.side, "right", "left")
    return True


def priority(where: Where | None, at: np.ndarray, anchors: Sequence[np.ndarray], area: Area) -> float:
    """Return what is smallest for the part at `at` (3,) [m] that comes first, and equal where nobody does."""
    if isinstance(where, Extreme):
        return -_toward("right" if where.side == "middle" else where.side, at)
    if isinstance(where, NextTo):
        return _distance_m(at, anchors[0])
    if isinstance(where, FarFrom):
        return -_distance_m(at, anchors[0])
    if isinstance(where, Corner) and where.depth and where.side:
        return _distance_m(at, np.array([area.x_m[where.depth == "far"], area.y_m[where.side == "left"]]))
    return 0.0


def _toward(side: str, at: np.ndarray) -> float:
    """How far to a side [m]."""
    x, y = float(at[0]), float(at[1])
    return {"left": y, "right": -y, "far": x, "near": -x}[side]


def _distance_m(at: np.ndarray, anchor: np.ndarray) -> float:
    return float(np.linalg.norm(at[:2] - anchor[:2]))


def _share(value: float, span: tuple[float, float]) -> float:
    return (value - span[0]) / (span[1] - span[0])


def _at_end(share: float, end: str | None, low: str, high: str) -> bool:
    return (end != high and share <= CORNER_SHARE) or (end != low and share >= 1 - CORNER_SHARE)
