#!/usr/bin/env python3
"""Writes what the self-test of the simulated cuDNN compares with:

    rnn_fixture.py native/selftest/trials

For an LSTM, a GRU and networks of Elman cells with tanh and with ReLU, the inputs, outputs and gradients of two layers
in float64, each in a file named after its cell; and the same in both directions over sequences of different lengths,
the LSTM with a projection, in files with _both in their names. Needs PyTorch (Debian: python3-torch). A line is a name
and its values.
Linear maps are first those of the input and then those of the recurrent state, for the gates i, f, c~, o of an LSTM and
reset, update, new of a GRU; sequences are [step][sequence][vector], states [layer][sequence][unit].
Layers of both directions alternate, forward first; the map after the others is the projection.
"""
import os
import sys

import torch

LAYERS, STEPS, BATCH, INPUT, HIDDEN, PROJECTED = 2, 4, 3, 5, 6, 4
LENGTHS = [2, 4, 3]
CELLS = [("lstm", torch.nn.LSTM, {}, 4), ("gru", torch.nn.GRU, {}, 3), ("tanh", torch.nn.RNN, {}, 1),
         ("relu", torch.nn.RNN, {"nonlinearity": "relu"}, 1)]

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def drawn(*shape):
    # Values that float32 can hold.
    return torch.empty(*shape).uniform_(-0.9, 0.9).float().double()


def run(network, both, x, first):
    if not both:
        return network(x, first)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, LENGTHS, enforce_sorted=False)
    y, last = network(packed, first)
    return torch.nn.utils.rnn.pad_packed_sequence(y)[0], last


def write(path, make, options, gates, both):
    torch.manual_seed(7)
    projected = both and make is torch.nn.LSTM
    options = dict(options, bidirectional=both, **({"proj_size": PROJECTED} if projected else {}))
    network = make(INPUT, HIDDEN, LAYERS, **options)
    states = 2 * LAYERS if both else LAYERS
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(drawn(*parameter.shape))
    values = {"x": drawn(STEPS, BATCH, INPUT).requires_grad_(),
              "hx": drawn(states, BATCH, PROJECTED if projected else HIDDEN).requires_grad_()}
    if make is torch.nn.LSTM:
        values["cx"] = drawn(states, BATCH, HIDDEN).requires_grad_()
        values["y"], (values["hy"], values["cy"]) = run(network, both, values["x"], (values["hx"], values["cx"]))
    else:
        values["y"], values["hy"] = run(network, both, values["x"], values["hx"])
    results = [name for name in ["y", "hy", "cy"] if name in values]
    for name in results:
        values["d" + name] = drawn(*values[name].shape)
    torch.autograd.backward([values[name] for name in results], [values["d" + name] for name in results])
    for name in ["x", "hx", "cx"]:
        if name in values:
            values["d" + name] = values[name].grad
    for layer in range(states):
        name = "l%d_reverse" % (layer // 2) if both and layer % 2 else "l%d" % (layer // 2 if both else layer)
        for kind, side in enumerate(["ih", "hh"]):
            for what in ["weight", "bias"]:
                parameter = getattr(network, "%s_%s_%s" % (what, side, name))
                for gate in range(gates):
                    rows = slice(gate * HIDDEN, (gate + 1) * HIDDEN)
                    values["%s.%d.%d" % (what, layer, gates * kind + gate)] = parameter[rows]
                    values["d%s.%d.%d" % (what, layer, gates * kind + gate)] = parameter.grad[rows]
        if projected:
            parameter = getattr(network, "weight_hr_" + name)
            values["weight.%d.%d" % (layer, 2 * gates)] = parameter
            values["dweight.%d.%d" % (layer, 2 * gates)] = parameter.grad
    with open(path, "w") as file:
        for name, tensor in values.items():
            numbers = tensor.detach().flatten().tolist()
            file.write(" ".join([name] + ["%.10g" % value for value in numbers]) + "\n")


for name, make, options, gates in CELLS:
    write(os.path.join(sys.argv[1], name + "_pytorch.txt"), make, options, gates, False)
    write(os.path.join(sys.argv[1], name + "_both_pytorch.txt"), make, options, gates, True)
