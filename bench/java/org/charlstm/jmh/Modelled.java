package org.charlstm.jmh;

import module java.base;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Memory;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.RunningText;
import org.charlstm.text.Vocabulary;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The CPU device and a model on it, the lab's by default; the middle layer has as many units as the LSTM. */
@State(Scope.Benchmark)
public abstract class Modelled {
    /** The first of more than enough characters in a row that are letters. */
    private static final int FIRST_CHARACTER = 0x4E00;

    /** V. */
    @Param("38")
    int symbols;
    /** H and D. */
    @Param("128")
    int hidden;
    /** The device's, 0 for one on every processor. */
    @Param("0")
    int threads;

    Device device;
    Memory memory;
    Model model;

    /** Opens the device and makes the model. */
    @Setup(Level.Trial)
    public void open() {
        device = Devices.open("cpu", new DeviceOptions(threads));
        memory = device.memory();
        model = new Model(device, Initializer.keras(Models.of(symbols, hidden, hidden), 1));
    }

    /** A corpus of random symbols, with rows of T ids and the one after them. */
    CorpusBuffer corpus(int rows, int steps) {
        int[] ids = TrialMemory.randomIds(1, rows * (steps + 1), symbols);
        String text = Arrays.stream(ids).mapToObj(id -> Character.toString(FIRST_CHARACTER + id))
                .collect(Collectors.joining());
        Captions windows = RunningText.of("random", text).windows(steps + 1, steps + 1, rows);
        return memory.corpus(Corpus.encode(windows, Vocabulary.ofRunning(windows)));
    }

    /** Closes them. */
    @TearDown(Level.Trial)
    public void close() {
        memory.close();
        model.close();
        device.close();
    }
}
