"""Loads exports into modules of their layers and prints the logits of each after each of some ids, as JSON.

torch_logits.py FILE LAYER... [-- FILE LAYER...]... -- ID...
where LAYER is embedding, lstm:LAYERS, gru:LAYERS, rnn:LAYERS, dropout:RATE, dense:ACTIVATION or
batch_normalization:EPSILON.
"""
import itertools
import json
import struct
import sys

import torch


def read(file):
    """Its tensors and its metadata."""
    with open(file, "rb") as opened:
        content = opened.read()
    length = struct.unpack("<Q", content[:8])[0]
    tensors = {}
    metadata = {}
    for name, entry in json.loads(content[8:8 + length]).items():
        if name == "__metadata__":
            metadata = entry
        else:
            begin, end = entry["data_offsets"]
            values = torch.frombuffer(bytearray(content[8 + length + begin:8 + length + end]), dtype=torch.float32)
            tensors[name] = values.reshape(entry["shape"])
    return tensors, metadata


class Model(torch.nn.Module):
    def __init__(self, layers, tensors, metadata):
        super().__init__()
        self.steps = []
        kinds = [kind for kind, _ in layers]
        recurrent = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}
        numbers = {}
        for kind, option in layers:
            numbers[kind] = numbers.get(kind, 0) + 1
            alone = kind == "embedding" or kind in recurrent and kinds.count(kind) == 1
            name = kind if alone else f"{kind}_{numbers[kind]}"
            if kind == "embedding":
                module = torch.nn.Embedding(*tensors[name + ".weight"].shape)
            elif kind in recurrent:
                inputs = tensors[name + ".weight_ih_l0"].shape[1]
                units = tensors[name + ".weight_hh_l0"].shape[1]
                more = {"nonlinearity": metadata[name + ".nonlinearity"]} if kind == "rnn" else {}
                module = recurrent[kind](inputs, units, int(option), batch_first=True, **more)
            elif kind == "dropout":
                module = torch.nn.Dropout(float(option))
            elif kind == "dense":
                out, inputs = tensors[name + ".weight"].shape
                module = torch.nn.Linear(inputs, out)
            else:
                module = torch.nn.BatchNorm1d(tensors[name + ".weight"].shape[0], eps=float(option))
            self.add_module(name, module)
            self.steps.append((module, kind, option))

    def forward(self, x):
        for module, kind, option in self.steps:
            if kind in ("lstm", "gru", "rnn"):
                x = module(x)[0]
            elif kind == "batch_normalization":
                x = module(x.transpose(1, 2)).transpose(1, 2)
            elif kind == "dense":
                x = {"relu": torch.relu, "tanh": torch.tanh, "linear": lambda y: y}[option](module(x))
            else:
                x = module(x)
        return x


def logits(file, layers, ids):
    tensors, metadata = read(file)
    model = Model(layers, tensors, metadata)
    model.load_state_dict(tensors)
    model.eval()
    x = torch.tensor(ids)
    if layers[0][0] != "embedding":
        last = [one for one in tensors if one.startswith("dense")][-1]
        x = torch.nn.functional.one_hot(x, len(tensors[last])).float()
    with torch.no_grad():
        return model(x[None])[0].flatten().tolist()


groups = itertools.groupby(sys.argv[1:], lambda word: word == "--")
*exports, numbers = [list(words) for parts, words in groups if not parts]
print(json.dumps([logits(file, [one.partition(":")[::2] for one in layers], [int(number) for number in numbers])
                  for file, *layers in exports]))
