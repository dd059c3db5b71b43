package org.charlstm.sample.step;

import module java.base;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.NetworkState;
import org.charlstm.nn.Prediction;
import org.charlstm.text.Features;
import org.jspecify.annotations.Nullable;

/**
 * B sequences that go through a model together, one symbol of each per step. The next symbol is predicted from all
 * symbols before it, through the state, or from a window of the last T symbols alone.
 */
public final class Stepper implements AutoCloseable {
    /** The most symbols that are drawn before the host reads them: the usual length of a caption. */
    public static final int AHEAD = 64;

    private final Model model;
    private final int batch;
    private final Memory memory;
    private final Network network;
    private final NetworkState state;
    private final Ints inputs;
    private final Ints sentences;
    private final Ints position;
    private final @Nullable Window window;
    /** Whether the state is still all zeros, as allocated. */
    private boolean fresh = true;
    /** Null until first used. */
    private @Nullable Ahead ahead;

    /** {@code steps} draws and feeds a number of symbols, and stores them in the history. */
    private record Ahead(IntConsumer steps, Ints history) {
    }

    /**
     * The last T symbols of each sequence, from which a stateless Keras model predicts. For each symbol all T steps are
     * computed, from a state of zeros. While there are fewer than T symbols, the ordinary state covers all and is used
     * instead.
     */
    private final class Window {
        private final Network network;
        private final Ints inputs;
        /** The symbols, time-major. */
        private final int[] symbols;
        private int filled;

        Window(int steps) {
            network = new Network(model, memory, steps, batch, null, Prediction.LAST);
            symbols = new int[Math.multiplyExact(steps, batch)];
            inputs = memory.ints(symbols.length);
        }

        boolean isFull() {
            return filled == symbols.length;
        }

        void add(int[] next) {
            if (isFull()) {
                System.arraycopy(symbols, batch, symbols, 0, symbols.length - batch);
                filled -= batch;
            }
            System.arraycopy(next, 0, symbols, filled, batch);
            filled += batch;
        }

        Matrix logits() {
            inputs.write(symbols);
            network.forward(inputs, null);
            return network.logits();
        }
    }

    /** Sequences in a state of zeros, with a window of T steps; 0 for none. */
    public Stepper(Model model, int batch, int steps) {
        this.model = model;
        this.batch = batch;
        memory = model.device().memory();
        try {
            network = new Network(model, memory, 1, batch, false);
            state = network.newState(memory);
            inputs = memory.ints(batch);
            sentences = memory.ints(batch);
            position = memory.ints(1);
            window = steps == 0 ? null : new Window(steps);
        } catch (RuntimeException | Error e) {
            // The caller may need the memory to try a smaller batch.
            memory.close();
            throw e;
        }
    }

    /** Begins new sequences: from zeros if {@code about} is null, else from its given rows of features, at most B. */
    public void begin(@Nullable Features about, IntStream rows) {
        if (about == null) {
            begin(new double[0]);
            return;
        }
        double[] features = new double[Math.multiplyExact(batch, about.columns())];
        float[] row = new float[about.columns()];
        int at = 0;
        for (int number : rows.toArray()) {
            about.row(number, row, 0);
            for (float value : row) {
                features[at++] = value;
            }
        }
        begin(features);
    }

    /** Begins new sequences from (B, F) features; an empty array for a model without features. */
    public void begin(double[] features) {
        if (features.length > 0) {
            network.features().write(features);
        }
        if (features.length > 0 || !fresh) {
            network.begin(state);
        }
        if (window != null) {
            window.filled = 0;
            if (features.length > 0) {
                window.network.features().write(features);
            }
        }
    }

    /** The state after the last symbol. A full window does not update it. */
    public NetworkState state() {
        return state;
    }

    /** Feeds the same symbol to every sequence. */
    public void feed(int symbol) {
        int[] symbols = new int[batch];
        Arrays.fill(symbols, symbol);
        feed(symbols);
    }

    public void feed(int[] symbols) {
        if (window != null) {
            window.add(symbols);
            if (window.isFull()) {
                return;
            }
        }
        inputs.write(symbols);
        network.forward(inputs, state);
        fresh = false;
    }

    /** The logits of the next symbol, (B, V). */
    public Matrix logits() {
        return window != null && window.isFull() ? window.logits() : network.logits();
    }

    /** Sets the sentence numbers and the position that determine the draws. */
    public void number(int firstSentence, int nextPosition) {
        sentences.write(IntStream.range(firstSentence, firstSentence + batch).toArray());
        position.write(new int[] {nextPosition});
    }

    /** Draws the next symbol of each sequence without feeding it; -1 if the distribution is NaN. */
    public int[] draw(Draw how, long seed) {
        model.device().operations().draw(logits(), how, seed, sentences, position, inputs);
        model.device().operations().add(position, 1);
        return inputs.read();
    }

    /**
     * Draws and feeds symbols at up to {@link #AHEAD} positions without reading them back in between, and returns them,
     * (steps, B). All calls must have the same {@code how} and seed. Not for models with a window.
     */
    public int[] drawAhead(Draw how, long seed, int steps) {
        if (ahead == null) {
            Ints history = memory.ints(Math.multiplyExact(AHEAD, batch));
            ahead = new Ahead(network.sampling(memory, state)
                    .<IntConsumer>map(all -> count -> all.draw(how, seed, sentences, position, inputs, history, count))
                    .orElseGet(() -> recordedSteps(how, seed, history)), history);
        }
        ahead.steps.accept(steps);
        return Arrays.copyOf(ahead.history.read(), steps * batch);
    }

    /** Captures a step; the result replays it for each symbol. */
    private IntConsumer recordedSteps(Draw how, long seed, Ints history) {
        Ints slot = memory.ints(1);
        Runnable step = model.device().capture(memory, () -> {
            model.device().operations().draw(logits(), how, seed, sentences, position, inputs);
            model.device().operations().append(inputs, slot, history);
            model.device().operations().add(slot, 1);
            model.device().operations().add(position, 1);
            network.forward(inputs, state);
        });
        return count -> {
            slot.write(new int[1]);
            for (int i = 0; i < count; i++) {
                step.run();
            }
        };
    }

    @Override
    public void close() {
        memory.close();
    }
}
