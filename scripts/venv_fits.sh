#!/bin/sh
# Print "yes" when the virtual environment $1 suits what is asked for now: PYTHON, where set, and ROS_DISTRO.
venv="$1"
[ -f "$venv/.done/python" ] || { echo no; exit; }
read -r made_for <"$venv/.done/python"
[ "$made_for" = "ROS_DISTRO=${ROS_DISTRO:-}" ] || { echo no; exit; }
if [ -n "${PYTHON:-}" ]; then
    version='import sys; print(sys.version_info[:2])'
    asked="$("$(dirname "$0")/check_system.sh" 2>/dev/null)" || { echo no; exit; }
    [ "$("$asked" -c "$version")" = "$("$venv/bin/python" -c "$version")" ] || { echo no; exit; }
fi
echo yes
