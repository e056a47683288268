#!/usr/bin/env python3
"""Writes a catalog for measuring `sre validate`: python3 generate_catalog.py FOLDER [DOCUMENTS]

Deterministic. Services in a chain of dependencies, their indicators, objectives, policies and
adjustments, about 2.2 kB a document, one file each, in folders of a hundred. Without errors, so that
all rules run on all of it.
"""
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
documents = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000

PROSE = (
    "Customers notice at once when this part does not answer, and they call the hotline within "
    "minutes. The objective was agreed between product and engineering after the review of the last "
    "two quarters; it is looked at every month and changed only together. "
)


def metadata(name, owner, repeat):
    lines = [
        "metadata:",
        f"  name: {name}",
        f'  display_name: "{name.replace("-", " ").title()}"',
        "  description: >-",
    ]
    words = (PROSE * repeat).split()
    while words:
        lines.append("    " + " ".join(words[:14]))
        words = words[14:]
    lines += [
        f"  owner: {owner}",
        "  labels:",
        f"    team: {owner}",
        "    environment: production",
        f"    cost-center: cc-{abs(hash_of(name)) % 900 + 100}",
        "  annotations:",
        f"    wiki: https://wiki.example.com/services/{name}",
        f"    chat: '#{owner}-alerts'",
        "  links:",
        f"    - {{name: dashboard, url: 'https://grafana.example.com/d/{name}'}}",
        f"    - name: architecture",
        f"      url: https://wiki.example.com/architecture/{name}#overview",
    ]
    return lines


def hash_of(text):
    value = 0
    for letter in text:
        value = (value * 31 + ord(letter)) % 1_000_003
    return value


def service(n):
    name, owner = f"service-{n:05}", f"team-{n % 40:02}"
    lines = ["apiVersion: sre/v1", "kind: Service", *metadata(name, owner, 5), "spec:", f"  tier: {n % 3 + 1}"]
    if n % 3 == 0 and n >= 3:
        lines += ["  depends_on:", f"    - service: service-{n - 3:05}", "      criticality: soft"]
    return f"service/{name}", lines


def indicator(n):
    name, owner = f"service-{n:05}-availability", f"team-{n % 40:02}"
    lines = ["apiVersion: sre/v1", "kind: SLI", *metadata(name, owner, 5), "spec:", "  category: availability"]
    if n % 2:
        lines += [
            "  source: web-log",
            "  events:",
            "    total: path NOT LIKE '/health%' AND method <> 'OPTIONS'",
            f"    good: status < 500 AND duration < {n % 7 + 1}",
        ]
    else:
        selector = f'job="service-{n:05}"'
        lines += [
            "  source: prometheus",
            "  prometheus:",
            f"    good: 'http_requests_total{{{selector},code!~\"5..\"}}'",
            f"    total: 'http_requests_total{{{selector}}}'",
        ]
    return f"sli/{name}", lines


def objective(n, variant):
    owner = f"team-{n % 40:02}"
    name = f"service-{n:05}-{variant}"
    target = {"month": "99.5%", "week": "99%", "strict": "99.9%"}[variant]
    window = {"month": "30d", "week": "1w", "strict": "28d"}[variant]
    lines = [
        "apiVersion: sre/v1",
        "kind: SLO",
        *metadata(name, owner, 5),
        "spec:",
        f"  service: service-{n:05}",
        f"  sli: service-{n:05}-availability",
        f"  target: {target}",
        f"  window: {window}",
        "  policy: standard",
        f"  runbook: https://wiki.example.com/runbooks/service-{n:05}",
    ]
    if variant != "week":
        lines += [
            "  alerting:",
            "    tiers:",
            "      - {name: fast, severity: page, long: 1h, short: 5m, budget_share: 2%}",
            "      - {name: slow, severity: page, long: 6h, short: 30m, budget_share: 5%}",
            "      - name: ticket",
            "        severity: ticket",
            "        long: 3d",
            "        short: 6h",
            "        budget_share: 10%",
        ]
    else:
        lines += ["  alerting:", "    tiers:", "      - {severity: ticket, long: 1d, short: 2h, budget_share: 30%}"]
    return f"slo/{name}", lines


FIXED = [
    (
        "shared/prometheus",
        ["apiVersion: sre/v1", "kind: DataSource", *metadata("prometheus", "platform", 2), "spec:", "  prometheus: {url: 'https://prometheus.example.com'}"],
    ),
    (
        "shared/web-log",
        ["apiVersion: sre/v1", "kind: DataSource", *metadata("web-log", "platform", 2), "spec:", "  files: {paths: [access.log], format: access_log}"],
    ),
    (
        "shared/standard",
        [
            "apiVersion: sre/v1",
            "kind: ErrorBudgetPolicy",
            *metadata("standard", "platform", 2),
            "spec:",
            "  states:",
            "    - {name: careful, when: {remaining_below: 25%}, actions: [notify]}",
            "    - {name: frozen, when: {remaining_below: 0%}, actions: [freeze]}",
        ],
    ),
]

made = list(FIXED)
n = 0
while len(made) < documents:
    made.append(service(n))
    made.append(indicator(n))
    for variant in ("month", "week", "strict"):
        made.append(objective(n, variant))
    n += 1
size = 0
for count, (path, lines) in enumerate(made[:documents]):
    target = folder / f"{count // 100:03}" / (path.replace("/", "-") + ".yaml")
    target.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines) + "\n"
    size += len(text)
    target.write_text(text)
print(f"{len(made[:documents])} documents, {size / 1e6:.1f} MB")
