"""The protective field of luban.base_gate for n vehicles at once: training drives behind the robot's own gate."""

from __future__ import annotations

import numpy as np

from luban.base_gate import SAMPLES, SIDE_MARGIN_M, SLOWER
from luban.profile import BaseConfig


def allowed(wanted: np.ndarray, points_m: np.ndarray, config: BaseConfig) -> np.ndarray:
    """Return the velocities (n, 2) that BaseGate lets through of wanted ones (n, 2), before its ramp.

    points_m: hits (n, b, 2) in the vehicles' frames; far away where nothing was hit.
    """
    given = np.zeros_like(wanted)
    waiting = np.arange(len(wanted))
    for share in SLOWER:
        if not len(waiting):
            break
        asked = share * wanted[waiting]
        free = is_free(asked, points_m[waiting], config)
        given[waiting[free]] = asked[free]
        waiting = waiting[~free]
    return given


def is_free(asked: np.ndarray, points_m: np.ndarray, config: BaseConfig) -> np.ndarray:
    """Whether (n,) nothing comes too close on the arcs of velocities (n, 2) until the vehicles stand."""
    reach = _stopping_m(asked[:, 0], config) + config.limits.protective_m
    now_m = clearance_m(points_m, np.zeros((len(asked), 1, 3)), config)[:, 0]
    seen = now_m < (reach + config.length_m)[:, None]
    most = max(int(seen.sum(axis=1).max(initial=0)), 1)
    if most < points_m.shape[1]:  # only what is near is looked at along the way
        near = np.argpartition(now_m, most - 1, axis=1)[:, :most]
        rows = np.arange(len(asked))[:, None]
        points_m, now_m, seen = points_m[rows, near], now_m[rows, near], seen[rows, near]
    then_m = clearance_m(points_m, _arcs(asked, reach, config), config)
    closer = (then_m < SIDE_MARGIN_M) & (then_m < now_m[:, None] - 1e-3) & seen[:, None]
    return np.asarray(~closer.any(axis=(1, 2)) | ~asked.any(axis=1))


def clearance_m(points_m: np.ndarray, poses: np.ndarray, config: BaseConfig) -> np.ndarray:
    """Distance (n, s, b) of points (n, b, 2) to the outline at poses (n, s, 3); negative inside."""
    c, s = np.cos(poses[..., 2, None]), np.sin(poses[..., 2, None])
    dx = points_m[:, None, :, 0] - poses[..., 0, None]
    dy = points_m[:, None, :, 1] - poses[..., 1, None]
    beyond_x = np.abs(c * dx + s * dy) - config.length_m / 2
    beyond_y = np.abs(c * dy - s * dx) - config.width_m / 2
    outside = np.hypot(np.maximum(beyond_x, 0.0), np.maximum(beyond_y, 0.0))
    return np.asarray(outside + np.minimum(np.maximum(beyond_x, beyond_y), 0.0))


def _arcs(asked: np.ndarray, reach: np.ndarray, config: BaseConfig) -> np.ndarray:
    """Poses (n, SAMPLES, 3) on the way to a stand-still and beyond it by the protective distance."""
    linear, angular = asked[:, :1], asked[:, 1:]
    share = np.arange(1, SAMPLES + 1) / SAMPLES
    turn = angular**2 / (2 * config.limits.angular_acceleration_rad_s2) + np.abs(angular) * 2 / config.rate_hz
    on_spot = np.abs(linear) < 1e-3
    curvature = angular / np.where(on_spot, 1.0, linear)
    along = np.copysign(reach[:, None], linear) * share
    yaw = np.where(on_spot, np.copysign(turn, angular) * share, curvature * along)
    bent = np.abs(curvature) > 1e-6
    safe = np.where(bent, curvature, 1.0)
    x = np.where(bent, np.sin(yaw) / safe, along)
    y = np.where(bent, (1 - np.cos(yaw)) / safe, 0.0)
    return np.stack([np.where(on_spot, 0.0, x), np.where(on_spot, 0.0, y), yaw], axis=-1)


def _stopping_m(linear: np.ndarray, config: BaseConfig) -> np.ndarray:
    """Distance (n,) until standstill: two periods of reaction, then braking at the limit."""
    return np.asarray(np.abs(linear) * 2 / config.rate_hz + linear**2 / (2 * config.limits.linear_acceleration_m_s2))
