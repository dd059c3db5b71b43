package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.CellFacts;
import org.charlstm.device.gpu.rnn.RnnLayout;
import org.charlstm.device.gpu.tools.DenseLayout;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.charlstm.device.host.Shapes;
import org.charlstm.device.spi.Sampling;

/** Draws many symbols of each sentence in one launch, in float32. A block draws one sentence. */
public final class GpuSampling implements Sampling {
    /**
     * Above this number of sentences, products over all of them are faster than one block per sentence; see
     * docs/kernel-model.md.
     */
    private static final int MOST_SENTENCES = 512;
    /** The most bytes of weights that a block may read for each symbol: about 10 us by that model. */
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
     * Sampling for layers whose weights are in Keras' layout. Empty if the vectors do not fit a block's shared memory,
     * or if separate launches for each symbol are faster, because there are many sentences or weights.
     */
    public static Optional<Sampling> of(Kernels kernels, GpuMemory memory, List<Sampling.Layer> layers,
            GpuMatrix weights, GpuMatrix logits, int sharedBytes) {
        if (logits.rows() > MOST_SENTENCES) {
            return Optional.empty();
        }
        Layout layout = new Layout(layers);
        return layout.sharedBytes() > sharedBytes || layout.fill(sharedBytes) > MOST_READ ? Optional.empty()
                : Optional.of(new GpuSampling(kernels, memory, layout, weights, logits));
    }

    @Override
    public void draw(Draw draw, long seed, Ints sentences, Ints position, Ints drawn, Ints history, int steps) {
        int batch = logits.rows();
        Shapes.ints(sentences, batch);
        Shapes.ints(drawn, batch);
        Shapes.ints(position, 1);
        Shapes.require(steps >= 1 && history.length() / batch >= steps, "a history of %d for %d steps of %d",
                history.length(), steps, batch);
        int count = layout.layers.size();
        long symbols = GpuInts.pointer(drawn);
        kernels.launchShared(Kernel.SAMPLE, batch, layout.threads, Math.toIntExact(layout.sharedBytes()),
                table.pointer(), weights.pointer(), logits.pointer(), draw.temperature(), draw.topK(), draw.topP(),
                seed, GpuInts.pointer(sentences), GpuInts.pointer(position), symbols,
                GpuInts.pointer(history), count, layout.sums, layout.shares, steps);
        kernels.each(Kernel.ADD, 1, GpuInts.pointer(position), steps, 1);
    }

    /**
     * The layout of a block's shared memory in {@code kernels/output/sample.cu}: the table of layers, each layer's
     * output and kept values, a layer's sums, the symbols' shares, and then the rows of matrices that still fit. Places
     * count floats; rows count in groups of four.
     */
    private static final class Layout {
        private static final int MOST_THREADS = 512;
        private static final int FEWEST_THREADS = 128;
        /** The most rows of the first recurrent kernel that each thread keeps in registers, in fours. */
        private static final int KEPT_QUADS = 16;
        /** The most sums of a unit: an LSTM has four. */
        private static final int SUMS = 4;
        private static final int QUAD = 4;
        /** Bytes of an entry in the table: two pointers, seven ints for each factor and ten for the layer. */
        private static final int LAYER_BYTES = 2 * Long.BYTES + (2 * 7 + 10) * Integer.BYTES;

        private final List<Layer> layers = new ArrayList<>();
        /** Threads of a block. */
        private final int threads;
        private final int sums;
        private final int shares;
        private int end;

        /** A matrix, and the place of the vector that is multiplied by this matrix; no product if there are no rows. */
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

        /** How a unit's value follows from its sums. A GRU with the reset before the product takes two entries. */
        private enum Kind {
            ACTIVATED(0, 0, 1), LSTM(1, 0, 4), GRU(2, 0, 3), GRU_RESET(3, 0, 2), GRU_CANDIDATE(4, 2, 1);

            private final int number;
            /** Columns of a unit in the layer's previous entry, and in this entry. */
            private final int from;
            private final int columns;

            Kind(int number, int from, int columns) {
                this.number = number;
                this.from = from;
                this.columns = columns;
            }
        }

        /** A recurrent layer whose tensors begin at {@code at}; {@code below} is less than 0 if the layer takes ids. */
        private record Placed(Rnn.Layers layers, int layer, int at, int below, long hidden, long cell, int output,
                int kept) {
            /** An entry for a kind's columns; the recurrent kernel multiplies the vector at {@code vector}. */
            Layer entry(Kind kind, int activation, int vector, int to) {
                RnnLayout weights = RnnLayout.of(layers, layer);
                int units = layers.hidden();
                int from = at + kind.from * units;
                return new Layer(kind, activation, to == output ? hidden : 0, cell,
                        below < 0 ? Factor.NONE : new Factor(from, layers.inputs(layer), below),
                        new Factor(from + weights.recurrentOffset(), units, vector), below < 0 ? from : -1,
                        from + weights.biasOffset(), units, layers.width(), to, kept);
            }
        }

        /** An entry. A pointer is 0 if no such state is written; {@code kernel} is below 0 without ids. */
        private record Layer(Kind kind, int activation, long hidden, long cell, Factor below, Factor recurrent,
                int kernel, int bias, int outputs, int width, int output, int kept) {
            int columns() {
                return kind.columns * outputs;
            }

            /** Sums of the layer; a GRU's candidate has two for each unit if the reset comes after the product. */
            int sums() {
                return columns() + (kind == Kind.GRU ? outputs : 0);
            }

            /** An LSTM wants one thread for each column; in other cells threads share a column or have none. */
            int threads() {
                return recurrent.rows > 0 ? SUMS * outputs : outputs;
            }

            /** Threads that share a column if a block has {@code threads} threads. */
            int parts(int threads) {
                return Math.clamp(threads / columns(), 1, Math.max(below.quads(), recurrent.quads()));
            }

            int[] ints(int parts) {
                return new int[] {kernel, bias, outputs, columns(), width, kind.number, activation, parts, output,
                    kept};
            }
        }

        /** For layers of float32 weights in Keras' shapes, the first on ids. The vectors may not fit the block. */
        Layout(List<Sampling.Layer> placed) {
            int count = placed.stream().mapToInt(layer -> switch (layer) {
                case Sampling.Layer.Recurrent(Rnn.Shape shape, _, _) -> shape.layers().count()
                        * CellFacts.of(shape.layers().cell()).products();
                case Sampling.Layer.Dense _ -> 1;
            }).sum();
            room(count * LAYER_BYTES / Float.BYTES);
            for (Sampling.Layer layer : placed) {
                switch (layer) {
                    case Sampling.Layer.Recurrent recurrent -> add(recurrent);
                    case Sampling.Layer.Dense dense -> add(dense);
                }
            }
            int widest = layers.stream().mapToInt(Layer::threads).max().orElseThrow();
            int wanted = Kernels.WARP * Math.ceilDiv(widest, Kernels.WARP);
            threads = Math.clamp(wanted, FEWEST_THREADS, MOST_THREADS);
            sums = room(layers.stream().mapToInt(layer -> layer.parts(threads) * layer.sums()).max().orElseThrow());
            // The shares are doubles; the symbol that was drawn follows.
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
                int part = l * shape.batch() * units;
                Matrix cell = stack.state().cell();
                Placed layer = new Placed(shape.layers(), l, at, layers.isEmpty() ? -1 : layers.getLast().output,
                        GpuMatrix.of(stack.state().hidden()).pointer(part),
                        cell == null ? 0 : GpuMatrix.of(cell).pointer(part), room(units), room(units));
                int h = layer.output;
                switch (shape.layers().cell()) {
                    case RecurrentCell.Lstm(var gates) ->
                        layers.add(layer.entry(Kind.LSTM, Kernels.number(gates), h, h));
                    case RecurrentCell.Gru(var gates, boolean resetAfter) when resetAfter ->
                        layers.add(layer.entry(Kind.GRU, Kernels.number(gates), h, h));
                    case RecurrentCell.Gru(var gates, _) -> {
                        int reset = room(units);
                        layers.add(layer.entry(Kind.GRU_RESET, Kernels.number(gates), h, reset));
                        layers.add(layer.entry(Kind.GRU_CANDIDATE, Kernels.number(gates), reset, h));
                    }
                    case RecurrentCell.Elman(var activation) ->
                        layers.add(layer.entry(Kind.ACTIVATED, Kernels.number(activation), h, h));
                }
                at += RnnLayout.of(shape.layers(), l).size();
            }
        }

        private void add(Sampling.Layer.Dense dense) {
            int inputs = dense.shape().inputs();
            int outputs = dense.shape().outputs();
            layers.add(new Layer(Kind.ACTIVATED, Kernels.number(dense.shape().activation()), 0, 0,
                    new Factor(dense.offset(), inputs, layers.getLast().output), Factor.NONE, -1,
                    dense.offset() + new DenseLayout(inputs, outputs).biasOffset(), outputs, outputs, room(outputs),
                    0));
        }

        /** Places rows while there is room; returns the bytes of the weights that have no room. */
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

        /** Bytes of shared memory in use so far. */
        long sharedBytes() {
            return (long) Float.BYTES * end;
        }

        /** The table in the format of the kernel's {@code struct Layer}. */
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
