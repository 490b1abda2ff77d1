#!/usr/bin/env bash
# What telemetry costs: processor time per job of `kontext bench pipeline` with everything on (metrics, traces and logs, sent by OTLP to
# a sink on loopback) against off, in interleaved pairs. The median of the pairs' ratios must not be above 1.05.
#   telemetry/cost.sh                      10 pairs of 3,000 jobs each way, everything embedded
#   PAIRS=3 JOBS=1000 telemetry/cost.sh    quicker, and noisier
# With ConnectionStrings__RabbitMq, ConnectionStrings__Redis and ObjectStore__* set it runs over those servers. Wants a machine that
# does nothing else. Needs: python3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

pairs=${PAIRS:-10} jobs=${JOBS:-3000} limit=${LIMIT:-1.05}
kontext=src/Kontext.Cli/bin/Release/net10.0/kontext
folder=$(mktemp -d)
sink=

stop() {
  [[ -z "$sink" ]] || kill "$sink" 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT

# A collector that takes everything and keeps nothing; its own work is not counted. It says where it listens.
python3 -u - >"$folder/port" <<'END' &
import http.server

class Sink(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
print(server.server_port)
server.serve_forever()
END
sink=$!
until [[ -s "$folder/port" ]]; do sleep 0.1; done

[[ -x $kontext ]] || dotnet build -c Release -v q src/Kontext.Cli

# The folder stays until the end: ext4 looks for a minute for the inodes of files that were deleted.
run() {
  local name=$1 pair=$2
  shift 2
  env "$@" "$kontext" bench pipeline --jobs "$jobs" --single 0 --data "$folder/data-$pair-$name" --json | tr -d '\n' >>"$folder/$name.jsonl"
  echo >>"$folder/$name.jsonl"
}
off() { run off "$1" Telemetry__Enabled=false; }
on() {
  run on "$1" Telemetry__Enabled=true OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:$(<"$folder/port")" \
    OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_METRIC_EXPORT_INTERVAL=15000
}

for pair in $(seq "$pairs"); do
  # Whoever comes second finds the machine as the first has left it: they take turns.
  if ((pair % 2)); then off "$pair" && on "$pair"; else on "$pair" && off "$pair"; fi
  echo "pair $pair  off $(tail -1 "$folder/off.jsonl")"
  echo "pair $pair  on  $(tail -1 "$folder/on.jsonl")"
done

python3 - "$folder" "$limit" <<'END'
import json, statistics, sys

folder, limit = sys.argv[1], float(sys.argv[2])
cost = lambda name: [json.loads(line)["cpu_ms_per_job"] for line in open(f"{folder}/{name}.jsonl") if line.strip()]
off, on = cost("off"), cost("on")
ratios = sorted(b / a for a, b in zip(off, on))
median = statistics.median(ratios)
print(f"processor time per job, medians: off {statistics.median(off):.3f} ms, on {statistics.median(on):.3f} ms")
print(f"on / off in {len(ratios)} pairs: median {median:.3f}, from {ratios[0]:.3f} to {ratios[-1]:.3f}; at most {limit}")
sys.exit(median > limit)
END
