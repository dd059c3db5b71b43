#!/usr/bin/env python3
"""Writes the PyTorch reference that PyTorchGates reads: gates.py OUT.safetensors

One LSTM on one-hot input, in float64, from zeros: its output, and the gradients of its weights for a random gradient of
the output. PyTorch adds two biases where Keras has one; both are random here, so that whoever leaves one out is found
out, and the gradient of either is that of Keras' bias. Needs PyTorch (Debian: python3-torch). Tensors are written in
Keras' shapes, (V, 4H), (H, 4H) and (4H) with the gates i, f, c~, o side by side, as F64 safetensors; sequences are
time-major, as devices have them.
"""
import sys

import torch
import torch.nn.functional as F

from keras_tensors import keras, save

# V is the lab's, and no multiple of 32; H is one, as cuDNN's persistent kernels want.
V, H, T, B = 38, 32, 7, 5

torch.manual_seed(38)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def drawn(*shape, scale):
    # Multiples of 2^-16: float32 holds them and the sums of two, so that every device starts from the very numbers.
    return torch.round(torch.empty(*shape).uniform_(-scale, scale) * 65536) / 65536


lstm = torch.nn.LSTM(V, H)
with torch.no_grad():
    for parameter in lstm.parameters():
        parameter.copy_(drawn(*parameter.shape, scale=0.5))

ids = torch.randint(V, (T, B))
# The first symbol and the last, beside which padding begins; some symbol twice, and some not at all.
ids[0, 1], ids[2, 3] = 0, V - 1
assert len(ids.unique()) < min(T * B, V)

output, _ = lstm(F.one_hot(ids, V).double())
output_gradient = drawn(T, B, H, scale=1)
output.backward(output_gradient)

assert not torch.equal(lstm.bias_ih_l0, lstm.bias_hh_l0)
# The same sum, which PyTorch takes twice.
assert torch.allclose(lstm.bias_ih_l0.grad, lstm.bias_hh_l0.grad, rtol=0, atol=1e-13)

save(sys.argv[1], {
    "ids": ids,
    "kernel": keras(lstm.weight_ih_l0, True),
    "recurrent_kernel": keras(lstm.weight_hh_l0, True),
    "bias_ih": keras(lstm.bias_ih_l0, False),
    "bias_hh": keras(lstm.bias_hh_l0, False),
    "output": output.detach(),
    "output_gradient": output_gradient,
    "gradients/kernel": keras(lstm.weight_ih_l0.grad, True),
    "gradients/recurrent_kernel": keras(lstm.weight_hh_l0.grad, True),
    "gradients/bias": keras(lstm.bias_ih_l0.grad, False),
})
