#!/usr/bin/env bash
# Makes kontext-tiny from nothing: train.sh WORK [--device auto|cpu|cuda] [--seed 1]. Stopped, it goes on where it was.
# Steps (see README.md for times): tokenizers, autoencoder, transformer with text encoders, export.
set -euo pipefail
work=${1:?usage: train.sh WORK [--device auto|cpu|cuda] [--seed N]}
shift
here=$(cd "$(dirname "$0")" && pwd)
# Large tensors come and go at every step: keeping their memory saves a seventh of the time.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=4000000000
python=${PYTHON:-/usr/bin/python3}

[ -f "$work/t5/spiece.model" ] && [ -f "$work/clip/merges.txt" ] || "$python" "$here/tokenizers.py" --work "$work"
"$python" "$here/train_autoencoder.py" --work "$work" "$@"
"$python" "$here/train_transformer.py" --work "$work" "$@"
"$python" "$here/export.py" --work "$work" --output "$work/export"
