package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Cudnn;
import org.charlstm.cuda.binding.Cudnn.RnnCall;
import org.jspecify.annotations.Nullable;

/**
 * A recurrent network by cuDNN, for one shape. T are time steps, B sequences, I inputs; L are the layers of all
 * directions, O the columns of h of a direction, U the units. All data is of the description's type, and time-major
 * unless the shape has another layout.
 *
 * <p>The order of training is {@link #forward}, {@link #backwardData}, {@link #backwardWeights}, with the same space,
 * whose content must stay in between, as must x, y and the first state. Gradients of weights are added, so they have to
 * be zeros before.
 */
public final class CudnnRnn extends CudaObject {
    /** Time steps of a sequence at most, as cuDNN 9.1.0 answers. */
    public static final int MAX_STEPS = Cudnn.MAX_STEPS;
    /** Elements of a state at most, as cuDNN 9.1.0 answers. */
    public static final long MAX_STATE = Cudnn.MAX_STATE;

    private final CudnnHandle at;
    private final RnnDescription description;
    private final Shape shape;
    private final Resources resources = new Resources();
    private final long rnn;
    private final long x;
    private final long y;
    private final long h;
    private final long c;
    private final long weightBytes;
    private final Cudnn.TemporarySpace space;
    /** Null until they are asked for. */
    private @Nullable RnnWeights weights;

    /**
     * The sizes of the data.
     *
     * @param steps    T
     * @param lengths  the time steps of each of the B sequences, 1 to T; beyond them y is zeros, dx is undefined, and x
     *                 and dy are not read. Only {@link RnnAlgorithm#STANDARD} takes lengths below T
     * @param training whether backward passes follow
     * @param seed     of the dropout
     * @param layout   how x, y and their gradients lie in memory
     */
    public record Shape(int steps, List<Integer> lengths, boolean training, long seed, RnnDataLayout layout) {
        /** Checks the sizes. */
        public Shape {
            lengths = List.copyOf(Objects.requireNonNull(lengths, "the list of lengths is null"));
            Objects.requireNonNull(layout, "the layout is null");
            if (steps < 1 || lengths.isEmpty() || lengths.stream().anyMatch(length -> length < 1 || length > steps)) {
                throw new IllegalArgumentException("sequences of " + lengths + " steps in " + steps
                        + "; there must be one at least, each of 1 to " + steps);
            }
            if (layout == RnnDataLayout.PACKED && (lengths.getFirst() != steps
                    || !lengths.equals(lengths.stream().sorted(Comparator.reverseOrder()).toList()))) {
                throw new IllegalArgumentException("packed sequences of " + lengths + " steps in " + steps
                        + "; the longest must come first and have all steps");
            }
        }

        /** Time-major sequences. */
        public Shape(int steps, List<Integer> lengths, boolean training, long seed) {
            this(steps, lengths, training, seed, RnnDataLayout.BY_STEP);
        }

        /** Sequences that all have every step. */
        public static Shape of(int steps, int batch, boolean training) {
            return new Shape(steps, Collections.nCopies(batch, steps), training, 0);
        }

        /** The same in another layout. */
        public Shape with(RnnDataLayout other) {
            return new Shape(steps, lengths, training, seed, other);
        }

        /** B. */
        public int batch() {
            return lengths.size();
        }

        /** Rows of x and y: T B, or as many steps as packed sequences have together. */
        public long rows() {
            return layout == RnnDataLayout.PACKED ? lengths.stream().mapToLong(Integer::longValue).sum()
                    : (long) steps * batch();
        }
    }

    /** A state: h (L, B, O), and of an LSTM c (L, B, U). Null where it is zeros, or not wanted. */
    @SuppressWarnings("exports") // An annotation alone, which users need not have.
    public record State(@Nullable CudaBuffer h, @Nullable CudaBuffer c) {
        /** Zeros, or nothing wanted. */
        public static final State NONE = new State(null, null);
    }

    /** Temporary memory of a network's passes, and what backward passes need of the forward pass. */
    public static final class Space extends CudaObject {
        private final CudaBuffer work;
        private final CudaBuffer reserve;

        private Space(Cuda cuda, long work, long reserve) {
            super(cuda, "a space of a recurrent network");
            Resources made = new Resources();
            try {
                this.work = bytes(cuda, work, "cuDNN workspace");
                made.add(this.work::close);
                this.reserve = bytes(cuda, reserve, "cuDNN reserve space");
            } catch (RuntimeException e) {
                throw made.closeAfter(e);
            }
            opened();
        }

        /** Bytes of temporary memory. */
        public long workBytes() {
            return work.bytes();
        }

        /** Bytes that are kept from forward to backward. */
        public long reserveBytes() {
            return reserve.bytes();
        }

        @Override
        void release(CudaDriver driver) {
            try (Resources both = new Resources()) {
                both.add(work::close);
                both.add(reserve::close);
            }
        }
    }

    /** Memory that is counted in bytes, and that its owner closes. */
    static CudaBuffer bytes(Cuda cuda, long bytes, String purpose) {
        CudaBuffer buffer = cuda.uninitialised(CudaType.INT32,
                Math.max(1, Math.ceilDiv(bytes, (long) Integer.BYTES)), purpose);
        cuda.remove(buffer);
        return buffer;
    }

    CudnnRnn(Cuda cuda, CudnnHandle at, RnnDescription description, Shape shape) {
        super(cuda, "a recurrent network");
        this.at = at;
        this.description = Objects.requireNonNull(description, "the description is null");
        this.shape = Objects.requireNonNull(shape, "the shape is null");
        Cudnn cudnn = at.cudnn();
        try {
            long dropout = dropout();
            rnn = cudnn.createRnn(description, dropout);
            resources.add(() -> cudnn.cudnnDestroyRNNDescriptor(rnn));
            if (description.algorithm() == RnnAlgorithm.PERSIST_DYNAMIC) {
                cudnn.cudnnBuildRNNDynamic(at.handle(), rnn, shape.batch());
            }
            x = sequence(description.inputs());
            y = sequence(description.columns());
            h = state(description.outputs());
            c = description.outputs() == description.units() ? h : state(description.units());
            weightBytes = cudnn.weightBytes(at.handle(), rnn);
            space = cudnn.temporarySpace(at.handle(), rnn, shape.training(), x);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
        opened();
    }

    private long dropout() {
        Cudnn cudnn = at.cudnn();
        long states = 0;
        long bytes = 0;
        if (description.dropout() > 0) {
            bytes = cudnn.dropoutStateBytes(at.handle());
            CudaBuffer buffer = bytes(cuda(), bytes, "cuDNN dropout");
            resources.add(buffer::close);
            states = buffer.pointer();
        }
        long made = cudnn.createDropout(at.onStream(), (float) description.dropout(), states, bytes, shape.seed());
        resources.add(() -> cudnn.cudnnDestroyDropoutDescriptor(made));
        if (description.dropout() > 0) {
            // Its random states are filled on this stream, and passes may run on others.
            cuda().synchronize();
        }
        return made;
    }

    private long sequence(int columns) {
        long made = at.cudnn().createSequence(description.type(), shape.layout(), shape.steps(),
                shape.lengths().stream().mapToInt(Integer::intValue).toArray(), columns);
        resources.add(() -> at.cudnn().cudnnDestroyRNNDataDescriptor(made));
        return made;
    }

    private long state(int columns) {
        long made = at.cudnn().createState(description.type(), description.layers() * description.directions(),
                shape.batch(), columns);
        resources.add(() -> at.cudnn().cudnnDestroyTensorDescriptor(made));
        return made;
    }

    /** The network. */
    public RnnDescription description() {
        return description;
    }

    /** The sizes of the data. */
    public Shape shape() {
        return shape;
    }

    /** Where the weights lie. */
    public RnnWeights weights() {
        requireOpen();
        if (weights == null) {
            weights = RnnWeights.of(at, description);
        }
        return weights;
    }

    private long weightCount() {
        return weightBytes / description.type().bytes();
    }

    /** The memory that passes of this network need; passes whose results are needed at the same time take one each. */
    public Space newSpace() {
        requireOpen();
        return new Space(cuda(), space.work(), space.reserve());
    }

    /** Memory for the passes of two networks that share it, such as one forward and the other backward. */
    public Space newSpace(CudnnRnn other) {
        requireOpen();
        Objects.requireNonNull(other, "the other network is null");
        return new Space(cuda(), Math.max(space.work(), other.space.work()),
                Math.max(space.reserve(), other.space.reserve()));
    }

    private RnnCall call(Space memory, CudaBuffer parameters) {
        requireOpen();
        Objects.requireNonNull(memory, "the space is null").requireOf(cuda());
        if (memory.workBytes() < space.work() || memory.reserveBytes() < space.reserve()) {
            throw new IllegalArgumentException("the space is of another network, and smaller than this one needs; take "
                    + "one by newSpace() of this network");
        }
        cuda().current().uses(this);
        cuda().current().uses(memory);
        return new RnnCall(at.onStream(), rnn, x, y, h, c, weightBytes,
                pointer("the weights", parameters, weightCount()),
                space.work(), memory.work.pointerFor(cuda()), shape.training() ? space.reserve() : 0,
                shape.training() ? memory.reserve.pointerFor(cuda()) : 0);
    }

    private long pointer(String what, CudaBuffer buffer, long count) {
        long pointer = Objects.requireNonNull(buffer, "the buffer of " + what + " is null").pointerFor(cuda());
        if (buffer.type() != description.type() || buffer.count() < count) {
            throw new IllegalArgumentException(what + " must have " + count + " elements of " + description.type()
                    + ", and a buffer of " + buffer.count() + " of " + buffer.type() + " was given");
        }
        return pointer;
    }

    private long inputs() {
        return shape.rows() * description.inputs();
    }

    private long outputs() {
        return shape.rows() * description.columns();
    }

    private Cudnn.State pointers(String what, State state) {
        long rows = (long) description.layers() * description.directions() * shape.batch();
        Objects.requireNonNull(state, what + " is null");
        if (state.c != null && !description.cell().hasCell()) {
            throw new IllegalArgumentException(what + " has a c, and a " + description.cell() + " has none");
        }
        return new Cudnn.State(
                state.h == null ? 0 : pointer("h of " + what, state.h, rows * description.outputs()),
                state.c == null ? 0 : pointer("c of " + what, state.c, rows * description.units()));
    }

    /**
     * Computes y from x.
     *
     * @param parameters laid out as {@link #weights} says
     * @param input      x, (T, B, I), or what the layout makes of it
     * @param output     y, receives (T, B, O), of two directions (T, B, 2 O), or what the layout makes of it
     * @param first      the state before the first step
     * @param last       receives the state after the last step of each sequence, in other memory than the first; the
     *                   direction from the end has it after step 0
     */
    public void forward(Space memory, CudaBuffer parameters, CudaBuffer input, CudaBuffer output, State first,
            State last) {
        at.cudnn().forward(call(memory, parameters), shape.training(), pointer("x", input, inputs()),
                pointer("y", output, outputs()), pointers("the first state", first), pointers("the last state", last));
    }

    /**
     * Computes the gradients of x and of the first state, after {@link #forward}.
     *
     * @param output         y, as the forward pass left it
     * @param outputGradient dL/dy, as y
     * @param inputGradient  receives dL/dx, as x
     * @param first          as the forward pass had it
     * @param lastGradient   the gradient of the last state
     * @param firstGradient  receives the gradient of the first state
     * @throws IllegalStateException if the shape is not for training
     */
    public void backwardData(Space memory, CudaBuffer parameters, CudaBuffer output, CudaBuffer outputGradient,
            CudaBuffer inputGradient, State first, State lastGradient, State firstGradient) {
        requireTraining();
        at.cudnn().backwardData(call(memory, parameters), pointer("y", output, outputs()),
                pointer("dy", outputGradient, outputs()), pointer("dx", inputGradient, inputs()),
                pointers("the first state", first), pointers("the last state's gradient", lastGradient),
                pointers("the first state's gradient", firstGradient));
    }

    /**
     * Adds the gradients of the weights, after {@link #backwardData}.
     *
     * @param gradients laid out as the weights; zeros before
     * @throws IllegalStateException if the shape is not for training
     */
    public void backwardWeights(Space memory, CudaBuffer input, State first, CudaBuffer output,
            CudaBuffer gradients) {
        requireTraining();
        RnnCall call = call(memory, gradients);
        at.cudnn().backwardWeights(call, pointer("x", input, inputs()), pointers("the first state", first).h(),
                pointer("y", output, outputs()), call.weights());
    }

    private void requireTraining() {
        if (!shape.training()) {
            throw new IllegalStateException("this network is not for training; give Shape.of(steps, batch, true)");
        }
    }

    @Override
    void release(CudaDriver driver) {
        resources.close();
    }
}
