package org.charlstm.device.host;

import module java.base;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Padding;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.UpdateRule;
import org.jspecify.annotations.Nullable;

/** The checks of arguments that all devices share. */
public final class Shapes {
    /** Throws an {@link IllegalArgumentException} with a formatted message if a condition does not hold. */
    public static void require(boolean holds, String message, int... values) {
        if (!holds) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, message, Arrays.stream(values).boxed().toArray()));
        }
    }

    public static void sizes(int rows, int columns) {
        require(rows > 0 && columns > 0, "a matrix of %d x %d; each must be at least 1", rows, columns);
    }

    public static void length(int length) {
        require(length > 0, "a vector of %d elements; it must have at least 1", length);
    }

    public static void matrix(Matrix matrix, int rows, int columns) {
        require(matrix.rows() == rows && matrix.columns() == columns, "a matrix of %d x %d where %d x %d belongs",
                matrix.rows(), matrix.columns(), rows, columns);
    }

    /** Refuses a product c = op(a) op(b) whose shapes do not fit, or whose result is the buffer of a factor. */
    @SuppressWarnings("ReferenceEquality") // The check is for the same buffer, not for equal buffers.
    public static void product(Matrix a, boolean transposedA, Matrix b, boolean transposedB, Matrix c) {
        int m = transposedA ? a.columns() : a.rows();
        int depthA = transposedA ? a.rows() : a.columns();
        int depthB = transposedB ? b.columns() : b.rows();
        int n = transposedB ? b.rows() : b.columns();
        if (depthA != depthB || c.rows() != m || c.columns() != n) {
            throw new IllegalArgumentException("a product of " + factor(a, transposedA) + " and "
                    + factor(b, transposedB) + " into " + c.rows() + " x " + c.columns()
                    + "; M x K and K x N make M x N");
        }
        if (c == a || c == b) {
            throw new IllegalArgumentException("a product in the place of a factor; it needs a matrix of its own");
        }
    }

    private static String factor(Matrix matrix, boolean transposed) {
        return matrix.rows() + " x " + matrix.columns() + (transposed ? " transposed" : "");
    }

    /** Refuses a number of values that differs from the matrix' number of elements. */
    public static void values(Matrix matrix, long count) {
        if (count != (long) matrix.rows() * matrix.columns()) {
            throw new IllegalArgumentException(count + " values for a matrix of " + matrix.rows() + " x "
                    + matrix.columns() + "; it takes " + (long) matrix.rows() * matrix.columns());
        }
    }

    /** Refuses memory that is smaller or larger than a matrix in float32. */
    public static void floats(Matrix matrix, MemorySegment memory) {
        long bytes = (long) Float.BYTES * matrix.rows() * matrix.columns();
        if (memory.byteSize() != bytes) {
            throw new IllegalArgumentException("a segment of " + memory.byteSize() + " bytes for a matrix of "
                    + matrix.rows() + " x " + matrix.columns() + "; in float32 it takes " + bytes);
        }
    }

    /** Refuses memory that is smaller or larger than a vector of elements of {@code bytes} bytes. */
    public static void vector(MemorySegment memory, int length, int bytes) {
        if (memory.byteSize() != (long) bytes * length) {
            throw new IllegalArgumentException("a segment of " + memory.byteSize() + " bytes for a vector of " + length
                    + "; it takes " + (long) bytes * length);
        }
    }

    /** Refuses read-only memory. */
    public static MemorySegment writable(MemorySegment memory) {
        if (memory.isReadOnly()) {
            throw new IllegalArgumentException("values cannot be read into a segment that is read-only");
        }
        return memory;
    }

    public static void ints(Ints vector, int length) {
        require(vector.length() == length, "a vector of %d where %d belong", vector.length(), length);
    }

    /** Refuses a batch if the sizes of its order, inputs and targets do not fit the corpus. */
    public static void gather(CorpusBuffer corpus, int order, int inputs, int targets, int batch) {
        require(batch > 0 && inputs > 0 && inputs % batch == 0 && inputs / batch <= corpus.steps() && targets > 0
                && targets <= inputs && targets % batch == 0,
                "%d inputs and %d targets for batches of %d rows of at most %d steps", inputs, targets, batch,
                corpus.steps());
        require(corpus.rows() == order, "a corpus of %d rows in an order of %d", corpus.rows(), order);
    }

    /** Refuses a number of features or of row numbers that does not fit the corpus. */
    public static void gatherFeatures(CorpusBuffer corpus, int order, int batch, int columns) {
        require(corpus.features() == columns, "%d features where there are %d", columns, corpus.features());
        require(corpus.rows() == order && batch <= order, "%d of a corpus of %d rows in an order of %d", batch,
                corpus.rows(), order);
    }

    /** Refuses a state of (L B, H) parts that does not fit in B rows of columns, from column {@code first} on. */
    public static void state(Matrix columns, int first, Rnn.State state) {
        Matrix hidden = state.hidden();
        state.parts().forEach(part -> matrix(part, hidden.rows(), hidden.columns()));
        require(hidden.rows() % columns.rows() == 0 && first >= 0
                && first + (long) state.parts().size() * (hidden.rows() / columns.rows()) * hidden.columns() <= columns
                        .columns(),
                "a state of %d x %d at column %d of %d x %d", hidden.rows(), hidden.columns(), first, columns.rows(),
                columns.columns());
    }

    /** Refuses a gradient of a mean without the mean's divisor. */
    public static Doubles count(@Nullable Doubles count) {
        if (count == null) {
            throw new IllegalArgumentException("no count where a gradient is wanted");
        }
        return count;
    }

    /** The number of updates in the factors, at least 1; refuses incomplete factors of an update. */
    public static int updates(UpdateRule rule, Doubles factors) {
        int each = rule.factors(1, 1).length;
        require(factors.length() % each == 0, "%d factors where each update has %d", factors.length(), each);
        return factors.length() / each;
    }

    /** Refuses targets that name no symbol, with or without the mark of padding; accepts -1, which does not count. */
    public static void targets(int[] targets, int rows, int symbols) {
        require(targets.length == rows, "%d targets for %d rows", targets.length, rows);
        for (int target : targets) {
            require(Padding.id(target) < symbols, "target %d where there are %d symbols", target, symbols);
        }
    }

    public static void ids(int[] ids, int symbols) {
        for (int id : ids) {
            if (id < 0 || id >= symbols) {
                throw new IllegalArgumentException("id " + id + " where there are " + symbols + " symbols");
            }
        }
    }

    private static String titled(Rnn.Shape shape) {
        return shape.layers().cell().one() + " of " + shape.input().title();
    }

    /** Refuses a state that has a c although the cell has none, and a state without the c of its cell. */
    public static void state(Rnn.@Nullable State state, Rnn.Shape shape) {
        if (state != null && (state.cell() != null) != shape.layers().cell().hasCell()) {
            throw new IllegalArgumentException("a state " + (state.cell() == null ? "without" : "with") + " c for "
                    + shape.layers().cell().one());
        }
    }

    /** Refuses an input of the wrong kind or shape. */
    public static void input(Input input, Rnn.Shape shape) {
        switch (input) {
            case Input.Ids(Ints ids) when shape.input().ids() -> ints(ids, shape.rows());
            case Input.Dense(Matrix matrix) when !shape.input().ids() -> matrix(matrix, shape.rows(),
                    shape.input().columns());
            default -> throw new IllegalArgumentException(
                    (shape.input().ids() ? "a matrix" : "ids") + " for " + titled(shape));
        }
    }

    /**
     * Refuses the arguments of a backward pass if the layers are for inference, if the input or its gradient has the
     * wrong kind or shape, if ids have a gradient, or if a matrix input has none.
     */
    public static void backward(Input input, @Nullable Matrix inputGradient, Rnn.Shape shape) {
        if (!shape.training()) {
            throw new IllegalStateException(
                    "this " + shape.layers().cell().title() + " was made for inference; make it with training = true");
        }
        input(input, shape);
        if ((inputGradient == null) != shape.input().ids()) {
            throw new IllegalArgumentException((inputGradient == null ? "no" : "a") + " gradient of the input of "
                    + titled(shape));
        }
        if (inputGradient != null) {
            matrix(inputGradient, shape.rows(), shape.input().columns());
        }
    }
}
