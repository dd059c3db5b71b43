"""The figures of a record, for people."""


def number(value, form):
    return "-" if value is None else format(value, form)


def lines(content):
    """A row for each precision, then what else was timed."""
    stages = content["stages"]

    def result(name):
        return (stages.get(name, {}).get("result") or {}) if stages.get(name, {}).get("status") == "ok" else {}
    form = "{:<34} {:>12} {:>14} {:>10} {:>12} {:>10} {:>8}"
    yield ""
    yield form.format("", "charlstm", "", "", "PyTorch", "", "")
    yield form.format("", "s an epoch", "characters/s", "last loss", "s an epoch", "last loss", "ratio")
    pairs = [(name.removeprefix("train-"), name, "pytorch-" + name.removeprefix("train-")) for name in stages
             if name.startswith(("train-", "sweep-"))]
    # PyTorch's LSTM in half, which charlstm has not, beside charlstm's in bf16.
    pairs.extend((peer[len("pytorch-"):-len("fp16")] + "bf16 and fp16",
                  "train-" + peer[len("pytorch-"):-len("fp16")] + "bf16", peer)
                 for peer in stages if peer.startswith("pytorch-") and peer.endswith("fp16"))
    for kind, name, peer in [pair for pair in pairs if result(pair[1]) or result(pair[2])]:
        ours, theirs = result(name), result(peer)
        compared = ours and theirs and content["device"] != "cudasim"
        ratio = ours["median_seconds"] / theirs["median_seconds"] if compared else None
        yield form.format(kind, number(ours.get("median_seconds"), ".4f"), number(ours.get("chars_per_second"), ",.0f"),
                          number(ours.get("last_loss"), ".4f"), number(theirs.get("median_seconds"), ".4f"),
                          number(theirs.get("last_loss"), ".4f"), number(ratio, ".3f"))
    ways = [f"{name[len('pytorch-'):]} {result(name)['lstm']['way']}" for name in stages if "lstm" in result(name)]
    if ways:
        yield "PyTorch's LSTM: " + ", ".join(ways)
    for name in [name for name in stages if name.startswith("sample-") and result(name)]:
        yield form.format(name, "", number(result(name).get("chars_per_second"), ",.0f"), "", "", "", "")
    if result("waves"):
        said = ", ".join(f"{many} of {units} units" for units, many in result("waves")["sequences"].items())
        yield f"Sequences at once by {result('waves')['engine']} in bf16: {said}"
    if result("sends"):
        said = ", ".join(f"{number(each['bytes_a_cycle'], '.1f')} in {way}" for way, each in result("sends").items())
        yield f"Bytes a cycle that a multiprocessor sends within its cluster: {said}"
    for name in [name for name in stages if name.startswith("kernels-") and result(name).get("kernels")]:
        yield ""
        yield from kernels(name, result(name)["kernels"])
    yield ""
    if content["device"] == "cudasim":
        yield "A rehearsal: a simulated GPU, and PyTorch on a CPU. No figure here says anything of a GPU."
    elif content["quick"]:
        yield "A rehearsal: the work is too small for its figures to mean anything."


def kernels(name, found):
    """Microseconds of a step by kernel, the longest first, and the cycles of a time step beside the model's."""
    form = "{:<64} {:>12} {:>14} {:>10}"
    yield form.format(name, "us a step", "cycles a step", "model")
    for row in sorted(found, key=lambda row: -row["microseconds"]):
        title = ": ".join(part for part in (row.get("operation"), row["kernel"]) if part)
        yield form.format(title[:64], number(row["microseconds"], ",.1f"), number(row.get("cycles_a_step"), ","),
                          number(row.get("model_cycles_a_step"), ",")).rstrip()
