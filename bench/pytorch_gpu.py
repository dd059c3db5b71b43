#!/usr/bin/env python3
"""Trains the lab's model with PyTorch on a GPU, with nothing left undone that makes it faster: pytorch_gpu.py CAPTIONS
ENCODED [OPTION]..., where ENCODED is what charlstm encode CAPTIONS --json printed.

The corpus is on the card, a whole step, choosing its captions included, is one CUDA graph, and the host waits once an
epoch. bf16 and fp16 mean weights and arithmetic in bfloat16 or half and float32 masters for the optimiser, fp16 also a
loss that is scaled before it goes back. Afterwards one step runs under the profiler, call by call, and tells which of
PyTorch's ways ran the LSTM: in bf16 that is cuDNN only with PyTorch since October 2025 and cuDNN 9.13. Prints one JSON
object. Wants PyTorch 2.4 or newer.
"""
import argparse
import json
import math
import time

import torch
import torch.nn.functional as F
from torch import nn
from torch.profiler import ProfilerActivity, profile

WARM_UP_STEPS = 3
HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}
# The lab's gradients of logits are at most 1 / 22144, and half is precise from 6e-5 to 65504: with this power of two
# neither end is near, and no step needs to be looked at and left out.
LOSS_SCALE = 4096.0
# By the operations that show which it was.
WAYS = {"aten::_cudnn_rnn": "cuDNN", "aten::_thnn_fused_lstm_cell": "cell by cell", "aten::mkldnn_rnn_layer": "oneDNN"}
MOST_KERNELS = 8


class Net(nn.Module):
    """The weights as Keras initialises them, and as it has them: a single bias."""

    def __init__(self, symbols, hidden, layers):
        super().__init__()
        self.lstm = nn.LSTM(symbols, hidden, layers)
        self.dense_1 = nn.Linear(hidden, hidden)
        self.dense_2 = nn.Linear(hidden, symbols)
        self.register_buffer("one_hot", torch.eye(symbols))
        for kernel, recurrent, bias, second in self.lstm.all_weights:
            nn.init.orthogonal_(recurrent)
            nn.init.xavier_uniform_(kernel)
            nn.init.zeros_(bias)
            nn.init.zeros_(second).requires_grad_(False)
            with torch.no_grad():
                bias[hidden:2 * hidden] = 1
        for dense in (self.dense_1, self.dense_2):
            nn.init.xavier_uniform_(dense.weight)
            nn.init.zeros_(dense.bias)

    def forward(self, ids):
        inputs = F.embedding(ids, self.one_hot)
        return self.dense_2(F.relu(self.dense_1(self.lstm(inputs)[0])))


class Training:
    """Everything a step needs, at one place in memory for good, as a graph wants it."""

    def __init__(self, rows, symbols, given):
        self.device, self.graphs = torch.device(given.device), given.device == "cuda"
        self.rows, self.batch = rows.to(self.device), given.batch_size
        self.net = Net(symbols, given.hidden, given.layers).to(self.device)
        self.masters = self.weights = self.trained()
        self.scale = LOSS_SCALE if given.precision == "fp16" else 1.0
        if given.precision in HALVES:
            self.masters = [weight.detach().clone() for weight in self.weights]
            self.net = self.net.to(HALVES[given.precision])
            self.weights = self.trained()
            for master in self.masters:
                master.grad = torch.zeros_like(master)
        self.optimizer = torch.optim.RMSprop(self.masters, lr=0.001, alpha=0.9, eps=1e-7, foreach=True,
                                             capturable=self.graphs)
        self.order = torch.arange(len(rows), device=self.device)
        self.span = torch.arange(self.batch, device=self.device)
        self.at = torch.zeros((), dtype=torch.int64, device=self.device)
        self.loss = torch.zeros((), dtype=torch.float64, device=self.device)

    def trained(self):
        return [weight for weight in self.net.parameters() if weight.requires_grad]

    def step(self, size):
        """Time goes first, which is how cuDNN has it: nothing is transposed but numbers of symbols."""
        batch = self.rows[self.order[self.at + self.span[:size]]].t()
        self.at += size
        for weight in self.weights:
            weight.grad = None
        logits = self.net(batch[:-1]).float()
        loss = F.cross_entropy(logits.flatten(0, 1), batch[1:].flatten())
        (loss if self.scale == 1.0 else loss * self.scale).backward()
        with torch.no_grad():
            if self.masters is not self.weights:
                gradients = [master.grad for master in self.masters]
                torch._foreach_copy_(gradients, [weight.grad for weight in self.weights])
                if self.scale != 1.0:
                    torch._foreach_mul_(gradients, 1.0 / self.scale)
            self.optimizer.step()
            if self.masters is not self.weights:
                torch._foreach_copy_(self.weights, self.masters)
            self.loss += loss.detach() * size

    def ready(self, size):
        """Something that does a step of a size. What has to run before a recording leaves no trace in the weights."""
        if not self.graphs:
            return lambda: self.step(size)
        kept = [weight.detach().clone() for weight in (*self.masters, *self.weights)]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP_STEPS):
                self.at.zero_()
                self.step(size)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step(size)
        with torch.no_grad():
            torch._foreach_copy_([*self.masters, *self.weights], kept)
            for state in self.optimizer.state.values():
                for value in state.values():
                    value.zero_()
        return graph.replay

    def synchronise(self):
        if self.graphs:
            torch.cuda.synchronize()

    def epochs(self, count, enough):
        """Seconds and loss of each: the mean over captions of their batch's loss before its update. After so many
        seconds in all no other begins, but the second one.
        """
        whole, rest = divmod(len(self.rows), self.batch)
        steps = [self.ready(self.batch)] * whole if whole else []
        steps += [self.ready(rest)] if rest else []
        spent = 0.0
        for epoch in range(count):
            if epoch > 1 and spent > enough:
                return
            self.synchronise()
            start = time.perf_counter()
            torch.randperm(len(self.rows), out=self.order, device=self.device)
            self.at.zero_()
            self.loss.zero_()
            for step in steps:
                step()
            loss = self.loss.item() / len(self.rows)
            seconds = time.perf_counter() - start
            spent += seconds
            yield seconds, loss

    def seen(self):
        """Which of PyTorch's ways runs the LSTM, and the kernels of a step that take longest."""
        kinds = [ProfilerActivity.CPU] + ([ProfilerActivity.CUDA] if self.graphs else [])
        self.at.zero_()
        with profile(activities=kinds) as profiled:
            self.step(min(self.batch, len(self.rows)))
            self.synchronise()
        events = profiled.key_averages()
        names = {event.key for event in events}
        kernels = [event for event in events if event.device_type != torch.autograd.DeviceType.CPU]
        kernels.sort(key=lambda event: -event.self_device_time_total)
        return {"way": next((way for name, way in WAYS.items() if name in names), "operation by operation"),
                "kernels": [{"name": event.key, "launches": event.count, "microseconds": event.self_device_time_total}
                            for event in kernels[:MOST_KERNELS]]}


def encoded(path, said):
    """The captions in charlstm's numbers: start, the characters, and the end to the last step."""
    with open(path, encoding="utf-8") as file:
        captions = file.read().splitlines()
    ids, (rows, steps, _) = said["map"], said["shape"]
    table = [[ids["<start>"]] + [ids[c] for c in text] + [ids["<end>"]] * (steps - len(text)) for text in captions]
    first = table[said["caption"]]
    if (len(table), first[:-1], first[1:]) != (rows, [ids[name] for name in said["input"]],
                                               [ids[name] for name in said["target"]]):
        raise SystemExit("pytorch_gpu.py: these are not the captions that charlstm encoded")
    return torch.tensor(table)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions")
    parser.add_argument("encoded")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda", help="cpu: a rehearsal, without a graph")
    parser.add_argument("--precision", choices=["float32", "tf32", *HALVES], default="float32")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=math.inf, help="no epoch begins after so long in all")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--hidden", type=int, default=128, help="of the LSTM and of the middle layer")
    parser.add_argument("--layers", type=int, default=1, help="of the LSTM")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = given.precision == "tf32"
    with open(given.encoded, encoding="utf-8") as file:
        said = json.load(file)
    rows = encoded(given.captions, said)
    training = Training(rows, said["shape"][2], given)
    seconds, losses = zip(*training.epochs(given.epochs, given.seconds))
    try:
        lstm = training.seen()
    except Exception as e:  # pylint: disable=broad-except
        # The figures are there all the same.
        lstm = {"way": f"not known: {type(e).__name__}: {e}", "kernels": []}
    print(json.dumps({
        "torch": torch.__version__, "cudnn": torch.backends.cudnn.version(), "precision": given.precision,
        "device": torch.cuda.get_device_name() if training.graphs else "cpu", "graph": training.graphs,
        "shape": said["shape"], "characters": said["shape"][0] * said["shape"][1], "seconds": seconds,
        "losses": losses, "lstm": lstm}))


main()
