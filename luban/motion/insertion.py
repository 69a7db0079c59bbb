"""Push held shafts into bores: force-limited admittance, spiral search, tilt compliance, and what a policy may add.

The scheme is the classical one for round pegs: Chhatpar & Branicky, "Search strategies for peg-in-hole assemblies
with position uncertainty" (IROS 2001); admittance as in Hogan, "Impedance control" (1985). A policy adds bounded
velocities to it (residual reinforcement learning: Johannink et al. 2019), so that a silent policy is the classical law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.motion.chain import Chain, cross, rotation, shorten
from luban.motion.sense import ArmSense
from luban.motion.spiral import Spiral

PUSH, SEARCH, BACK_OFF = 0, 1, 2
STANDOFF_M = 0.02  # between the shaft's end and the mouth where the law takes over
OBSERVATIONS = (
    "end_x", "end_y", "depth", "depth_fine", "force_x", "force_y", "force_z", "smooth_force_x", "smooth_force_y",
    "smooth_force_z", "torque_x", "torque_y", "tilt_x", "tilt_y", "speed_x", "speed_y", "speed_z", "pushing",
    "searching", "backing_off", "dropping", "spiral_radius", "spiral_cos", "spiral_sin", "since_contact", "lag_x",
    "lag_y", "lag_z", "clearance", "elapsed", "last_side_x", "last_side_y", "last_axial", "last_tilt_x", "last_tilt_y",
)  # fmt: skip
ACTIONS = ("side_x", "side_y", "axial", "tilt_x", "tilt_y")


@dataclass(frozen=True)
class InsertTuning:
    """How hard and how fast. Forces [N], ways [m], rates per second."""

    push_n: float = 22.0  # sought axial force; stays below what the grip's friction holds
    push_m_s_n: float = 0.0009  # axial speed per newton that is missing: with 90 N/mm still well damped
    free_m_s: float = 0.04  # ahead of the mouth
    touch_m_s: float = 0.018  # where the mouth may be: the speed of an impact on hard faces
    inside_m_s: float = 0.03  # in the bore, where nothing resists
    mouth_m: float = 0.005  # the mouth is at most this far from where it was seen
    inside_m: float = 0.006  # from this depth on the bore guides
    yield_m_s_n: float = 0.0007  # sideways speed per newton of side force
    yield_rad_s_nm: float = 0.1  # tilt speed per newton metre
    yield_most_m_s: float = 0.010  # however hard the contact: fast giving way between hard faces would chatter
    yield_most_rad_s: float = 0.2
    sideways_m: float = 0.008  # largest correction from where the bore was seen
    tilt_rad: float = 0.08
    deadband_n: float = 1.5
    limit_n: float = 50.0  # above this the push gives way at once
    stuck_s: float = 0.1
    jammed_s: float = 0.3
    stuck_m: float = 0.0003
    search_n: float = 10.0
    airborne_s: float = 0.04  # a shaft that slides over a face bounces for less than this
    drop_m_s: float = 0.02  # into what may be the bore
    face_s: float = 0.1  # how soon the depth of the face is learned anew
    pitch_share: float = 1.75  # of the clearance: the turns of the spiral overlap
    search_m_s: float = 0.025
    search_m: float = 0.006  # largest radius
    found_m: float = 0.0005  # below the face: the shaft has dropped into the mouth
    backoff_m: float = 0.004
    smooth_s: float = 0.06
    # What a policy adds at most.
    residual_m_s: float = 0.015
    residual_axial_m_s: float = 0.02
    residual_rad_s: float = 0.15


class InsertLaw:
    """State of n insertions. Call `begin` for the rows that start, then every period `observe` (if a policy is asked)
    and `command`. All ways are in the frames of the bores as they were seen: z along the insertion.
    """

    def __init__(self, chain: Chain, count: int, tuning: InsertTuning | None = None) -> None:
        self.chain, self.tuning, self.count = chain, tuning or InsertTuning(), count
        self.bore = np.tile(np.eye(4), (count, 1, 1))
        self.position_rad = np.zeros((count, len(chain.arm.joint_names)))  # the command
        self.phase = np.zeros(count, dtype=int)
        self.tries = np.zeros(count, dtype=int)  # searches and back-offs so far
        for name in (
            "protrusion_m", "clearance_m", "way_m", "elapsed_s", "stuck_s", "mark_m", "face_m",
            "until_m", "airborne_s",
        ):  # fmt: skip
            setattr(self, name, np.zeros(count))
        self.spiral = Spiral(count)
        self.aside_m, self.drift_m, self.tilt_rad = (np.zeros((count, 2)) for _ in range(3))
        self.rest = np.zeros((count, 6))
        self.smooth_n, self.last = np.zeros((count, 3)), np.zeros((count, len(ACTIONS)))

    protrusion_m: np.ndarray
    clearance_m: np.ndarray
    way_m: np.ndarray
    elapsed_s: np.ndarray
    stuck_s: np.ndarray
    mark_m: np.ndarray
    face_m: np.ndarray
    until_m: np.ndarray
    airborne_s: np.ndarray

    def aim(self, rows: np.ndarray, bore: np.ndarray, protrusion_m: np.ndarray) -> None:
        """Say where rows (k,) shall insert: bores (k, 4, 4) as seen, and how far (k,) the shafts stick out [m]."""
        self.bore[rows], self.protrusion_m[rows] = bore, protrusion_m

    def begin(self, rows: np.ndarray, sense: ArmSense, clearance_m: np.ndarray) -> None:
        """Start rows (k,) that have been aimed and stand at rest, the shaft's end STANDOFF_M before the mouth.

        sense: of all n robots. clearance_m: (k,) between the radii, by the drawings.
        """
        self.position_rad[rows] = sense.position_rad[rows]
        self.clearance_m[rows] = clearance_m
        for values in (self.aside_m, self.drift_m, self.tilt_rad, self.smooth_n, self.last):
            values[rows] = 0.0
        for values in (self.phase, self.tries, self.elapsed_s, self.stuck_s, self.airborne_s):
            values[rows] = 0
        self.spiral.begin(rows, self.tuning.pitch_share * clearance_m)
        self.way_m[rows], self.mark_m[rows], self.face_m[rows] = -STANDOFF_M, -np.inf, np.inf
        self.rest[rows] = sense.wrench[rows]

    def measured(self, sense: ArmSense) -> tuple[np.ndarray, np.ndarray]:
        """Return the shafts' ends (n, 3) [m] and the tools' axes (n, 3), both in the frame of the bore."""
        return self._ends(self.chain.tool(sense.position_rad))

    def observe(self, sense: ArmSense) -> np.ndarray:
        """Return what a policy sees (n, len(OBSERVATIONS)), each about one in size."""
        tool, jacobian = self.chain.tool_and_jacobian(sense.position_rad)
        end, axis = self._ends(tool)
        force, torque = self._contact(sense, tool)
        speed = self._end_speed(sense, tool, jacobian)
        commanded = np.column_stack([self.aside_m + self.drift_m, self.way_m])
        radius, round_rad = self.spiral.radius_m * (self.phase == SEARCH), self.spiral.angle_rad
        return np.column_stack(
            [
                end[:, :2] / 0.003, end[:, 2] / 0.04, np.tanh(end[:, 2] / 0.004), force / 20.0, self.smooth_n / 20.0,
                torque[:, :2] / 0.5, axis[:, :2] / 0.035, speed / 0.03, *(self.phase == p for p in range(3)),
                self.dropping, radius / 0.005, np.cos(round_rad), np.sin(round_rad),
                np.tanh((end[:, 2] - np.minimum(self.face_m, 1.0)) / 0.002),
                (commanded - end) / 0.003, self.clearance_m / 0.001, self.elapsed_s / 5.0, self.last,
            ]
        )  # fmt: skip

    def command(self, sense: ArmSense, action: np.ndarray, step_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Return joint targets (n, joints) [rad] and their speeds [rad/s] for the coming period.

        action: (n, len(ACTIONS)) in -1..1; zeros are the classical law. While searching the law decides alone: what a
        policy adds there makes the shaft pass over narrow bores.
        """
        action = np.where((self.phase == SEARCH)[:, None], 0.0, action)
        tool = self.chain.tool(sense.position_rad)
        end, _ = self._ends(tool)
        force, torque = self._contact(sense, tool)
        self.smooth_n += min(1.0, step_s / self.tuning.smooth_s) * (force - self.smooth_n)
        self._change_phase(end[:, 2], step_s)
        self._feel_a_drop(end, -force[:, 2], step_s)
        self._go_on(end[:, 2], force, action[:, 2], step_s)
        self._go_aside(end[:, 2], force, action[:, :2], step_s)
        self._tilt(torque, action[:, 3:5], step_s)
        self.last[:] = action
        self.elapsed_s += step_s
        before = self.position_rad
        self.position_rad = self.chain.follow(before, self._commanded())
        return self.position_rad, (self.position_rad - before) / step_s

    # Phases -------------------------------------------------------------------------------------------------------

    def _change_phase(self, depth_m: np.ndarray, step_s: float) -> None:
        tuning = self.tuning
        advanced = depth_m > self.mark_m + tuning.stuck_m
        self.mark_m = np.where(advanced, depth_m, self.mark_m)
        ahead = depth_m < -tuning.mouth_m
        self.stuck_s = np.where(advanced | ahead, 0.0, self.stuck_s + step_s)
        shallow = depth_m < tuning.mouth_m
        search = (self.phase == PUSH) & shallow & (self.stuck_s > tuning.stuck_s)
        jammed = (self.phase == PUSH) & ~shallow & (self.stuck_s > tuning.jammed_s)
        found = (self.phase == SEARCH) & (depth_m > self.face_m + tuning.found_m)
        lost = (self.phase == SEARCH) & (self.spiral.radius_m > tuning.search_m)
        back = jammed | lost
        freed = (self.phase == BACK_OFF) & (self.way_m <= self.until_m)
        self.face_m = np.where(search, depth_m, self.face_m)
        self.spiral.angle_rad[search | lost] = 0.0
        self.spiral.centre_m[lost] = 0.0
        self.spiral.centre_m[found] = self.aside_m[found]
        self.until_m = np.where(back, self.way_m - tuning.backoff_m, self.until_m)
        self.phase = np.select([search, back, found | freed], [SEARCH, BACK_OFF, PUSH], self.phase)
        self.tries += search | back
        self.stuck_s[search | back | found | freed] = 0.0
        self.mark_m[found | freed] = -np.inf

    def _feel_a_drop(self, end_m: np.ndarray, axial_n: np.ndarray, step_s: float) -> None:
        """While searching: nothing below the shaft for a while means the bore, so stay where that was measured.

        The servos lag behind the command by more than the bore's play: a spiral that went on would leave it again.
        """
        tuning, before, searching = self.tuning, self.dropping, self.phase == SEARCH
        airborne = searching & (axial_n < tuning.deadband_n)
        self.airborne_s = np.where(airborne, self.airborne_s + step_s, 0.0)
        new = self.dropping & ~before
        self.aside_m[new] = (end_m[:, :2] - self.drift_m)[new]
        # A face that was seen askew lies deeper in some places than in others.
        pressed = searching & (axial_n > tuning.search_n / 2)
        self.face_m[pressed] += min(1.0, step_s / tuning.face_s) * (end_m[:, 2] - self.face_m)[pressed]

    @property
    def dropping(self) -> np.ndarray:
        """Whether (n,) shafts that were pressed on the face while searching have nothing below them."""
        return np.asarray(self.airborne_s > self.tuning.airborne_s)

    def _go_on(self, depth_m: np.ndarray, force: np.ndarray, more: np.ndarray, step_s: float) -> None:
        """Along the axis, as fast as the missing force asks for."""
        tuning = self.tuning
        axial_n = -force[:, 2]
        sought_n = np.where(self.phase == SEARCH, tuning.search_n, tuning.push_n)
        speed = tuning.push_m_s_n * (sought_n - axial_n)
        open_m_s = np.select(
            [depth_m > tuning.inside_m, depth_m > -tuning.mouth_m],
            [tuning.inside_m_s, tuning.touch_m_s],
            tuning.free_m_s,
        )
        speed = np.where((axial_n < tuning.deadband_n) & (self.phase == PUSH), open_m_s, speed)
        speed = np.where(self.dropping, tuning.drop_m_s, speed)
        speed = np.where(self.phase == BACK_OFF, -tuning.touch_m_s, speed) + tuning.residual_axial_m_s * more
        most = np.maximum(tuning.free_m_s, tuning.residual_axial_m_s) + 0.0 * speed
        # Above the limit nothing may push on, whatever is asked for.
        most[np.linalg.norm(force, axis=1) > tuning.limit_n] = -tuning.touch_m_s
        self.way_m += step_s * np.clip(speed, -2 * tuning.free_m_s, most)

    def _go_aside(self, depth_m: np.ndarray, force: np.ndarray, more: np.ndarray, step_s: float) -> None:
        """Sideways: on the spiral while searching, else with what the bore's wall asks for."""
        tuning = self.tuning
        side_n = force[:, :2]
        size = np.linalg.norm(side_n, axis=1)
        beyond = side_n * np.maximum(0.0, 1.0 - tuning.deadband_n / np.maximum(size, 1e-9))[:, None]
        # Outside the bore a side force is friction or a slant of the face: yielding to it would run away.
        guided = np.clip(depth_m / tuning.inside_m, 0.0, 1.0)
        guided = np.where(self.dropping, 1.0, guided)[:, None]
        giving_m_s = guided * shorten(tuning.yield_m_s_n * beyond, tuning.yield_most_m_s)
        yielding = self.aside_m + step_s * giving_m_s
        searching = (self.phase == SEARCH) & ~self.dropping
        self.spiral.go_on(searching, tuning.search_m_s, step_s)
        missing_m = self.spiral.point_m() - self.aside_m
        # Onto the spiral at the search's speed, so that it begins without a jump wherever the shaft was pushed to.
        towards = self.aside_m + shorten(missing_m, 1.5 * tuning.search_m_s * step_s)
        backing = (self.phase == BACK_OFF)[:, None]
        self.aside_m = np.where(searching[:, None], towards, np.where(backing, 0.97 * self.aside_m, yielding))
        self.aside_m = shorten(self.aside_m, tuning.sideways_m)
        self.drift_m = shorten(self.drift_m + step_s * tuning.residual_m_s * more, tuning.sideways_m)

    def _tilt(self, torque: np.ndarray, more: np.ndarray, step_s: float) -> None:
        tuning = self.tuning
        turn = shorten(tuning.yield_rad_s_nm * torque[:, :2], tuning.yield_most_rad_s)
        free = (self.phase == PUSH)[:, None]
        tilt = np.where(free, self.tilt_rad + step_s * turn, 0.97 * self.tilt_rad)
        self.tilt_rad = shorten(tilt + step_s * tuning.residual_rad_s * more, tuning.tilt_rad)

    # Geometry -----------------------------------------------------------------------------------------------------

    def tool_at(self, depth_m: np.ndarray | float) -> np.ndarray:
        """Return tools (n, 4, 4) with the shaft's end on the axis at a depth; the gripper as upright as it can be."""
        along = self.bore[:, :3, 2]
        down = np.array([0.0, 0.0, -1.0]) - (-along[:, 2:]) * along
        down /= np.linalg.norm(down, axis=1)[:, None]
        result = np.tile(np.eye(4), (self.count, 1, 1))
        result[:, :3, :3] = np.stack([along, cross(down, along), down], axis=2)
        result[:, :3, 3] = self.bore[:, :3, 3] + np.asarray(depth_m - self.protrusion_m)[:, None] * along
        return result

    def _commanded(self) -> np.ndarray:
        """The tools with all corrections; tilting turns about the shaft's end."""
        result = self.tool_at(self.way_m)
        turn = self.bore[:, :3, :3]
        end = result[:, :3, 3] + self.protrusion_m[:, None] * self.bore[:, :3, 2]
        end += np.einsum("nij,nj->ni", turn[:, :, :2], self.aside_m + self.drift_m)
        tilt = rotation(np.column_stack([self.tilt_rad, np.zeros(self.count)]))
        result[:, :3, :3] = turn @ tilt @ turn.transpose(0, 2, 1) @ result[:, :3, :3]
        result[:, :3, 3] = end - self.protrusion_m[:, None] * result[:, :3, 0]
        return result

    def _ends(self, tool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        end = tool[:, :3, 3] + self.protrusion_m[:, None] * tool[:, :3, 0] - self.bore[:, :3, 3]
        to_bore = self.bore[:, :3, :3].transpose(0, 2, 1)
        return (to_bore @ end[..., None])[..., 0], (to_bore @ tool[:, :3, :1])[..., 0]

    def _contact(self, sense: ArmSense, tool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Contact force (n, 3) [N] and torque about the shaft's end (n, 3) [N·m] on the tool, in the bore's frame."""
        wrench = sense.wrench - self.rest
        force, torque = wrench[:, :3], wrench[:, 3:]
        lever = np.zeros_like(force)  # tool frame: from the wrist to the shaft's end
        lever[:, 0], lever[:, 2] = self.protrusion_m, self.chain.tool_length_m
        to_bore = self.bore[:, :3, :3].transpose(0, 2, 1) @ tool[:, :3, :3]
        about_end = torque - cross(lever, force)
        return (to_bore @ force[..., None])[..., 0], (to_bore @ about_end[..., None])[..., 0]

    def _end_speed(self, sense: ArmSense, tool: np.ndarray, jacobian: np.ndarray) -> np.ndarray:
        twist = (jacobian @ sense.velocity_rad_s[..., None])[..., 0]
        lever = self.protrusion_m[:, None] * tool[:, :3, 0]
        speed = twist[:, :3] + cross(twist[:, 3:], lever)
        return np.asarray((self.bore[:, :3, :3].transpose(0, 2, 1) @ speed[..., None])[..., 0])
