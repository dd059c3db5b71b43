package org.charlstm.sample;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.NetworkState;
import org.jspecify.annotations.Nullable;

/** The stateful one-step model: sequences side by side, one symbol of each at a time. */
final class StatefulStepper implements Stepper {
    /** Positions that are drawn at most before the host looks at them: a caption of usual length. */
    static final int AHEAD = 64;

    private final Memory memory;
    private final Network network;
    private final NetworkState state;
    private final Ints inputs;
    private final Ints sentences;
    private final Ints position;
    private final Model model;
    private final int batch;
    /** Null until it is first wanted. */
    private @Nullable Ahead ahead;

    /** Draws and feeds so many symbols into a history. */
    private record Ahead(IntConsumer steps, Ints history) {
    }

    StatefulStepper(Model model, int batch) {
        this.model = model;
        this.batch = batch;
        memory = model.device().memory();
        try {
            network = new Network(model, memory, 1, batch, false);
            state = network.newState(memory);
            inputs = memory.ints(batch);
            sentences = memory.ints(batch);
            position = memory.ints(1);
        } catch (RuntimeException | Error e) {
            // Who tries fewer side by side has the memory for them.
            memory.close();
            throw e;
        }
    }

    @Override
    public Matrix logits() {
        return network.logits();
    }

    @Override
    public void reset() {
        state.reset();
    }

    @Override
    public void begin(double[] features) {
        network.features().write(features);
        network.begin(state);
    }

    @Override
    public void number(int firstSentence, int nextPosition) {
        sentences.write(IntStream.range(firstSentence, firstSentence + batch).toArray());
        position.write(new int[] {nextPosition});
    }

    @Override
    public int[] draw(Draw how, long seed) {
        return draw(logits(), how, seed);
    }

    /** Draws from other logits in place of its own. */
    int[] draw(Matrix from, Draw how, long seed) {
        model.device().operations().draw(from, how, seed, sentences, position, inputs);
        model.device().operations().add(position, 1);
        return inputs.read();
    }

    /**
     * Draws symbols and feeds each, without a look at them in between.
     *
     * @param steps how many positions, at most {@link #AHEAD}
     * @return those of a position side by side, the positions one after the other
     */
    int[] drawAhead(Draw how, long seed, int steps) {
        if (ahead == null) {
            Ints history = memory.ints(Math.multiplyExact(AHEAD, batch));
            ahead = new Ahead(network.sampling(memory, state)
                    .<IntConsumer>map(all -> count -> all.draw(how, seed, sentences, position, inputs, history,
                            count))
                    .orElseGet(() -> oneByOne(how, seed, history)), history);
        }
        ahead.steps.accept(steps);
        return Arrays.copyOf(ahead.history.read(), steps * batch);
    }

    /** By a recorded step for each symbol. */
    private IntConsumer oneByOne(Draw how, long seed, Ints history) {
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

    /** What the sequences have come to. */
    NetworkState state() {
        return state;
    }

    /** Has each sequence go on from what another, or itself, has come to. */
    void select(int[] rows) {
        state.select(rows);
    }

    @Override
    public void feed(int symbol) {
        int[] symbols = new int[batch];
        Arrays.fill(symbols, symbol);
        feed(symbols);
    }

    @Override
    public void feed(int[] symbols) {
        inputs.write(symbols);
        network.forward(inputs, state);
    }

    @Override
    public void close() {
        memory.close();
    }
}
