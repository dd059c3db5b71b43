"""What the scripts beside this share: tensors in Keras' shapes, and F64 safetensors to keep them in."""
import json
import struct

import torch


def keras(tensor, transposed):
    return (tensor.T if transposed else tensor).detach().clone().contiguous()


def save(path, tensors):
    header, data = {"__metadata__": {"torch": torch.__version__}}, b""
    for name, tensor in tensors.items():
        values = struct.pack("<%dd" % tensor.numel(), *tensor.double().flatten().tolist())
        header[name] = {"dtype": "F64", "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
