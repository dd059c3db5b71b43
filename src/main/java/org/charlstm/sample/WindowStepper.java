package org.charlstm.sample;

import java.util.Arrays;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.Prediction;

/**
 * The model without memory: what follows is predicted from a state of zeros and the last T symbols, as a stateless
 * Keras model predicts it. All T steps are computed for each symbol; as long as there are fewer, they are all that
 * there is, and the state goes on.
 */
final class WindowStepper implements Stepper {
    private final Memory memory;
    private final StatefulStepper beginning;
    private final Network network;
    private final Ints inputs;
    private final int batch;
    /** The last symbols, time-major. */
    private final int[] window;
    /** How many elements of the window are filled. */
    private int filled;

    WindowStepper(Model model, int batch, int steps) {
        this.batch = batch;
        memory = model.device().memory();
        beginning = new StatefulStepper(model, batch);
        network = new Network(model, memory, steps, batch, null, Prediction.LAST);
        window = new int[Math.multiplyExact(steps, batch)];
        inputs = memory.ints(window.length);
    }

    @Override
    public void reset() {
        filled = 0;
        beginning.reset();
    }

    @Override
    public void begin(double[] features) {
        filled = 0;
        beginning.begin(features);
        network.features().write(features);
    }

    @Override
    public void number(int firstSentence, int nextPosition) {
        beginning.number(firstSentence, nextPosition);
    }

    @Override
    public Matrix logits() {
        if (filled < window.length) {
            return beginning.logits();
        }
        inputs.write(window);
        network.forward(inputs, null);
        return network.logits();
    }

    @Override
    public int[] draw(Draw how, long seed) {
        return beginning.draw(logits(), how, seed);
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
        } else if (filled + batch < window.length) {
            beginning.feed(symbols);
        }
        System.arraycopy(symbols, 0, window, filled, batch);
        filled += batch;
    }

    @Override
    public void close() {
        beginning.close();
        memory.close();
    }
}
