"""Saves a module with names as people give them, by torch.save in both of its forms and within a checkpoint, and prints
the logits after the ids 3, 0, 1 and 4.

torch_saved.py FOLDER
"""
import sys

import torch


class Writer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.Embedding(7, 5)
        self.rnn = torch.nn.GRU(5, 6, num_layers=2, batch_first=True, dropout=0.1)
        self.fc = torch.nn.Linear(6, 8)
        self.out = torch.nn.Linear(8, 7)

    def forward(self, ids):
        return self.out(torch.relu(self.fc(self.rnn(self.encoder(ids))[0])))


torch.manual_seed(1)
folder = sys.argv[1]
model = torch.nn.DataParallel(Writer()).eval()
state = model.state_dict()
torch.save(state, folder + "/zip.pt")
torch.save(state, folder + "/older.pt", _use_new_zipfile_serialization=False)
optimizer = torch.optim.Adam(model.parameters())
torch.save({"epoch": 3, "model_state_dict": state, "optimizer_state_dict": optimizer.state_dict(), "loss": 1.5},
           folder + "/checkpoint.pt")
with torch.no_grad():
    print(*(f"{each:.9g}" for each in model.module(torch.tensor([[3, 0, 1, 4]])).flatten().tolist()))
