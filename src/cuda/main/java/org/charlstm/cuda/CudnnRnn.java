package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Cudnn;
import org.charlstm.cuda.binding.Cudnn.RnnCall;
import org.jspecify.annotations.Nullable;

/**
 * A recurrent network by cuDNN, for one shape. T is the number of time steps, B of sequences, I of inputs, L of layers
 * times directions, O of the columns of h in one direction, and U of units. All data has the description's type, and is
 * time-major unless the shape has another layout.
 *
 * <p>Training calls {@link #forward}, {@link #backwardData}, {@link #backwardWeights} in this order with the same
 * space. The space, x, y and the first state must stay unchanged in between. Gradients of weights are added, so fill
 * them with zeros before.
 */
public final class CudnnRnn extends CudaObject {
    /** The most time steps of a sequence, found with cuDNN 9.1.0. */
    public static final int MAX_STEPS = Cudnn.MAX_STEPS;
    /** The most elements of a state, found with cuDNN 9.1.0. */
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
    /** The layout of the weights; null until asked for. */
    private @Nullable RnnWeights weights;

    /**
     * The sizes of the data.
     *
     * @param steps    T
     * @param lengths  the time steps of each of the B sequences, 1 to T; beyond a sequence's length y is zero, dx is
     *                 undefined, and x and dy are not read. Only {@link RnnAlgorithm#STANDARD} takes lengths below T
     * @param training whether backward passes follow
     * @param seed     seed of the dropout
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

        /** Sequences of equal length. */
        public static Shape of(int steps, int batch, boolean training) {
            return new Shape(steps, Collections.nCopies(batch, steps), training, 0);
        }

        /** This shape in another layout. */
        public Shape with(RnnDataLayout other) {
            return new Shape(steps, lengths, training, seed, other);
        }

        /** The number of sequences, B. */
        public int batch() {
            return lengths.size();
        }

        /** Rows of x and y: T B, or the sum of the lengths of packed sequences. */
        public long rows() {
            return layout == RnnDataLayout.PACKED ? lengths.stream().mapToLong(Integer::longValue).sum()
                    : (long) steps * batch();
        }
    }

    /**
     * A state: the hidden state h (L, B, O), and an LSTM's cell state c (L, B, U). A null input is zeros; a null output
     * is not computed.
     */
    @SuppressWarnings("exports") // Users need not have this annotation's library.
    public record State(@Nullable CudaBuffer h, @Nullable CudaBuffer c) {
        /** A state of zeros as an input; no state as an output. */
        public static final State NONE = new State(null, null);
    }

    /** cuDNN's workspace, and the reserve space that the forward pass leaves to the backward pass. */
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

        /** Bytes of the workspace. */
        public long workBytes() {
            return work.bytes();
        }

        /** Bytes of the reserve space. */
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

    /** A buffer of at least {@code bytes} bytes, which its owner closes. */
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
            // This stream fills the random states, and passes may run on other streams.
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

    /**
     * A space for passes of this network. Passes in flight between forward and backward at the same time need a space
     * each.
     */
    public Space newSpace() {
        requireOpen();
        return new Space(cuda(), space.work(), space.reserve());
    }

    /** A space that two networks share, such as a network for the forward and another for the backward pass. */
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
     * @param parameters the weights, laid out as {@link #weights} tells
     * @param input      x, (T, B, I) or as in the shape's layout
     * @param output     receives y, (T, B, O), for two directions (T, B, 2 O), or as in the shape's layout
     * @param first      the state before the first step
     * @param last       receives the state after the last step of each sequence, in other memory than {@code first};
     *                   the reverse direction ends with step 0
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
     * @param outputGradient dL/dy, laid out as y
     * @param inputGradient  receives dL/dx, laid out as x
     * @param first          the first state of the forward pass
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
