#!/usr/bin/env python3
"""Writes the PyTorch reference of the cells beside the LSTM that PyTorchReferenceTest reads: cells.py FOLDER

For each of gru, gru-before, rnn and rnn-relu, in float64, FOLDER gets a file. Two layers of the cell, a dense layer
with tanh and the logits, from fixed weights and one fixed batch: the loss, the gradient of every tensor, and the losses
of ten RMSprop steps on that batch. And the two layers alone, from a state: output, last state, and the gradients of the
tensors and of the first state for a random gradient of the output. PyTorch has no GRU that resets before the product:
that one is written out here. Needs PyTorch (Debian: python3-torch). Tensors are written in Keras' shapes and order of
gates as F64 safetensors.
"""
import os
import sys

import torch
import torch.nn.functional as F

from keras_tensors import keras, save

V, H, D, T, B, LAYERS = 11, 9, 7, 8, 5, 2
STEPS = 10
GRU = torch.nn.GRU
CELLS = {"gru": (GRU, {}), "gru-before": (GRU, {}), "rnn": (torch.nn.RNN, {}),
         "rnn-relu": (torch.nn.RNN, {"nonlinearity": "relu"})}

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def in_kerass_order(matrix):
    """PyTorch's gates are r, z, n, one above the other; Keras' are z, r, h."""
    if matrix.shape[0] == H:
        return matrix
    r, z, n = matrix.chunk(3)
    return torch.cat([z, r, n])


def gru_before(network, sequence, first):
    last = []
    for layer in range(LAYERS):
        weight_ih, weight_hh, bias = (getattr(network, f"{name}_l{layer}")
                                      for name in ["weight_ih", "weight_hh", "bias_ih"])
        hidden = first[layer]
        outputs = []
        for x in sequence:
            r, z, n = (x @ weight_ih.T + bias).chunk(3, 1)
            of_r, of_z, of_n = weight_hh.chunk(3)
            r, z = torch.sigmoid(r + hidden @ of_r.T), torch.sigmoid(z + hidden @ of_z.T)
            hidden = z * hidden + (1 - z) * torch.tanh(n + (r * hidden) @ of_n.T)
            outputs.append(hidden)
        sequence = torch.stack(outputs)
        last.append(hidden)
    return sequence, torch.stack(last)


def write(name, folder):
    torch.manual_seed(41)
    make, options = CELLS[name]
    two_biases = name == "gru"
    network = make(V, H, num_layers=LAYERS, **options)
    dense_1, dense_2 = torch.nn.Linear(H, D), torch.nn.Linear(D, V)
    with torch.no_grad():
        for parameter in [*network.parameters(), *dense_1.parameters(), *dense_2.parameters()]:
            parameter.copy_(torch.empty_like(parameter).uniform_(-0.6, 0.6).float().double())
    for layer in range(LAYERS):
        if not two_biases:
            getattr(network, f"bias_hh_l{layer}").requires_grad_(False).zero_()
    pass_through = (lambda x, first: gru_before(network, x, first)) if name == "gru-before" else network

    kind = name.split("-")[0]
    tensors = {}

    def put(place, values):
        """values gives the tensor, or the gradient, of a parameter."""
        for layer in range(LAYERS):
            its = {theirs: in_kerass_order(values(getattr(network, f"{theirs}_l{layer}")))
                   for theirs in ["weight_ih", "weight_hh", "bias_ih", *(["bias_hh"] if two_biases else [])]}
            tensors[f"{place}/{kind}_{layer + 1}.kernel"] = keras(its["weight_ih"], True)
            tensors[f"{place}/{kind}_{layer + 1}.recurrent_kernel"] = keras(its["weight_hh"], True)
            tensors[f"{place}/{kind}_{layer + 1}.bias"] = keras(
                torch.stack([its["bias_ih"], its["bias_hh"]]) if two_biases else its["bias_ih"], False)
        for number, dense in [(1, dense_1), (2, dense_2)]:
            if values(dense.weight) is not None:
                tensors[f"{place}/dense_{number}.kernel"] = keras(values(dense.weight), True)
                tensors[f"{place}/dense_{number}.bias"] = keras(values(dense.bias), False)

    inputs, targets = torch.randint(V, (T, B)), torch.randint(V, (T, B))
    tensors["inputs"], tensors["targets"] = inputs.T.contiguous(), targets.T.contiguous()
    put("weights", lambda parameter: parameter)
    one_hot = F.one_hot(inputs, V).double()

    first = torch.empty(LAYERS, B, H).uniform_(-0.9, 0.9).float().double().requires_grad_()
    output, last = pass_through(one_hot, first)
    output_gradient = torch.empty(T, B, H).uniform_(-1, 1).float().double()
    output.backward(output_gradient)
    tensors.update({"first": first.detach(), "output": output.detach(), "last": last.detach(),
                    "output_gradient": output_gradient, "first_gradient": first.grad})
    put("layers", lambda parameter: parameter.grad)

    trained = [p for module in [network, dense_1, dense_2] for p in module.parameters() if p.requires_grad]
    optimizer = torch.optim.RMSprop(trained, lr=0.001, alpha=0.9, eps=1e-7)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        hidden, _ = pass_through(one_hot, torch.zeros(LAYERS, B, H))
        value = F.cross_entropy(dense_2(torch.tanh(dense_1(hidden))).reshape(-1, V), targets.reshape(-1))
        value.backward()
        if step == 0:
            put("gradients", lambda parameter: parameter.grad)
        optimizer.step()
        losses.append(value.item())
    tensors["losses"] = torch.tensor(losses)
    save(os.path.join(folder, name + ".safetensors"), tensors)
    print(name, losses)


for each in CELLS:
    write(each, sys.argv[1])
