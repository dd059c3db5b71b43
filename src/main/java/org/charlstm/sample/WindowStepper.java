package org.charlstm.sample;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Memory;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;

/**
 * The model without memory: each symbol is drawn from a state of zeros and the last T symbols, as a stateless Keras
 * model predicts it. All T steps are computed for each symbol, and all their distributions are drawn from, because a
 * device draws for every row of a matrix; what the rows but the last give is dropped.
 */
final class WindowStepper implements Stepper {
    private final Memory memory;
    private final Model model;
    private final Network network;
    private final Ints inputs;
    private final Ints sentences;
    private final Ints position;
    private final Ints drawn;
    private final int batch;
    /** The last symbols, time-major. */
    private final int[] window;
    /** How many elements of the window are filled. */
    private int filled;

    WindowStepper(Model model, int batch, int steps) {
        this.model = model;
        this.batch = batch;
        memory = model.device().memory();
        network = new Network(model, memory, steps, batch, false);
        window = new int[Math.multiplyExact(steps, batch)];
        inputs = memory.ints(window.length);
        sentences = memory.ints(window.length);
        position = memory.ints(1);
        drawn = memory.ints(window.length);
    }

    @Override
    public void reset() {
        filled = 0;
    }

    @Override
    public void begin(double[] features) {
        reset();
        network.features().write(features);
    }

    @Override
    public void number(int firstSentence, int nextPosition) {
        sentences.write(IntStream.range(0, window.length).map(row -> firstSentence + row % batch).toArray());
        position.write(new int[] {nextPosition});
    }

    @Override
    public int[] draw(Draw how, long seed) {
        // Steps that are not filled yet come after those that are, and change nothing before them.
        inputs.write(window);
        network.forward(inputs, null);
        model.device().operations().draw(network.logits(), how, seed, sentences, position, drawn);
        model.device().operations().add(position, 1);
        return Arrays.copyOfRange(drawn.read(), filled - batch, filled);
    }

    @Override
    public void feed(int symbol) {
        int[] symbols = new int[batch];
        Arrays.fill(symbols, symbol);
        feed(symbols);
    }

    @Override
    public void feed(int[] symbols) {
        if (filled == window.length) {
            System.arraycopy(window, batch, window, 0, window.length - batch);
            filled -= batch;
        }
        System.arraycopy(symbols, 0, window, filled, batch);
        filled += batch;
    }

    @Override
    public void close() {
        memory.close();
    }
}
