package org.charlstm.sample;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.charlstm.nn.Model;
import org.charlstm.nn.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Texts side by side as the rows of one batch. Which are in it may change from step to step; the others' states wait on
 * the host. There is a network for each size of a batch, a few of them, so that one text does not cost what 64 do.
 */
final class StatefulSequences implements Sequences {
    /** By which factor sizes of batches differ. */
    private static final int GROWTH = 4;

    private final Model model;
    private final Map<Integer, StatefulStepper> steppers = new HashMap<>();
    /** The states of those that are not in the batch; what is in neither begins. */
    private final Map<TextStream, TextState> waiting = new HashMap<>();
    /** Those of the batch, in the order of its rows. */
    private List<TextStream> placed = List.of();
    private int batch = 1;
    /** The batch's states after the last step, once they were asked for. */
    private @Nullable List<Tensor> states;

    StatefulSequences(Model model) {
        this.model = model;
    }

    private StatefulStepper stepper() {
        return steppers.computeIfAbsent(batch, size -> new StatefulStepper(model, size));
    }

    @Override
    public double[] feed(List<TextStream> texts) {
        if (!texts.equals(placed)) {
            place(texts);
        }
        int[] symbols = new int[batch];
        Arrays.setAll(symbols, row -> row < placed.size() ? placed.get(row).next() : 0);
        states = null;
        stepper().feed(symbols);
        return stepper().logits().read();
    }

    private void place(List<TextStream> texts) {
        placed.forEach(text -> waiting.put(text, state(text)));
        for (batch = 1; batch < texts.size();) {
            batch *= GROWTH;
        }
        begin(texts);
        List<Tensor> all = stepper().state().read();
        for (int row = 0; row < texts.size(); row++) {
            TextStream text = texts.get(row);
            TextState state = waiting.remove(text);
            state = state == null ? text.from() : state;
            for (int i = 0; state != null && i < all.size(); i++) {
                copy(all.get(i), row, state.values().get(i), true);
            }
        }
        stepper().state().write(all);
        placed = List.copyOf(texts);
        // Those that were dropped meanwhile are not missed.
        waiting.keySet().removeIf(text -> !text.isOpen());
    }

    /** Begins the batch's rows, which those that go on from something then do not keep. */
    private void begin(List<TextStream> texts) {
        int features = model.config().features();
        if (features == 0) {
            stepper().reset();
            return;
        }
        double[] all = new double[Math.multiplyExact(batch, features)];
        for (int row = 0; row < texts.size(); row++) {
            System.arraycopy(texts.get(row).about(), 0, all, row * features, features);
        }
        stepper().begin(all);
    }

    /** Copies the layers of a row of the batch, whose rows of a layer lie together: there, or from there. */
    private void copy(Tensor all, int row, double[] own, boolean there) {
        int columns = all.shape().get(1);
        for (int layer = 0; layer < own.length / columns; layer++) {
            int at = (layer * batch + row) * columns;
            if (there) {
                System.arraycopy(own, layer * columns, all.values(), at, columns);
            } else {
                System.arraycopy(all.values(), at, own, layer * columns, columns);
            }
        }
    }

    private List<Tensor> states() {
        if (states == null) {
            states = stepper().state().read();
        }
        return states;
    }

    @Override
    public TextState state(TextStream text) {
        return new TextState(states().stream().map(all -> {
            double[] own = new double[all.values().length / batch];
            copy(all, placed.indexOf(text), own, false);
            return own;
        }).toList());
    }

    @Override
    public List<double[]> hidden(TextStream text) {
        List<double[]> layers = new ArrayList<>();
        List<double[]> values = state(text).values();
        for (int i = 0; i < values.size(); i += 2) {
            int units = states().get(i).shape().get(1);
            for (int from = 0; from < values.get(i).length; from += units) {
                layers.add(Arrays.copyOfRange(values.get(i), from, from + units));
            }
        }
        return layers;
    }

    @Override
    public void forget(TextStream text) {
        waiting.remove(text);
    }

    @Override
    public void close() {
        steppers.values().forEach(StatefulStepper::close);
    }
}
