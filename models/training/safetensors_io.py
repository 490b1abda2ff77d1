"""Reads and writes safetensors files: 8 bytes header length, JSON header, raw little-endian data."""
import json
import struct

import numpy as np
import torch

_TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64, "U8": torch.uint8, "F64": torch.float64}
_NAMES = {dtype: name for name, dtype in _TYPES.items()}


def load(path):
    """Returns (tensors by name, metadata)."""
    with open(path, "rb") as file:
        blob = file.read()
    length = struct.unpack("<Q", blob[:8])[0]
    header = json.loads(blob[8:8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        data = bytearray(blob[8 + length + begin:8 + length + end])
        dtype = _TYPES[entry["dtype"]]
        tensors[name] = torch.frombuffer(data, dtype=dtype).reshape(entry["shape"]) if data else torch.zeros(entry["shape"], dtype=dtype)
    return tensors, metadata


def save(path, tensors, metadata=None):
    """Writes the tensors in the order of their names."""
    header, chunks, offset = {}, [], 0
    if metadata:
        header["__metadata__"] = metadata
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        raw = tensor.view(torch.int16).numpy() if tensor.dtype == torch.bfloat16 else tensor.numpy()
        chunk = np.ascontiguousarray(raw).tobytes()
        header[name] = {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + len(chunk)]}
        chunks.append(chunk)
        offset += len(chunk)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for chunk in chunks:
            file.write(chunk)
