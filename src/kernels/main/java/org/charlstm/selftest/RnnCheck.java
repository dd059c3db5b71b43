package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.OFFSET;
import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.jspecify.annotations.Nullable;

/** Checks recurrent layers of each cell on ids and on matrices, from zeros and from a state. */
final class RnnCheck {
    /** The gates without a sigmoid. */
    private static final Set<String> CANDIDATES = Set.of("c", "h");
    /** Shapes for the LSTM with sigmoids, the cell with the most implementations. */
    private static final List<Rnn.Shape> LSTM = List.of(
            ids(1, 1, 1, 1, 1), ids(3, 1, 1, 3, 37), ids(37, 3, 1, 3, 3), ids(3, 37, 1, 9, 17), ids(129, 129, 1, 3, 37),
            ids(37, 16, 1, 37, 1), ids(38, 128, 1, 17, 48), ids(38, 128, 1, 173, 9), ids(5, 3, 2, 4, 2),
            ids(3, 37, 3, 9, 17), ids(38, 64, 2, 19, 16), ids(9, 20, 1, 40, 2), ids(5, 107, 1, 7, 2),
            ids(5, 100, 1, 3, 151), numbers(1, 1, 1, 1, 1), numbers(6, 113, 2, 4, 9), numbers(3, 37, 1, 9, 17),
            numbers(129, 3, 1, 3, 37), numbers(37, 129, 1, 3, 3), numbers(64, 128, 1, 19, 16), numbers(17, 3, 2, 4, 2),
            numbers(40, 37, 3, 5, 18));
    /** Shapes for every other cell. */
    private static final List<Rnn.Shape> OTHERS = List.of(
            ids(3, 1, 1, 7, 2), ids(37, 3, 1, 3, 37), ids(129, 129, 1, 3, 37), ids(5, 37, 1, 1, 1),
            ids(38, 64, 1, 9, 17), ids(5, 100, 1, 3, 151), ids(3, 37, 3, 9, 17), numbers(129, 3, 1, 3, 37),
            numbers(5, 37, 3, 9, 17));

    private static Rnn.Shape ids(int symbols, int hidden, int layers, int steps, int batch) {
        return new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(symbols), hidden, layers), steps, batch, true);
    }

    private static Rnn.Shape numbers(int columns, int hidden, int layers, int steps, int batch) {
        return new Rnn.Shape(new Rnn.Layers(InputShape.ofMatrix(columns), hidden, layers), steps, batch, true);
    }

    /** Layers on a device with their buffers. Without a state, the layers start from zeros; ids have no gradient. */
    private record Layer(TrialMemory memory, Rnn.Shape shape, Rnn rnn, Matrix weights, Input input,
            Rnn.@Nullable State state, Matrix output, @Nullable Matrix inputGradient,
            Rnn.@Nullable State stateGradient) {
        static Layer on(TrialMemory memory, Pass pass) {
            Rnn.Shape shape = pass.shape;
            int I = shape.input().columns();
            int H = shape.hidden();
            int L = shape.layers().count();
            int width = shape.layers().width();
            double hidden = relu(shape.layers().cell()) ? 0.3 / H : 1.5 / Math.sqrt(H);
            List<double[]> tensors = new ArrayList<>();
            for (int l = 0; l < L; l++) {
                int inputs = shape.layers().inputs(l);
                tensors.add(random(20 * l + 1, inputs * width,
                        l > 0 ? hidden : shape.input().ids() ? 0.5 : 1.5 / Math.sqrt(inputs)));
                tensors.add(random(20 * l + 2, H * width, hidden));
                tensors.add(bias(shape, 20 * l + 3));
            }
            Matrix weights = memory.flat(memory.operations().rnnLayout(shape.layers()), OFFSET, tensors);
            Rnn rnn = memory.operations().rnn(memory.memory(), shape, OFFSET);
            int rows = shape.rows();
            Input input = shape.input().ids() ? new Input.Ids(memory.ints(randomIds(5, rows, I)))
                    : new Input.Dense(memory.matrix(rows, I, random(5, rows * I, 0.5)));
            return new Layer(memory, shape, rnn, weights, input, pass.fromZeros ? null : state(memory, shape, 6),
                    memory.matrix(rows, H), shape.input().ids() ? null : memory.matrix(rows, I, random(9, rows * I, 9)),
                    pass.fromZeros ? null : state(memory, shape, 10));
        }

        private static Rnn.State state(TrialMemory memory, Rnn.Shape shape, int seed) {
            int rows = shape.layers().count() * shape.batch();
            int H = shape.hidden();
            return new Rnn.State(memory.matrix(rows, H, random(seed, rows * H, 0.9)),
                    shape.layers().cell().hasCell() ? memory.matrix(rows, H, random(seed + 1, rows * H, 2)) : null);
        }

        /**
         * Clips a third of the hard sigmoids at 0 and a third at 1, at every step, and keeps the others away from both.
         * Keeps ReLUs away from 0 too: otherwise rounding would decide whether a gradient passes.
         */
        private static double[] bias(Rnn.Shape shape, int seed) {
            RecurrentCell cell = shape.layers().cell();
            int count = cell.biasRows() * shape.layers().width();
            double[] bias = random(seed, count, 0.5);
            boolean hard = RecurrentActivation.HARD_SIGMOID.toString().equals(cell.options().get(RecurrentCell.GATES));
            int[] thirds = randomIds(seed, count, 3);
            for (int j = 0; j < shape.layers().width(); j++) {
                if (relu(shape.layers().cell())) {
                    bias[j] += thirds[j] == 0 ? -3 : 3;
                } else if (hard && !CANDIDATES.contains(cell.gates().get(j / shape.hidden()))) {
                    bias[j] += 5 * (thirds[j] - 1);
                }
            }
            return bias;
        }

        double[] backward() {
            Matrix gradients = memory.flat(random(4, weights.columns(), 9));
            int rows = shape.rows();
            rnn.backward(weights, input, output,
                    memory.matrix(rows, shape.hidden(), random(8, rows * shape.hidden(), 1)), inputGradient,
                    stateGradient, gradients);
            return gradients.read();
        }
    }

    /** Layers of a shape, with or without a first state. */
    private record Pass(Rnn.Shape shape, boolean fromZeros) {
        String title() {
            Rnn.Layers layers = shape.layers();
            return (shape.input().ids() ? "V " : "I ") + shape.input().columns() + ", H " + layers.hidden()
                    + (layers.count() == 1 ? "" : ", L " + layers.count()) + ", T " + shape.steps() + ", B "
                    + shape.batch() + cell(layers.cell()) + (fromZeros ? ", from zeros" : ", from a state");
        }

        private double share() {
            return Tolerances.share(shape.steps() * shape.layers().count());
        }

        /** The form of the cell in words; empty for the usual form. */
        private static String cell(RecurrentCell cell) {
            return (cell.name() == RecurrentCell.Named.RNN_RELU ? ", relu" : "")
                    + ("false".equals(cell.options().get(RecurrentCell.RESET)) ? ", reset before" : "")
                    + ("hard_sigmoid".equals(cell.options().get(RecurrentCell.GATES)) ? ", hard sigmoid" : "");
        }

        void forward(TrialMemory memory, Check.Results results) {
            forward(Layer.on(memory, this), results);
        }

        private static void forward(Layer layer, Check.Results results) {
            layer.rnn.forward(layer.weights, layer.input, layer.state, layer.output);
            results.close("output", layer.output.read());
            if (layer.state != null) {
                results.close("hidden", layer.state.hidden().read());
                if (layer.state.cell() != null) {
                    results.close("cell", layer.state.cell().read());
                }
            }
        }

        void backward(TrialMemory memory, Check.Results results) {
            Layer layer = Layer.on(memory, this);
            forward(layer, results);
            double[] flat = layer.backward();
            results.exact("elements before the layer's", Arrays.copyOf(flat, OFFSET));
            double[][] gradients = memory.operations().rnnLayout(shape.layers()).unpack(flat, OFFSET);
            List<String> names = List.of("kernel's gradient", "recurrent kernel's gradient", "bias' gradient");
            for (int i = 0; i < gradients.length; i++) {
                results.close("layer " + (i / 3 + 1) + ", " + names.get(i % 3), gradients[i]);
            }
            if (layer.inputGradient != null) {
                results.close("input's gradient", layer.inputGradient.read());
            }
            if (layer.stateGradient != null) {
                results.close("first h's gradient", layer.stateGradient.hidden().read());
                if (layer.stateGradient.cell() != null) {
                    results.close("first cell's gradient", layer.stateGradient.cell().read());
                }
            }
        }
    }

    static List<Check.Case> forward(String kind) {
        return Check.Case.besideOracle(passes(kind), Pass::title, Pass::share, Pass::forward);
    }

    static List<Check.Case> backward(String kind) {
        return Check.Case.besideOracle(passes(kind), Pass::title, Pass::share, Pass::backward);
    }

    private static boolean relu(RecurrentCell cell) {
        return cell.name() == RecurrentCell.Named.RNN_RELU;
    }

    /** All passes except ReLU layers of a single unit, whose gradients are sums that may cancel out. */
    private static List<Pass> passes(String kind) {
        return RecurrentCell.forms().stream().filter(cell -> cell.kind().equals(kind))
                .flatMap(cell -> cell.equals(RecurrentCell.Lstm.SIGMOID) ? LSTM.stream()
                        : OTHERS.stream().filter(shape -> shape.hidden() > 1 || !relu(cell))
                                .map(shape -> new Rnn.Shape(new Rnn.Layers(shape.input(), shape.hidden(),
                                        shape.layers().count(), cell), shape.steps(), shape.batch(), true)))
                .flatMap(shape -> Stream.of(new Pass(shape, true), new Pass(shape, false))).toList();
    }
}
