package org.charlstm.generate;

import java.util.Arrays;
import java.util.stream.IntStream;
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
    private final Ints sentences;
    private final Ints position;
    private final Model model;
    private final int batch;
    private Ints history;
    private Runnable ahead;

    Stepper(Model model, int batch) {
        this.model = model;
        this.batch = batch;
        memory = model.device().memory();
        network = new Network(model, memory, 1, batch, false);
        state = new LstmState(memory.matrix(batch, model.config().hidden()),
                memory.matrix(batch, model.config().hidden()));
        inputs = memory.ints(batch);
        sentences = memory.ints(batch);
        position = memory.ints(1);
    }

    Matrix logits() {
        return network.logits();
    }

    /** Forgets everything before. */
    void reset() {
        double[] zeros = new double[batch * state.hidden().columns()];
        state.hidden().write(zeros);
        state.cell().write(zeros);
    }

    /** Which sentences the sequences are, and at which position the next symbol will be drawn. */
    void number(int firstSentence, int nextPosition) {
        sentences.write(IntStream.range(firstSentence, firstSentence + batch).toArray());
        position.write(new int[] {nextPosition});
    }

    /** Draws the next symbol of each sequence from the last step's distribution; -1 where that is not a number. */
    int[] draw(double temperature, long seed) {
        model.device().operations().draw(logits(), temperature, seed, sentences, position, inputs);
        model.device().operations().add(position, 1);
        return inputs.read();
    }

    /**
     * Draws symbols and feeds each, without a look at them in between.
     *
     * @param from where in the sentence the first is drawn
     * @param to   the position after the last
     * @return those of a position side by side, the positions one after the other
     */
    int[] drawAhead(double temperature, long seed, int from, int to) {
        if (history == null || history.length() != to * batch) {
            history = memory.ints(Math.multiplyExact(to, batch));
            ahead = model.device().capture(memory, () -> {
                model.device().operations().draw(logits(), temperature, seed, sentences, position, inputs);
                model.device().operations().append(inputs, position, history);
                model.device().operations().add(position, 1);
                network.forward(inputs, state);
            });
        }
        for (int at = from; at < to; at++) {
            ahead.run();
        }
        return Arrays.copyOfRange(history.read(), from * batch, to * batch);
    }

    /** Feeds the same symbol to every sequence. */
    void feed(int symbol) {
        int[] symbols = new int[batch];
        Arrays.fill(symbols, symbol);
        feed(symbols);
    }

    /** Feeds a symbol to each sequence. */
    void feed(int[] symbols) {
        inputs.write(symbols);
        network.forward(inputs, state);
    }

    @Override
    public void close() {
        memory.close();
    }
}
