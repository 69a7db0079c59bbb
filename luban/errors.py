"""The errors of Luban: one root, and messages that name the offending value and the valid choices."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LubanError(Exception):
    """Root of every error that Luban raises for a user or for hardware."""


class ProfileError(LubanError):
    """A profile cannot be used; the message lists every fault at once."""


class TaskFileError(LubanError):
    """A task file is malformed; the message names the file and the line."""


class StepRejected(LubanError):
    """A planned step failed the check before motion; nothing has moved."""


class SkillError(LubanError):
    """A skill cannot be started or carried out."""


class DeviceError(LubanError):
    """A device refused or failed: operation, required, actual, next step."""


class CommandRejected(DeviceError):
    """A motion command was refused by the safety gate; nothing was sent."""


class PolicyError(LubanError):
    """A learned controller cannot be used: made for another robot, a damaged file, or an impossible observation."""


class ProgramError(LubanError):
    """Tokens are no program, or a meaning has none; the message names the first token that does not fit."""


class MissingComponent(LubanError):
    """Something that a command needs is not installed; the message says how to get it."""


class LaunchFileError(LubanError):
    """A launch file cannot be run; the message lists every fault with its file and line."""


def closest(name: str, choices: Iterable[str]) -> str:
    """Return `"; did you mean 'x'?"` for the closest choice, or an empty string."""
    matches = difflib.get_close_matches(name, list(choices), n=1, cutoff=0.6)
    return f"; did you mean {matches[0]!r}?" if matches else ""


def unknown(kind: str, name: str, choices: Iterable[str]) -> str:
    """Return one sentence that names an unknown value, its valid choices and the closest one."""
    known = sorted(choices)
    return f"unknown {kind} {name!r}{closest(name, known)} (known: {', '.join(known) or 'none'})"
