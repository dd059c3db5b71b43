#!/usr/bin/env python3
"""Trains a model like char-rnn's default on char-rnn's text, with charlstm and with PyTorch, and prints the validation
losses of both: shakespeare.py TINYSHAKESPEARE.txt

Both take the same streams, held-back windows, batches, initial weights (by distribution), RMSprop and schedule, one
after the other, once for each of --seeds. PyTorch carries the state in validation as charlstm does. Losses are what
is compared; nothing is timed. --out keeps every epoch's losses as JSON. Needs the built charlstm and PyTorch.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from gpubench.torch_python import go_on_with_torch  # noqa: E402 (nothing is to be left in the folder of the sources)

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS, STREAMS, UNITS, LAYERS, HELD = 50, 50, 128, 2, 0.05
RATE, DECAY, CLIP = 0.002, 0.97, 5
# charlstm's validation gives each stream so many windows at least.
CHUNKS = 16

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("text")
parser.add_argument("--charlstm", default=os.path.join(HERE, "..", "charlstm"), help="the command to run")
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--seeds", type=int, default=1, metavar="N", help="1 to N")
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--out", metavar="FILE")
given = parser.parse_args()
go_on_with_torch("shakespeare.py")

import torch  # noqa: E402 (where it is)
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

COMMAND = ["train", "tinyshakespeare.txt", "--format", "stream", "--window", str(STEPS), "--batch-size", str(STREAMS),
           "--hidden", str(UNITS), "--layers", str(LAYERS), "--dense", "0", "--learning-rate", str(RATE),
           "--schedule", "step", "--decay", str(DECAY), "--decay-every", "1", "--clip-value", str(CLIP),
           "--validation-split", str(HELD), "--epochs", str(given.epochs)]
torch.set_num_threads(given.threads)


def charlstm(seed, folder):
    """The losses of each epoch, and what the run says of itself."""
    out = os.path.join(folder, f"run-{seed}")
    line = [given.charlstm, COMMAND[0], given.text, *COMMAND[2:], "--seed", str(seed), "--device", "cpu", "--threads",
            str(given.threads), "--out", out]
    run = subprocess.run(line, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"{' '.join(line)}: {run.stderr.strip()}")
    with open(os.path.join(out, "metrics.jsonl"), encoding="utf-8") as lines:
        epochs = [json.loads(epoch) for epoch in lines]
    with open(os.path.join(out, "run.json"), encoding="utf-8") as file:
        described = json.load(file)
    return {"loss": [epoch["loss"] for epoch in epochs], "val_loss": [epoch["val_loss"] for epoch in epochs]}, described


def windows():
    """Of T + 1 symbols each, those that are learned and those that are held back; and how many symbols there are."""
    with open(given.text, encoding="utf-8", newline="") as file:
        text = file.read().replace("\r\n", "\n")
    ids = {character: i for i, character in enumerate(sorted(set(text)))}
    every = torch.tensor([ids[character] for character in text]).unfold(0, STEPS + 1, STEPS)
    held = round(HELD * len(every))
    if len(every) - held < STREAMS:
        sys.exit(f"shakespeare.py: {given.text} has {len(text)} characters, which is less than a window for each of "
                 f"{STREAMS} streams; give a longer text")
    return every[:-held], every[-held:], len(ids)


def streams(rows, count):
    """Batches of the next window of each stream; windows that are left are in none."""
    length = len(rows) // count
    return rows[:count * length].view(count, length, STEPS + 1).transpose(0, 1)


class Model(nn.Module):
    def __init__(self, symbols):
        super().__init__()
        self.lstm = nn.LSTM(symbols, UNITS, LAYERS, batch_first=True)
        self.dense = nn.Linear(UNITS, symbols)
        self.register_buffer("one_hot", torch.eye(symbols))
        for name, value in self.named_parameters():
            if "weight_hh" in name:
                nn.init.orthogonal_(value)
            elif "weight" in name:
                nn.init.xavier_uniform_(value)
            else:
                nn.init.zeros_(value)
            if "bias_ih" in name:
                nn.init.ones_(value.data[UNITS:2 * UNITS])
            # Keras has a single bias.
            value.requires_grad_("bias_hh" not in name)

    def loss(self, batch, state):
        hidden, state = self.lstm(self.one_hot[batch[:, :-1]], state)
        return F.cross_entropy(self.dense(hidden).flatten(0, 1), batch[:, 1:].flatten()), state


@torch.inference_mode()
def validated(model, rows):
    count = max(1, min(STREAMS, len(rows) // CHUNKS))
    carried, total, state = streams(rows, count), 0.0, None
    for batch in carried:
        loss, state = model.loss(batch, state)
        total += loss.item() * len(batch)
    rest = rows[carried.shape[0] * count:]
    if len(rest):
        total += model.loss(rest, None)[0].item() * len(rest)
    return total / len(rows)


def pytorch(seed):
    torch.manual_seed(seed)
    learned, held, symbols = windows()
    model = Model(symbols)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.RMSprop(parameters, lr=RATE, alpha=0.9, eps=1e-7)
    losses = {"loss": [], "val_loss": []}
    for epoch in range(given.epochs):
        optimizer.param_groups[0]["lr"] = RATE * DECAY ** epoch
        batches, total, state = streams(learned, STREAMS), 0.0, None
        for batch in batches:
            optimizer.zero_grad(set_to_none=True)
            loss, state = model.loss(batch, state)
            state = tuple(part.detach() for part in state)
            loss.backward()
            nn.utils.clip_grad_value_(parameters, CLIP)
            optimizer.step()
            total += loss.item()
        losses["loss"].append(total / len(batches))
        losses["val_loss"].append(validated(model, held))
        print(f"PyTorch epoch {epoch + 1}  loss {losses['loss'][-1]:.4f}  val_loss {losses['val_loss'][-1]:.4f}",
              flush=True)
    return losses


def commit():
    return subprocess.run(["git", "-C", HERE, "rev-parse", "HEAD"], capture_output=True, text=True,
                          check=False).stdout.strip()


runs, about = [], None
with tempfile.TemporaryDirectory() as scratch:
    for number in range(1, given.seeds + 1):
        ours, about = charlstm(number, scratch)
        print(f"charlstm seed {number}: val_loss {ours['val_loss'][-1]:.4f}", flush=True)
        runs.append({"seed": number, "charlstm": ours, "pytorch": pytorch(number)})
for name in ("charlstm", "pytorch"):
    last = [run[name]["val_loss"][-1] for run in runs]
    best = [min(run[name]["val_loss"]) for run in runs]
    print(f"{name:9} val_loss after epoch {given.epochs}: {statistics.median(last):.4f} "
          f"[{min(last):.4f}, {max(last):.4f}]; the best epoch: {statistics.median(best):.4f}")
if given.out:
    with open(given.out, "w", encoding="utf-8") as kept:
        json.dump({"started": about["started"], "machine": about["machine"], "threads": given.threads,
                   "charlstm": {"version": about["machine"]["charlstm"], "commit": commit()},
                   "pytorch": torch.__version__, "command": ["charlstm", *COMMAND], "runs": runs}, kept, indent=1)
