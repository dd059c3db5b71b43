package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.RnnLayout;
import org.charlstm.device.gpu.tools.DenseLayout;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.charlstm.device.host.Shapes;
import org.charlstm.device.spi.Sampling;

/** Draws many symbols of each sentence in one launch, a block for each sentence, in float32. */
public final class GpuSampling implements Sampling {
    /** With more, products over all are faster than blocks one after the other, by docs/kernel-model.md. */
    private static final int MOST_SENTENCES = 512;
    /** Bytes of weights that a block reads for each symbol at most: about 10 us by that model. */
    private static final int MOST_READ = 5 << 18;

    private final Kernels kernels;
    private final Layout layout;
    private final CudaBuffer table;
    private final GpuMatrix weights;
    private final GpuMatrix logits;

    private GpuSampling(Kernels kernels, GpuMemory memory, Layout layout, GpuMatrix weights, GpuMatrix logits) {
        this.kernels = kernels;
        this.layout = layout;
        this.weights = weights;
        this.logits = logits;
        try (Arena arena = Arena.ofConfined()) {
            var rows = layout.table(arena);
            table = memory.forPurpose("activations").workspace(rows.byteSize());
            table.write(rows);
        }
    }

    /**
     * For layers whose weights lie as Keras' tensors do. Empty if a cell is no LSTM or the vectors do not fit a block's
     * shared memory, or launches for each symbol are faster for so many sentences or weights.
     */
    public static Optional<Sampling> of(Kernels kernels, GpuMemory memory, List<Sampling.Layer> layers,
            GpuMatrix weights, GpuMatrix logits, int sharedBytes) {
        if (logits.rows() > MOST_SENTENCES || !layers.stream().allMatch(GpuSampling::knows)) {
            return Optional.empty();
        }
        Layout layout = new Layout(layers);
        return layout.sharedBytes() > sharedBytes || layout.fill(sharedBytes) > MOST_READ ? Optional.empty()
                : Optional.of(new GpuSampling(kernels, memory, layout, weights, logits));
    }

    private static boolean knows(Sampling.Layer layer) {
        return switch (layer) {
            case Sampling.Layer.Dense _ -> true;
            case Sampling.Layer.Recurrent(Rnn.Shape shape, _, _) -> switch (shape.layers().cell()) {
                case RecurrentCell.Lstm _ -> true;
                case RecurrentCell.Gru _,RecurrentCell.Elman _ -> false;
            };
        };
    }

    private static int gateKind(Rnn.Shape shape) {
        return Kernels.number(((RecurrentCell.Lstm) shape.layers().cell()).gateActivation());
    }

    @Override
    public void draw(Draw draw, long seed, Ints sentences, Ints position, Ints drawn, Ints history, int steps) {
        int batch = logits.rows();
        Shapes.ints(sentences, batch);
        Shapes.ints(drawn, batch);
        Shapes.ints(position, 1);
        Shapes.require(steps >= 1 && history.length() / batch >= steps, "a history of %d for %d steps of %d",
                history.length(), steps, batch);
        kernels.launchShared(Kernel.SAMPLE, batch, layout.threads, Math.toIntExact(layout.sharedBytes()),
                table.pointer(), weights.pointer(), logits.pointer(), draw.temperature(), draw.topK(), draw.topP(),
                seed, GpuInts.pointer(sentences), GpuInts.pointer(position), GpuInts.pointer(drawn),
                GpuInts.pointer(history), layout.layers.size(), layout.sums, layout.shares, steps);
        kernels.each(Kernel.ADD, 1, GpuInts.pointer(position), steps, 1);
    }

    /**
     * How a block of {@code kernels/sample.cu} lays out its shared memory: the table of layers, each layer's output and
     * cells, the sums of a layer, the shares of the symbols, and as many rows of matrices as there is room for. Places
     * are counted in floats, rows in fours.
     */
    private static final class Layout {
        private static final int MOST_THREADS = 512;
        private static final int FEWEST_THREADS = 128;
        /** Rows of the first recurrent kernel that each thread keeps in registers, in fours. */
        private static final int KEPT_QUADS = 16;
        private static final int GATES = 4;
        private static final int QUAD = 4;
        /** A layer's entry in the table: two pointers, seven ints of each factor and eight of the layer. */
        private static final int LAYER_BYTES = 2 * Long.BYTES + (2 * 7 + 8) * Integer.BYTES;

        private final List<Layer> layers = new ArrayList<>();
        /** Threads of a block: one for each column, up to a limit. */
        private final int threads;
        private final int sums;
        private final int shares;
        private int end;

        /** A matrix, and the place of the vector that it is multiplied by; none if there are no rows. */
        private static final class Factor {
            private static final Factor NONE = new Factor(0, 0, 0);

            private final int weights;
            private final int rows;
            private final int vector;
            private int first;
            private int held;
            private int place;

            Factor(int weights, int rows, int vector) {
                this.weights = weights;
                this.rows = rows;
                this.vector = vector;
            }

            int quads() {
                return Math.ceilDiv(rows, QUAD);
            }

            int[] ints(int parts) {
                return new int[] {weights, rows, Math.ceilDiv(quads(), parts), vector, first, held, place};
            }
        }

        /** A layer; pointers are 0 for a dense one. */
        private record Layer(long hidden, long cell, Factor below, Factor recurrent, int kernel, int bias, int outputs,
                int activation, int output, int cells) {
            int columns() {
                return hidden == 0 ? outputs : GATES * outputs;
            }

            /** Threads that share a column, if there are so many threads. */
            int parts(int threads) {
                return Math.clamp(threads / columns(), 1, Math.max(below.quads(), recurrent.quads()));
            }

            int[] ints(int parts) {
                return new int[] {kernel, bias, outputs, columns(), activation, parts, output, cells};
            }
        }

        /** For layers of float32 weights in Keras' shapes; the first takes ids. The vectors may turn out not to fit. */
        Layout(List<Sampling.Layer> placed) {
            int count = placed.stream().mapToInt(layer -> switch (layer) {
                case Sampling.Layer.Recurrent(Rnn.Shape shape, _, _) -> shape.layers().count();
                case Sampling.Layer.Dense _ -> 1;
            }).sum();
            room(count * LAYER_BYTES / Float.BYTES);
            for (Sampling.Layer layer : placed) {
                switch (layer) {
                    case Sampling.Layer.Recurrent recurrent -> add(recurrent);
                    case Sampling.Layer.Dense dense -> add(dense);
                }
            }
            int widest = layers.stream().mapToInt(Layer::columns).max().orElseThrow();
            int wanted = Kernels.WARP * Math.ceilDiv(widest, Kernels.WARP);
            threads = Math.clamp(wanted, FEWEST_THREADS, MOST_THREADS);
            sums = room(layers.stream().mapToInt(layer -> layer.parts(threads) * layer.columns()).max().orElseThrow());
            // Doubles, followed by the symbol that was drawn.
            shares = room(2 * layers.getLast().outputs + 1);
            Factor first = layers.getFirst().recurrent;
            if (layers.getFirst().columns() <= threads) {
                first.first = Math.min(first.quads(), KEPT_QUADS * layers.getFirst().parts(threads));
            }
        }

        private int room(int floats) {
            int place = end;
            end = Math.addExact(end, QUAD * Math.ceilDiv(floats, QUAD));
            return place;
        }

        private void add(Sampling.Layer.Recurrent stack) {
            Rnn.Shape shape = stack.shape();
            int units = shape.hidden();
            int at = stack.offset();
            for (int l = 0; l < shape.layers().count(); l++) {
                RnnLayout weights = RnnLayout.of(shape.layers(), l);
                int part = l * shape.batch() * units;
                int output = room(units);
                Factor below = layers.isEmpty() ? Factor.NONE
                        : new Factor(at, shape.layers().inputs(l), layers.getLast().output);
                Matrix cells = Objects.requireNonNull(stack.state().cell(), "an LSTM has c");
                layers.add(new Layer(GpuMatrix.of(stack.state().hidden()).pointer(part),
                        GpuMatrix.of(cells).pointer(part), below,
                        new Factor(at + weights.recurrentOffset(), units, output), at, at + weights.biasOffset(), units,
                        gateKind(shape), output, room(units)));
                at += weights.size();
            }
        }

        private void add(Sampling.Layer.Dense dense) {
            int inputs = dense.shape().inputs();
            int outputs = dense.shape().outputs();
            layers.add(new Layer(0, 0, new Factor(dense.offset(), inputs, layers.getLast().output), Factor.NONE, 0,
                    dense.offset() + new DenseLayout(inputs, outputs).biasOffset(), outputs,
                    Kernels.number(dense.shape().activation()), room(outputs), 0));
        }

        /** Places rows as long as there is room; returns the bytes of weights without room. */
        long fill(int sharedBytes) {
            long left = 0;
            for (Layer layer : layers) {
                int quad = QUAD * layer.columns();
                for (Factor factor : List.of(layer.below, layer.recurrent)) {
                    int quads = factor.quads() - factor.first;
                    factor.held = Math.clamp((sharedBytes / Float.BYTES - end) / quad, 0, quads);
                    factor.place = room(factor.held * quad);
                    left += (long) Float.BYTES * (quads - factor.held) * quad;
                }
            }
            return left;
        }

        /** Shared memory taken so far. */
        long sharedBytes() {
            return (long) Float.BYTES * end;
        }

        /** The table, as the kernel's {@code struct Layer} has it. */
        MemorySegment table(Arena arena) {
            MemorySegment table = arena.allocate((long) LAYER_BYTES * layers.size(), Long.BYTES);
            var bytes = table.asByteBuffer().order(ByteOrder.nativeOrder());
            for (Layer layer : layers) {
                bytes.putLong(layer.hidden).putLong(layer.cell);
                int parts = layer.parts(threads);
                for (int[] ints : List.of(layer.below.ints(parts), layer.recurrent.ints(parts), layer.ints(parts))) {
                    for (int value : ints) {
                        bytes.putInt(value);
                    }
                }
            }
            return table;
        }
    }
}
