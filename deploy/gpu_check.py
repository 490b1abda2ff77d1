"""What deploy/gpu-check.sh runs once the program is built; see docs/gpu.md.

Makes a FLUX.1-shaped transformer of random bf16 weights, imports it, compares its forward pass with torch's in single
precision over the same weights, and times a step of one 1024x1024 picture with one context beside torch.
"""
import argparse
import json
import os
import subprocess
import sys
import threading
import time

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "models", "training"))
import safetensors_io  # noqa: E402
from gpu_check_model import PARAMETERS, FlatFile, forward, random_weights, shapes, timed_model  # noqa: E402

LIMIT = 0.01
TEXT, TARGET, CONTEXT = 512, 4096, 4096
NAME = "gpu-check"


def inputs(tokens, text, batch, seed, device="cpu"):
    """Random inputs of the published names; target and context are `tokens` each, in a square."""
    draw = torch.Generator().manual_seed(seed)
    side = int(tokens ** 0.5)
    grid = torch.stack(torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij"), -1).reshape(-1, 2).float()
    ids = torch.cat([torch.cat([torch.full((len(grid), 1), float(i)), grid], 1) for i in (0, 1)])
    made = {
        "hidden_states": torch.randn(batch, 2 * len(grid), 64, generator=draw),
        "encoder_hidden_states": torch.randn(batch, text, 4096, generator=draw),
        "pooled_projections": torch.randn(batch, 768, generator=draw),
        "timestep": torch.linspace(1, 0.3, batch),
        "guidance": torch.full((batch,), 2.5),
        "img_ids": ids,
        "txt_ids": torch.zeros(text, 3),
    }
    return {name: value.to(device) for name, value in made.items()}


def error(found, expected):
    return ((found.double() - expected.double()).norm() / expected.double().norm()).item()


def kontext(args, *command):
    environment = dict(os.environ, KONTEXT_MODELS=os.path.join(args.work, "models"))
    run = subprocess.run([args.kontext, *command], env=environment, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"kontext {' '.join(command)} ended with {run.returncode}: {run.stderr.strip()}")
    return run.stdout


class GpuMemory:
    """The most memory in use on the GPU while the block runs, beyond what was in use before, in GiB."""

    def __init__(self):
        self.done, self.most = threading.Event(), 0.0

    @staticmethod
    def used():
        asked = ["nvidia-smi", "--id=0", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
        return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout) / 1024

    def __enter__(self):
        before = self.used()

        def watch():
            while not self.done.is_set():
                self.most = max(self.most, self.used() - before)
                self.done.wait(0.1)

        self.thread = threading.Thread(target=watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def compare(args, weights):
    given = inputs(args.tokens, 64, 2, seed=1)
    source, target = os.path.join(args.work, "inputs.safetensors"), os.path.join(args.work, "output.safetensors")
    safetensors_io.save(source, given)
    started = time.time()
    kontext(args, "model", "run", NAME, "transformer", "--inputs", source, "--output", target,
            "--device", args.device, "--precision", args.precision)
    seconds = time.time() - started
    ours = safetensors_io.load(target)[0]["sample"]
    on_device = {name: value.to(args.device) for name, value in given.items()}
    expected = forward(weights, args.depth, on_device, torch.float32).cpu()
    found = {"precision": args.precision, "seconds_with_loading": round(seconds, 1), "error": error(ours, expected), "limit": LIMIT}
    if args.precision == "bf16":
        # 57 blocks add to tokens that are rounded to eight bits each time: torch's own bf16 is no nearer than this.
        found["error_of_torch_bf16"] = error(forward(weights, args.depth, on_device, torch.bfloat16).cpu(), expected)
        found["limit"] = max(LIMIT, 1.25 * found["error_of_torch_bf16"])
    return found


def time_kontext(args, batch):
    """Milliseconds of a step and GiB."""
    with GpuMemory() as memory:
        report = json.loads(kontext(
            args, "bench", "transformer", NAME, "--batch", str(batch), "--target-tokens", str(TARGET), "--context-tokens", str(CONTEXT),
            "--text-tokens", str(TEXT), "--device", "cuda", "--json"))
    return report["rows"][0]["step_ms"], memory.most


def time_torch(args, batch, compiled):
    """In a process of its own, which leaves no memory behind."""
    command = [sys.executable, os.path.abspath(__file__), "--work", args.work, "--depth", *map(str, args.depth), "--time-torch", str(batch)]
    with GpuMemory() as memory:
        run = subprocess.run(command + ["--compiled"] * compiled, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr.strip().splitlines()[-1])
    return float(run.stdout), memory.most


def torch_step(args):
    """Median of five steps after two."""
    step = timed_model(FlatFile(weights_path(args)), args.depth, inputs(TARGET, TEXT, args.time_torch, 2, "cuda"))
    if args.compiled:
        step = torch.compile(step)
    times = []
    with torch.no_grad():
        for _ in range(7):
            torch.cuda.synchronize()
            started = time.perf_counter()
            step()
            torch.cuda.synchronize()
            times.append(1000 * (time.perf_counter() - started))
    print(sorted(times[2:])[2])


def timings(args):
    ways = [("kontext", time_kontext), ("torch eager", lambda a, b: time_torch(a, b, False)), ("torch.compile", lambda a, b: time_torch(a, b, True))]
    for batch in (1, 2):
        for way, measure in ways:
            row = {"batch": batch, "way": way}
            try:
                step, memory = measure(args, batch)
                row.update(step_ms=round(step, 1), steps_per_second=round(1000 / step, 3), memory_gib=round(memory, 1))
            except (RuntimeError, SystemExit) as reason:
                row["failed"] = str(reason)
            yield row


def weights_path(args):
    return os.path.join(args.work, f"flux-{args.depth[0]}-{args.depth[1]}.safetensors")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, help="folder for weights, model and results")
    parser.add_argument("--kontext", help="the built program")
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--depth", type=int, nargs=2, default=[19, 38], metavar=("D", "S"), help="double and single blocks")
    parser.add_argument("--precision", choices=["bf16", "fp32"], help="of the comparison; default: bf16 on cuda, fp32 on cpu")
    parser.add_argument("--tokens", type=int, default=256, help="tokens of target and of context in the comparison; a square")
    parser.add_argument("--time-torch", type=int, metavar="BATCH", help=argparse.SUPPRESS)
    parser.add_argument("--compiled", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.precision = args.precision or ("bf16" if args.device == "cuda" else "fp32")
    if args.time_torch:
        return torch_step(args)
    if args.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("There is no GPU that torch can use: install a CUDA build of torch, or give --device cpu --depth 1 1.")

    count = sum(torch.Size(shape).numel() for shape in shapes(args.depth).values())
    assert args.depth != [19, 38] or count == PARAMETERS, count
    path = weights_path(args)
    if not os.path.exists(path):
        random_weights(path, args.depth, args.device)
    started = time.time()
    kontext(args, "model", "import", "--name", NAME, "--transformer", path, "--force")
    result = {
        "device": torch.cuda.get_device_name(0) if args.device == "cuda" else "cpu", "torch": torch.__version__, "depth": args.depth,
        "parameters": count, "import_seconds": round(time.time() - started, 1), "forward": compare(args, FlatFile(path)),
    }
    print(f"{count:,} parameters on {result['device']}, imported in {result['import_seconds']} s")
    for name, value in result["forward"].items():
        print(f"  {name.replace('_', ' ')}: {value if isinstance(value, str) else f'{value:.3g}'}")
    if args.device == "cuda":
        result["timings"] = list(timings(args))
        print(f"A step of {TARGET} + {CONTEXT} + {TEXT} tokens:\nbatch  way             ms      steps/s  GiB")
        for row in result["timings"]:
            shown = row.get("failed") or f"{row['step_ms']:<7} {row['steps_per_second']:<8} {row['memory_gib']}"
            print(f"{row['batch']:<6} {row['way']:<15} {shown}")
    else:
        print("No GPU was asked for: steps per second and memory were not measured.")
    with open(os.path.join(args.work, "gpu-check.json"), "w") as file:
        json.dump(result, file, indent=2)
    print(f"Everything is in {file.name}.")
    found = result["forward"]
    if not found["error"] <= found["limit"]:
        raise SystemExit(f"The forward pass is off by {found['error']:.2%}: more than {found['limit']:.2%}.")


if __name__ == "__main__":
    main()
