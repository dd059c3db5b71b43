package org.charlstm.cuda;

import java.util.Objects;

/**
 * A recurrent network for cuDNN, of one or more layers and directions, with linear input and two biases per gate. Make
 * a description by {@link #lstm}, {@link #gru} or {@link #of}, and change it by the {@code with} methods.
 *
 * @param cell          the cell of every layer
 * @param inputs        columns of x
 * @param units         units of a layer and direction: columns of c
 * @param projection    columns of h where an LSTM projects it (Sak et al., 2014); 0 for none
 * @param layers        the number of stacked layers
 * @param bidirectional whether each layer also runs backwards in time; outputs of both directions lie side by side
 * @param dropout       the fraction of elements between layers dropped in training, from 0 to below 1
 * @param algorithm     cuDNN's algorithm
 * @param precision     FLOAT32 is exact; TF32 lets cuDNN round factors; in BF16 data, states and weights are bf16
 */
public record RnnDescription(RnnCell cell, int inputs, int units, int projection, int layers, boolean bidirectional,
        double dropout, RnnAlgorithm algorithm, Precision precision) {
    /** Checks the sizes. */
    public RnnDescription {
        Objects.requireNonNull(cell, "the cell is null");
        Objects.requireNonNull(algorithm, "the algorithm is null");
        Objects.requireNonNull(precision, "the precision is null");
        if (inputs < 1 || units < 1 || layers < 1) {
            throw new IllegalArgumentException(cell + " with " + inputs + " inputs, " + units + " units and " + layers
                    + " layers; each must be at least 1");
        }
        if (projection != 0 && (cell != RnnCell.LSTM || projection < 1 || projection >= units)) {
            throw new IllegalArgumentException(cell + " of " + units + " units with a projection to " + projection
                    + "; only an LSTM has one, to less than its units");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("the dropout is " + dropout + "; it must be from 0 to below 1");
        }
    }

    /** One layer of a cell, in one direction, by the standard algorithm in exact float32. */
    public static RnnDescription of(RnnCell cell, int inputs, int units) {
        return new RnnDescription(cell, inputs, units, 0, 1, false, 0, RnnAlgorithm.STANDARD, Precision.FLOAT32);
    }

    /** An LSTM of one layer. */
    public static RnnDescription lstm(int inputs, int units) {
        return of(RnnCell.LSTM, inputs, units);
    }

    /** A GRU of one layer. */
    public static RnnDescription gru(int inputs, int units) {
        return of(RnnCell.GRU, inputs, units);
    }

    /** This network with another number of layers. */
    public RnnDescription withLayers(int other) {
        return new RnnDescription(cell, inputs, units, projection, other, bidirectional, dropout, algorithm, precision);
    }

    /** This network in both directions. */
    public RnnDescription inBothDirections() {
        return new RnnDescription(cell, inputs, units, projection, layers, true, dropout, algorithm, precision);
    }

    /** This network with h projected to {@code columns} columns. */
    public RnnDescription withProjection(int columns) {
        return new RnnDescription(cell, inputs, units, columns, layers, bidirectional, dropout, algorithm, precision);
    }

    /** This network with dropout between layers. */
    public RnnDescription withDropout(double rate) {
        return new RnnDescription(cell, inputs, units, projection, layers, bidirectional, rate, algorithm, precision);
    }

    /** This network by another algorithm. */
    public RnnDescription with(RnnAlgorithm other) {
        return new RnnDescription(cell, inputs, units, projection, layers, bidirectional, dropout, other, precision);
    }

    /** This network in another precision. */
    public RnnDescription with(Precision other) {
        return new RnnDescription(cell, inputs, units, projection, layers, bidirectional, dropout, algorithm, other);
    }

    /** The type of x, y, states and weights. */
    public CudaType type() {
        return CudaType.ofActivations(precision);
    }

    /** The number of directions, 1 or 2. */
    public int directions() {
        return bidirectional ? 2 : 1;
    }

    /** Columns of h in one direction. */
    public int outputs() {
        return projection == 0 ? units : projection;
    }

    /** Columns of y, of all directions side by side. */
    public int columns() {
        return outputs() * directions();
    }
}
