#!/usr/bin/env bash
# Runs the same chain of three stages on this system, on Celery and on a bare skeleton of queues, side by side: same RabbitMQ,
# same Redis, in turns.
#   peers/compare.sh            1,000 jobs, stages that take no time, 3 rounds
#   JOBS=5000 ROUNDS=5 STAGE_TIME=1 peers/compare.sh
# Servers: ConnectionStrings__RabbitMq and ConnectionStrings__Redis; where they are not set, Debian's are started on loopback
# and stopped in the end. With ObjectStore__* set this system writes there, else to a folder.
# Needs: apt-get install --no-install-recommends rabbitmq-server redis-server python3-celery python3-redis
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

jobs=${JOBS:-1000} rounds=${ROUNDS:-3} stage_time=${STAGE_TIME:-0}
kontext=src/Kontext.Cli/bin/Release/net10.0/kontext
skeleton=tests/Kontext.Benchmarks/Skeleton/bin/Release/net10.0/skeleton
folder=$(mktemp -d)
pids=()

stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT

start_redis() {
  redis-server --port 26379 --bind 127.0.0.1 --dir "$folder" --appendonly no --save '' --loglevel warning >"$folder/redis.log" &
  pids+=($!)
  export ConnectionStrings__Redis=127.0.0.1:26379
}

start_rabbit() {
  mkdir -p "$folder/home"
  printf 'listeners.tcp.1 = 127.0.0.1:26672\nloopback_users = none\nlog.file.level = warning\n' >"$folder/rabbitmq.conf"
  : >"$folder/plugins"
  env HOME="$folder/home" RABBITMQ_NODENAME=kontextbench@localhost RABBITMQ_MNESIA_BASE="$folder/mnesia" \
    RABBITMQ_LOG_BASE="$folder/log" RABBITMQ_CONFIG_FILE="$folder/rabbitmq.conf" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$folder/plugins" RABBITMQ_GENERATED_CONFIG_DIR="$folder/schema" \
    RABBITMQ_CONF_ENV_FILE="$folder/none" RABBITMQ_DIST_PORT=26673 ERL_EPMD_PORT=26674 ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
    /usr/lib/rabbitmq/bin/rabbitmq-server >"$folder/rabbit.log" 2>&1 &
  pids+=($!)
  export ConnectionStrings__RabbitMq=amqp://guest:guest@127.0.0.1:26672
  for _ in $(seq 300); do
    # The greeting of the protocol: a listener alone is not yet a broker.
    if (exec 3<>/dev/tcp/127.0.0.1/26672) 2>/dev/null; then return; fi
    sleep 0.2
  done
  echo "RabbitMQ did not start:" >&2
  tail "$folder/rabbit.log" >&2
  exit 1
}

[[ -n "${ConnectionStrings__Redis:-}" ]] || start_redis
[[ -n "${ConnectionStrings__RabbitMq:-}" ]] || start_rabbit
[[ -x $kontext ]] || dotnet build -c Release -v q src/Kontext.Cli
[[ -x $skeleton ]] || dotnet build -c Release -v q tests/Kontext.Benchmarks/Skeleton

for round in $(seq "$rounds"); do
  # A folder that stays until the end: ext4 looks for a minute for the inodes of files that were deleted.
  "$kontext" bench pipeline --jobs "$jobs" --stage-time "$stage_time" --data "$folder/data-$round" --json | tr -d '\n' >>"$folder/ours.jsonl"
  echo >>"$folder/ours.jsonl"
  echo "round $round  kontext $(tail -1 "$folder/ours.jsonl")"
  # Now and then a client of Celery waits for ever for results: such a round does not count.
  if ! timeout 120 /usr/bin/python3 tests/Kontext.Benchmarks/peers/celery_chain.py --broker "$ConnectionStrings__RabbitMq" \
    --backend "redis://${ConnectionStrings__Redis}/1" --jobs "$jobs" --stage-time "$stage_time" 2>/dev/null >>"$folder/celery.jsonl"; then
    echo "round $round  celery  did not finish within two minutes"
    sed -i '$d' "$folder/ours.jsonl"
    continue
  fi
  echo "round $round  celery  $(tail -1 "$folder/celery.jsonl")"
  "$skeleton" "$ConnectionStrings__RabbitMq" "$ConnectionStrings__Redis" "$jobs" >>"$folder/skeleton.jsonl"
  echo "round $round  skeleton $(tail -1 "$folder/skeleton.jsonl")"
done

/usr/bin/python3 - "$folder" <<'END'
import json, statistics, sys

def median(name, key):
    lines = open(f"{sys.argv[1]}/{name}.jsonl").read().split("\n")
    return statistics.median(json.loads(line)[key] for line in lines if line.startswith("{"))

rates = {name: median(name, "jobs_per_second") for name in ("ours", "celery", "skeleton")}
added = {name: median(name, "p50_added_ms") for name in rates}
print("jobs/s, medians: ", ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items()))
print("added p50, ms:   ", ", ".join(f"{name} {p50:.2f}" for name, p50 in added.items()))
print("ours against:    ", ", ".join(f"{name} {rates['ours'] / rates[name]:.2f}" for name in ("celery", "skeleton")))
END
