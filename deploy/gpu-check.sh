#!/usr/bin/env bash
# Checks the GPU path on a machine with an NVIDIA GPU, at the full size of FLUX.1 with random weights; see docs/gpu.md.
#   deploy/gpu-check.sh                              everything: forward pass against torch, steps per second, memory
#   deploy/gpu-check.sh --depth 1 1                  one double and one single block: quick, and small
#   deploy/gpu-check.sh --device cpu --depth 1 1     without a GPU: all but the timing
# Options:
#   --work DIR          where weights (24 GB), model and results go; what is there is used again. Default: a new folder
#   --kontext PROGRAM   a program built before, so that neither the SDK nor a network is needed
#   --provider LIBRARY  libonnxruntime_providers_cuda.so from elsewhere, where NuGet has no GPU package
#   --onnxruntime V     the version of ONNX Runtime that LIBRARY belongs to. Default: the project's
#   --python PROGRAM    a Python with torch (2.0 or later on a GPU) and numpy. Default: python3
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

device=cuda work='' kontext='' provider='' onnxruntime='' python=python3 rest=()

die() {
  echo "$*" >&2
  exit 1
}

while (($# > 0)); do
  case $1 in
    --device | --work | --kontext | --provider | --onnxruntime | --python)
      (($# > 1)) || die "$1 needs a value."
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    -h | --help)
      sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit
      ;;
    *)
      rest+=("$1")
      shift
      ;;
  esac
done

[[ $device == cpu || $device == cuda ]] || die "--device takes cuda or cpu, not '$device'."
if [[ $device == cuda ]] && ! nvidia-smi --list-gpus 2>/dev/null | grep -q GPU; then
  die "There is no NVIDIA GPU here: nvidia-smi lists none. All but the timing runs with --device cpu --depth 1 1."
fi
[[ -z $provider || -f $provider ]] || die "There is no provider library '$provider'."
"$python" -c 'import numpy, torch' || die "'$python' lacks torch or numpy: name another with --python."

work=${work:-$(mktemp -d "${TMPDIR:-/tmp}/gpu-check-XXXXXX")}
mkdir -p "$work"
if [[ -z $kontext ]]; then
  # Apart from the working tree's own build, which is for processors.
  properties=()
  [[ $device == cpu || -n $provider ]] || properties+=(-p:KontextGpu=true)
  [[ -z $onnxruntime ]] || properties+=("-p:OnnxRuntimeVersion=$onnxruntime")
  dotnet build src/Kontext.Cli -c Release -v quiet --artifacts-path "$work/build" "${properties[@]}"
  kontext=$work/build/bin/Kontext.Cli/release/kontext
fi
if [[ -n $provider ]]; then
  KONTEXT_CUDA_PROVIDER=$(realpath "$provider")
  export KONTEXT_CUDA_PROVIDER
fi
"$python" deploy/gpu_check.py --work "$work" --kontext "$kontext" --device "$device" "${rest[@]}"
