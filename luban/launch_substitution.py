"""Substitutions of ROS 2 launch files, `$(name argument …)`, without ever running code from the file.

Grammar and meaning are those of the upstream XML frontend: arguments are separated by spaces, quotes keep spaces
together, substitutions nest, a backslash keeps the next character. Differences, both for safety: `eval` understands
literals, comparisons and and/or/not only, and `command` is refused.
"""

from __future__ import annotations

import ast
import operator
import re
import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from luban.ament_index import package_executable, package_prefix, package_share
from luban.errors import LubanError, unknown


class SubstitutionError(LubanError):
    """A substitution cannot be evaluated; the launch file's reader adds file and line."""


@dataclass(frozen=True)
class Scope:
    """What substitutions may look at: launch arguments, environment variables and the file they stand in."""

    variables: Mapping[str, str]
    environment: Mapping[str, str]
    file: Path


def substitute(text: str, scope: Scope) -> str:
    """Return the text with every substitution replaced by its value.

    Raises:
        SubstitutionError: unknown substitution or name, wrong number of arguments, unbalanced brackets or quotes.
        MissingComponent: no such ROS package or executable.
    """
    return _Reader(text, scope).template()


def split_command(text: str, scope: Scope) -> list[str]:
    """Return the words of a command line; the value of a substitution stays one word, whatever is in it.

    Raises:
        SubstitutionError: as `substitute`, or a quote that is not closed.
    """
    values: list[str] = []
    reader = _Reader(text, scope)
    line = reader.literal(values)
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise SubstitutionError(f"{text!r}: {str(error).lower()}") from error
    return [_PLACE.sub(lambda match: values[ord(match[0]) - _FIRST_PLACE], word) for word in words]


# Private-use characters stand for substitutions' values while the words are told apart.
_FIRST_PLACE = 0xE000
_PLACE = re.compile("[\ue000-\uf8ff]")


def truth(text: str) -> bool:
    """Return the boolean that a condition's text means. Raises SubstitutionError for anything else."""
    value = text.strip().lower()
    if value in ("true", "1"):
        return True
    if value in ("false", "0"):
        return False
    raise SubstitutionError(f"{text!r} is not a condition (true, 1, false or 0)")


class _Reader:
    """Recursive descent over one attribute; values are computed on the way."""

    def __init__(self, text: str, scope: Scope) -> None:
        self._text = text
        self._scope = scope
        self._at = 0

    def template(self) -> str:
        """The whole attribute: text with substitutions; quotes are ordinary characters here."""
        result = ""
        while self._at < len(self._text):
            result += self._piece()
        return result

    def literal(self, values: list[str]) -> str:
        """The whole attribute as it is written, with a placeholder for every substitution; fills `values`."""
        if _PLACE.search(self._text):
            raise SubstitutionError("a command line cannot contain characters of Unicode's private use area")
        result = ""
        while self._at < len(self._text):
            if self._text.startswith("$(", self._at):
                values.append(self._substitution())
                result += chr(_FIRST_PLACE + len(values) - 1)
                continue
            length = 2 if self._text[self._at] == "\\" else 1
            result += self._text[self._at : self._at + length]
            self._at += length
        return result

    def _piece(self) -> str:
        """One character, escaped character or substitution."""
        if self._text.startswith("$(", self._at):
            return self._substitution()
        if self._text[self._at] == "\\" and self._at + 1 < len(self._text):
            self._at += 1
        self._at += 1
        return self._text[self._at - 1]

    def _substitution(self) -> str:
        start = self._at
        self._at += 2
        arguments: list[str] = []
        while True:
            while self._peek() == " ":
                self._at += 1
            if self._peek() == ")":
                break
            arguments.append(self._value(start))
        self._at += 1
        if not arguments:
            raise SubstitutionError("empty substitution $()")
        name, *rest = arguments
        return _evaluate(name, rest, self._scope)

    def _value(self, start: int) -> str:
        """One argument; a quote opens a stretch in which spaces and brackets belong to the argument."""
        quote = self._peek() if self._peek() in ("'", '"') else ""
        self._at += len(quote)
        result = ""
        while True:
            character = self._peek()
            if character == "":
                raise SubstitutionError(f"{self._text[start:]!r} is not closed: {quote or ')'} is missing")
            if quote and character == quote:
                self._at += 1
                return result
            if not quote and character in " )":
                return result
            result += self._piece()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]


def _evaluate(name: str, arguments: list[str], scope: Scope) -> str:
    if name == "command":
        raise SubstitutionError("$(command …) runs programs while the file is read: set an argument instead")
    if name not in _SUBSTITUTIONS:
        raise SubstitutionError(unknown("substitution", name, _SUBSTITUTIONS))
    least, most, function = _SUBSTITUTIONS[name]
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least} to {most}" if most < 99 else f"at least {least}"
        raise SubstitutionError(f"$({name}) takes {wanted} argument(s), not {len(arguments)}: {arguments}")
    return function(scope, *arguments)


def _variable(scope: Scope, name: str, default: str | None = None) -> str:
    if name in scope.variables:
        return scope.variables[name]
    if default is not None:
        return default
    raise SubstitutionError(unknown("launch argument", name, scope.variables))


def _environment(scope: Scope, name: str, default: str | None = None) -> str:
    value = scope.environment.get(name, default)
    if value is None:
        raise SubstitutionError(f"environment variable {name} is not set and $(env {name}) gives no default")
    return value


def _program(_: Scope, name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise SubstitutionError(f"program {name!r} is not on the PATH")
    return path


def _text_of(value: bool) -> str:
    return "true" if value else "false"


def _equal(left: str, right: str) -> bool:
    """Upstream compares as numbers or booleans where both are, otherwise as text."""
    try:
        return float(left) == float(right)
    except ValueError:
        words = {left.lower(), right.lower()}
        return left == right or (words <= {"true", "1"}) or (words <= {"false", "0"})


_Function = Callable[..., str]
_SUBSTITUTIONS: dict[str, tuple[int, int, _Function]] = {
    "var": (1, 2, _variable),
    "env": (1, 2, _environment),
    "dirname": (0, 0, lambda scope: str(scope.file.parent)),
    "filename": (0, 0, lambda scope: str(scope.file)),
    "find-pkg-share": (1, 1, lambda _, package: str(package_share(package))),
    "find-pkg-prefix": (1, 1, lambda _, package: str(package_prefix(package))),
    "exec-in-pkg": (2, 2, lambda _, name, package: str(package_executable(package, name))),
    "find-exec": (1, 1, _program),
    "equals": (2, 2, lambda _, left, right: _text_of(_equal(left, right))),
    "not-equals": (2, 2, lambda _, left, right: _text_of(not _equal(left, right))),
    "not": (1, 1, lambda _, value: _text_of(not truth(value))),
    "and": (2, 2, lambda _, left, right: _text_of(truth(left) and truth(right))),
    "or": (2, 2, lambda _, left, right: _text_of(truth(left) or truth(right))),
    "any": (1, 99, lambda _, *values: _text_of(any([truth(value) for value in values]))),
    "all": (1, 99, lambda _, *values: _text_of(all([truth(value) for value in values]))),
    "eval": (1, 1, lambda _, expression: evaluate_expression(expression)),
}

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: operator.contains(right, left),
    ast.NotIn: lambda left, right: not operator.contains(right, left),
}


def evaluate_expression(expression: str) -> str:
    """Return the value of an expression of literals, comparisons, and/or/not, as text.

    Raises:
        SubstitutionError: not an expression, or one that needs more than that (calls, names, arithmetic).
    """
    if len(expression) > 1000:
        raise SubstitutionError("$(eval) takes at most 1000 characters")
    try:
        return str(_value_of(ast.parse(expression.strip(), mode="eval").body))
    except (SyntaxError, ValueError, TypeError, RecursionError) as error:
        raise SubstitutionError(f"$(eval) cannot evaluate {expression!r}: {error}") from error


def _value_of(node: ast.expr) -> object:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=("true" | "false") as word):
            return word == "true"
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value_of(item) for item in items]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value_of(operand)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.BoolOp(op=ast.And(), values=values):
            return all([_value_of(value) for value in values])
        case ast.BoolOp(op=ast.Or(), values=values):
            return any([_value_of(value) for value in values])
        case ast.Compare(left=left, ops=ops, comparators=others):
            operands = [_value_of(left), *map(_value_of, others)]
            pairs = zip(ops, operands[:-1], operands[1:], strict=True)
            return all([_compare(op, one, other) for op, one, other in pairs])
    raise ValueError(f"only literals, comparisons, and, or, not are understood, not {ast.unparse(node)!r}")


def _compare(comparison: ast.cmpop, left: object, right: object) -> bool:
    if type(comparison) not in _COMPARISONS:
        raise ValueError("`is` compares objects; use == for values")
    return _COMPARISONS[type(comparison)](left, right)
