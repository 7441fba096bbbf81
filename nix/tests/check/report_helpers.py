"""Runs firn_report.py on a report that firn wrote, given as a file, and shows that each helper also refuses.

usage: report_helpers.py REPORT.json
"""

import json
import sys
from pathlib import Path

names = {}
exec(compile((Path(__file__).resolve().parent.parent / "firn_report.py").read_text("utf-8"), "firn_report.py", "exec"), names)
text = Path(sys.argv[1]).read_text("utf-8")
document = json.loads(text)
report = names["FirnReport"](0, text)


def refuses(function, *arguments):
    try:
        function(*arguments)
    except AssertionError:
        return
    sys.exit(f"{function.__name__} takes what it must refuse")


# The counts that firn itself gives of the first target are the reference.
outcomes = document["summary"]["targets"][0]["outcomes"]
for outcome, count in outcomes.items():
    found = len(report.with_outcome(outcome))
    assert found == count, f"{outcome}: {found}, and firn counts {count}"
assert outcomes["fail"] > 0 and outcomes["pass"] > 0, "a report with both is needed"
assert report.toplevel.startswith("/nix/store/"), report.toplevel
fails = document["summary"]["targets"][0]["fails"]
assert len(report.blocking()) == sum(fails.values()) - fails["info"] - len(
    {rule for rule in report.waived() if report.results[rule]["severity"] != "info"}
)
right = 2 if outcomes["error"] else 3 if outcomes["unknown"] else 1 if report.blocking() else 0
for code in (0, 1, 2, 3):
    report.code = code
    if code == right:
        names["require_consistent_exit"](report)
    else:
        refuses(names["require_consistent_exit"], report)
failing = report.with_outcome("fail")
names["require_outcomes"](report, failing, "fail")
refuses(names["require_outcomes"], report, failing, "pass")
refuses(names["require_outcomes"], report, [], "fail")
refuses(names["require_outcomes"], report, ["no.such.rule"], "fail")
names["require_exactly"]("all", failing, failing)
refuses(names["require_exactly"], "one more", failing | {"x"}, failing)
refuses(names["require_exactly"], "one less", failing, failing | {"x"})
document["results"] = []
refuses(names["FirnReport"], 0, json.dumps(document))
print(f"{len(report.results)} results, read as firn counts them")
