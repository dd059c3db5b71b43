#!/usr/bin/env python3
"""Trains the lab's model with PyTorch on a CPU: pytorch_epochs.py CAPTIONS.txt [EPOCHS [THREADS [SEED]]]

Prints a line an epoch with its loss and seconds, like charlstm train: the same captions, padding,
batches, initial weights
(by distribution) and RMSprop, float32. Needs PyTorch (Debian: apt install python3-torch libopenblas0-openmp).
"""
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

path = sys.argv[1]
epochs, threads, seed = (int(value) for value in (sys.argv[2:] + ["10", "2", "1"][len(sys.argv) - 2:])[:3])
H = D = BATCH = 128

torch.set_num_threads(threads)
torch.manual_seed(seed)

captions = [line for line in open(path, encoding="utf-8").read().splitlines() if line.strip()]
ids = {character: i for i, character in enumerate(dict.fromkeys("".join(captions)))}
start, end = len(ids), len(ids) + 1
V, T = end + 1, max(map(len, captions)) + 1
rows = torch.tensor([[start] + [ids[c] for c in text] + [end] * (T - len(text)) for text in captions])
inputs, targets = rows[:, :-1], rows[:, 1:]


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(V, H, batch_first=True)
        self.dense_1 = nn.Linear(H, D)
        self.dense_2 = nn.Linear(D, V)
        self.register_buffer("one_hot", torch.eye(V))
        nn.init.orthogonal_(self.lstm.weight_hh_l0)
        for kernel in (self.lstm.weight_ih_l0, self.dense_1.weight, self.dense_2.weight):
            nn.init.xavier_uniform_(kernel)
        for bias in (self.lstm.bias_ih_l0, self.lstm.bias_hh_l0, self.dense_1.bias, self.dense_2.bias):
            nn.init.zeros_(bias)
        with torch.no_grad():
            self.lstm.bias_ih_l0[H:2 * H] = 1
        # Keras has a single bias.
        self.lstm.bias_hh_l0.requires_grad_(False)

    def forward(self, batch):
        hidden, _ = self.lstm(self.one_hot[batch])
        return self.dense_2(F.relu(self.dense_1(hidden)))


model = Model()
parameters = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.RMSprop(parameters, lr=0.001, alpha=0.9, eps=1e-7)
print(f"PyTorch {torch.__version__}, {threads} threads, {tuple(inputs.shape)}, V {V}, "
      f"{sum(p.numel() for p in parameters):,} parameters", flush=True)
for epoch in range(1, epochs + 1):
    begin, total = time.perf_counter(), 0.0
    order = torch.randperm(len(rows))
    for i in range(0, len(rows), BATCH):
        batch = order[i:i + BATCH]
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(inputs[batch]).reshape(-1, V), targets[batch].reshape(-1))
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    print(f"epoch {epoch}/{epochs}  loss {total / len(rows):.4f}  {time.perf_counter() - begin:.2f} s", flush=True)
