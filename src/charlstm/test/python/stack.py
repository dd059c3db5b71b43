#!/usr/bin/env python3
"""Writes the PyTorch reference of every kind of layer that PyTorchReferenceTest reads: stack.py OUT.safetensors

An embedding, LSTM layers of different widths with dropout above each, a dense layer with batch normalisation, and
logits whose kernel is tied to the embedding. From fixed weights and one fixed batch, in float64: the loss, the gradient
of every tensor, the losses of ten RMSprop steps on that batch, each with masks of its own, and the moving values after
them. The masks are of Philox4x32-10, written here from its paper. Needs PyTorch (Debian: python3-torch). Tensors are
written in Keras' shapes as F64 safetensors.
"""
import sys

import torch
import torch.nn.functional as F

from keras_tensors import keras, save

V, E, H1, H2, T, B = 11, 7, 13, 10, 9, 5
RATE, SEED, PURPOSE = 0.3, 0, 5
MOMENTUM, EPSILON = 0.99, 1e-3
STEPS = 10

torch.manual_seed(23)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

embedding = torch.nn.Embedding(V, E)
lstm_1 = torch.nn.LSTM(E, H1, batch_first=True)
lstm_2 = torch.nn.LSTM(H1, H2, batch_first=True)
dense_1 = torch.nn.Linear(H2, E)
norm = torch.nn.BatchNorm1d(E, eps=EPSILON, momentum=1 - MOMENTUM)
bias = torch.nn.Parameter(torch.empty(V))
MODULES = [embedding, lstm_1, lstm_2, dense_1, norm]
with torch.no_grad():
    for parameter in [*(p for module in MODULES for p in module.parameters()), bias]:
        parameter.copy_(torch.empty_like(parameter).uniform_(-0.9, 0.9).float().double())
    norm.weight.add_(1.5)
    # Keras has one bias: the second stays zero.
    for lstm in [lstm_1, lstm_2]:
        lstm.bias_hh_l0.zero_()
for lstm in [lstm_1, lstm_2]:
    lstm.bias_hh_l0.requires_grad_(False)

inputs = torch.randint(V, (B, T))
targets = torch.randint(V, (B, T))

# name in Keras, parameter, whether PyTorch keeps it transposed
NAMED = [("embedding_1.embeddings", embedding.weight, False)] + [
    (f"lstm_{number}.{name}", getattr(lstm, theirs), transposed) for number, lstm in [(1, lstm_1), (2, lstm_2)]
    for name, theirs, transposed in [("kernel", "weight_ih_l0", True), ("recurrent_kernel", "weight_hh_l0", True),
                                     ("bias", "bias_ih_l0", False)]] + [
    ("dense_1.kernel", dense_1.weight, True),
    ("dense_1.bias", dense_1.bias, False),
    ("batch_normalization_1.gamma", norm.weight, False),
    ("batch_normalization_1.beta", norm.bias, False),
    ("dense_2.bias", bias, False),
]


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        first, second = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [second >> 32 ^ c[1] ^ k[0], second & 0xFFFFFFFF, first >> 32 ^ c[3] ^ k[1], first & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


assert philox([0] * 4, [0] * 2) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]


def dropped(x, layer, batch):
    """x is (B, T, columns); the rows of a mask are time-major."""
    columns = x.shape[2]
    threshold = round(RATE * 65536)
    blocks = -(-columns // 8)
    mask = torch.zeros(T * B, columns)
    for row in range(T * B):
        for block in range(blocks):
            words = philox([row * blocks + block, PURPOSE, batch, layer], [SEED & 0xFFFFFFFF, SEED >> 32])
            for place in range(min(8, columns - 8 * block)):
                bits = words[place // 2] >> 16 * (place % 2) & 0xFFFF
                mask[row, 8 * block + place] = float(bits >= threshold)
    return x * mask.reshape(T, B, columns).transpose(0, 1) * (65536 / (65536 - threshold))


def loss(batch):
    x = dropped(lstm_1(embedding(inputs))[0], 0, batch)
    x = dropped(lstm_2(x)[0], 1, batch)
    # Of a ReLU that lets all rows of a column through, normalisation would leave the bias a gradient of rounding alone.
    x = norm(torch.tanh(dense_1(x)).reshape(-1, E))
    return F.cross_entropy(F.linear(x, embedding.weight, bias), targets.reshape(-1))


tensors = {"inputs": inputs, "targets": targets}
for name, parameter, transposed in NAMED:
    tensors["weights/" + name] = keras(parameter, transposed)
tensors["weights/dense_2.kernel"] = keras(embedding.weight, True)
tensors["weights/batch_normalization_1.moving_mean"] = norm.running_mean.clone()
tensors["weights/batch_normalization_1.moving_variance"] = norm.running_var.clone()

optimizer = torch.optim.RMSprop([p for _, p, _ in NAMED], lr=0.001, alpha=0.9, eps=1e-7)
losses = []
for step in range(STEPS):
    optimizer.zero_grad()
    before = norm.running_var.clone()
    value = loss(step)
    value.backward()
    with torch.no_grad():
        # PyTorch moves by the variance of a sample, Keras by that of all rows.
        moved = (norm.running_var - MOMENTUM * before) * (T * B - 1) / (T * B)
        norm.running_var.copy_(MOMENTUM * before + moved)
    if step == 0:
        for name, parameter, transposed in NAMED:
            tensors["gradients/" + name] = keras(parameter.grad, transposed)
    optimizer.step()
    losses.append(value.item())
tensors["losses"] = torch.tensor(losses)
tensors["after/batch_normalization_1.moving_mean"] = norm.running_mean
tensors["after/batch_normalization_1.moving_variance"] = norm.running_var
save(sys.argv[1], tensors)
print("losses", losses)
