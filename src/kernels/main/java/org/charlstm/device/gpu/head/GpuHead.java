package org.charlstm.device.gpu.head;

import module java.base;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.gpu.tools.BiasGradient;
import org.charlstm.device.gpu.tools.DenseLayout;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuDoubles;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.charlstm.device.host.Shapes;
import org.charlstm.device.spi.Head;

/** A head in one launch; two more launches add up the blocks' sums. */
public final class GpuHead implements Head {
    private static final int TOTALS_THREADS = 256;

    private final Kernels kernels;
    private final Head.Shape shape;
    private final Kernel kernel;
    private final int offset;
    private final DenseLayout first;
    private final DenseLayout second;
    private final List<Tiles.Launch> launches = new ArrayList<>();
    /** The blocks of all parts. */
    private final int blocks;
    /** A row of gradients for each block, first zeros: the kernel does not write the gaps between tensors. */
    private final CudaBuffer partials;
    private final CudaBuffer losses;

    /** A head for a shape and a type of activations without an {@link #obstacle}. */
    public GpuHead(GpuContext context, Kernels kernels, GpuMemory owner, CudaType factors, Head.Shape shape,
            int offset) {
        GpuMemory memory = owner.forPurpose("activations");
        Tiles tiles = Tiles.of(factors, shape);
        this.kernels = kernels;
        this.shape = shape;
        this.offset = offset;
        kernel = tiles.kernel();
        first = new DenseLayout(shape.inputs(), shape.units());
        second = new DenseLayout(shape.units(), shape.symbols());
        // Each block leaves a row of sums to be added up, so each of several parts gets fewer blocks.
        int most = Math.clamp(2L * context.multiprocessors() / shape.parts().size(), 1, context.multiprocessors());
        for (int rows : shape.parts()) {
            launches.add(tiles.launch(rows, most, context.sharedMemory()));
        }
        blocks = launches.stream().mapToInt(Tiles.Launch::blocks).sum();
        partials = memory.zeros(CudaType.FLOAT32, (long) blocks * width());
        losses = memory.workspace((long) Double.BYTES * Operations.TOTALS * blocks);
    }

    /** Why the kernel cannot run such a shape, on one line; empty if it can. */
    public static Optional<String> obstacle(GpuContext context, CudaType factors, Head.Shape shape) {
        int columns = Math.max(shape.inputs(), Math.max(shape.units(), shape.symbols()));
        if (columns > Tiles.MOST_COLUMNS) {
            return Optional.of("one launch takes at most " + Tiles.MOST_COLUMNS + " columns, not " + columns);
        }
        return Tiles.of(factors, shape).fit(context.sharedMemory()) ? Optional.empty()
                : Optional.of("the weights leave no room for rows in the " + context.sharedMemory()
                        + " bytes of shared memory that this GPU gives a block");
    }

    private int width() {
        return Math.addExact(first.size(), second.size());
    }

    @Override
    public void run(Matrix weights, Matrix input, Ints targets, Doubles count, Matrix inputGradient, int part) {
        int all = shape.rows();
        int from = shape.firstRow(part);
        Shapes.ints(targets, all);
        GpuMatrix x = GpuMatrix.of(input, all, shape.inputs());
        GpuMatrix dx = GpuMatrix.of(inputGradient, all, shape.inputs());
        Tiles.Launch launch = launches.get(part);
        long before = launches.subList(0, part).stream().mapToLong(Tiles.Launch::blocks).sum();
        long bytes = (long) x.type().bytes() * from * shape.inputs();
        kernels.launchShared(kernel, launch.blocks(), Kernels.WARP * Tiles.WARPS, launch.bytes(), x.pointer() + bytes,
                GpuMatrix.of(weights).pointer(offset), GpuInts.pointer(targets) + (long) Integer.BYTES * from,
                GpuDoubles.pointer(count, 1), dx.pointer() + bytes, partials.pointer() + Float.BYTES * before * width(),
                losses.pointer() + Double.BYTES * Operations.TOTALS * before, shape.parts().get(part), shape.inputs(),
                shape.units(), shape.symbols(), first.biasOffset(), first.size(), first.size() + second.biasOffset(),
                width(), launch.share(), launch.tile(), Kernels.number(shape.activation()));
    }

    @Override
    public void finish(Doubles totals, Matrix gradients) {
        BiasGradient.sum(kernels, partials.pointer(), GpuMatrix.of(gradients).pointer(offset), width(), blocks);
        kernels.launch(Kernel.TOTALS, 1, TOTALS_THREADS, 1, losses.pointer(),
                GpuDoubles.pointer(totals, Operations.TOTALS), blocks);
    }

    /**
     * The shared memory of a head's kernel: {@code fixedBytes} for the weights and everything else that does not depend
     * on the rows, and {@code rowBytes} for each row of a tile. A tile's rows are a multiple of {@code granule}.
     */
    record Tiles(Kernel kernel, int fixedBytes, int rowBytes, int granule) {
        static final int MOST_COLUMNS = 128;
        /** The most and the fewest rows of a tile. A block loads all weights, which does not pay for fewer rows. */
        private static final int MOST_ROWS = 64;
        private static final int FEWEST_ROWS = 16;
        private static final int FOUR = 4;
        private static final int SIXTEEN = 16;
        /** Padding at the end of each row in bf16, in elements. */
        private static final int GAP = 8;
        private static final int HALF_BYTES = CudaType.BFLOAT16.bytes();
        /** Warps of a block. */
        static final int WARPS = 8;
        /** Bytes of the sums (loss, hits and rows, with padding and without) of four rows of lanes in each warp. */
        private static final int SUMS_BYTES = 2 * 16 * 4 * WARPS;

        static Tiles of(CudaType factors, Head.Shape shape) {
            return factors == CudaType.BFLOAT16 ? bfloat16(shape) : float32(shape);
        }

        /** The sizes that {@code kernels/output/head.cu} expects. */
        static Tiles float32(Head.Shape shape) {
            int inputs = stride(shape.inputs());
            int units = stride(shape.units());
            int symbols = stride(shape.symbols());
            return new Tiles(Kernel.HEAD,
                    SUMS_BYTES + Float.BYTES
                            * (fours(shape.inputs()) * units + fours(shape.units()) * symbols + units + symbols),
                    Float.BYTES * (inputs + units + symbols), 1);
        }

        /** The sizes that {@code kernels/output/head_tensor.cu} expects. */
        static Tiles bfloat16(Head.Shape shape) {
            int inputs = sixteens(shape.inputs());
            int units = sixteens(shape.units());
            int symbols = sixteens(shape.symbols());
            int inputStride = inputs + GAP;
            int unitStride = units + GAP;
            int symbolStride = symbols + GAP;
            return new Tiles(Kernel.HEAD_TENSOR,
                    SUMS_BYTES + HALF_BYTES * (inputs * unitStride + units * symbolStride)
                            + Float.BYTES * (units + symbols),
                    HALF_BYTES * (2 * inputStride + unitStride + symbolStride) + Float.BYTES * symbolStride, SIXTEEN);
        }

        private static int sixteens(int columns) {
            return SIXTEEN * Math.ceilDiv(columns, SIXTEEN);
        }

        private static int fours(int columns) {
            return FOUR * Math.ceilDiv(columns, FOUR);
        }

        private static int stride(int columns) {
            return FOUR * (Math.ceilDiv(columns, FOUR) | 1);
        }

        /** Whether this much shared memory has room for a tile of the fewest rows. */
        boolean fit(int bytes) {
            return mostRows(bytes) >= FEWEST_ROWS;
        }

        private int mostRows(int bytes) {
            return Math.clamp((bytes - fixedBytes) / rowBytes, 0, MOST_ROWS) / granule * granule;
        }

        /** One launch. Each block takes a share of the rows, in tiles. The last share and tile may be smaller. */
        record Launch(int share, int tile, int blocks, int bytes) {
        }

        /** Divides the rows into shares of about the same size, and the shares into tiles of about the same size. */
        Launch launch(int rows, int multiprocessors, int bytes) {
            int share = Math.ceilDiv(rows, Math.min(multiprocessors, Math.ceilDiv(rows, FEWEST_ROWS)));
            int tile = Math.ceilDiv(share, Math.ceilDiv(share, mostRows(bytes)));
            tile = Math.ceilDiv(tile, granule) * granule;
            return new Launch(share, tile, Math.ceilDiv(rows, share), fixedBytes + tile * rowBytes);
        }
    }
}
