"""Launch files: what they mean, what is refused, and that nothing outlives the supervisor. Real small processes."""

from __future__ import annotations

import itertools
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from luban.errors import LaunchFileError, LubanError
from luban.launch_file import LaunchDescription, ProcessSpec
from luban.launch_substitution import Scope, SubstitutionError, evaluate_expression, substitute
from luban.launch_supervisor import Supervisor

ROOT = Path(__file__).resolve().parent.parent
DEADLINE_S = 20.0


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ament prefix with one package `demo_package` and its executable `talker`."""
    prefix = tmp_path / "prefix"
    executable = prefix / "lib/demo_package/talker"
    executable.parent.mkdir(parents=True)
    executable.write_text("#!/bin/sh\nexit 0\n")
    executable.chmod(executable.stat().st_mode | stat.S_IXUSR)
    marker = prefix / "share/ament_index/resource_index/packages/demo_package"
    marker.parent.mkdir(parents=True)
    marker.touch()
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(prefix))
    return prefix


def load(tmp_path: Path, body: str, **arguments: str) -> list[ProcessSpec]:
    path = tmp_path / "test.launch.xml"
    path.write_text(f"<launch>\n{body}\n</launch>\n", encoding="utf-8")
    return LaunchDescription.load(path, arguments)


def echoed(specs: list[ProcessSpec]) -> list[str]:
    return [" ".join(spec.command[1:]) for spec in specs]


# What a file means


def test_node_becomes_a_ros_command_line(tmp_path: Path, package: Path) -> None:
    parameters = tmp_path / "parameters.yaml"
    parameters.write_text("/**: {ros__parameters: {a: 1}}\n")
    (spec,) = load(
        tmp_path,
        f"""<node pkg="demo_package" exec="talker" name="speaker" namespace="cell" args="--fast 'two words'"
                  output="log" respawn="true" respawn_delay="0.5" on_exit="shutdown">
              <param from="{parameters}"/>
              <param name="rate" value="125.0"/>
              <param name="ids" value="1;2" value-sep=";"/>
              <param name="name" value="007" type="str"/>
              <param name="gains"><param name="p" value="2"/></param>
              <param name="empty" value=""/>
              <remap from="in" to="/out"/>
              <env name="MODE" value="fast"/>
            </node>""",
    )
    assert spec.command == (
        *(str(package / "lib/demo_package/talker"), "--fast", "two words", "--ros-args"),
        *("-r", "__node:=speaker", "-r", "__ns:=/cell"),
        *("--params-file", str(parameters), "-p", "rate:=125.0", "-p", "ids:=[1, 2]", "-p", 'name:="007"'),
        *("-p", "gains.p:=2", "-p", 'empty:=""', "-r", "in:=/out"),
    )
    assert (spec.respawn, spec.respawn_delay_s, spec.required, spec.quiet) == (True, 0.5, True, True)
    assert spec.environment["MODE"] == "fast"
    assert spec.environment["PATH"] == os.environ["PATH"]


def test_arguments_defaults_and_let(tmp_path: Path) -> None:
    body = """
      <arg name="profile" default="sim"><choice value="sim"/><choice value="real"/></arg>
      <arg name="copy" default="$(var profile)-copy"/>
      <let name="both" value="$(var profile) $(var copy)"/>
      <executable cmd="echo $(var both)"/>"""
    assert echoed(load(tmp_path, body)) == ["sim sim-copy"]
    assert echoed(load(tmp_path, body, profile="real")) == ["real real-copy"]
    with pytest.raises(LaunchFileError, match=r"unknown choice 'rael'; did you mean 'real'\?"):
        load(tmp_path, body, profile="rael")
    with pytest.raises(LaunchFileError, match=r"unknown launch argument 'profil'; did you mean 'profile'\?"):
        load(tmp_path, body, profil="sim")


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ('if="true"', True),
        ('if="0"', False),
        ('unless="False"', True),
        ('unless="$(var on)"', False),
        ('if="$(var on)"', True),
        ('if="$(not $(var on))"', False),
        ("""if="$(equals $(var mode) 'two words')" """, True),
        ("""if="$(and $(var on) $(not-equals $(var mode) real))" """, True),
        ("""if="$(eval &quot;'$(var mode)' == 'real' or not 3 &lt; 2&quot;)" """, True),
    ],
)
def test_conditions(tmp_path: Path, condition: str, runs: bool) -> None:
    body = f"""<let name="on" value="true"/><let name="mode" value="two words"/>
               <group {condition}><executable cmd="echo inside"/></group>
               <executable {condition} cmd="echo outside"/>"""
    assert echoed(load(tmp_path, body)) == (["inside", "outside"] if runs else [])


def test_groups_have_a_scope(tmp_path: Path) -> None:
    body = """
      <let name="x" value="outer"/>
      <group>
        <let name="x" value="inner"/><set_env name="LUBAN_TEST" value="1"/><executable cmd="echo $(var x)"/>
      </group>
      <executable cmd="echo $(var x) $(env LUBAN_TEST unset)"/>
      <group scoped="false"><let name="x" value="kept"/></group>
      <executable cmd="echo $(var x)"/>
      <group forwarding="false">
        <keep name="y" value="$(var x)"/><executable cmd="echo $(var y) $(var x gone)"/>
      </group>"""
    assert echoed(load(tmp_path, body)) == ["inner", "outer unset", "kept", "kept gone"]


def test_include_passes_arguments_and_shares_its_scope_as_upstream_does(tmp_path: Path) -> None:
    (tmp_path / "child.launch.xml").write_text(
        """<launch>
             <arg name="robot" default="none"/>
             <arg name="seen" default="default"/>
             <let name="set_by_child" value="yes"/>
             <executable cmd="echo $(var robot) $(var seen) $(dirname)"/>
           </launch>"""
    )
    body = """
      <let name="seen" value="parent"/>
      <group>
        <include file="$(dirname)/child.launch.xml"><arg name="robot" value="arm"/></include>
        <executable cmd="echo $(var set_by_child) $(var robot)"/>
      </group>
      <executable cmd="echo $(var set_by_child no) $(var robot no)"/>"""
    assert echoed(load(tmp_path, body)) == [f"arm parent {tmp_path}", "yes arm", "no no"]


def test_namespaces_nest_and_process_names_are_unique(tmp_path: Path, package: Path) -> None:
    body = """
      <group>
        <push_ros_namespace namespace="/plant"/><push_ros_namespace namespace="cell"/>
        <set_parameter name="use_sim_time" value="true"/>
        <node pkg="demo_package" exec="talker" namespace="arm"/>
        <node pkg="demo_package" exec="talker" namespace="/alone"/>
      </group>
      <node pkg="demo_package" exec="talker"/>"""
    specs = load(tmp_path, body)
    assert [spec.name for spec in specs] == ["talker", "talker-2", "talker-3"]
    shared = "-p use_sim_time:=true"
    assert echoed(specs) == [
        f"--ros-args -r __ns:=/plant/cell/arm {shared}",
        f"--ros-args -r __ns:=/alone {shared}",
        "",
    ]


# Substitutions


def test_substitutions_nest_quote_and_escape(package: Path) -> None:
    scope = Scope({"name": "x", "x": "deep"}, {"HOME": "/home/me"}, Path("/folder/file.launch.xml"))
    assert substitute("$(var $(var name))", scope) == "deep"
    assert substitute("$(env HOME)/$(env MISSING 'a b')", scope) == "/home/me/a b"
    assert substitute(r"\$(var x) costs $5", scope) == "$(var x) costs $5"
    assert substitute("$(dirname)", scope) == "/folder"
    assert substitute("$(find-pkg-share demo_package)", scope) == str(package / "share/demo_package")


def test_a_value_with_spaces_or_quotes_stays_one_word(tmp_path: Path) -> None:
    body = """<let name="path" value="/a b/c'd"/>
      <executable cmd="echo 'x y' $(var path) --file=$(var path)/e '$(var path)'"/>"""
    assert load(tmp_path, body)[0].command == ("echo", "x y", "/a b/c'd", "--file=/a b/c'd/e", "/a b/c'd")
    with pytest.raises(LaunchFileError, match="no closing quotation"):
        load(tmp_path, """<executable cmd="echo 'open"/>""")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("$(var nam)", "unknown launch argument 'nam'; did you mean 'name'"),
        ("$(var name", "is not closed"),
        ("$(var 'name)", "is not closed: ' is missing"),
        ("$(env MISSING)", "gives no default"),
        ("$(find-pkg-share demo_pakage)", "did you mean 'demo_package'"),
        ("$(finde-pkg-share x)", "did you mean 'find-pkg-share'"),
        ("$(command 'rm -rf /')", "set an argument instead"),
        ("$(not maybe)", "'maybe' is not a condition"),
        ("$(equals one)", "takes 2 argument"),
        ("$()", "empty substitution"),
    ],
)
def test_substitutions_refuse_with_a_sentence(package: Path, text: str, sentence: str) -> None:
    with pytest.raises(LubanError, match=sentence):
        substitute(text, Scope({"name": "x"}, {}, Path("/folder/file.launch.xml")))


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "().__class__",
        "[x for x in (1, 2)]",
        "9 ** 9 ** 9",
        "lambda: 1",
        "open('/etc/passwd')",
        "1 is 1",
        "'a' < 1",
        "(" * 500,
        "x" * 2000,
    ],
)
def test_eval_runs_no_code(expression: str) -> None:
    with pytest.raises(SubstitutionError, match=r"\$\(eval\)"):
        evaluate_expression(expression)


# Faults


def test_all_faults_are_listed_with_their_lines(tmp_path: Path, package: Path) -> None:
    (tmp_path / "child.launch.xml").write_text('<launch>\n<nod pkg="a"/>\n</launch>')
    body = f"""<executable cmd="echo $(var missing)"/>
<include file="{tmp_path}/child.launch.xml"/>
<include file="$(dirname)/nowhere.launch.xml"/>
<node pkg="demo_package" exec="talkr"/>
<node pkg="demo_package" exec="talker"><param name="a" value="x" type="int"/></node>
<executable cmd="luban-no-such-program"/>
<executable cmd="echo" respawn_delay="-1"/>"""
    with pytest.raises(LaunchFileError) as raised:
        load(tmp_path, body)
    message = str(raised.value)
    for line, sentence in [
        (2, "unknown launch argument 'missing'"),
        (4, "nowhere.launch.xml' does not exist"),
        (5, "unknown executable of package demo_package 'talkr'; did you mean 'talker'?"),
        (6, "'x' is not of type int"),
        (7, "program 'luban-no-such-program' is not found"),
        (8, "respawn_delay is '-1'; a number >= 0 is needed"),
    ]:
        listed = [text for text in message.splitlines() if text.startswith(f"{tmp_path}/test.launch.xml:{line}:")]
        assert len(listed) == 1 and sentence in listed[0], (line, message)
    assert f"{tmp_path}/child.launch.xml:2: unknown tag in <launch> 'nod'; did you mean 'node'?" in message
    assert "7 fault(s)" in message


@pytest.mark.parametrize(
    ("body", "line", "sentence"),
    [
        ('\n<node pkg="a"/>', 3, "<node>: attribute 'exec' is required"),
        ('<executable cmd="echo" respwan="true"/>', 2, "unknown attribute 'respwan'; did you mean 'respawn'?"),
        ('<group if="false"><let nam="x" value="1"/></group>', 2, "unknown attribute 'nam'"),
        ('<group if="maybe"/>', 2, "'maybe' is not a condition"),
        ('<group if="1" unless="1"/>', 2, "both if and unless"),
        ('<arg name="needed"/>', 2, "add needed:=VALUE"),
        ("<node>", 3, "not XML: mismatched tag"),
        ("<group>\nhello</group>", 3, "text 'hello' between elements"),
        ('<executable cmd="echo a" shell="true"/>', 2, "is not supported"),
        ('<include file="$(dirname)/test.launch.xml"/>', 2, "files include one another"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, body: str, line: int, sentence: str) -> None:
    with pytest.raises(LaunchFileError) as raised:
        load(tmp_path, body)
    assert f"test.launch.xml:{line}: " in str(raised.value)
    assert sentence in str(raised.value)


def test_entities_cannot_be_defined(tmp_path: Path) -> None:
    path = tmp_path / "bomb.launch.xml"
    path.write_text('<!DOCTYPE a [<!ENTITY x "boom">]>\n<launch/>')
    with pytest.raises(LaunchFileError, match=r"bomb.launch.xml:1: a document type is not allowed"):
        LaunchDescription.load(path)
    with pytest.raises(LaunchFileError, match="cannot read launch file"):
        LaunchDescription.load(tmp_path / "absent.launch.xml")


# Processes


def spec(name: str, program: str, *arguments: str, **options: object) -> ProcessSpec:
    command = (sys.executable, "-I", "-S", "-c", program, *arguments)
    return ProcessSpec(name, command, dict(os.environ), **options)  # type: ignore[arg-type]


def test_output_is_prefixed_and_the_end_of_all_is_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    code = Supervisor(
        [
            spec("one", "print('first'); print('no newline', end='')"),
            spec("two", "import sys; sys.stderr.write('error\\n'); print('hidden')", quiet=True),
        ]
    ).run()
    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert {"[one] first", "[one] no newline", "[two] error"} <= set(lines)
    assert "[two] hidden" not in lines


def test_respawn_starts_again_after_its_delay(tmp_path: Path) -> None:
    log = tmp_path / "starts"
    program = "import sys, time; open(sys.argv[1], 'a').write(f'{time.monotonic()}\\n'); sys.exit(3)"
    code = Supervisor([spec("again", program, str(log), respawn=True, respawn_delay_s=0.2, respawns=2)]).run()
    starts = [float(line) for line in log.read_text().splitlines()]
    assert code == 3
    assert len(starts) == 3
    assert all(later - earlier >= 0.2 for earlier, later in itertools.pairwise(starts))


def test_a_required_process_ends_the_others_and_gives_the_exit_code(tmp_path: Path) -> None:
    log = tmp_path / "interrupted"
    waiting = """
import signal, sys
signal.signal(signal.SIGINT, lambda *_: (open(sys.argv[1], 'w').write('clean'), sys.exit(0)))
print('waiting', flush=True)
signal.pause()
"""
    required = "import time, os, sys\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)\nsys.exit(7)"
    go = tmp_path / "go"
    started = waiting.replace("print(", f"open({str(go)!r}, 'w'); print(")
    specs = [spec("waits", started, str(log)), spec("required", required, str(go), required=True)]
    assert Supervisor(specs).run() == 7
    assert log.read_text() == "clean"


def test_a_stubborn_process_is_killed_in_the_end(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    go = tmp_path / "go"
    stubborn = f"""
import signal
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
open({str(go)!r}, 'w')
while True:
    signal.pause()
"""
    required = "import time, os, sys\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)\nos.abort()"
    specs = [spec("stubborn", stubborn), spec("required", required, str(go), required=True)]
    code = Supervisor(specs, grace_s=0.1).run()
    assert code == 128 + signal.SIGABRT
    assert "[luban] stubborn was killed by SIGKILL" in capsys.readouterr().out


def test_a_program_that_cannot_start_fails_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert Supervisor([ProcessSpec("absent", ("/nowhere/program",), {}, source="a.launch.xml:3")]).run() == 127
    assert "absent cannot be started (a.launch.xml:3)" in capsys.readouterr().out


FAMILY = """
import signal, subprocess, sys, os
child = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import signal; signal.pause()'])
print('family', os.getpid(), child.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A supervisor in a process of its own, and the ids of all that it has started, grandchildren included."""
    program = tmp_path / "supervise.py"
    program.write_text(
        f"""import os, sys
sys.path.insert(0, {str(ROOT)!r})
from luban.launch_file import ProcessSpec
from luban.launch_supervisor import Supervisor
command = (sys.executable, '-I', '-S', '-c', {FAMILY!r})
specs = [ProcessSpec(name, command, dict(os.environ), respawn=True) for name in ('one', 'two')]
sys.exit(Supervisor(specs, grace_s=1.0).run())
"""
    )
    process = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)
    family: list[int] = []
    assert process.stdout is not None
    while len(family) < 4:
        line = process.stdout.readline()
        assert line, "the supervisor ended early"
        if "family" in line:
            family += [int(word) for word in line.split()[2:]]
    yield process, family
    process.kill()
    process.wait(DEADLINE_S)
    process.stdout.close()
    for number in family:
        if alive(number):
            os.kill(number, signal.SIGKILL)


def alive(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def assert_all_end(family: list[int]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while any(map(alive, family)) and time.monotonic() < deadline:
        os.sched_yield()
    assert [number for number in family if alive(number)] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_leaves_nothing_behind(
    supervised: tuple[subprocess.Popen[str], list[int]], number: signal.Signals
) -> None:
    process, family = supervised
    process.send_signal(number)
    assert process.wait(DEADLINE_S) == 0
    assert_all_end(family)


def test_a_killed_supervisor_leaves_nothing_behind(supervised: tuple[subprocess.Popen[str], list[int]]) -> None:
    process, family = supervised
    process.kill()
    process.wait(DEADLINE_S)
    assert_all_end(family)


def test_our_launch_files_are_readable() -> None:
    """Every shipped launch file passes the check of tags and attributes, as upstream would parse it."""
    from luban.launch_tags import check
    from luban.launch_xml import parse

    files = sorted((ROOT / "launch").glob("**/*.launch.xml"))
    assert files
    assert json.dumps([str(fault) for file in files for fault in check(parse(file))]) == "[]"
