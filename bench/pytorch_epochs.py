#!/usr/bin/env python3
"""Trains the lab's model with PyTorch on a CPU, a peer of peers.sh: pytorch_epochs.py ROWS EPOCHS THREADS

Prints a line an epoch with its loss and seconds, like charlstm train: the same captions, padding, batches, initial
weights (by distribution) and RMSprop. Then it draws symbols, and prints a JSON object. Needs PyTorch (Debian: apt
install python3-torch libopenblas0-openmp).
"""
import argparse
import json
import os
import time

import torch
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("rows")
parser.add_argument("epochs", type=int)
parser.add_argument("threads", type=int)
parser.add_argument("--precision", choices=["float32", "bf16"], default="float32", help="bf16: autocast")
parser.add_argument("--cell", choices=["lstm", "gru", "rnn", "rnn-relu"], default="lstm")
parser.add_argument("--hidden", type=int, default=128, help="of the recurrent and of the middle layer")
parser.add_argument("--batch-size", type=int, default=128)
parser.add_argument("--sample", type=int, default=100_000, metavar="N",
                    help="draw N symbols in one stream, and an eighth of it in each of 64")
given = parser.parse_args()
H = D = given.hidden
BATCH, STREAMS, FEWER = given.batch_size, 64, 8

torch.set_num_threads(given.threads)
torch.manual_seed(1)


def blas():
    """Which libraries compute the products, each with its folder, which is how Debian tells them apart."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        files = {line.split()[-1] for line in maps if "blas" in line or "libmkl" in line}
    return sorted("/".join(file.split(os.sep)[-2:]) for file in files)


if any(file.startswith("blas/libblas.so") for file in blas()):
    # Held against it, anything would look fast.
    raise SystemExit("PyTorch computes with the reference BLAS here, which is slow: apt install libopenblas0-openmp")


def encoded():
    """Each caption's T + 1 symbols, and how many symbols there are."""
    with open(given.rows, encoding="utf-8") as file:
        symbols = int(next(file).split()[2])
        return torch.tensor([[int(symbol) for symbol in line.split()] for line in file]), symbols


rows, V = encoded()
inputs, targets = rows[:, :-1], rows[:, 1:]


KIND = given.cell.removesuffix("-relu").upper()
OPTIONS = {"nonlinearity": "relu"} if given.cell == "rnn-relu" else {}


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = getattr(nn, KIND)(V, H, batch_first=True, **OPTIONS)
        self.dense_1 = nn.Linear(H, D)
        self.dense_2 = nn.Linear(D, V)
        self.register_buffer("one_hot", torch.eye(V))
        nn.init.orthogonal_(self.rnn.weight_hh_l0)
        for kernel in (self.rnn.weight_ih_l0, self.dense_1.weight, self.dense_2.weight):
            nn.init.xavier_uniform_(kernel)
        for bias in (self.rnn.bias_ih_l0, self.rnn.bias_hh_l0, self.dense_1.bias, self.dense_2.bias):
            nn.init.zeros_(bias)
        if given.cell == "lstm":
            with torch.no_grad():
                self.rnn.bias_ih_l0[H:2 * H] = 1
        # Keras has a single bias but in a GRU.
        self.rnn.bias_hh_l0.requires_grad_(given.cell == "gru")

    def head(self, hidden):
        return self.dense_2(F.relu(self.dense_1(hidden)))

    def forward(self, batch):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=given.precision == "bf16"):
            hidden, _ = self.rnn(self.one_hot[batch])
            logits = self.head(hidden)
        return logits.float()


def train(model):
    """Prints a line an epoch; the seconds and losses of all."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.RMSprop(parameters, lr=0.001, alpha=0.9, eps=1e-7)
    print(f"PyTorch {torch.__version__}, {given.threads} threads, {tuple(inputs.shape)}, V {V}, "
          f"{sum(p.numel() for p in parameters):,} parameters", flush=True)
    seconds, losses = [], []
    for epoch in range(1, given.epochs + 1):
        begin, total = time.perf_counter(), 0.0
        order = torch.randperm(len(rows))
        for i in range(0, len(rows), BATCH):
            batch = order[i:i + BATCH]
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(model(inputs[batch]).reshape(-1, V), targets[batch].reshape(-1))
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        seconds.append(time.perf_counter() - begin)
        losses.append(total / len(rows))
        print(f"epoch {epoch}/{given.epochs}  loss {losses[-1]:.4f}  {seconds[-1]:.2f} s", flush=True)
    return seconds, losses


@torch.inference_mode()
def characters_per_second(model, streams, count):
    """A cell by itself, which costs less a step than the layer. What warms it up does not count."""
    cell = getattr(nn, KIND + "Cell")(V, H, **OPTIONS)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in model.rnn.state_dict().items()})

    def draw(steps):
        ids, state, begin = torch.full((streams,), V - 2), None, time.perf_counter()
        for _ in range(steps):
            state = cell(model.one_hot[ids], state)
            hidden = state[0] if given.cell == "lstm" else state
            ids = torch.multinomial(torch.softmax(model.head(hidden), -1), 1)[:, 0]
        return time.perf_counter() - begin

    draw(count // FEWER)
    return streams * count / draw(count)


net = Model()
measured = train(net)
print(json.dumps({
    "version": f"PyTorch {torch.__version__}, {', '.join(blas()) or 'built-in BLAS'}", "seconds": measured[0],
    "losses": measured[1], "sampling": {
        "1": characters_per_second(net, 1, given.sample),
        str(STREAMS): characters_per_second(net, STREAMS, max(1, given.sample // FEWER))}}))
