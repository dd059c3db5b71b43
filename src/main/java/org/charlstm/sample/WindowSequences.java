package org.charlstm.sample;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.charlstm.nn.Model;

/** Texts of a model without memory: each has its window, and is computed by itself. */
final class WindowSequences implements Sequences {
    private final Model model;
    private final int window;
    private final Map<TextStream, WindowStepper> steppers = new HashMap<>();

    WindowSequences(Model model, int window) {
        this.model = model;
        this.window = window;
    }

    @Override
    public double[] feed(List<TextStream> texts) {
        int symbols = model.config().symbols();
        double[] all = new double[Math.multiplyExact(texts.size(), symbols)];
        for (int i = 0; i < texts.size(); i++) {
            WindowStepper stepper = steppers.computeIfAbsent(texts.get(i), this::begun);
            stepper.feed(texts.get(i).next());
            System.arraycopy(stepper.logits().read(), 0, all, i * symbols, symbols);
        }
        return all;
    }

    private WindowStepper begun(TextStream text) {
        WindowStepper stepper = new WindowStepper(model, 1, window);
        if (text.about().length > 0) {
            stepper.begin(text.about());
        }
        return stepper;
    }

    @Override
    public List<double[]> hidden(TextStream text) {
        throw stateless();
    }

    @Override
    public TextState state(TextStream text) {
        throw stateless();
    }

    private static IllegalStateException stateless() {
        return new IllegalStateException("a model of a window keeps no state");
    }

    @Override
    public void forget(TextStream text) {
        WindowStepper stepper = steppers.remove(text);
        if (stepper != null) {
            stepper.close();
        }
    }

    @Override
    public void close() {
        steppers.values().forEach(WindowStepper::close);
    }
}
