#!/usr/bin/python3
"""The same chain of three tasks on Celery: what a job costs a general task queue.

Each task only waits (--stage-time). Broker and result store are the servers that the cluster uses. Messages are confirmed and
acknowledged late, so that a worker's death loses nothing; there is no leader and no job record.

    celery_chain.py --broker amqp://guest:guest@127.0.0.1:5672 --backend redis://127.0.0.1:6379/1 --jobs 1000

Prints one line of JSON: jobs_per_second, and p50_ms and p99_ms of single jobs one after the other.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

from celery import Celery, chain

BROKER = os.environ.get("KONTEXT_BENCH_BROKER", "")
BACKEND = os.environ.get("KONTEXT_BENCH_BACKEND", "")

app = Celery("celery_chain", broker=BROKER, backend=BACKEND)
app.conf.update(
    task_acks_late=True,
    broker_transport_options={"confirm_publish": True},
    worker_prefetch_multiplier=64,
    task_default_queue="kontext-bench-celery",
    task_serializer="json",
    result_expires=600,
)


@app.task(name="stage")
def stage(wait_ms):
    if wait_ms > 0:
        time.sleep(wait_ms / 1000)
    return wait_ms


def submit(wait_ms):
    return chain(stage.s(wait_ms), stage.s(), stage.s()).apply_async()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--backend", required=True)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--stage-time", type=float, default=0, help="milliseconds that each task waits")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--single", type=int, default=50, help="jobs of which each is timed alone")
    arguments = parser.parse_args()

    os.environ.update(KONTEXT_BENCH_BROKER=arguments.broker, KONTEXT_BENCH_BACKEND=arguments.backend)
    app.conf.update(broker_url=arguments.broker, result_backend=arguments.backend)
    folder = os.path.dirname(os.path.abspath(__file__))
    command = [sys.executable, "-m", "celery", "-A", "celery_chain", "worker", "--loglevel", "ERROR"]
    command += ["--concurrency", str(arguments.processes), "--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = subprocess.Popen(command, cwd=folder, env=os.environ)
    try:
        for _ in range(20):
            submit(0).get(timeout=60)
        alone = []
        for _ in range(arguments.single):
            begun = time.perf_counter()
            submit(arguments.stage_time).get(timeout=60, interval=0.001)
            alone.append((time.perf_counter() - begun) * 1000)
        begun = time.perf_counter()
        results = [submit(arguments.stage_time) for _ in range(arguments.jobs)]
        for result in results:
            result.get(timeout=600)
        took = time.perf_counter() - begun
    finally:
        worker.terminate()
        worker.wait()
    waited = 3 * arguments.stage_time
    print(
        json.dumps(
            {
                "system": "celery",
                "jobs": arguments.jobs,
                "jobs_per_second": round(arguments.jobs / took, 1),
                "p50_added_ms": round(statistics.median(alone) - waited, 2),
                "p99_added_ms": round(statistics.quantiles(alone, n=100)[98] - waited, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
