package org.charlstm.keras;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.Tensor;

/**
 * The recurrent cells in the files of Keras and PyTorch. Weights lie here as in Keras 2: kernel (inputs, G H),
 * recurrent kernel (H, G H) and bias (G H), or (2, G H) with a row for the recurrent products, as of a GRU with
 * {@code reset_after}.
 */
@SuppressWarnings("ImmutableEnumChecker") // The lists and the cells are immutable.
enum ForeignCell {
    /** Keras 1 has the gates i, c, f, o, PyTorch i, f, g, o. */
    LSTM("LSTM", RecurrentCell.Lstm.SIGMOID, List.of(0, 2, 1, 3), List.of(0, 1, 2, 3)),
    /** Keras 1 has the gates z, r, h, PyTorch r, z, n. */
    GRU("GRU", RecurrentCell.Gru.RESET_AFTER, List.of(0, 1, 2), List.of(1, 0, 2)),
    /** The Elman network, PyTorch's {@code nn.RNN}. */
    SIMPLE_RNN("SimpleRNN", new RecurrentCell.Elman(Activation.TANH), List.of(0), List.of(0));

    private static final String CUDNN = "CuDNN";
    private static final int ARRAYS = 3;

    private final String className;
    private final RecurrentCell common;
    private final List<Integer> gatesOfKeras1;
    private final List<Integer> gatesOfPyTorch;

    /** A cell, and its gates' places among Keras 1's and PyTorch's, which exchange pairs alone and serve both ways. */
    ForeignCell(String className, RecurrentCell common, List<Integer> gatesOfKeras1, List<Integer> gatesOfPyTorch) {
        this.className = className;
        this.common = common;
        this.gatesOfKeras1 = gatesOfKeras1;
        this.gatesOfPyTorch = gatesOfPyTorch;
    }

    static ForeignCell of(RecurrentCell cell) {
        return Arrays.stream(values()).filter(each -> each.kind().equals(cell.kind())).findFirst().orElseThrow();
    }

    /** The cell of a class of Keras, CuDNN's among them. */
    static Optional<ForeignCell> ofClass(String name) {
        return Arrays.stream(values())
                .filter(each -> name.equals(each.className) || (each.hasCudnn() && name.equals(CUDNN + each.className)))
                .findFirst();
    }

    /** Keras' classes of these cells, CuDNN's last. */
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

    /** The cell of a group of Keras 3's weights, without its number. */
    static Optional<ForeignCell> ofGroup(String name) {
        return Arrays.stream(values()).filter(each -> each.group().equals(name)).findFirst();
    }

    /** The cell that has as many arrays, or as many columns to its recurrent kernel's rows. */
    static Optional<ForeignCell> ofArrays(List<Tensor> arrays) {
        return Arrays.stream(values()).filter(each -> each.isInPieces(arrays) || (arrays.size() == ARRAYS
                && arrays.get(1).shape().size() == 2
                && arrays.get(1).shape().getLast() == (long) each.gates() * arrays.get(1).shape().getFirst()))
                .findFirst();
    }

    /** Whether Keras wrote a recurrent layer gate by gate, as Keras 1 does. */
    static boolean areInPieces(List<Tensor> arrays) {
        return Arrays.stream(values()).anyMatch(each -> each.isInPieces(arrays));
    }

    /** Whether these are a kernel, a recurrent kernel and a bias for each gate. */
    boolean isInPieces(List<Tensor> arrays) {
        return gates() > 1 && arrays.size() == ARRAYS * gates();
    }

    /** The class of layers that cuDNN computes has the common form alone. */
    static boolean isCudnns(String className) {
        return className.startsWith(CUDNN);
    }

    private boolean hasCudnn() {
        return common.options().containsKey(RecurrentCell.GATES);
    }

    /** As {@link RecurrentCell#kind}; also the name of a module of PyTorch. */
    String kind() {
        return common.kind();
    }

    /** Its class with the article, for messages: a file may leave open which activation an Elman cell has. */
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

    /** A class' name as Keras 3 makes it a group's. */
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

    /** The options of the form that cuDNN and PyTorch have; another cell of this kind has others of the same names. */
    Map<String, String> options() {
        return common.options();
    }

    /** The options that a bias tells; empty if this cell has no such bias. */
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

    /** Whether a bias is that of a layer that cuDNN computes: both of cuDNN's, one after the other. */
    boolean isCudnns(List<Integer> bias, int units) {
        return hasCudnn() && bias.equals(List.of(Math.multiplyExact(2 * gates(), units)));
    }

    /** Whether cuDNN's two biases are two here; else their sum counts. */
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

    /** Refuses a form that PyTorch lacks; it has the common ones, and an Elman cell's activations. */
    void requireOfPyTorch(RecurrentCell cell) {
        new TreeMap<>(cell.options()).forEach((option, value) -> {
            if (!option.equals(RecurrentCell.ACTIVATION) && !value.equals(options().get(option))) {
                throw new CharlstmException("the model has " + cell.one() + " with " + option + " " + value
                        + ", which PyTorch's lacks; export it to Keras");
            }
        });
    }

    /** A tensor with the columns of its gates in another order. */
    static Tensor reordered(Tensor tensor, List<Integer> order) {
        int columns = tensor.shape().getLast();
        int units = columns / order.size();
        return new Tensor(tensor.name(), tensor.shape(), IntStream.range(0, tensor.values().length).mapToDouble(i -> {
            int column = i % columns;
            return tensor.values()[i - column + order.get(column / units) * units + column % units];
        }).toArray());
    }
}
