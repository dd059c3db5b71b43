package org.charlstm.generate;

import java.util.Arrays;
import org.charlstm.device.Ints;
import org.charlstm.device.LstmState;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;

/** The stateful one-step model: sequences side by side, one symbol of each at a time. */
final class Stepper implements AutoCloseable {
    private final Memory memory;
    private final Network network;
    private final LstmState state;
    private final Ints inputs;
    private final int batch;

    Stepper(Model model, int batch) {
        this.batch = batch;
        memory = model.device().memory();
        network = new Network(model, memory, 1, batch, false);
        state = new LstmState(memory.matrix(batch, model.config().hidden()),
                memory.matrix(batch, model.config().hidden()));
        inputs = memory.ints(batch);
    }

    Memory memory() {
        return memory;
    }

    /** What the next step reads; an operation may write here. */
    Ints inputs() {
        return inputs;
    }

    Matrix logits() {
        return network.logits();
    }

    void reset() {
        double[] zeros = new double[batch * state.hidden().columns()];
        state.hidden().write(zeros);
        state.cell().write(zeros);
    }

    /** Feeds the same symbol to every sequence. */
    void feed(int symbol) {
        int[] symbols = new int[batch];
        Arrays.fill(symbols, symbol);
        inputs.write(symbols);
        step();
    }

    /** Feeds what is in {@link #inputs}. */
    void step() {
        network.forward(inputs, state);
    }

    @Override
    public void close() {
        memory.close();
    }
}
