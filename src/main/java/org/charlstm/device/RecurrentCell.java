package org.charlstm.device;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The arithmetic of one time step of a recurrent layer: how h[t], of H elements, follows from x[t], of I elements, and
 * h[t-1]. s is the sigmoid, or another {@link RecurrentActivation}; products of vectors are element by element.
 *
 * <p>A layer has G gates of H columns each and three tensors, as in Keras: the kernel (I, G H), the recurrent kernel
 * (H, G H) and the bias (G H), or (2, G H) if the recurrent products have one of their own. The gates' columns lie in
 * the order of {@link #gates}.
 */
public sealed interface RecurrentCell {
    /**
     * A long short-term memory, of the gates i, f, c~, o:
     * <pre>
     * z    = x[t] kernel + h[t-1] recurrent_kernel + bias         (4H)
     * c[t] = s(z_f) c[t-1] + s(z_i) tanh(z_c)                     (H)
     * h[t] = s(z_o) tanh(c[t])                                    (H)
     * </pre>
     * This is Hochreiter and Schmidhuber, "Long short-term memory" (1997), with the forget gate of Gers et al. (2000).
     */
    record Lstm(RecurrentActivation gateActivation) implements RecurrentCell {
        /** The cell with sigmoid gates, as cuDNN and PyTorch have it. */
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
        public Map<String, String> options() {
            return Map.of(GATES, gateActivation.toString());
        }
    }

    /** The cells by the names of the command line. */
    enum Named {
        /** {@link Lstm}. */
        LSTM;

        /** The cell with such gates. */
        public RecurrentCell with(RecurrentActivation gates) {
            return switch (this) {
                case LSTM -> new Lstm(gates);
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** All {@link #kind}s. */
    List<String> KINDS = List.of("lstm");

    /** The name of the option that says the gates' activation, as in Keras. */
    String GATES = "recurrent_activation";

    /** The name on the command line. */
    Named name();

    /** Of the input, forget and output gates. */
    RecurrentActivation gateActivation();

    /** The names of the gates in the order of their columns. */
    List<String> gates();

    /** Rows of the bias: 1, or 2 if recurrent products have biases of their own. */
    default int biasRows() {
        return 1;
    }

    /** Columns of all gates of a layer of H units. */
    default int width(int hidden) {
        return Math.multiplyExact(gates().size(), hidden);
    }

    /** The form of the cell: its options and their values, as model files have them. */
    Map<String, String> options();

    /** The stem of the names of such layers: {@code lstm}. */
    default String kind() {
        return name().toString().replaceAll("-.*", "");
    }

    /** The kind in capitals: LSTM. */
    default String title() {
        return kind().toUpperCase(Locale.ROOT);
    }

    /** The title with its article, for messages. */
    default String one() {
        return "an " + title();
    }

    /** Whether layers of a kind are recurrent. */
    static boolean isKind(String kind) {
        return KINDS.contains(kind);
    }

    /**
     * The cell of a {@link #kind}.
     *
     * @param options gives the value of each of {@link #options}
     * @throws IllegalArgumentException if there is no such kind, or a value is none of the option's
     */
    static RecurrentCell of(String kind, UnaryOperator<String> options) {
        return switch (kind) {
            case "lstm" -> new Lstm(RecurrentActivation.of(options.apply(GATES)));
            default -> throw new IllegalArgumentException("no recurrent cell '" + kind + "'");
        };
    }
}
