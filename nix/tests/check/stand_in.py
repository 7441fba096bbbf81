"""Runs a test script against machines that answer from a table, to show that the script can fail.

usage: stand_in.py SCENARIO.py

A scenario names the script, its values, and how each machine answers in good order: a list of (pattern, code, text), the
first pattern found in a command answers it. The script must pass with it. Then answers are changed, one at a time, and
each time the script must fail: a command that has to succeed fails, one that has to fail succeeds, an answer that is read is
empty; and the weak answers that the scenario names. A command without an answer is an error of the scenario.
"""

import contextlib
import re
import runpy
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent


class NoAnswer(BaseException):
    """Not an Exception, so that no script takes it for a failure of the test."""


class StandIn:
    def __init__(self, name, answers, change, log):
        self.name, self.answers, self.change, self.log = name, answers, change, log

    def execute(self, command, kind="execute"):
        for pattern, code, text in self.answers:
            if re.search(pattern, command):
                break
        else:
            raise NoAnswer(f"{self.name} has no answer to: {command}")
        if callable(code):
            code = code(command)
        if callable(text):
            text = text(command)
        index = len(self.log)
        self.log.append((kind, self.name, command, code, text))
        if self.change is not None:
            code, text = self.change(index, self.name, command, code, text)
        return code, text

    def succeed(self, *commands):
        output = ""
        for command in commands:
            code, text = self.execute(command, "succeed")
            assert code == 0, f"command `{command}` failed"
            output += text
        return output

    def fail(self, *commands):
        output = ""
        for command in commands:
            code, text = self.execute(command, "fail")
            assert code != 0, f"command `{command}` succeeded"
            output += text
        return output

    wait_until_succeeds = succeed
    wait_until_fails = fail

    def wait_for_unit(self, unit):
        self.succeed(f"[wait for unit] {unit}")

    def wait_for_open_port(self, port, addr="localhost"):
        self.succeed(f"[wait for port] {port}")

    def require_unit_state(self, unit, require_state="active"):
        _, text = self.execute(f"[state of unit] {unit}", "state")
        assert text == require_state, f"{unit} is {text}"

    def start(self):
        pass

    shutdown = start


ALWAYS = [(r"^\[wait for (unit|port)\]", 0, ""), (r"^\[state of unit\]", 0, "active")]


def run(scenario, change=None):
    log = []
    script = ""
    if scenario.get("reports"):
        script += (TESTS / "firn_report.py").read_text("utf-8")
    script += (TESTS / scenario["script"]).read_text("utf-8")
    names = {
        name: StandIn(name, answers + ALWAYS, change, log)
        for name, answers in scenario["machines"].items()
    }
    names |= scenario["values"]
    names |= {"start_all": lambda: None, "subtest": lambda name: contextlib.nullcontext()}
    exec(compile(script, scenario["script"], "exec"), names)
    return log


def fails(scenario, change):
    try:
        run(scenario, change)
    except Exception:
        return True
    return False


def main():
    scenario = runpy.run_path(sys.argv[1])
    log = run(scenario)
    survived = []
    tried = 0
    skipped = scenario.get("free", [])
    for at, (kind, name, command, code, text) in enumerate(log):
        if any(re.search(pattern, command) for pattern in skipped):
            continue

        def flipped(index, _name, _command, code, text, at=at):
            return (0 if code else 1, text) if index == at else (code, text)

        def silenced(index, _name, _command, code, text, at=at):
            return (code, "") if index == at else (code, text)

        tried += 1
        if kind in ("succeed", "fail"):
            caught = fails(scenario, flipped)
        else:
            # Of these a script reads the code, the text, or both.
            caught = fails(scenario, flipped) or fails(scenario, silenced)
        if not caught:
            survived.append(f"{name}: {command}")
    for pattern, code, text in scenario["weak"]:
        hits = 0

        def weak(_index, _name, command, old_code, old_text):
            nonlocal hits
            if re.search(pattern, command):
                hits += 1
                return code, text
            return old_code, old_text

        tried += 1
        caught = fails(scenario, weak)
        if not hits or not caught:
            survived.append(f"weak answer to {pattern}: {text!r}")
    if survived:
        sys.exit("the script passes although wrong:\n  " + "\n  ".join(survived))
    if not scenario["weak"]:
        sys.exit("the scenario names no weak answer")
    print(f"{scenario['script']}: {len(log)} commands, {tried} changes, each one noticed")


if __name__ == "__main__":
    main()
