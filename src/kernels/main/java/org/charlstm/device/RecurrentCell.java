package org.charlstm.device;

import module java.base;

/**
 * The arithmetic of one time step of a recurrent layer: how h[t], of H elements, follows from x[t], of I elements, and
 * h[t-1]. s is the sigmoid, or another {@link RecurrentActivation}; products of vectors are element by element.
 *
 * <p>A layer has G gates of H columns each and three tensors, as in Keras: the kernel (I, G H), the recurrent kernel
 * (H, G H) and the bias (G H), or (2, G H) if the recurrent products have their own bias. The columns of the gates are
 * in the order of {@link #gates}.
 */
public sealed interface RecurrentCell {
    /**
     * A long short-term memory with the gates i, f, c~ and o:
     * <pre>
     * z    = x[t] kernel + h[t-1] recurrent_kernel + bias         (4H)
     * c[t] = s(z_f) c[t-1] + s(z_i) tanh(z_c)                     (H)
     * h[t] = s(z_o) tanh(c[t])                                    (H)
     * </pre>
     * The source is Hochreiter and Schmidhuber, "Long short-term memory" (1997), with the forget gate of Gers et al.
     * (2000).
     */
    record Lstm(RecurrentActivation gateActivation) implements RecurrentCell {
        /** The cell with sigmoid gates, as in cuDNN and PyTorch. */
        public static final Lstm SIGMOID = new Lstm(RecurrentActivation.SIGMOID);

        @Override
        public Named name() {
            return Named.LSTM;
        }

        @Override
        public List<String> gates() {
            return List.of("i", "f", "c", "o");
        }

        @Override
        public boolean hasCell() {
            return true;
        }

        @Override
        public Map<String, String> options() {
            return Map.of(GATES, gateActivation.toString());
        }
    }

    /**
     * A gated recurrent unit with the update gate z, the reset gate r and the candidate h~:
     * <pre>
     * z    = s(x[t] kernel_z + h[t-1] recurrent_kernel_z + bias_z)
     * r    = s(x[t] kernel_r + h[t-1] recurrent_kernel_r + bias_r)
     * h~   = tanh(x[t] kernel_h + bias_h + r (h[t-1] recurrent_kernel_h + recurrent_bias_h))    reset after the product
     * h~   = tanh(x[t] kernel_h + bias_h + (r h[t-1]) recurrent_kernel_h)                       reset before it
     * h[t] = z h[t-1] + (1 - z) h~
     * </pre>
     * Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014), and Keras 1 and 2 by default
     * reset before the product; cuDNN, PyTorch and Keras 3 reset after it. The form with the reset after the product
     * has a second row of biases, for the recurrent products of all three gates.
     */
    record Gru(RecurrentActivation gateActivation, boolean resetAfter) implements RecurrentCell {
        /** The form of cuDNN and PyTorch, with sigmoid gates. */
        public static final Gru RESET_AFTER = new Gru(RecurrentActivation.SIGMOID, true);

        @Override
        public Named name() {
            return Named.GRU;
        }

        @Override
        public List<String> gates() {
            return List.of("z", "r", "h");
        }

        @Override
        public int biasRows() {
            return resetAfter ? 2 : 1;
        }

        @Override
        public Map<String, String> options() {
            return Map.of(GATES, gateActivation.toString(), RESET, String.valueOf(resetAfter));
        }
    }

    /**
     * An Elman network (Elman, "Finding structure in time", 1990):
     * h[t] = a(x[t] kernel + h[t-1] recurrent_kernel + bias), where a is tanh or ReLU.
     */
    record Elman(Activation activation) implements RecurrentCell {
        /** Refuses a cell without activation. */
        public Elman {
            if (activation == Activation.LINEAR) {
                throw new IllegalArgumentException("an Elman cell without activation; there are tanh and "
                        + "relu");
            }
        }

        @Override
        public Named name() {
            return activation == Activation.RELU ? Named.RNN_RELU : Named.RNN;
        }

        @Override
        public List<String> gates() {
            return List.of("h");
        }

        @Override
        public Map<String, String> options() {
            return Map.of(ACTIVATION, activation.title());
        }

        /** {@code tanh RNN} or {@code ReLU RNN}; the kind alone does not name the activation. */
        @Override
        public String title() {
            return (activation == Activation.RELU ? "ReLU" : activation.title()) + " RNN";
        }
    }

    /** The cells by their names on the command line. */
    enum Named {
        /** {@link Lstm}. */
        LSTM,
        /** {@link Gru}. */
        GRU,
        /** {@link Elman} with tanh. */
        RNN,
        /** {@link Elman} with ReLU. */
        RNN_RELU;

        /** Finds a cell by its name; throws an {@link IllegalArgumentException} for an unknown name. */
        public static Named of(String name) {
            return Arrays.stream(values()).filter(value -> value.toString().equals(name)).findFirst().orElseThrow(
                    () -> new IllegalArgumentException("no cell '" + name + "'; there are "
                            + Arrays.toString(values())));
        }

        /** The cell; an Elman cell has no gates, so it ignores their activation. */
        public RecurrentCell with(RecurrentActivation gates, boolean resetAfter) {
            return switch (this) {
                case LSTM -> new Lstm(gates);
                case GRU -> new Gru(gates, resetAfter);
                case RNN -> new Elman(Activation.TANH);
                case RNN_RELU -> new Elman(Activation.RELU);
            };
        }

        /** See {@link RecurrentCell#kind}. */
        String kind() {
            return toString().replaceAll("-.*", "");
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** All {@link #kind}s. */
    List<String> KINDS = Arrays.stream(Named.values()).map(Named::kind).distinct().toList();

    /** All forms of all cells. */
    static List<RecurrentCell> forms() {
        return Arrays.stream(Named.values()).flatMap(name -> Arrays.stream(RecurrentActivation.values())
                .flatMap(gates -> Stream.of(name.with(gates, true), name.with(gates, false)))).distinct().toList();
    }

    /** The names of options, as in Keras. */
    String GATES = "recurrent_activation";
    String RESET = "reset_after";
    String ACTIVATION = "activation";

    /** The name on the command line. */
    Named name();

    /** The names of the gates in the order of their columns. */
    List<String> gates();

    /** Whether the state has a cell state c besides the hidden state h. */
    default boolean hasCell() {
        return false;
    }

    /** The number of rows of the bias: 1, or 2 if recurrent products have their own biases. */
    default int biasRows() {
        return 1;
    }

    /** The number of columns of all gates of a layer of H units. */
    default int width(int hidden) {
        return Math.multiplyExact(gates().size(), hidden);
    }

    /** The form of the cell: its options and their values, as in model files. */
    Map<String, String> options();

    /** The stem of the names of layers of this cell: {@code lstm}, {@code gru} or {@code rnn}. */
    default String kind() {
        return name().kind();
    }

    /** The kind in capitals, LSTM or GRU; for an Elman network with its activation. */
    default String title() {
        return kind().toUpperCase(Locale.ROOT);
    }

    /** The title with its article, for messages. */
    default String one() {
        return switch (this) {
            case Lstm _ -> "an ";
            case Gru _,Elman _ -> "a ";
        } + title();
    }

    /** Whether a kind of layer is recurrent. */
    static boolean isKind(String kind) {
        return KINDS.contains(kind);
    }

    /** The cell of a {@link #kind} and its {@link #options}; others throw an {@link IllegalArgumentException}. */
    static RecurrentCell of(String kind, UnaryOperator<String> options) {
        Named first = Arrays.stream(Named.values()).filter(name -> name.kind().equals(kind)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no recurrent cell '" + kind + "'"));
        return switch (first) {
            case LSTM -> new Lstm(RecurrentActivation.of(options.apply(GATES)));
            case GRU -> new Gru(RecurrentActivation.of(options.apply(GATES)), flag(options.apply(RESET)));
            case RNN, RNN_RELU -> new Elman(Activation.of(options.apply(ACTIVATION)));
        };
    }

    private static boolean flag(String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(RESET + " is '" + value + "'; it must be true or false");
        };
    }
}
