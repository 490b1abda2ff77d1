#!/usr/bin/env python3
"""Makes helm/kontext/README.md of the comments in values.yaml.

    eng/chart_readme.py           writes it
    eng/chart_readme.py --check   fails if it is not what it would write

A comment that begins with "# --" describes the key below it. A key with such a comment is a row; keys below it are its value.
"""

import pathlib
import re
import sys

CHART = pathlib.Path(__file__).resolve().parent.parent / "helm" / "kontext"

HEAD = """# The kontext chart

<!-- Made by eng/chart_readme.py of values.yaml: change that. -->

Gateway, coordinators and worker pools on Kubernetes 1.30 and later. **It has never been installed on a cluster**: its objects are
rendered and checked in `tests/Kontext.Deploy.Tests`. [docs/operations.md](../../docs/operations.md) says how to size, upgrade,
back up and repair.

```sh
kubectl create namespace kontext
kubectl create secret generic kontext --namespace kontext \\
  --from-literal=rabbitmq-password=$(openssl rand -hex 24) --from-literal=redis-password=$(openssl rand -hex 24) \\
  --from-literal=object-store-access-key=kontext --from-literal=object-store-secret-key=$(openssl rand -hex 24) \\
  --from-literal=cluster-secret=$(openssl rand -hex 32)
helm install kontext helm/kontext --namespace kontext
```

| example | for |
| --- | --- |
| [single-gpu](examples/single-gpu.yaml) | one machine, one GPU |
| [mixed-fleet](examples/mixed-fleet.yaml) | whole GPUs, MIG slices and old GPUs, servers of your own, TLS, KEDA |
| [spot](examples/spot.yaml) | workers on machines that may be taken away |

Values are checked against `values.schema.json`: a name that does not exist is refused.

"""


def rows(text):
    """Yields (path, default, description) of each described key."""
    path, comment, lines = [], None, text.splitlines()
    for at, line in enumerate(lines):
        if line.strip().startswith("#"):
            words = line.strip()[1:].strip()
            if words.startswith("-- "):
                comment = [words[3:]]
            elif comment is not None:
                comment.append(words)
            continue
        key = re.match(r"( *)([A-Za-z0-9_.-]+):(?: (.*))?$", line)
        if not key:
            comment = None
            continue
        depth = len(key[1]) // 2
        path = path[:depth] + [key[2]]
        if comment is not None:
            below = "" if key[3] else block(lines[at + 1 :], len(key[1]))
            yield ".".join(path), key[3] or below, " ".join(comment)
        comment = None


def block(lines, indent):
    """What stands below a key, on one line."""
    inner = []
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        if line.strip() and not line.strip().startswith("#"):
            inner.append(line.strip())
    return "; ".join(inner)


def readme():
    """The whole text."""
    table, section = [], None
    for path, default, description in rows((CHART / "values.yaml").read_text()):
        top = path.split(".")[0]
        if top != section:
            table.append(f"\n## {top}\n\n| value | default | meaning |\n| --- | --- | --- |")
            section = top
        cells = (f"`{path}`", f"`{default}`", description)
        table.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return HEAD.rstrip("\n") + "\n" + "\n".join(table) + "\n"


def main():
    target = CHART / "README.md"
    if sys.argv[1:] == ["--check"]:
        if target.read_text() != readme():
            sys.exit("helm/kontext/README.md is not made of values.yaml as it is: run eng/chart_readme.py.")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        target.write_text(readme())


if __name__ == "__main__":
    main()
