# Reads the report of `firn check --format json` in a test script.
#
# Nothing here is lenient: what is not there is an error, since a test that reads nothing would pass.

import json
from typing import Any, Dict, Iterable, List, Protocol, Set


class FirnReport:
    """What firn said of one system, and the exit code it ended with."""

    def __init__(self, code: int, text: str) -> None:
        document: Dict[str, Any] = json.loads(text)
        assert document["tool"]["name"] == "firn", document["tool"]
        assert document["schemaVersion"] == 3, document["schemaVersion"]
        self.code = code
        self.profile: str = document["profile"]["id"]
        self.targets: List[Dict[str, Any]] = document["targets"]
        # Of the first target: the system that was asked for. The others are systems inside of it.
        self.results: Dict[str, Dict[str, Any]] = {}
        for result in document["results"]:
            if result["target"] == 0:
                assert result["rule"] not in self.results, result["rule"]
                self.results[result["rule"]] = result
        assert self.results, "the report holds no results"

    @property
    def toplevel(self) -> str:
        path: str = self.targets[0]["identity"]["toplevel"]
        return path

    def outcome(self, rule: str) -> str:
        assert rule in self.results, f"{rule} was not judged"
        outcome: str = self.results[rule]["outcome"]
        return outcome

    def observed(self, rule: str) -> str:
        assert rule in self.results, f"{rule} was not judged"
        return str(self.results[rule]["observed"])

    def with_outcome(self, *outcomes: str) -> Set[str]:
        return {rule for rule in self.results if self.outcome(rule) in outcomes}

    def waived(self) -> Set[str]:
        return {
            rule
            for rule, result in self.results.items()
            if result["outcome"] == "fail" and result["waiver"] is not None
        }

    def blocking(self) -> Set[str]:
        """What makes the exit code 1: failures that count at the default --fail-on low, and that nobody accepted."""
        return {
            rule
            for rule in self.with_outcome("fail") - self.waived()
            if self.results[rule]["severity"] != "info"
        }


def require_exactly(what: str, found: Iterable[str], wanted: Iterable[str]) -> None:
    """Two sets are the same; the message names both differences."""
    unexpected = sorted(set(found) - set(wanted))
    lacking = sorted(set(wanted) - set(found))
    assert not unexpected, f"{what}: not expected: {', '.join(unexpected)}"
    assert not lacking, f"{what}: expected and not there: {', '.join(lacking)}"


def require_outcomes(report: FirnReport, rules: Iterable[str], outcome: str) -> None:
    """Every one of the rules has the outcome; there must be some."""
    names = list(rules)
    assert names, f"no rule is named that must be {outcome}"
    others = [
        f"{rule} is {report.outcome(rule)}"
        for rule in names
        if report.outcome(rule) != outcome
    ]
    assert not others, f"must be {outcome}: {'; '.join(others)}"


def require_consistent_exit(report: FirnReport) -> None:
    """The exit code is what the results of a report about one system mean: 2 before 3 before 1."""
    if report.with_outcome("error"):
        wanted = 2
    elif report.with_outcome("unknown"):
        wanted = 3
    elif report.blocking():
        wanted = 1
    else:
        wanted = 0
    assert report.code == wanted, f"firn ended with {report.code}, not {wanted}"


class FirnHost(Protocol):
    def execute(self, command: str) -> "tuple[int, str]": ...


def firn_check(host: FirnHost, target: str, arguments: str) -> FirnReport:
    """Audits a system on a machine. The clock is not asked: the day is that of the test."""
    code, text = host.execute(
        f"firn check {target} {arguments} --format json 2>/tmp/firn.errors"
    )
    assert code in (0, 1, 3), f"firn check {target} ended with {code}: {text}"
    return FirnReport(code, text)
