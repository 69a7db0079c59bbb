#!/bin/sh
# Find a usable Python 3.11 or 3.12 and check what pip cannot install. Prints the interpreter's path on success;
# otherwise one message that names everything missing and the apt line that brings it.
# Set PYTHON to choose the interpreter; where ROS_DISTRO is set, the system's own is used, because ROS was built for it.
set -u

usable() {
    # A pyenv shim exists for versions that are not selected, so existing is not enough: run it.
    "$1" -c 'import sys; raise SystemExit(sys.version_info[:2] not in ((3, 11), (3, 12)))' >/dev/null 2>&1
}

candidates() {
    if [ -n "${PYTHON:-}" ]; then
        echo "$PYTHON"
        for found in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[12].*/bin/"$PYTHON"; do [ -x "$found" ] && echo "$found"; done
        return
    fi
    if [ -n "${ROS_DISTRO:-}" ]; then echo /usr/bin/python3; return; fi
    echo python3.11; echo python3.12; echo python3
    for found in /usr/bin/python3.1[12] /usr/local/bin/python3.1[12] "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[12].*/bin/python3; do
        [ -x "$found" ] && echo "$found"
    done
}

version_of_distribution() {
    # shellcheck disable=SC1091
    . /etc/os-release 2>/dev/null || true
    case "${ID:-}:${VERSION_ID:-}" in ubuntu:24.*) echo 3.12 ;; *) echo 3.11 ;; esac
}

missing=""
packages=""
lacks() { missing="$missing
  - $1"; packages="$packages $2"; }

python=""
for candidate in $(candidates); do
    if usable "$candidate"; then python="$("$candidate" -c 'import sys; print(sys.executable)')"; break; fi
done

if [ -z "$python" ]; then
    version="$(version_of_distribution)"
    if [ -n "${PYTHON:-}" ]; then
        lacks "Python 3.11 or 3.12: PYTHON=$PYTHON is not one that runs" "python$version python$version-venv python$version-dev"
    else
        lacks "Python 3.11 or 3.12 (or name one: make PYTHON=/path/to/python3.12 ...)" "python$version python$version-venv python$version-dev"
    fi
else
    version="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 || lacks "Python's venv module for $python" "python$version-venv"
    "$python" -c 'import os, sysconfig; raise SystemExit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' \
        || lacks "Python's C headers for $python (ROS messages are compiled against them)" "python$version-dev"
fi
command -v c++ >/dev/null 2>&1 || command -v g++ >/dev/null 2>&1 || command -v clang++ >/dev/null 2>&1 \
    || lacks "a C++ compiler" "g++"
command -v cmake >/dev/null 2>&1 || lacks "cmake" "cmake"
if [ -n "${ROS_DISTRO:-}" ]; then
    command -v colcon >/dev/null 2>&1 || lacks "colcon, to build against ROS 2 $ROS_DISTRO" "python3-colcon-common-extensions"
fi

has_library() {
    for file in /usr/lib/*/"$1" /usr/lib64/"$1" /usr/lib/"$1" /usr/local/lib/"$1"; do [ -e "$file" ] && return 0; done
    PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q "$1"
}
has_library libEGL.so.1 || lacks "libEGL, to render the cell without a screen" "libegl1 libgl1-mesa-dri"
has_library libGL.so.1 || lacks "libGL, to render the cell" "libgl1"

if [ -n "$missing" ]; then
    {
        echo "Luban's set-up needs what pip cannot install:$missing"
        echo "On Debian or Ubuntu:"
        # shellcheck disable=SC2086
        echo "  sudo apt-get install -y$(printf ' %s' $packages)"
        echo "Then run the same make command again."
    } >&2
    exit 1
fi
echo "$python"
