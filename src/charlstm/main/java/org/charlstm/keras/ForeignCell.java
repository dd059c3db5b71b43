package org.charlstm.keras;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.Tensor;

/**
 * The recurrent cells in the files of Keras and PyTorch. Weights have Keras 2's layout: kernel (inputs, G H), recurrent
 * kernel (H, G H) and bias (G H), or (2, G H) with a second row for the recurrent products of a {@code reset_after}
 * GRU.
 */
@SuppressWarnings("ImmutableEnumChecker") // The lists and the cells are immutable.
enum ForeignCell {
    /** Keras 1 orders the gates i, c, f, o; PyTorch orders them i, f, g, o. */
    LSTM("LSTM", RecurrentCell.Lstm.SIGMOID, List.of(0, 2, 1, 3), List.of(0, 1, 2, 3)),
    /** Keras 1 orders the gates z, r, h; PyTorch orders them r, z, n. */
    GRU("GRU", RecurrentCell.Gru.RESET_AFTER, List.of(0, 1, 2), List.of(1, 0, 2)),
    /** The Elman network, PyTorch's {@code nn.RNN}. */
    SIMPLE_RNN("SimpleRNN", new RecurrentCell.Elman(Activation.TANH), List.of(0), List.of(0));

    private static final String CUDNN = "CuDNN";
    private static final int ARRAYS = 3;

    private final String className;
    private final RecurrentCell common;
    private final List<Integer> gatesOfKeras1;
    private final List<Integer> gatesOfPyTorch;

    /**
     * A cell and its gates' positions in Keras 1 and PyTorch. Each order only swaps pairs, and so converts both ways.
     */
    ForeignCell(String className, RecurrentCell common, List<Integer> gatesOfKeras1, List<Integer> gatesOfPyTorch) {
        this.className = className;
        this.common = common;
        this.gatesOfKeras1 = gatesOfKeras1;
        this.gatesOfPyTorch = gatesOfPyTorch;
    }

    static ForeignCell of(RecurrentCell cell) {
        return Arrays.stream(values()).filter(each -> each.kind().equals(cell.kind())).findFirst().orElseThrow();
    }

    /** The cell of a Keras class; cuDNN's classes are included. */
    static Optional<ForeignCell> ofClass(String name) {
        return Arrays.stream(values())
                .filter(each -> name.equals(each.className) || (each.hasCudnn() && name.equals(CUDNN + each.className)))
                .findFirst();
    }

    /** The Keras classes of these cells, cuDNN's classes last. */
    static String classes() {
        return Stream.concat(Arrays.stream(values()).map(each -> each.className), Arrays.stream(values())
                .filter(ForeignCell::hasCudnn).map(each -> CUDNN + each.className)).collect(Collectors.joining(", "));
    }

    static String shapes() {
        return "(inputs, GH), (H, GH) and (GH), where G is " + Arrays.stream(values())
                .map(each -> each.gates() + " of " + each.className).collect(Collectors.joining(", "))
                + ", and the bias also (2, GH) of " + Arrays.stream(values()).filter(ForeignCell::hasTwoBiases)
                        .map(each -> each.className).collect(Collectors.joining(", "));
    }

    /** The cell of a group in Keras 3's weights; the group's name comes without its number. */
    static Optional<ForeignCell> ofGroup(String name) {
        return Arrays.stream(values()).filter(each -> each.group().equals(name)).findFirst();
    }

    /** The cell whose number of arrays fits, or whose recurrent kernel has the right ratio of columns to rows. */
    static Optional<ForeignCell> ofArrays(List<Tensor> arrays) {
        return Arrays.stream(values()).filter(each -> each.isInPieces(arrays) || (arrays.size() == ARRAYS
                && arrays.get(1).shape().size() == 2
                && arrays.get(1).shape().getLast() == (long) each.gates() * arrays.get(1).shape().getFirst()))
                .findFirst();
    }

    /** Whether a recurrent layer is stored gate by gate, as in Keras 1. */
    static boolean areInPieces(List<Tensor> arrays) {
        return Arrays.stream(values()).anyMatch(each -> each.isInPieces(arrays));
    }

    /** Whether the arrays are a kernel, a recurrent kernel and a bias for each gate. */
    boolean isInPieces(List<Tensor> arrays) {
        return gates() > 1 && arrays.size() == ARRAYS * gates();
    }

    /** Whether a class is computed by cuDNN; such a layer has only the common form. */
    static boolean isCudnns(String className) {
        return className.startsWith(CUDNN);
    }

    private boolean hasCudnn() {
        return common.options().containsKey(RecurrentCell.GATES);
    }

    /** The cell's kind, see {@link RecurrentCell#kind}; also the name of a PyTorch module. */
    String kind() {
        return common.kind();
    }

    /** The cell's class with the article, for messages: a file may not tell an Elman cell's activation. */
    String one() {
        return (this == LSTM ? "an " : "a ") + className;
    }

    String className() {
        return className;
    }

    /** The name of a layer's group in Keras 3's weights. */
    String group() {
        return snake(className);
    }

    /** Converts a class name to a group's name, as Keras 3 does. */
    static String snake(String className) {
        return className.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    int gates() {
        return common.gates().size();
    }

    List<Integer> gatesOfKeras1() {
        return gatesOfKeras1;
    }

    List<Integer> gatesOfPyTorch() {
        return gatesOfPyTorch;
    }

    /**
     * The options of the form that cuDNN and PyTorch have. Other forms of this cell have other values of these options.
     */
    Map<String, String> options() {
        return common.options();
    }

    /** The options that a bias' shape reveals; empty if this cell has no bias of that shape. */
    Optional<Map<String, String>> toldBy(List<Integer> bias, int units) {
        int width = Math.multiplyExact(gates(), units);
        if (isCudnns(bias, units)) {
            return Optional.of(options());
        }
        boolean two = common.biasRows() == 2 && bias.equals(List.of(2, width));
        return !two && !bias.equals(List.of(width)) ? Optional.empty()
                : Optional.of(options().containsKey(RecurrentCell.RESET)
                        ? Map.of(RecurrentCell.RESET, String.valueOf(two)) : Map.of());
    }

    /** Whether a bias consists of cuDNN's two biases, one after the other. */
    boolean isCudnns(List<Integer> bias, int units) {
        return hasCudnn() && bias.equals(List.of(Math.multiplyExact(2 * gates(), units)));
    }

    /** Whether this cell keeps cuDNN's two biases apart; otherwise only their sum counts. */
    boolean hasTwoBiases() {
        return common.biasRows() == 2;
    }

    static void describe(RecurrentCell cell, JsonObject layer) {
        new TreeMap<>(cell.options()).forEach((option, value) -> {
            if (option.equals(RecurrentCell.RESET)) {
                layer.addProperty(option, Boolean.valueOf(value));
            } else {
                layer.addProperty(option, value);
            }
        });
    }

    /** Refuses a form that PyTorch lacks. PyTorch has the common forms, and all activations of an Elman cell. */
    void requireOfPyTorch(RecurrentCell cell) {
        new TreeMap<>(cell.options()).forEach((option, value) -> {
            if (!option.equals(RecurrentCell.ACTIVATION) && !value.equals(options().get(option))) {
                throw new CharlstmException("the model has " + cell.one() + " with " + option + " " + value
                        + ", which PyTorch's lacks; export it to Keras");
            }
        });
    }

    /** A copy of a tensor with the columns of its gates in another order. */
    static Tensor reordered(Tensor tensor, List<Integer> order) {
        int columns = tensor.shape().getLast();
        int units = columns / order.size();
        return new Tensor(tensor.name(), tensor.shape(), IntStream.range(0, tensor.values().length).mapToDouble(i -> {
            int column = i % columns;
            return tensor.values()[i - column + order.get(column / units) * units + column % units];
        }).toArray());
    }
}
