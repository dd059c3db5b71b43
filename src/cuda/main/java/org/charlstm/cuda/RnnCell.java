package org.charlstm.cuda;

import java.util.List;

/**
 * The cells of cuDNN's recurrent networks, by cudnnRNNMode_t. x is the input of a step, h the output of the step
 * before, s the sigmoid. Each gate has an input matrix W, a recurrent matrix R and a bias for each.
 */
public enum RnnCell {
    /** h' = max(0, W x + R h + b). */
    RELU(0, false, "h"),
    /** h' = tanh(W x + R h + b). */
    TANH(1, false, "h"),
    /** c' = s(f) c + s(i) tanh(c~), h' = s(o) tanh(c'). */
    LSTM(2, true, "i", "f", "c", "o"),
    /** n = tanh(Wn x + bn + s(r) (Rn h + bRn)), h' = (1 - s(z)) n + s(z) h. */
    GRU(3, false, "r", "z", "n");

    private final int code;
    private final boolean hasCell;
    @SuppressWarnings("ImmutableEnumChecker") // The list is immutable.
    private final List<String> gates;

    RnnCell(int code, boolean hasCell, String... gates) {
        this.code = code;
        this.hasCell = hasCell;
        this.gates = List.of(gates);
    }

    /** cuDNN's number. */
    public int code() {
        return code;
    }

    /** Whether the state has a cell state c beside the hidden state h. */
    public boolean hasCell() {
        return hasCell;
    }

    /** The number of gates. */
    public int gates() {
        return gates.size();
    }

    /** The name of a gate, for example {@code f}, by cuDNN's number. */
    public String gate(int number) {
        return gates.get(number);
    }

    /**
     * cuDNN's number of a gate.
     *
     * @throws IllegalArgumentException if there is no gate of that name
     */
    public int gate(String name) {
        int number = gates.indexOf(name);
        if (number < 0) {
            throw new IllegalArgumentException("no gate '" + name + "' in " + this + "; there are "
                    + String.join(", ", gates));
        }
        return number;
    }
}
