#!/usr/bin/env python3
"""Writes the same objectives for `sre` and for sloth: python3 generate_peers.py FOLDER [OBJECTIVES]

FOLDER/sre gets one document a file, with the services and the data source that they name, and
FOLDER/sloth one spec of `prometheus/v1` a file, which sloth and slokit read. Deterministic; ten
objectives for each service. Both have the same prose and the same queries.
"""
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
objectives = int(sys.argv[2]) if len(sys.argv) > 2 else 1000

PROSE = (
    "Customers notice at once when this part does not answer, and they call the hotline within "
    "minutes. The objective was agreed between product and engineering after the review of the last "
    "two quarters; it is looked at every month and changed only together. "
) * 3


def prose(indent):
    words, lines = PROSE.split(), []
    while words:
        lines.append(" " * indent + " ".join(words[:14]))
        words = words[14:]
    return lines


def write(path, lines):
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n")


def sre(n, service):
    selector = f'job="{service}",handler="/api/{n}"'
    return [
        "apiVersion: sre/v1",
        "kind: SLO",
        "metadata:",
        f"  name: {service}-objective-{n:04}",
        "  description: >-",
        *prose(4),
        f"  owner: team-{n % 40:02}",
        "  labels:",
        f"    team: team-{n % 40:02}",
        "    environment: production",
        "spec:",
        f"  service: {service}",
        "  sli:",
        "    category: availability",
        "    source: prometheus",
        "    prometheus:",
        f"      bad: 'sum(rate(http_requests_total{{{selector},code=~\"(5..|429)\"}}[{{{{.window}}}}]))'",
        f"      total: 'sum(rate(http_requests_total{{{selector}}}[{{{{.window}}}}]))'",
        "  target: 99.9%",
        "  window: 30d",
        f"  runbook: https://wiki.example.com/runbooks/{service}",
    ]


def sloth(n, service):
    selector = f'job="{service}",handler="/api/{n}"'
    return [
        "version: prometheus/v1",
        f"service: {service}",
        "labels:",
        f"  owner: team-{n % 40:02}",
        f"  team: team-{n % 40:02}",
        "  environment: production",
        "slos:",
        f"  - name: {service}-objective-{n:04}",
        "    objective: 99.9",
        "    description: >-",
        *prose(6),
        "    sli:",
        "      events:",
        f"        error_query: 'sum(rate(http_requests_total{{{selector},code=~\"(5..|429)\"}}[{{{{.window}}}}]))'",
        f"        total_query: 'sum(rate(http_requests_total{{{selector}}}[{{{{.window}}}}]))'",
        "    alerting:",
        f"      name: Objective{n:04}",
        "      annotations:",
        f"        runbook: https://wiki.example.com/runbooks/{service}",
        "      page_alert:",
        "        labels: {severity: page}",
        "      ticket_alert:",
        "        labels: {severity: ticket}",
    ]


def envelope(kind, name, spec):
    return ["apiVersion: sre/v1", f"kind: {kind}", f"metadata: {{name: {name}, owner: platform}}", *spec]


source = ["spec:", "  prometheus: {url: 'https://prometheus.example.com'}"]
write("sre/prometheus.yaml", envelope("DataSource", "prometheus", source))
for n in range(objectives):
    service = f"service-{n // 10:03}"
    if n % 10 == 0:
        write(f"sre/{service}.yaml", envelope("Service", service, ["spec:", "  tier: 2"]))
    write(f"sre/slo-{n:04}.yaml", sre(n, service))
    write(f"sloth/slo-{n:04}.yaml", sloth(n, service))
