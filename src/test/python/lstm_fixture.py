#!/usr/bin/env python3
"""Writes what the self-test of the simulated cuDNN compares with:

    lstm_fixture.py native/selftest/trials/lstm_pytorch.txt

Inputs, outputs and gradients of an LSTM of two layers in float64. Needs PyTorch (Debian: python3-torch). A line is a
name and its values. Linear maps 0 to 3 are of the input and 4 to 7 of the recurrent state, for the gates i, f, c~, o;
sequences are [step][sequence][vector], states [layer][sequence][unit].
"""
import sys

import torch

LAYERS, STEPS, BATCH, INPUT, HIDDEN = 2, 4, 3, 5, 6

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def drawn(*shape):
    # Values that float32 can hold.
    return torch.empty(*shape).uniform_(-0.9, 0.9).float().double()


lstm = torch.nn.LSTM(INPUT, HIDDEN, LAYERS)
with torch.no_grad():
    for parameter in lstm.parameters():
        parameter.copy_(drawn(*parameter.shape))

x = drawn(STEPS, BATCH, INPUT).requires_grad_()
hx = drawn(LAYERS, BATCH, HIDDEN).requires_grad_()
cx = drawn(LAYERS, BATCH, HIDDEN).requires_grad_()
y, (hy, cy) = lstm(x, (hx, cx))
dy, dhy, dcy = drawn(*y.shape), drawn(*hy.shape), drawn(*cy.shape)
torch.autograd.backward([y, hy, cy], [dy, dhy, dcy])

with open(sys.argv[1], "w") as file:
    def write(name, tensor):
        file.write(" ".join([name] + ["%.10g" % value for value in tensor.detach().flatten().tolist()]) + "\n")

    for name in ["x", "hx", "cx", "y", "hy", "cy", "dy", "dhy", "dcy"]:
        write(name, globals()[name])
    for name, tensor in [("dx", x), ("dhx", hx), ("dcx", cx)]:
        write(name, tensor.grad)
    for layer in range(LAYERS):
        for kind, side in enumerate(["ih", "hh"]):
            for what in ["weight", "bias"]:
                parameter = getattr(lstm, "%s_%s_l%d" % (what, side, layer))
                for gate in range(4):
                    rows = slice(gate * HIDDEN, (gate + 1) * HIDDEN)
                    write("%s.%d.%d" % (what, layer, 4 * kind + gate), parameter[rows])
                    write("d%s.%d.%d" % (what, layer, 4 * kind + gate), parameter.grad[rows])
