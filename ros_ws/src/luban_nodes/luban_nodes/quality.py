"""Quality of service of the graph's topics, by what a topic is for."""

from __future__ import annotations

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

# Commands and states that control loops run on: the newest counts, and none may be lost on one machine.
CONTROL = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
# Images: a picture travels in many pieces, and on a busy machine one without resending would seldom arrive whole.
IMAGE = QoSProfile(depth=2, reliability=ReliabilityPolicy.RELIABLE)
# Scans: a lost one is replaced by the next.
SENSOR = QoSProfile(depth=2, reliability=ReliabilityPolicy.BEST_EFFORT)
# Events: each counts.
EVENT = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
# What late subscribers must know at once: safety state, robot description, the log so far.
LATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
