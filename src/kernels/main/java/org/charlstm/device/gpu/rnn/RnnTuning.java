package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.Resources;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.gpu.head.OneLaunch;
import org.charlstm.device.gpu.tools.Autotuner;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.jspecify.annotations.Nullable;

/**
 * Tries candidates for a shape of recurrent layers. All candidates read the same random numbers, or zeros where nothing
 * is compared, and write to the same buffers. Only the first steps get a gradient dL/dh. A pass over all steps then
 * gives the same weight gradients as the plain kernels' pass over these few steps.
 */
final class RnnTuning implements Autotuner.Task<RnnEngine.Candidate>, AutoCloseable {
    /** The least number of compared steps. They cover the first part of a longer shape and some steps of the next. */
    private static final int CHECKED_STEPS = 32;
    private static final int BEYOND_PART = 8;
    private static final int SEED = 1;
    /** Elements that are compared of each step's output, and of each gate of each tensor. */
    private static final int COMPARED = 4096;
    /** The size of a ReLU's biases, and of its weights times the units: no sum comes near 0 or twice its bias. */
    private static final double FAR = 5;
    private static final double SMALL = 0.3;

    private final GpuContext context;
    private final GpuMemory scratch;
    private final Precision precision;
    private final Rnn.Shape shape;
    private final boolean relu;
    private final @Nullable OneLaunch above;
    /** Whether results are compared. If not, the buffers hold zeros, which tell only whether a candidate runs. */
    private final boolean compares;
    private final GpuMatrix weights;
    private final Input input;
    private final GpuMatrix y;
    /** Null in inference. */
    private final @Nullable Backward backward;
    /** Workspaces that the candidates use in turn. */
    private final List<CudaBuffer> spaces = new ArrayList<>();
    /** The results of the plain kernels; empty where nothing is compared. */
    private final List<double[]> expected;

    /** The input and output of the backward pass; dx is null for ids. */
    private record Backward(GpuMatrix weightGradients, @Nullable GpuMatrix dx, GpuMatrix dy) {
    }

    /** Makes the buffers, and runs the plain kernels where results are compared. */
    RnnTuning(GpuContext context, Precision precision, Rnn.Shape shape, @Nullable OneLaunch above,
            RnnEngine plain, boolean compares) {
        this.context = context;
        this.precision = precision;
        this.shape = shape;
        this.above = above;
        this.compares = compares;
        relu = shape.layers().cell().name() == RecurrentCell.Named.RNN_RELU;
        scratch = new GpuMemory(context, CudaType.ofActivations(precision));
        try {
            int rows = shape.rows();
            int columns = shape.input().columns();
            weights = scratch.flat(RnnLayout.of(shape.layers()).size());
            draw(weights, weights.count(), relu ? SMALL / shape.hidden() : 1 / Math.sqrt(shape.hidden()));
            if (relu && compares) {
                keepFromZero();
            }
            GpuMatrix dx = null;
            if (shape.input().ids()) {
                GpuInts ids = scratch.ints(rows);
                if (compares) {
                    ids.write(new SplittableRandom(SEED).ints(rows, 0, columns).toArray());
                }
                input = new Input.Ids(ids);
            } else {
                GpuMatrix x = scratch.matrix(rows, columns);
                draw(x, x.count(), 1);
                input = new Input.Dense(x);
                dx = shape.training() ? scratch.matrix(rows, columns) : null;
            }
            y = scratch.matrix(rows, shape.hidden());
            backward = !shape.training() ? null
                    : new Backward(scratch.flat(weights.columns()), dx, scratch.matrix(rows, shape.hidden()));
            expected = compares ? expected(plain) : List.of();
        } catch (RuntimeException e) {
            throw Resources.closeAfter(e, scratch::close);
        }
    }

    /** Sets biases that keep the sign of all sums of ReLUs, whatever is rounded: a third of the units stays at 0. */
    private void keepFromZero() {
        double[] bias = IntStream.range(0, shape.hidden()).mapToDouble(k -> k % 3 == 2 ? -FAR : FAR).toArray();
        int at = 0;
        for (int l = 0; l < shape.layers().count(); l++) {
            RnnLayout layout = RnnLayout.of(shape.layers(), l);
            new GpuMatrix(1, bias.length, weights.type(), weights.buffer().view(at + layout.biasOffset(), bias.length))
                    .write(bias);
            at += layout.size();
        }
    }

    private void draw(GpuMatrix to, long count, double limit) {
        if (compares) {
            to.fillRandomly(count, limit);
        }
    }

    /** The first steps of the shape, whose results are compared. */
    private Rnn.Shape checked() {
        int steps = Math.max(CHECKED_STEPS, Math.ceilDiv(shape.steps(), TimeParts.MOST) + BEYOND_PART);
        return new Rnn.Shape(shape.layers(), Math.min(shape.steps(), steps), shape.batch(), shape.training());
    }

    private List<double[]> expected(RnnEngine plain) {
        try (LayersTrial trial = new LayersTrial(plain.candidates(checked()).getFirst(), checked(), null)) {
            return context.trying(() -> "plain for " + title() + ", the reference of the others", () -> {
                trial.prepare();
                trial.step();
                context.synchronize();
                return results();
            });
        }
    }

    @Override
    public String title() {
        return RnnEngines.title(shape);
    }

    @Override
    public String reference() {
        return "the plain kernels";
    }

    @Override
    public String timedWith() {
        return above == null ? "" : " with the head";
    }

    @Override
    public Autotuner.Trial open(RnnEngine.Candidate candidate) {
        return new LayersTrial(candidate, shape, above);
    }

    /** Memory for one candidate. The candidates share workspaces, which keep nothing between steps. */
    private GpuMemory memory() {
        Set<CudaBuffer> taken = new HashSet<>();
        return new GpuMemory(context, y.type()).withSpaces((bytes, purpose) -> {
            CudaBuffer space = spaces.stream().filter(each -> each.bytes() >= bytes && !taken.contains(each))
                    .min(Comparator.comparingLong(CudaBuffer::bytes)).orElseGet(() -> {
                        CudaBuffer more = scratch.forPurpose(purpose).workspace(bytes);
                        spaces.add(more);
                        return more;
                    });
            taken.add(space);
            return space;
        });
    }

    /** A candidate's forward pass, and backward pass in training, over a shape that may have fewer steps. */
    private final class LayersTrial implements Autotuner.Trial {
        private final Rnn.Shape steps;
        private final GpuMemory memory = memory();
        private final Rnn layers;
        private final OneLaunch.@Nullable Opened head;

        private LayersTrial(RnnEngine.Candidate candidate, Rnn.Shape steps, @Nullable OneLaunch above) {
            this.steps = steps;
            try {
                layers = candidate.opener().apply(memory, 0);
                head = above == null ? null : above.open(memory, y, layers.partRows(steps.steps(), steps.batch()));
            } catch (RuntimeException e) {
                throw Resources.closeAfter(e, memory::close);
            }
        }

        /** Fills the outputs with NaN, which exposes values that are not written, and restores dL/dh. */
        @Override
        public void prepare() {
            spoil(y);
            if (backward != null) {
                spoil(backward.weightGradients);
                if (backward.dx != null) {
                    spoil(backward.dx);
                }
                backward.dy.buffer().zero();
                draw(backward.dy, (long) checked().rows() * shape.hidden(), 1);
            }
        }

        private void spoil(GpuMatrix matrix) {
            matrix.buffer().fill(Double.NaN);
        }

        @Override
        public void step() {
            Input of = switch (input) {
                case Input.Ids(var ids) -> new Input.Ids(new GpuInts(steps.rows(), ((GpuInts) ids).buffer()));
                case Input.Dense(var x) -> new Input.Dense(rows(GpuMatrix.of(x)));
            };
            GpuMatrix output = rows(y);
            // The layers run in their parts, if they have several, as in training.
            layers.forward(weights, of, null, output, part -> {
                if (head != null) {
                    head.run(part);
                }
            });
            if (head != null) {
                head.finish();
            }
            if (backward != null) {
                layers.backward(weights, of, output, rows(backward.dy), backward.dx == null ? null : rows(backward.dx),
                        null, backward.weightGradients);
            }
        }

        private GpuMatrix rows(GpuMatrix all) {
            return new GpuMatrix(steps.rows(), all.columns(), all.type(), all.buffer());
        }

        @Override
        public boolean agrees() {
            List<double[]> actual = results();
            return IntStream.range(0, expected.size())
                    .allMatch(i -> Autotuner.near(expected.get(i), actual.get(i), rounding())) && endsInRange();
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    /** The largest allowed difference, as a share of the largest value; a wrong gate causes far more. */
    private double rounding() {
        return switch (precision) {
            case FLOAT32 -> 1e-3;
            case TF32 -> 3e-2;
            case BF16 -> 0.2;
        };
    }

    /** Some elements of each compared step's output, and of each gate of each gradient apart: their sizes differ. */
    private List<double[]> results() {
        List<double[]> results = new ArrayList<>();
        for (int t = 0; t < checked().steps(); t++) {
            results.add(read(y, t * step(), (int) Math.min(step(), COMPARED)));
        }
        if (backward != null) {
            if (backward.dx != null) {
                results.add(read(backward.dx, 0,
                        (int) Math.min((long) checked().rows() * backward.dx.columns(), COMPARED)));
            }
            int at = 0;
            for (int l = 0; l < shape.layers().count(); l++) {
                RnnLayout layout = RnnLayout.of(shape.layers(), l);
                gates(results, at, layout.inputs(), layout);
                gates(results, at + layout.recurrentOffset(), shape.hidden(), layout);
                gates(results, at + layout.biasOffset(), shape.layers().cell().biasRows(), layout);
                at += layout.size();
            }
        }
        return results;
    }

    /** Adds each gate's columns in the first rows of a tensor's gradient. */
    private void gates(List<double[]> results, int at, int rows, RnnLayout layout) {
        int hidden = shape.hidden();
        int some = Math.clamp(COMPARED / hidden, 1, rows);
        double[] read = read(Objects.requireNonNull(backward, "in training").weightGradients, at,
                some * layout.width());
        for (int g = 0; g < shape.layers().cell().gates().size(); g++) {
            int first = g * hidden;
            results.add(IntStream.range(0, some * hidden)
                    .mapToDouble(i -> read[i / hidden * layout.width() + first + i % hidden]).toArray());
        }
    }

    /** Reads some elements, from {@code first} on, after all work that was enqueued. */
    private double[] read(GpuMatrix from, long first, int some) {
        return new GpuMatrix(1, some, from.type(), from.buffer().view(first, some)).read();
    }

    /** Whether the last step's output is in the range of such layers; NaN is not. */
    private boolean endsInRange() {
        int some = (int) Math.min(step(), COMPARED);
        for (double h : read(y, y.count() - some, some)) {
            if (!(Math.abs(h) <= (relu ? 2 * FAR : 1))) {
                return false;
            }
        }
        return true;
    }

    /** Elements of one step's output. */
    private long step() {
        return (long) shape.batch() * shape.hidden();
    }

    @Override
    public void close() {
        scratch.close();
    }
}
