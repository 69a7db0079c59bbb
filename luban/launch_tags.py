"""Which tags and attributes a launch file may have, as a table, and the check of a file against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from luban.errors import unknown
from luban.launch_xml import Element, Fault


@dataclass(frozen=True)
class Tag:
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


_CONDITION = ("if", "unless")
_MAY_BE_EMPTY = ("value",)
_PROCESS = (
    *_CONDITION,
    *("name", "cwd", "env", "launch-prefix", "output", "on_exit"),
    *("respawn", "respawn_delay", "respawn_max_retries", "emulate_tty", "sigterm_timeout", "sigkill_timeout"),
)
_ACTIONS = (
    *("arg", "let", "group", "include", "node", "executable", "set_env", "unset_env"),
    *("push_ros_namespace", "push-ros-namespace", "set_parameter", "set_remap"),
)

# Tags of the upstream frontends launch_xml and launch_ros; `a.b` is tag b inside tag a, where it differs from b.
TAGS: dict[str, Tag] = {
    "launch": Tag(optional=("version",), children=_ACTIONS),
    "arg": Tag(("name",), ("default", "description", *_CONDITION), ("choice",)),
    "arg.choice": Tag(("value",)),
    "let": Tag(("name", "value"), _CONDITION),
    "group": Tag(optional=("scoped", "forwarding", *_CONDITION), children=("keep", *_ACTIONS)),
    "keep": Tag(("name", "value")),
    "include": Tag(("file",), _CONDITION, ("arg", "let")),
    "include.arg": Tag(("name", "value")),
    "include.let": Tag(("name", "value")),
    "node": Tag(("pkg", "exec"), (*_PROCESS, "namespace", "args", "ros_args"), ("param", "remap", "env")),
    "executable": Tag(("cmd",), (*_PROCESS, "shell"), ("env",)),
    "param": Tag(optional=("name", "value", "type", "value-sep", "from"), children=("param",)),
    "remap": Tag(("from", "to")),
    "env": Tag(("name", "value")),
    "set_env": Tag(("name", "value"), _CONDITION),
    "unset_env": Tag(("name",), _CONDITION),
    "push_ros_namespace": Tag(("namespace",), _CONDITION),
    "push-ros-namespace": Tag(("namespace",), _CONDITION),
    "set_parameter": Tag(("name", "value"), ("type", "value-sep", *_CONDITION)),
    "set_remap": Tag(("from", "to"), _CONDITION),
}


def check(root: Element) -> Iterator[Fault]:
    """Yield what is wrong with the tags and attributes of a file, branches that are switched off included."""
    if root.tag != "launch":
        yield Fault(root.file, root.line, f"the outermost element is <{root.tag}>; <launch> is needed")
        return
    yield from _check(root, TAGS["launch"])


def _check(element: Element, tag: Tag) -> Iterator[Fault]:
    def fault(sentence: str) -> Fault:
        return Fault(element.file, element.line, f"<{element.tag}>: {sentence}")

    for name in element.attributes:
        if name not in (*tag.required, *tag.optional):
            yield fault(unknown("attribute", name, (*tag.required, *tag.optional)))
    for name in tag.required:
        value = element.attributes.get(name)
        if value is None or (not value.strip() and name not in _MAY_BE_EMPTY):
            yield fault(f"attribute {name!r} is required")
    if set(_CONDITION) <= set(element.attributes):
        yield fault("has both if and unless; one is needed")
    for child in element.children:
        if child.tag in tag.children:
            yield from _check(child, TAGS.get(f"{element.tag}.{child.tag}") or TAGS[child.tag])
        else:
            yield Fault(child.file, child.line, unknown(f"tag in <{element.tag}>", child.tag, tag.children))
