#!/usr/bin/env python3
"""Checks Grafana dashboards as far as that goes without Grafana.

    check_dashboards.py --promtool PATH DASHBOARD...     structure, and that each query parses
    check_dashboards.py --prometheus URL DASHBOARD...    also that each panel finds series on a running Prometheus

Exit code 1 when anything is wrong; each problem on a line that names dashboard, panel and query.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

# Grafana's own variables as it would fill them in, and ours at "All".
VARIABLES = {"$__rate_interval": "1m", "$__interval": "15s", "$__range": "1h"}
ALL = ".*"


def panels_of(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def filled_in(expression, dashboard):
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    for variable in dashboard["templating"]["list"]:
        expression = re.sub(r"\$(%s\b|\{%s\})" % ((variable["name"],) * 2), ALL, expression)
    return expression


def structure_problems(dashboard, sources):
    seen, covered = set(), {}
    for key in ("uid", "title", "schemaVersion", "time"):
        if key not in dashboard:
            yield f"has no {key}"
    for panel in panels_of(dashboard):
        title = panel["title"]
        if panel["id"] in seen:
            yield f"panel '{title}': id {panel['id']} is taken twice"
        seen.add(panel["id"])
        box = panel["gridPos"]
        if box["x"] + box["w"] > 24:
            yield f"panel '{title}' is wider than the page"
        for x in range(box["x"], box["x"] + box["w"]):
            for y in range(box["y"], box["y"] + box["h"]):
                if covered.setdefault((x, y), title) != title:
                    yield f"panels '{title}' and '{covered[x, y]}' cover each other"
                    break
        if panel["type"] == "row":
            continue
        if not panel.get("targets"):
            yield f"panel '{title}' has no query"
        for target in panel.get("targets", []):
            if target["datasource"]["uid"] not in sources:
                yield f"panel '{title}': data source '{target['datasource']['uid']}' is not provisioned"


def unknown_variables(query):
    return re.findall(r"\$\{?\w+", query)


def parse_problem(promtool, query):
    done = subprocess.run([promtool, "--experimental", "promql", "format", query], capture_output=True, text=True)
    return None if done.returncode == 0 else done.stderr.strip()


def series_found(prometheus, query):
    address = f"{prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return len(json.load(answer)["data"]["result"])
    except urllib.error.HTTPError as refused:
        raise ValueError(refused.read().decode(errors="replace")) from refused


def empty_panels(prometheus, dashboard):
    """Panels none of whose queries finds a series."""
    for panel in panels_of(dashboard):
        queries = [filled_in(target["expr"], dashboard) for target in panel.get("targets", [])]
        if queries and not any(series_found(prometheus, query) for query in queries):
            yield panel["title"], queries


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dashboards", nargs="+", type=pathlib.Path)
    parser.add_argument("--promtool")
    parser.add_argument("--prometheus")
    parser.add_argument("--may-be-empty", action="append", default=[], metavar="TITLE", help="a panel that shows trouble that is not there")
    parser.add_argument("--patience", type=float, default=60, help="seconds that series may take to appear")
    options = parser.parse_args()

    provisioned = pathlib.Path(__file__).parents[1] / "grafana/provisioning/datasources"
    sources = {uid for file in provisioned.glob("*.yml") for uid in re.findall(r"^ *uid: *(\S+)", file.read_text(), re.M)}
    problems, queries = [], 0
    for path in options.dashboards:
        dashboard = json.loads(path.read_text())
        problems += [f"{path.name}: {problem}" for problem in structure_problems(dashboard, sources)]
        for panel in panels_of(dashboard):
            for target in panel.get("targets", []):
                query = filled_in(target["expr"], dashboard)
                queries += 1
                where = f"{path.name}: panel '{panel['title']}': {target['expr']}"
                if unknown_variables(query):
                    problems.append(f"{where}: no such variable: {', '.join(unknown_variables(query))}")
                elif options.promtool and (problem := parse_problem(options.promtool, query)):
                    problems.append(f"{where}: {problem}")
        if options.prometheus:
            deadline = time.monotonic() + options.patience
            while empty := [e for e in empty_panels(options.prometheus, dashboard) if e[0] not in options.may_be_empty]:
                if time.monotonic() > deadline:
                    problems += [f"{path.name}: panel '{title}' finds no series: {'; '.join(tried)}" for title, tried in empty]
                    break
                time.sleep(2)

    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"dashboards: {len(options.dashboards)}, queries: {queries}, problems: {len(problems)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
