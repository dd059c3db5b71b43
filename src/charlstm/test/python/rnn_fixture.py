#!/usr/bin/env python3
"""Writes what the self-test of the simulated cuDNN compares with:

    rnn_fixture.py native/selftest/trials

For an LSTM, a GRU and networks of plain cells with tanh and with ReLU, the inputs, outputs and gradients of two layers
in float64, each in a file named after its cell. Needs PyTorch (Debian: python3-torch). A line is a name and its values.
Linear maps are first those of the input and then those of the recurrent state, for the gates i, f, c~, o of an LSTM and
reset, update, new of a GRU; sequences are [step][sequence][vector], states [layer][sequence][unit].
"""
import os
import sys

import torch

LAYERS, STEPS, BATCH, INPUT, HIDDEN = 2, 4, 3, 5, 6
CELLS = [("lstm", torch.nn.LSTM, {}, 4), ("gru", torch.nn.GRU, {}, 3), ("tanh", torch.nn.RNN, {}, 1),
         ("relu", torch.nn.RNN, {"nonlinearity": "relu"}, 1)]

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def drawn(*shape):
    # Values that float32 can hold.
    return torch.empty(*shape).uniform_(-0.9, 0.9).float().double()


def write(path, make, options, gates):
    torch.manual_seed(7)
    network = make(INPUT, HIDDEN, LAYERS, **options)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(drawn(*parameter.shape))
    values = {"x": drawn(STEPS, BATCH, INPUT).requires_grad_(), "hx": drawn(LAYERS, BATCH, HIDDEN).requires_grad_()}
    if make is torch.nn.LSTM:
        values["cx"] = drawn(LAYERS, BATCH, HIDDEN).requires_grad_()
        values["y"], (values["hy"], values["cy"]) = network(values["x"], (values["hx"], values["cx"]))
    else:
        values["y"], values["hy"] = network(values["x"], values["hx"])
    results = [name for name in ["y", "hy", "cy"] if name in values]
    for name in results:
        values["d" + name] = drawn(*values[name].shape)
    torch.autograd.backward([values[name] for name in results], [values["d" + name] for name in results])
    for name in ["x", "hx", "cx"]:
        if name in values:
            values["d" + name] = values[name].grad
    for layer in range(LAYERS):
        for kind, side in enumerate(["ih", "hh"]):
            for what in ["weight", "bias"]:
                parameter = getattr(network, "%s_%s_l%d" % (what, side, layer))
                for gate in range(gates):
                    rows = slice(gate * HIDDEN, (gate + 1) * HIDDEN)
                    values["%s.%d.%d" % (what, layer, gates * kind + gate)] = parameter[rows]
                    values["d%s.%d.%d" % (what, layer, gates * kind + gate)] = parameter.grad[rows]
    with open(path, "w") as file:
        for name, tensor in values.items():
            numbers = tensor.detach().flatten().tolist()
            file.write(" ".join([name] + ["%.10g" % value for value in numbers]) + "\n")


for name, make, options, gates in CELLS:
    write(os.path.join(sys.argv[1], name + "_pytorch.txt"), make, options, gates)
