"""Loads an export into nn.LSTM and nn.Linear and prints the logits after each of some ids, as JSON.

torch_logits.py FILE LAYERS ACTIVATION... -- ID...
"""
import json
import struct
import sys

import torch

file, layers = sys.argv[1], int(sys.argv[2])
activations = sys.argv[3:sys.argv.index("--")]
ids = [int(one) for one in sys.argv[sys.argv.index("--") + 1:]]
with open(file, "rb") as opened:
    content = opened.read()
length = struct.unpack("<Q", content[:8])[0]
tensors = {}
for name, entry in json.loads(content[8:8 + length]).items():
    if name != "__metadata__":
        begin, end = entry["data_offsets"]
        values = torch.frombuffer(bytearray(content[8 + length + begin:8 + length + end]), dtype=torch.float32)
        tensors[name] = values.reshape(entry["shape"])


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        units, symbols = tensors["lstm.weight_ih_l0"].shape
        self.lstm = torch.nn.LSTM(symbols, units // 4, layers, batch_first=True)
        for i in range(len(activations)):
            out, inputs = tensors[f"dense_{i + 1}.weight"].shape
            setattr(self, f"dense_{i + 1}", torch.nn.Linear(inputs, out))

    def forward(self, x):
        x, _ = self.lstm(x)
        for i, activation in enumerate(activations):
            x = getattr(self, f"dense_{i + 1}")(x)
            x = {"relu": torch.relu, "tanh": torch.tanh, "linear": lambda y: y}[activation](x)
        return x


model = Model()
model.load_state_dict(tensors)
one_hot = torch.nn.functional.one_hot(torch.tensor(ids), tensors["lstm.weight_ih_l0"].shape[1]).float()
with torch.no_grad():
    print(json.dumps(model(one_hot[None])[0].flatten().tolist()))
