#!/usr/bin/env python3
"""Writes the PyTorch reference that PyTorchReferenceTest reads: reference.py OUT.safetensors [LAYERS [hard]]

From fixed weights and one fixed batch, in float64: the loss, the gradient of every tensor, and the losses of ten
RMSprop steps on that batch. With "hard" the gates are hard sigmoids, a good part of them clipped, and the middle layer
has a tanh in place of the ReLU. Needs PyTorch (Debian: python3-torch). Tensors are written in Keras' shapes as F64
safetensors.
"""
import sys

import torch
import torch.nn.functional as F

from keras_tensors import keras, save

V, H, D, T, B = 11, 13, 7, 9, 5
STEPS = 10
LAYERS = int(sys.argv[2]) if len(sys.argv) > 2 else 1
HARD = sys.argv[3:] == ["hard"]

torch.manual_seed(21 if HARD else 20)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

lstm = torch.nn.LSTM(V, H, num_layers=LAYERS, batch_first=True)
dense_1 = torch.nn.Linear(H, D)
dense_2 = torch.nn.Linear(D, V)
# Keras has one bias: the second stays zero. Values are rounded to float32, which every device can hold.
with torch.no_grad():
    for parameter in [*lstm.parameters(), *dense_1.parameters(), *dense_2.parameters()]:
        parameter.copy_(torch.empty_like(parameter).uniform_(-0.6, 0.6).float().double())
    for layer in range(LAYERS):
        getattr(lstm, f"bias_hh_l{layer}").zero_()
        if HARD:
            getattr(lstm, f"bias_ih_l{layer}").mul_(8)
for layer in range(LAYERS):
    getattr(lstm, f"bias_hh_l{layer}").requires_grad_(False)

inputs = torch.randint(V, (B, T))
targets = torch.randint(V, (B, T))

# name in Keras, parameter, whether PyTorch keeps it transposed
NAMED = [(f"lstm_{layer + 1}.{name}", getattr(lstm, f"{theirs}_l{layer}"), transposed) for layer in range(LAYERS)
         for name, theirs, transposed in [("kernel", "weight_ih", True), ("recurrent_kernel", "weight_hh", True),
                                          ("bias", "bias_ih", False)]] + [
    ("dense_1.kernel", dense_1.weight, True),
    ("dense_1.bias", dense_1.bias, False),
    ("dense_2.kernel", dense_2.weight, True),
    ("dense_2.bias", dense_2.bias, False),
]


def hard_sigmoid(z):
    gate = 0.2 * z + 0.5
    # Where a gate was nearly clipped, a rounding would decide whether a gradient passes.
    assert torch.minimum(gate.abs(), (gate - 1).abs()).min() > 1e-5
    assert (gate < 0).any() and (gate > 1).any() and ((gate > 0) & (gate < 1)).any()
    return torch.clamp(gate, 0, 1)


def hard_lstm(sequence):
    for layer in range(LAYERS):
        weight_ih, weight_hh, bias = (getattr(lstm, f"{name}_l{layer}")
                                      for name in ["weight_ih", "weight_hh", "bias_ih"])
        hidden, cell = torch.zeros(B, H), torch.zeros(B, H)
        outputs = []
        for x in sequence.unbind(1):
            i, f, c, o = (x @ weight_ih.T + hidden @ weight_hh.T + bias).chunk(4, 1)
            i, f, o = hard_sigmoid(torch.stack([i, f, o]))
            cell = f * cell + i * torch.tanh(c)
            hidden = o * torch.tanh(cell)
            outputs.append(hidden)
        sequence = torch.stack(outputs, 1)
    return sequence


def loss():
    one_hot = F.one_hot(inputs, V).double()
    hidden = hard_lstm(one_hot) if HARD else lstm(one_hot)[0]
    logits = dense_2((torch.tanh if HARD else F.relu)(dense_1(hidden)))
    return F.cross_entropy(logits.reshape(-1, V), targets.reshape(-1))


tensors = {"inputs": inputs, "targets": targets}
for name, parameter, transposed in NAMED:
    tensors["weights/" + name] = keras(parameter, transposed)

optimizer = torch.optim.RMSprop([p for _, p, _ in NAMED], lr=0.001, alpha=0.9, eps=1e-7)
losses = []
for step in range(STEPS):
    optimizer.zero_grad()
    value = loss()
    value.backward()
    if step == 0:
        for name, parameter, transposed in NAMED:
            tensors["gradients/" + name] = keras(parameter.grad, transposed)
    optimizer.step()
    losses.append(value.item())
tensors["losses"] = torch.tensor(losses)
save(sys.argv[1], tensors)
print("losses", losses)
