#!/usr/bin/env python3
"""Writes the PyTorch reference that PyTorchReferenceTest reads: reference.py OUT.safetensors [LAYERS]

From fixed weights and one fixed batch, in float64: the loss, the gradient of every tensor, and the losses of ten
RMSprop steps on that batch. Needs PyTorch (Debian: python3-torch). Tensors are written in Keras' shapes as F64
safetensors.
"""
import sys

import torch
import torch.nn.functional as F

from keras_tensors import keras, save

V, H, D, T, B = 11, 13, 7, 9, 5
STEPS = 10
LAYERS = int(sys.argv[2]) if len(sys.argv) > 2 else 1

torch.manual_seed(20)
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


def loss():
    hidden, _ = lstm(F.one_hot(inputs, V).double())
    logits = dense_2(F.relu(dense_1(hidden)))
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
