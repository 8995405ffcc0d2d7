"""The engine is tested where its extra is installed: `yanta[solve]`."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("numba") and find_spec("ortools") else ["*"]
