"""A second copy of the twin's world, kept in the twin's state: for cameras and for the privileged expert."""

from __future__ import annotations

import numpy as np
from luban_interfaces.msg import TwinState
from rclpy.node import Node
from std_msgs.msg import String

from luban.profile import Profile
from luban_nodes.conversion import time_s
from luban_nodes.quality import CONTROL, LATCHED
from luban_nodes.scene_source import scene_from_json, scene_id
from sim.world import World


class TwinMirror:
    """Follows /twin/scene and /twin/state. `world` is None until the first state of the announced scene."""

    def __init__(self, node: Node, profile: Profile) -> None:
        self._profile = profile
        self._world: World | None = None
        self.scene_id = ""
        self._state: TwinState | None = None
        node.create_subscription(String, "/twin/scene", self._on_scene, LATCHED)
        node.create_subscription(TwinState, "/twin/state", self._on_state, CONTROL)

    @property
    def world(self) -> World | None:
        """The mirrored world in the newest state."""
        if not self.ready:
            return None
        self._world.mirror(np.asarray(self._state.state))
        return self._world

    @property
    def ready(self) -> bool:
        """Whether a state of the announced scene has come."""
        return self._world is not None and self._state is not None

    @property
    def stamp_s(self) -> float:
        """Simulated time of the newest state; 0 before the first."""
        return time_s(self._state.header.stamp) if self._state is not None else 0.0

    def _on_scene(self, message: String) -> None:
        scene = scene_from_json(message.data, self._profile.catalogue)
        if scene_id(scene) == self.scene_id:
            return
        if self._world is not None:
            self._world.close()
        self._state = None
        self._world, self.scene_id = World(self._profile, scene), scene_id(scene)

    def _on_state(self, message: TwinState) -> None:
        if message.scene_id == self.scene_id:
            self._state = message
