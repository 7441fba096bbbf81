"""image-tests.py on an installer: there, and only there, sudo asks for no password."""

import runpy
from pathlib import Path

_vm = runpy.run_path(str(Path(__file__).with_name("image-tests.scenario.py")))

script = _vm["script"]
values = {"image": "iso", "is_installer": True}
_without = [answer for answer in _vm["machines"]["machine"] if answer[0] != r"sudo -n true"]
machines = {
    "machine": [(r"sudo -n true", 0, ""), *_without],
    "client": _vm["machines"]["client"],
}
weak = [weak for weak in _vm["weak"] if "sudo -n true" not in weak[0]]
weak.append((r"su -l nixos -c 'sudo -n true'", 1, "a password is required\n"))
