"""The protective field of luban.base_gate for n vehicles at once: training drives behind the robot's own gate."""

from __future__ import annotations

import numpy as np

from luban.base_gate import SAMPLES, SIDE_MARGIN_M, SLOWER
from luban.motion.driving import length
from luban.profile import BaseConfig

STANDING_M_S = 1e-3  # slower is turning on the spot


def allowed(wanted: np.ndarray, points_m: np.ndarray, config: BaseConfig) -> np.ndarray:
    """Return the velocities (n, 2) that BaseGate lets through of wanted ones (n, 2), before its ramp.

    points_m: hits (n, b, 2) in the vehicles' frames; far away where nothing was hit.
    """
    hits_m = np.stack([points_m[..., 0], points_m[..., 1]])
    now_m, given = _clearance_m(hits_m[0], hits_m[1], config), wanted.copy()
    held = np.flatnonzero(~_is_free(wanted, hits_m, now_m, config))
    if len(held):  # few are: all that is slower is tried for them at once
        shares = np.array(SLOWER[1:])
        asked = (shares[:, None, None] * wanted[held]).reshape(-1, 2)
        again = np.tile(held, len(shares))
        free = _is_free(asked, hits_m[:, again], now_m[again], config).reshape(len(shares), -1)
        given[held] *= np.where(free.any(axis=0), shares[free.argmax(axis=0)], 0.0)[:, None]
    return given


def _is_free(asked: np.ndarray, hits_m: np.ndarray, now_m: np.ndarray, config: BaseConfig) -> np.ndarray:
    """Whether (n,) nothing comes too close on the arcs of velocities (n, 2) until the vehicles stand.

    hits_m: (2, n, b) x and y of the points; now_m: (n, b) their distances to the outlines where the vehicles are.
    """
    reach = _stopping_m(asked[:, 0], config) + config.limits.protective_m
    x, y, yaw, cos_yaw, sin_yaw = _arcs(asked, reach, config)
    rolls = np.abs(asked[:, 0]) >= STANDING_M_S
    corner = np.hypot(config.length_m, config.width_m) / 2
    closest = np.where(rolls, reach, 0.0) + np.abs(yaw[:, -1]) * corner + SIDE_MARGIN_M  # what it takes to come near
    near = np.flatnonzero(now_m < np.minimum(reach + config.length_m, closest)[:, None])
    vehicle = near // now_m.shape[1]
    c, s = cos_yaw[vehicle], sin_yaw[vehicle]
    dx, dy = hits_m.reshape(2, -1, 1)[:, near] - np.stack([x[vehicle], y[vehicle]])
    then_m = _clearance_m(c * dx + s * dy, c * dy - s * dx, config)
    closer = (then_m < SIDE_MARGIN_M) & (then_m < now_m.reshape(-1, 1)[near] - 1e-3)
    free = np.ones(len(asked), dtype=bool)
    free[vehicle[closer.any(axis=1)]] = False
    return free | ~asked.any(axis=1)


def _clearance_m(x_m: np.ndarray, y_m: np.ndarray, config: BaseConfig) -> np.ndarray:
    """Distance (...) of points to the outline of the vehicle in whose frame they are; negative inside."""
    beyond_x, beyond_y = np.abs(x_m) - config.length_m / 2, np.abs(y_m) - config.width_m / 2
    outside = length(np.maximum(beyond_x, 0.0), np.maximum(beyond_y, 0.0))
    return np.asarray(outside + np.minimum(np.maximum(beyond_x, beyond_y), 0.0))


def _arcs(asked: np.ndarray, reach: np.ndarray, config: BaseConfig) -> tuple[np.ndarray, ...]:
    """Poses x, y, yaw, and cosine and sine of yaw, (n, SAMPLES) each, on the way to a stand-still and beyond it by
    the protective distance."""
    linear, angular = asked[:, :1], asked[:, 1:]
    share = np.arange(1, SAMPLES + 1) / SAMPLES
    turn = angular**2 / (2 * config.limits.angular_acceleration_rad_s2) + np.abs(angular) * 2 / config.rate_hz
    on_spot = np.abs(linear) < STANDING_M_S
    curvature = angular / np.where(on_spot, 1.0, linear)
    along = np.copysign(reach[:, None], linear) * share
    yaw = np.where(on_spot, np.copysign(turn, angular) * share, curvature * along)
    bent = np.abs(curvature) > 1e-6
    safe = np.where(bent, curvature, 1.0)
    c, s = np.cos(yaw), np.sin(yaw)
    x = np.where(bent, s / safe, along)
    y = np.where(bent, (1 - c) / safe, 0.0)
    return np.where(on_spot, 0.0, x), np.where(on_spot, 0.0, y), yaw, c, s


def _stopping_m(linear: np.ndarray, config: BaseConfig) -> np.ndarray:
    """Distance (n,) until standstill: two periods of reaction, then braking at the limit."""
    return np.asarray(np.abs(linear) * 2 / config.rate_hz + linear**2 / (2 * config.limits.linear_acceleration_m_s2))
