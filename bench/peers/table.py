"""The figures of a results file of peers.sh, for people."""
import statistics

FORM = "{:<16} {:>28} {:>8} {:>30} {:>8} {:>30} {:>8}"
STREAMS = ["1", "64"]


def seconds(entry):
    """Of every epoch but the first of each round."""
    return [second for said in entry["rounds"] for second in said["seconds"][1:]]


def rates(entry, streams):
    """Characters a second of each round."""
    return [said["sampling"][streams] for said in entry["rounds"]]


def spread(values, form):
    """Median [min, max]."""
    return f"{statistics.median(values):{form}} [{min(values):{form}}, {max(values):{form}}]"


def lines(content):
    """A row for each peer; a ratio says how many times as fast charlstm is."""
    entries, settings = content["peers"], content["settings"]
    measured = {name: entry for name, entry in entries.items() if "rounds" in entry}
    ours = measured.get("charlstm")
    yield ""
    yield (f"{content['hardware']['processor']}, threads {settings['threads']}, {tuple(settings['shape'])}, "
           f"{settings.get('cell', 'lstm')}, H = D = "
           f"{settings['hidden']}, batch {settings['batch_size']}; median [min, max]")
    yield FORM.format("", "s an epoch", "ratio", "characters/s, 1 stream", "ratio", "characters/s, 64 streams", "ratio")
    for name, entry in measured.items():
        cells = [spread(seconds(entry), ".3f"),
                 ratio(seconds(entry), seconds(ours)) if ours else "-"]
        for streams in STREAMS:
            cells += [spread(rates(entry, streams), ",.0f"),
                      ratio(rates(ours, streams), rates(entry, streams)) if ours else "-"]
        yield FORM.format(name, *cells)
    for name, entry in measured.items():
        yield f"{name}: {entry['version']}"
    for name, entry in entries.items():
        if "skipped" in entry:
            yield f"{name}: skipped: {entry['skipped']}"


def ratio(above, below):
    return f"{statistics.median(above) / statistics.median(below):.2f}"
