#!/usr/bin/env bash
# Checks the alerts, and asks every expression of every dashboard and alert of a Prometheus that looks at a cluster.
#   deploy/prometheus/check.sh                          the rules by themselves: they parse, each fires once and is silent once
#   deploy/prometheus/check.sh http://127.0.0.1:9090    that, and what has no data there
# Needs promtool (Debian: prometheus) and, for the second, python3. The tests do the same on a live cluster under load.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

promtool check rules alerts.yml
promtool test rules alerts.test.yml
[[ $# -gt 0 ]] || exit 0

exec python3 - "$1" ../grafana/*.json <<'END'
import json, re, sys, urllib.error, urllib.parse, urllib.request

def ask(what, **arguments):
    url = f"{sys.argv[1].rstrip('/')}/api/v1/{what}?{urllib.parse.urlencode(arguments)}"
    try:
        return json.load(urllib.request.urlopen(url, timeout=30))["data"]
    except urllib.error.HTTPError as error:
        sys.exit(f"{arguments.get('query', what)}: {json.load(error)['error']}")

empty = asked = 0
for file in sys.argv[2:]:
    dashboard = json.load(open(file))
    names = [v["name"] for v in dashboard["templating"]["list"] if v["type"] == "query"]
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"].replace("$__rate_interval", "5m").replace("$__range", "1h")
            for name in names:
                # Of one tenant: of any.
                expression = re.sub(rf'=~?"\${name}"', '=~".*"', expression)
            asked += 1
            if not ask("query", query=expression)["result"]:
                empty += 1
                print(f"no data: {dashboard['title']} / {panel['title']}: {expression}")
rules = [rule for group in ask("rules")["groups"] for rule in group["rules"] if "ontext" in rule["name"]]
broken = [rule["name"] for rule in rules if rule["health"] == "err"]
firing = [rule["name"] for rule in rules if rule.get("state") == "firing"]
print(f"{asked} expressions of panels, {empty} without data; {len(rules)} rules, broken: {broken or 'none'}, firing: {firing or 'none'}")
sys.exit(bool(broken))
END
