"""Following a path with n mobile bases: the path with its speed profile, regulated pursuit, what a policy adds to it
and what it sees. The same code runs on the vehicle (n = 1) and in training."""

from __future__ import annotations

from math import pi

import numpy as np

from luban.motion.chain import wrap
from luban.policy_contract import PolicyContract
from luban.profile import BaseConfig, BaseLimits

STEP_M = 0.05  # between two points of a path
ASIDE_ACCELERATION_M_S2 = 0.45
TURN_SHARE, BRAKE_SHARE = 0.85, 0.6  # of the limits
SLOWEST_M_S = 0.04
NARROW_M, NARROW_M_S, WIDENING_1_S = (
    0.30,
    0.35,
    2.5,
)  # speed in narrow places: 0.35 m/s, faster by 2.5 m/s per m of room
AIM_M, AIM_S = (0.20, 0.45), 0.20  # how far ahead pursuit aims, farther when faster
SPOT_RAD = 0.9  # the aim lies farther aside than this: turn on the spot first

SECTORS = 36
SEEN_M = 4.0  # what is farther away does not matter
BEYOND = 20  # points straight on beyond the end of a path: what is aimed at there keeps the heading
PAST_STEPS = 5  # of the policy: how old the earlier scan is
AHEAD_M = (0.0, 0.3, 0.6, 1.0, 1.5, 2.0, 3.0)  # points of the path that are observed
_AHEAD_STEPS = np.round(np.array(AHEAD_M) / STEP_M).astype(int)
FASTER, ASIDE_RAD_S = 0.6, 0.5  # how far a policy may raise the speed (share) and bend the path
MOST_ASIDE_M_S2 = 0.8  # sideways acceleration to which a policy may raise that of pursuit
FADE_M = (0.4, 1.0)  # to go: from the second on a policy's haste and swerves fade, from the first pursuit aims alone
RATE_HZ = 10.0
ACTIONS = ("speed", "turn")
OBSERVATIONS = (
    *(f"near_{i}" for i in range(SECTORS)),
    *(f"approach_{i}" for i in range(SECTORS)),
    *(f"path_{axis}_{metres}" for metres in AHEAD_M for axis in "xy"),
    "linear", "angular", "pursuit_linear", "pursuit_angular", "to_go", "profile", "last_speed", "last_turn",
)  # fmt: skip


def contract(base: BaseConfig) -> PolicyContract:
    """What a policy for a vehicle of this outline and wheelbase is made for."""
    robot = f"differential-{base.length_m:g}x{base.width_m:g}-{base.wheel_separation_m:g}"
    return PolicyContract("drive", robot, (), RATE_HZ, OBSERVATIONS, ACTIONS)


def braking(to_go_m: np.ndarray, limits: BaseLimits, exit_m_s: np.ndarray | float = 0.0) -> np.ndarray:
    """The speed [m/s] from which a vehicle slows to exit_m_s within a distance."""
    left = np.maximum(to_go_m, 0.0)
    curve = np.sqrt(exit_m_s**2 + 2 * BRAKE_SHARE * limits.linear_acceleration_m_s2 * left)
    return np.asarray(np.minimum(curve, 1.8 * left + np.maximum(exit_m_s, 0.02)))


class Paths:
    """One path for each of n vehicles, points every STEP_M, with the speed that bends, room and end allow."""

    def __init__(self, vehicles: int, limits: BaseLimits, capacity: int = 400) -> None:
        self.limits = limits
        self.points_m = np.zeros((vehicles, capacity, 2))
        self.speed_m_s = np.zeros((vehicles, capacity))
        self.last = np.zeros(vehicles, dtype=int)  # index of the last point
        self.at = np.zeros(vehicles, dtype=int)  # index of the point that the vehicle has come to
        self.exit_m_s = np.zeros(vehicles)

    def put(self, vehicle: int, points_m: np.ndarray, room_m: np.ndarray, exit_m_s: float = 0.0) -> None:
        """Give a vehicle a path (p, 2), evenly spaced, with the known clearance (p,) along it [m]."""
        count = len(points_m)
        if (more := count + BEYOND - self.points_m.shape[1]) > 0:
            self.points_m = np.pad(self.points_m, ((0, 0), (0, more), (0, 0)), mode="edge")
            self.speed_m_s = np.pad(self.speed_m_s, ((0, 0), (0, more)), mode="edge")
        step = points_m[-1] - points_m[-2]
        beyond = points_m[-1] + np.arange(1, self.points_m.shape[1] - count + 1)[:, None] * step
        self.points_m[vehicle] = np.concatenate([points_m, beyond])
        self.speed_m_s[vehicle, :count] = profile(points_m, room_m, self.limits, exit_m_s)
        self.speed_m_s[vehicle, count:] = exit_m_s
        self.last[vehicle], self.at[vehicle], self.exit_m_s[vehicle] = count - 1, 0, exit_m_s

    def locate(self, pose: np.ndarray) -> None:
        """Come up to poses (n, 3): progress never goes back."""
        rows = np.arange(len(self.at))[:, None]
        window = np.minimum(self.at[:, None] + np.arange(20), self.last[:, None])
        gap = self.points_m[rows, window] - pose[:, None, :2]
        self.at = window[rows[:, 0], length(gap[..., 0], gap[..., 1]).argmin(axis=1)]

    def to_go_m(self) -> np.ndarray:
        """Length (n,) of what is left."""
        return (self.last - self.at) * STEP_M

    def end_gap_m(self, pose: np.ndarray) -> np.ndarray:
        """Straight distance (n,) to the end."""
        offset = self.points_m[np.arange(len(self.last)), self.last] - pose[:, :2]
        return length(offset[:, 0], offset[:, 1])

    def off_end(self, pose: np.ndarray) -> np.ndarray:
        """How far (n, 2) poses (n, 3) are left of the line on which the paths end [m], and turned from it [rad]."""
        rows = np.arange(len(self.last))
        end, before = self.points_m[rows, self.last], self.points_m[rows, np.maximum(self.last - 1, 0)]
        yaw = np.arctan2(end[:, 1] - before[:, 1], end[:, 0] - before[:, 0])
        offset = pose[:, :2] - end
        return np.stack([np.cos(yaw) * offset[:, 1] - np.sin(yaw) * offset[:, 0], wrap(pose[:, 2] - yaw)], axis=1)

    def done(self, pose: np.ndarray) -> np.ndarray:
        """Whether (n,) vehicles are at the end or have passed it."""
        rows = np.arange(len(self.last))
        end = self.points_m[rows, self.last]
        along = end - self.points_m[rows, np.maximum(self.last - 1, 0)]
        passed = ((end - pose[:, :2]) * along).sum(axis=1) <= 0
        gap, near = self.end_gap_m(pose), self.to_go_m() < STEP_M
        return np.asarray((gap < 0.05) | (near & passed & (gap < 0.3)))

    def ahead(self, pose: np.ndarray) -> np.ndarray:
        """Points (n, len(AHEAD_M), 2) of the path ahead, in the vehicles' own frames."""
        index = np.minimum(self.at[:, None] + _AHEAD_STEPS, self.last[:, None] + BEYOND // 2)
        return into_frame(pose, self.points_m[np.arange(len(self.at))[:, None], index])


def profile(points_m: np.ndarray, room_m: np.ndarray, limits: BaseLimits, exit_m_s: float) -> np.ndarray:
    """Return the speed (p,) allowed at each point of a path: slow in bends and narrow places, braking in time."""
    heading = np.arctan2(*np.diff(points_m, axis=0).T[::-1])
    count = len(points_m)
    before, after = np.maximum(np.arange(count) - 4, 0), np.minimum(np.arange(count) + 3, count - 2)
    bend = np.abs(wrap(heading[after] - heading[np.minimum(before, count - 2)])) / (7 * STEP_M)
    speed = np.minimum.reduce(
        [
            np.full(count, limits.linear_m_s),
            np.sqrt(ASIDE_ACCELERATION_M_S2 / np.maximum(bend, 1e-3)),
            TURN_SHARE * limits.angular_rad_s / np.maximum(bend, 1e-3),
            NARROW_M_S + WIDENING_1_S * np.maximum(room_m - NARROW_M, 0.0),
        ]
    )
    speed[-1] = min(speed[-1], max(exit_m_s, SLOWEST_M_S))
    gain = 2 * BRAKE_SHARE * limits.linear_acceleration_m_s2 * STEP_M
    # What can be braked from grows by `gain` a point, in squares, from any point backwards.
    rise = gain * np.arange(count)
    most = np.minimum.accumulate((speed**2 + rise)[::-1])[::-1] - rise
    return np.asarray(np.minimum(speed, np.sqrt(most)))


def pursue(paths: Paths, pose: np.ndarray, speed_m_s: np.ndarray) -> np.ndarray:
    """Return wanted linear and angular velocities (n, 2): regulated pure pursuit (Coulter 1992; Macenski 2023).

    pose: (n, 3); speed_m_s: (n,) asked for last. Updates the progress on the paths.
    """
    limits, rows = paths.limits, np.arange(len(pose))
    paths.locate(pose)
    reach = np.minimum(AIM_M[0] + AIM_S * np.abs(speed_m_s), AIM_M[1])
    window = paths.at[:, None] + np.arange(BEYOND)
    points = into_frame(pose, paths.points_m[rows[:, None], window])
    beyond = length(points[..., 0], points[..., 1]) >= reach[:, None]
    first = np.where(beyond.any(axis=1), beyond.argmax(axis=1), BEYOND - 1)
    aim = points[rows, first]
    angle = np.arctan2(aim[:, 1], aim[:, 0])
    curvature = 2 * np.sin(angle) / np.maximum(length(aim[:, 0], aim[:, 1]), 0.15)
    bend = np.maximum(np.abs(curvature), 1e-3)
    in_bend = np.minimum(np.sqrt(ASIDE_ACCELERATION_M_S2 / bend), TURN_SHARE * limits.angular_rad_s / bend)
    on_path = np.minimum(paths.speed_m_s[rows, paths.at], end_speed(paths, pose))
    linear = np.maximum(np.minimum(in_bend, on_path), SLOWEST_M_S)
    spot = np.abs(angle) > SPOT_RAD
    turn = np.copysign(np.minimum(1.0, 2.0 * np.abs(angle)) * TURN_SHARE * limits.angular_rad_s, angle)
    return np.where(spot[:, None], np.stack([0 * turn, turn], 1), np.stack([linear, linear * curvature], 1))


def end_speed(paths: Paths, pose: np.ndarray) -> np.ndarray:
    """The speed (n,) from which the end of the path is still reached slowly enough."""
    return braking(np.maximum(paths.to_go_m(), paths.end_gap_m(pose)), paths.limits, paths.exit_m_s)


def bent(wanted: np.ndarray, action: np.ndarray, paths: Paths, pose: np.ndarray) -> np.ndarray:
    """Return velocities (n, 2) wanted by pursuit as changed by actions (n, 2) in -1..1; zero changes nothing.

    The first slows down to a stand-still or speeds up by FASTER, the second adds to the turning rate. Curves are kept;
    the speed limit and the braking at the end hold for the policy, too. Towards the end only slowing down is left: a
    path ends in a docking lane, and whoever enters it askew docks twice.
    """
    limits = paths.limits
    left = np.clip((paths.to_go_m() - FADE_M[0]) / (FADE_M[1] - FADE_M[0]), 0.0, 1.0)
    most = np.minimum(limits.linear_m_s, np.maximum(end_speed(paths, pose), wanted[:, 0]))
    share = np.where(action[:, 0] < 0, 1.0 + action[:, 0], 1.0 + FASTER * left * action[:, 0])
    linear = np.minimum(wanted[:, 0] * share, most)
    spot = wanted[:, 0] <= 0.0
    keep = np.where(spot, 1.0, linear / np.where(spot, 1.0, wanted[:, 0]))
    swerve = ASIDE_RAD_S * left * action[:, 1] * np.where(spot, 0.0, np.minimum(linear / 0.3, 1.0))
    angular = np.clip(wanted[:, 1] * keep + swerve, -limits.angular_rad_s, limits.angular_rad_s)
    aside = np.abs(linear * angular)
    calm = np.sqrt(np.minimum(1.0, np.maximum(MOST_ASIDE_M_S2, np.abs(wanted.prod(axis=1))) / np.maximum(aside, 1e-6)))
    return np.stack([linear * calm, angular * calm], axis=1)


def ramp(now: np.ndarray, wanted: np.ndarray, seconds: float, limits: BaseLimits) -> np.ndarray:
    """Return velocities (n, 2) moved towards the wanted ones within the acceleration limits."""
    step = seconds * np.array([limits.linear_acceleration_m_s2, limits.angular_acceleration_rad_s2])
    return np.asarray(now + np.clip(wanted - now, -step, step))


class DriveEyes:
    """What a drive policy sees: the newest scan and an earlier one moved into the present frame, so that what moves
    shows; the path ahead; speeds; what pursuit would do; the last action. For n vehicles with b beams each."""

    def __init__(self, vehicles: int, beams: int) -> None:
        self._points_m = np.full((vehicles, PAST_STEPS + 1, beams, 2), 1e3)  # the newest at `_at`, the oldest after it
        self._odometry = np.zeros((vehicles, PAST_STEPS + 1, 3))
        self._at, self._rows = np.zeros(vehicles, dtype=int), np.arange(vehicles)
        self._fresh = np.ones(vehicles, dtype=bool)
        self.action = np.zeros((vehicles, len(ACTIONS)))  # carried out last

    @property
    def beams(self) -> int:
        return int(self._points_m.shape[2])

    def forget(self, vehicles: np.ndarray) -> None:
        """Begin anew for some vehicles: their next scan is their whole past."""
        self._fresh[vehicles] = True
        self.action[vehicles] = 0.0

    def see(self, points_m: np.ndarray, odometry: np.ndarray, vehicles: np.ndarray | slice = slice(None)) -> None:
        """Take in scans (k, b, 2), far away where nothing was hit, and the poses (k, 3) of odometry. Once a period."""
        chosen = self._rows[vehicles]
        self._at[chosen] = at = (self._at[chosen] + 1) % (PAST_STEPS + 1)
        self._points_m[chosen, at], self._odometry[chosen, at] = points_m, odometry
        fresh = self._fresh[chosen]
        first = chosen[fresh]
        self._points_m[first], self._odometry[first] = points_m[fresh, None], odometry[fresh, None]
        self._fresh[chosen] = False

    def observe(self, paths: Paths, pose: np.ndarray, velocity: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Return observations (n, len(OBSERVATIONS)). pose: (n, 3); velocity: (n, 2) measured; wanted: by pursuit."""
        rows, oldest = self._rows, (self._at + 1) % (PAST_STEPS + 1)
        past_m = moved(self._points_m[rows, oldest], self._odometry[rows, oldest], self._odometry[rows, self._at])
        both = np.exp(-sector_minima(np.concatenate([self._points_m[rows, self._at], past_m])))
        near, before = both[: len(rows)], both[len(rows) :]
        limits = np.array([paths.limits.linear_m_s, paths.limits.angular_rad_s])
        rest = np.stack([np.minimum(paths.to_go_m(), 3.0) / 3.0, paths.speed_m_s[rows, paths.at]], axis=1)
        path = paths.ahead(pose).reshape(len(pose), -1) / 3.0
        return np.concatenate(
            [near, 3.0 * (near - before), path, velocity / limits, wanted / limits, rest, self.action], axis=1
        )


def sector_minima(points_m: np.ndarray) -> np.ndarray:
    """Return the distance (n, SECTORS), at most SEEN_M, to the nearest of points (n, b, 2) per sector, from behind
    counter-clockwise."""
    vehicles, x, y = len(points_m), points_m[..., 0], points_m[..., 1]
    turn = (np.arctan2(y, x) + pi) / (2 * pi) * SECTORS
    sector = np.minimum(turn.astype(int), SECTORS - 1) + SECTORS * np.arange(vehicles)[:, None]
    nearest = np.full(vehicles * SECTORS, SEEN_M)
    np.minimum.at(nearest, sector.ravel(), length(x, y).ravel())
    return nearest.reshape(vehicles, SECTORS)


def moved(points_m: np.ndarray, from_pose: np.ndarray, to_pose: np.ndarray) -> np.ndarray:
    """Return points (n, b, 2) of frames at poses (n, 3) in the frames at other poses."""
    c, s = np.cos(from_pose[:, 2, None]), np.sin(from_pose[:, 2, None])
    (x, y), outside = np.moveaxis(points_m, -1, 0), np.empty_like(points_m)
    outside[..., 0], outside[..., 1] = c * x - s * y + from_pose[:, 0, None], s * x + c * y + from_pose[:, 1, None]
    return into_frame(to_pose, outside)


def into_frame(pose: np.ndarray, points_m: np.ndarray) -> np.ndarray:
    """Return points (n, k, 2) in the frames at poses (n, 3)."""
    c, s = np.cos(pose[:, 2, None]), np.sin(pose[:, 2, None])
    dx, dy = points_m[..., 0] - pose[:, 0, None], points_m[..., 1] - pose[:, 1, None]
    inside = np.empty_like(points_m)
    inside[..., 0], inside[..., 1] = c * dx + s * dy, c * dy - s * dx
    return inside


def length(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Length of vectors, several times quicker than NumPy's hypot; not for numbers near the ends of their range."""
    return np.asarray(np.sqrt(x * x + y * y))


def scan_points(ranges_m: np.ndarray, angles_rad: np.ndarray) -> np.ndarray:
    """Return hits (n, b, 2) of ranges (n, b), far away where nothing was hit."""
    far, points = np.where(np.isfinite(ranges_m), ranges_m, 1e3), np.empty((*ranges_m.shape, 2))
    points[..., 0], points[..., 1] = far * np.cos(angles_rad), far * np.sin(angles_rad)
    return points


def rounded(vertices_m: np.ndarray, radius_m: np.ndarray) -> np.ndarray:
    """Return a polyline (k, 2) as points (p, 2) every STEP_M, its k - 2 corners rounded by arcs of radii (k - 2,).

    An arc takes at most half of the stretches beside its corner; a smaller one is used where they are short.
    """
    pieces = [vertices_m[:1]]
    for i in range(1, len(vertices_m) - 1):
        corner = vertices_m[i]
        back, front = vertices_m[i - 1] - corner, vertices_m[i + 1] - corner
        back_m, front_m = float(np.hypot(*back)), float(np.hypot(*front))
        room = min(back_m * (0.5 if i > 1 else 1.0), front_m * (0.5 if i < len(vertices_m) - 2 else 1.0))
        back, front = back / max(back_m, 1e-9), front / max(front_m, 1e-9)
        half = np.arccos(np.clip(back @ front, -1.0, 1.0)) / 2  # of the angle inside the corner
        radius = min(float(radius_m[i - 1]), room * np.tan(half))
        if radius < 0.02 or half > pi / 2 - 0.01:
            pieces.append(corner[None])
            continue
        middle = corner + (back + front) / max(np.hypot(*(back + front)), 1e-9) * radius / np.sin(half)
        tangent = corner + back * radius / np.tan(half)
        start = np.arctan2(*(tangent - middle)[::-1])
        turn = (pi - 2 * half) * np.sign(back[1] * front[0] - back[0] * front[1])
        angles = start + turn * np.linspace(0.0, 1.0, max(3, int(abs(turn) * radius / 0.02)))
        pieces.append(middle + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    return resample(np.concatenate([*pieces, vertices_m[-1:]]))


def resample(points_m: np.ndarray, step_m: float = STEP_M) -> np.ndarray:
    """Return a polyline (k, 2) with points about every step_m along it; its ends stay."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points_m, axis=0).T))])
    count = max(2, round(float(lengths[-1]) / step_m) + 1)
    at = np.linspace(0.0, lengths[-1], count)
    return np.stack([np.interp(at, lengths, points_m[:, axis]) for axis in range(2)], axis=1)
