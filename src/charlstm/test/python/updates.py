#!/usr/bin/env python3
"""Writes the PyTorch reference that PyTorchUpdatesTest reads: updates.py OUT.safetensors

In float64, from the same weights and gradients: the weights after each of ten steps of each update rule, at a rate
that changes from step to step; gradients after clip_grad_norm_ and clip_grad_value_; and the rates of each schedule,
of each epoch, or for the cosine of each step. Needs PyTorch (Debian: python3-torch). F64 safetensors.
"""
import sys

import torch

from keras_tensors import save

N, STEPS, PER_EPOCH = 37, 10, 4

torch.manual_seed(22)
torch.set_default_dtype(torch.float64)


def drawn(scale):
    # float32 holds them, so that every device starts from the very numbers.
    return torch.empty(N).uniform_(-scale, scale).float().double()


weights = drawn(1)
# From ordinary to so small that epsilon counts, and back.
gradients = [drawn(10.0 ** -exponent) for exponent in [0, 1, 2, 4, 6, 7, 3, 1, 0, 2]]
rates = [0.01, 0.02, 0.005, 0.01, 0.1, 0.05, 0.01, 0.03, 0.002, 0.01]

RULES = {
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=1, alpha=0.9, eps=1e-7),
    "rmsprop_decay": lambda p: torch.optim.RMSprop(p, lr=1, alpha=0.8, eps=1e-4, weight_decay=0.1),
    "sgd": lambda p: torch.optim.SGD(p, lr=1),
    "sgd_decay": lambda p: torch.optim.SGD(p, lr=1, weight_decay=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=1, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=1, momentum=0.8, nesterov=True, weight_decay=0.1),
    "adam": lambda p: torch.optim.Adam(p, lr=1, eps=1e-7),
    "adam_decay": lambda p: torch.optim.Adam(p, lr=1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=1, eps=1e-7, weight_decay=0.1),
}

tensors = {"weights": weights, "gradients": torch.stack(gradients), "rates": torch.tensor(rates)}
for name, make in RULES.items():
    parameter = torch.nn.Parameter(weights.clone())
    optimizer = make([parameter])
    after = []
    for gradient, rate in zip(gradients, rates):
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = gradient.clone()
        optimizer.step()
        after.append(parameter.detach().clone())
    tensors["rules/" + name] = torch.stack(after)

for name, clip in {"norm": lambda p: torch.nn.utils.clip_grad_norm_(p, 0.75),
                   "value": lambda p: torch.nn.utils.clip_grad_value_(p, 0.5)}.items():
    parameter = torch.nn.Parameter(weights.clone())
    parameter.grad = gradients[0].clone()
    clip([parameter])
    tensors["clip/" + name] = parameter.grad

scheduling = torch.optim.lr_scheduler
EPOCHS, WARM_UP = 7, 6


def warmed(optimizer):
    first = scheduling.LinearLR(optimizer, start_factor=1 / WARM_UP, end_factor=1, total_iters=WARM_UP - 1)
    then = scheduling.CosineAnnealingLR(optimizer, T_max=EPOCHS * PER_EPOCH - WARM_UP, eta_min=0.025)
    return scheduling.SequentialLR(optimizer, [first, then], [WARM_UP])


SCHEDULES = {
    "step": (EPOCHS, lambda o: scheduling.StepLR(o, step_size=2, gamma=0.5)),
    "exponential": (EPOCHS, lambda o: scheduling.ExponentialLR(o, gamma=0.8)),
    "cosine": (EPOCHS * PER_EPOCH, lambda o: scheduling.CosineAnnealingLR(o, T_max=EPOCHS * PER_EPOCH)),
    "warm": (EPOCHS * PER_EPOCH, warmed),
}
for name, (count, make) in SCHEDULES.items():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    schedule = make(optimizer)
    given = []
    for _ in range(count):
        given.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    tensors["schedules/" + name] = torch.tensor(given)
save(sys.argv[1], tensors)
for name, tensor in tensors.items():
    print(name, tensor.flatten()[:4].tolist())
