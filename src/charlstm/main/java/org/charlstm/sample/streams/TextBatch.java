package org.charlstm.sample.streams;

import module java.base;
import org.charlstm.nn.Model;
import org.charlstm.nn.NetworkState;
import org.charlstm.nn.Tensor;
import org.charlstm.sample.step.Stepper;
import org.jspecify.annotations.Nullable;

/**
 * Steps several texts as the rows of one batch. Each step may have other texts; the states of the other texts wait on
 * the host. Each of a few batch sizes has its own stepper, so a single text costs less than a batch of 64. With a
 * window there is no state to move, and each text has its own stepper.
 */
final class TextBatch implements AutoCloseable {
    /** The factor between batch sizes. */
    private static final int GROWTH = 4;

    private final Model model;
    private final int window;
    private final Map<Integer, Stepper> steppers = new HashMap<>();
    private final Map<TextStream, Stepper> windows = new HashMap<>();
    /** The states of begun texts that are not in the batch. */
    private final Map<TextStream, TextState> waiting = new HashMap<>();
    /** The texts of the batch, in the order of its rows. */
    private List<TextStream> rows = List.of();
    private int batch = 1;
    /** The batch's states after the last step; null until requested. */
    private @Nullable List<Tensor> states;

    TextBatch(Model model, int window) {
        this.model = model;
        this.window = window;
    }

    /** Feeds each text its next symbol. Returns the logits of the following symbols, (n, V) or more rows. */
    double[] feed(List<TextStream> texts) {
        if (window > 0) {
            return feedWindows(texts);
        }
        if (!texts.equals(rows)) {
            exchange(texts);
        }
        int[] symbols = new int[batch];
        Arrays.setAll(symbols, row -> row < rows.size() ? rows.get(row).next() : 0);
        states = null;
        stepper().feed(symbols);
        return stepper().logits().read();
    }

    private double[] feedWindows(List<TextStream> texts) {
        int symbols = model.config().symbols();
        double[] all = new double[Math.multiplyExact(texts.size(), symbols)];
        for (int i = 0; i < texts.size(); i++) {
            Stepper stepper = windows.computeIfAbsent(texts.get(i), text -> {
                Stepper begun = new Stepper(model, 1, window);
                begun.begin(text.plan().about());
                return begun;
            });
            stepper.feed(texts.get(i).next());
            System.arraycopy(stepper.logits().read(), 0, all, i * symbols, symbols);
        }
        return all;
    }

    private Stepper stepper() {
        return steppers.computeIfAbsent(batch, size -> new Stepper(model, size, 0));
    }

    private void exchange(List<TextStream> texts) {
        rows.forEach(text -> waiting.put(text, state(text)));
        for (batch = 1; batch < texts.size();) {
            batch *= GROWTH;
        }
        int features = model.config().features();
        double[] about = new double[Math.multiplyExact(batch, features)];
        for (int row = 0; row < texts.size(); row++) {
            System.arraycopy(texts.get(row).plan().about(), 0, about, row * features, features);
        }
        stepper().begin(about);
        List<Tensor> all = stepper().state().read();
        for (int row = 0; row < texts.size(); row++) {
            TextStream text = texts.get(row);
            TextState state = waiting.remove(text);
            state = state == null ? text.plan().from() : state;
            for (int i = 0; state != null && i < all.size(); i++) {
                copy(all.get(i), row, state.values().get(i), true);
            }
        }
        stepper().state().write(all);
        rows = List.copyOf(texts);
        // Dropped texts need no state.
        waiting.keySet().removeIf(text -> !text.isOpen());
    }

    /** Copies one row of the batch to or from a text's own state. The rows of a layer are consecutive. */
    private void copy(Tensor all, int row, double[] own, boolean toBatch) {
        int columns = all.shape().get(1);
        for (int layer = 0; layer < own.length / columns; layer++) {
            int at = (layer * batch + row) * columns;
            if (toBatch) {
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

    /** The state of a text that took part in the last step. Not for models with a window. */
    TextState state(TextStream text) {
        return new TextState(states().stream().map(all -> {
            double[] own = new double[all.values().length / batch];
            copy(all, rows.indexOf(text), own, false);
            return own;
        }).toList());
    }

    /** The output of each recurrent layer for a text that took part in the last step. Not for models with a window. */
    List<double[]> hidden(TextStream text) {
        List<double[]> layers = new ArrayList<>();
        List<double[]> values = state(text).values();
        for (int i = 0; i < values.size(); i++) {
            int units = states().get(i).shape().get(1);
            boolean hidden = states().get(i).name().endsWith(NetworkState.HIDDEN);
            for (int from = 0; hidden && from < values.get(i).length; from += units) {
                layers.add(Arrays.copyOfRange(values.get(i), from, from + units));
            }
        }
        return layers;
    }

    /** Drops the state and the stepper of a text. */
    void forget(TextStream text) {
        waiting.remove(text);
        Stepper stepper = windows.remove(text);
        if (stepper != null) {
            stepper.close();
        }
    }

    @Override
    public void close() {
        steppers.values().forEach(Stepper::close);
        windows.values().forEach(Stepper::close);
    }
}
