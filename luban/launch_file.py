"""Standard ROS 2 launch XML, read into the processes that it asks for.

The same file runs under upstream `ros2 launch`; this reader serves where that is not installed. What it understands
means what it means upstream: an `include` shares the arguments of the file that includes it, a `group` has a scope of
its own unless `scoped="false"`, an `arg` keeps a value that is already set. Stricter than upstream on purpose:
an argument that no file declares, text between elements, every unknown tag or attribute. All faults are listed at once.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from luban.ament_index import package_executable
from luban.errors import LaunchFileError, LubanError, unknown
from luban.launch_substitution import Scope, SubstitutionError, split_command, substitute, truth
from luban.launch_tags import check
from luban.launch_xml import Element, Fault, parse

MAX_INCLUDES = 20


@dataclass(frozen=True)
class ProcessSpec:
    """One process to run.

    name: unique, for people. environment: the whole environment of the process. respawn_delay_s: pause before it is
    started again; respawns: how often, None = always. required: when it ends, everything ends.
    quiet: only its error output is shown (output="log"). source: file and line that asked for it.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    cwd: str | None = None
    respawn: bool = False
    respawn_delay_s: float = 0.0
    respawns: int | None = None
    required: bool = False
    quiet: bool = False
    source: str = ""


class LaunchDescription:
    """Reader of launch files."""

    @staticmethod
    def load(path: Path | str, arguments: Mapping[str, str] | None = None) -> list[ProcessSpec]:
        """Return the processes that a launch file asks for, given its arguments.

        Raises:
            LaunchFileError: every fault of the file and of the files that it includes, with its line; or an argument
                that none of them declares.
        """
        reading = _Reading(dict(arguments or {}))
        reading.file(Path(path).resolve())
        if unused := sorted(set(arguments or {}) - reading.declared):
            reading.faults += [
                Fault(Path(path), 1, unknown("launch argument", name, reading.declared)) for name in unused
            ]
        if reading.faults:
            listed = "\n".join(dict.fromkeys(map(str, sorted(reading.faults, key=lambda f: (str(f.file), f.line)))))
            raise LaunchFileError(f"launch file {path} has {len(listed.splitlines())} fault(s):\n{listed}")
        return _unique_names(reading.specs)


@dataclass
class _Reading:
    """State of one pass over a launch file and what it includes."""

    variables: dict[str, str]
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    namespace: str = ""
    parameters: list[str] = field(default_factory=list)
    remaps: list[str] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    specs: list[ProcessSpec] = field(default_factory=list)
    depth: int = 0

    def file(self, path: Path) -> None:
        root = parse(path)
        if faults := list(check(root)):
            self.faults += faults
            return
        self._children(root)

    def _children(self, parent: Element) -> None:
        for element in parent.children:
            action: Callable[[Element], None] | None = getattr(self, "_do_" + element.tag.replace("-", "_"), None)
            if action is None:
                continue  # `keep` and the like, which their parent reads
            with self._collecting(element):
                if self._wanted(element):
                    action(element)

    @contextmanager
    def _collecting(self, element: Element) -> Iterator[None]:
        """A fault ends its element and not the reading: the next elements are judged as well."""
        try:
            yield
        except LaunchFileError:
            raise
        except LubanError as error:
            self.faults.append(Fault(element.file, element.line, f"<{element.tag}>: {error}"))

    def _wanted(self, element: Element) -> bool:
        if "if" in element.attributes:
            return truth(self._get(element, "if"))
        return "unless" not in element.attributes or not truth(self._get(element, "unless"))

    def _get(self, element: Element, name: str, default: str = "") -> str:
        text = element.attributes.get(name)
        return default if text is None else substitute(text, self._scope(element))

    def _words(self, element: Element, name: str) -> list[str]:
        return split_command(element.attributes.get(name, ""), self._scope(element))

    def _scope(self, element: Element) -> Scope:
        return Scope(self.variables, self.environment, element.file)

    def _flag(self, element: Element, name: str, default: bool = False) -> bool:
        return truth(self._get(element, name, str(default)))

    # Actions, in the order in which a file usually has them.

    def _do_arg(self, element: Element) -> None:
        name = self._get(element, "name")
        self.declared.add(name)
        if name not in self.variables:
            if "default" not in element.attributes:
                self.variables[name] = ""  # one fault, not one for every use
                raise SubstitutionError(f"argument {name!r} has no default and is not given: add {name}:=VALUE")
            self.variables[name] = self._get(element, "default")
        choices = [self._get(choice, "value") for choice in element.children_named("choice")]
        if choices and self.variables[name] not in choices:
            raise SubstitutionError(f"argument {name}: " + unknown("choice", self.variables[name], choices))

    def _do_let(self, element: Element) -> None:
        self.variables[self._get(element, "name")] = self._get(element, "value")

    def _do_set_env(self, element: Element) -> None:
        self.environment[self._get(element, "name")] = self._get(element, "value")

    def _do_unset_env(self, element: Element) -> None:
        self.environment.pop(self._get(element, "name"), None)

    def _do_push_ros_namespace(self, element: Element) -> None:
        self.namespace = _join(self.namespace, self._get(element, "namespace"))

    def _do_set_parameter(self, element: Element) -> None:
        self.parameters = [*self.parameters, *self._parameter(element)]

    def _do_set_remap(self, element: Element) -> None:
        self.remaps = [*self.remaps, *self._remap(element)]

    def _do_group(self, element: Element) -> None:
        keeps = {self._get(keep, "name"): self._get(keep, "value") for keep in element.children_named("keep")}
        if not self._flag(element, "scoped", True):
            self.variables |= keeps
            self._children(element)
            return
        saved = self.variables, self.environment, self.namespace, self.parameters, self.remaps
        forwarded = self.variables if self._flag(element, "forwarding", True) else {}
        self.variables, self.environment = {**forwarded, **keeps}, dict(self.environment)
        self._children(element)
        self.variables, self.environment, self.namespace, self.parameters, self.remaps = saved

    def _do_include(self, element: Element) -> None:
        path = Path(self._get(element, "file"))
        path = path if path.is_absolute() else Path.cwd() / path
        if not path.is_file():
            raise SubstitutionError(f"file {str(path)!r} does not exist")
        if path.suffix != ".xml":
            raise SubstitutionError(
                f"{path.name!r} is not launch XML; Python and YAML launch files need upstream ROS 2 launch"
            )
        if self.depth >= MAX_INCLUDES:
            raise SubstitutionError(f"{MAX_INCLUDES} files include one another: {path.name!r} includes itself?")
        for argument in (*element.children_named("arg"), *element.children_named("let")):
            self.variables[self._get(argument, "name")] = self._get(argument, "value")
        self.depth += 1
        self.file(path.resolve())
        self.depth -= 1

    def _do_node(self, element: Element) -> None:
        executable = package_executable(self._get(element, "pkg"), self._get(element, "exec"))
        arguments = self._words(element, "args")
        ros = [item for remap in self.remaps for item in ("-r", remap)]
        name = self._get(element, "name")
        ros += ["-r", f"__node:={name}"] if name else []
        namespace = _join(self.namespace, self._get(element, "namespace"))
        ros += ["-r", f"__ns:={namespace}"] if namespace else []
        ros += self.parameters
        for child in element.children:
            with self._collecting(child):
                if child.tag == "param":
                    ros += self._parameter(child)
                elif child.tag == "remap":
                    ros += [item for remap in self._remap(child) for item in ("-r", remap)]
        ros += self._words(element, "ros_args")
        command = [str(executable), *arguments, *(["--ros-args", *ros] if ros else [])]
        self._add(element, name or self._get(element, "exec"), command)

    def _do_executable(self, element: Element) -> None:
        command = self._words(element, "cmd")
        if not command:
            raise SubstitutionError("cmd is empty")
        if self._flag(element, "shell"):
            raise SubstitutionError('shell="true" is not supported: name the program and its arguments in cmd')
        self._add(element, self._get(element, "name") or Path(command[0]).name, command)

    def _add(self, element: Element, name: str, command: list[str]) -> None:
        command = [*self._words(element, "launch-prefix"), *command]
        environment = dict(self.environment)
        for variable in element.children_named("env"):
            environment[self._get(variable, "name")] = self._get(variable, "value")
        if shutil.which(command[0], path=environment.get("PATH")) is None:
            raise SubstitutionError(f"program {command[0]!r} is not found or not executable")
        retries = int(_number(self._get(element, "respawn_max_retries", "-1"), "respawn_max_retries", least=-1))
        spec = ProcessSpec(
            name=name,
            command=tuple(command),
            environment=environment,
            cwd=self._get(element, "cwd") or None,
            respawn=self._flag(element, "respawn"),
            respawn_delay_s=_number(self._get(element, "respawn_delay", "0"), "respawn_delay", least=0.0),
            respawns=None if retries < 0 else retries,
            required=_choice(self._get(element, "on_exit"), "on_exit", ("", "shutdown")) == "shutdown",
            quiet=_choice(self._get(element, "output", "screen"), "output", _OUTPUTS) in ("log", "own_log"),
            source=f"{element.file}:{element.line}",
        )
        if spec.cwd is not None and not Path(spec.cwd).is_dir():
            raise SubstitutionError(f"cwd {spec.cwd!r} is not a folder")
        self.specs.append(spec)

    def _parameter(self, element: Element, prefix: str = "") -> list[str]:
        """Return the command-line arguments of a parameter, of a file of parameters, or of a tree of parameters."""
        if "from" in element.attributes:
            path = Path(self._get(element, "from"))
            if not path.is_file():
                raise SubstitutionError(f"parameter file {str(path)!r} does not exist")
            return ["--params-file", str(path)]
        if "name" not in element.attributes:
            raise SubstitutionError("a parameter needs name and value, or from")
        name = prefix + self._get(element, "name")
        nested = list(element.children_named("param"))
        if ("value" in element.attributes) == bool(nested):
            raise SubstitutionError(f"parameter {name!r} needs either a value or parameters inside")
        if nested:
            return [item for child in nested for item in self._parameter(child, name + ".")]
        return ["-p", f"{name}:={self._value(element, name)}"]

    def _value(self, element: Element, name: str) -> str:
        """Return the value in the YAML that ROS reads on a command line."""
        text, kind = self._get(element, "value"), self._get(element, "type")
        separator = self._get(element, "value-sep")
        parts = text.split(separator) if separator else [text]
        values = [_typed(part, kind, name) for part in parts]
        return json.dumps(values if separator else values[0], ensure_ascii=False, allow_nan=False)

    def _remap(self, element: Element) -> list[str]:
        return [f"{self._get(element, 'from')}:={self._get(element, 'to')}"]


_OUTPUTS = ("screen", "log", "both", "own_log", "full")
_KINDS: dict[str, tuple[type, ...]] = {"bool": (bool,), "int": (int,), "float": (int, float), "str": (str,)}


def _typed(text: str, kind: str, name: str) -> Any:
    """Return a parameter's value: of the asked type, otherwise of the type that YAML sees."""
    if kind not in (*_KINDS, ""):
        raise SubstitutionError(f"parameter {name!r}: " + unknown("type", kind, _KINDS))
    if kind == "str":
        return text
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        value = text
    if kind and not (isinstance(value, _KINDS[kind]) and (kind == "bool") == isinstance(value, bool)):
        raise SubstitutionError(f"parameter {name!r}: {text!r} is not of type {kind}")
    if isinstance(value, float) and not math.isfinite(value):
        raise SubstitutionError(f"parameter {name!r}: {text!r} is not a finite number")
    if kind == "float":
        return float(value)
    plain = isinstance(value, bool | int | float | str) or (isinstance(value, list) and value)
    return value if plain else text


def _number(text: str, name: str, least: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value >= least or math.isinf(value):
        raise SubstitutionError(f"{name} is {text!r}; a number >= {least:g} is needed")
    return value


def _choice(text: str, name: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise SubstitutionError(unknown(name, text, filter(None, choices)))
    return text


def _join(namespace: str, inner: str) -> str:
    """Return a namespace below another one; one that begins with a slash stands for itself."""
    if inner.startswith("/") or not inner:
        return inner or namespace
    return f"{namespace.rstrip('/')}/{inner}"


def _unique_names(specs: list[ProcessSpec]) -> list[ProcessSpec]:
    seen: dict[str, int] = {}
    unique = []
    for spec in specs:
        seen[spec.name] = count = seen.get(spec.name, 0) + 1
        unique.append(spec if count == 1 else replace(spec, name=f"{spec.name}-{count}"))
    return unique
