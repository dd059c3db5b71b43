package org.charlstm.device.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Kernel;
import org.charlstm.cuda.Kernels;
import org.charlstm.device.Doubles;
import org.charlstm.device.Head;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.host.Shapes;

/** A head in one launch, and two launches that add up the sums of its blocks. */
public final class GpuHead implements Head {
    private static final int TOTALS_THREADS = 256;

    private final Kernels kernels;
    private final Head.Shape shape;
    private final Kernel kernel;
    private final int offset;
    private final AlignedLayout first;
    private final AlignedLayout second;
    private final List<HeadTiles.Launch> launches = new ArrayList<>();
    /** Blocks of all parts. */
    private final int blocks;
    /** A row of gradients for each block; the kernel does not write the gaps between tensors. */
    private final CudaBuffer partials;
    private final CudaBuffer losses;

    /** A head for a shape and a type of activations to which there is no {@link #obstacle}. */
    public GpuHead(CudaContext context, Kernels kernels, GpuMemory owner, CudaType factors, Head.Shape shape,
            int offset) {
        GpuMemory memory = owner.forPurpose("activations");
        HeadTiles tiles = HeadTiles.of(factors, shape);
        this.kernels = kernels;
        this.shape = shape;
        this.offset = offset;
        kernel = tiles.kernel();
        first = AlignedLayout.dense(shape.inputs(), shape.units());
        second = AlignedLayout.dense(shape.units(), shape.symbols());
        // Each block leaves a row of sums to be added up, so each of several parts gets fewer blocks.
        int most = Math.clamp(2L * context.multiprocessors() / shape.parts().size(), 1, context.multiprocessors());
        for (int rows : shape.parts()) {
            launches.add(tiles.launch(rows, most, context.sharedMemory()));
        }
        blocks = launches.stream().mapToInt(HeadTiles.Launch::blocks).sum();
        partials = memory.zeros((long) Float.BYTES * blocks * width());
        losses = memory.workspace((long) Double.BYTES * Operations.TOTALS * blocks);
    }

    /** Why the kernel cannot run such a shape, on one line; empty if it can. */
    public static Optional<String> obstacle(CudaContext context, CudaType factors, Head.Shape shape) {
        int columns = Math.max(shape.inputs(), Math.max(shape.units(), shape.symbols()));
        if (columns > HeadTiles.MOST_COLUMNS) {
            return Optional.of("one launch takes at most " + HeadTiles.MOST_COLUMNS + " columns, not " + columns);
        }
        return HeadTiles.of(factors, shape).fit(context.sharedMemory()) ? Optional.empty()
                : Optional.of("the weights leave no room for rows in the " + context.sharedMemory()
                        + " bytes of shared memory that this GPU gives a block");
    }

    private int width() {
        return Math.addExact(first.size(), second.size());
    }

    @Override
    public void run(Matrix weights, Matrix input, Ints targets, Doubles count, Matrix inputGradient, int part) {
        int all = shape.firstRow(shape.parts().size());
        int from = shape.firstRow(part);
        Shapes.ints(targets, all);
        GpuMatrix x = GpuMatrix.of(input, all, shape.inputs());
        GpuMatrix dx = GpuMatrix.of(inputGradient, all, shape.inputs());
        HeadTiles.Launch launch = launches.get(part);
        long before = launches.subList(0, part).stream().mapToLong(HeadTiles.Launch::blocks).sum();
        long bytes = (long) x.type().bytes() * from * shape.inputs();
        kernels.launchShared(kernel, launch.blocks(), Kernels.WARP * HeadTiles.WARPS, launch.bytes(),
                x.pointer() + bytes, GpuMatrix.of(weights).pointer(offset),
                GpuInts.pointer(targets) + (long) Integer.BYTES * from, GpuDoubles.pointer(count, 1),
                dx.pointer() + bytes, partials.pointer() + Float.BYTES * before * width(),
                losses.pointer() + Double.BYTES * Operations.TOTALS * before, shape.parts().get(part), shape.inputs(),
                shape.units(), shape.symbols(), first.offset(1), first.size(), first.size() + second.offset(1),
                width(), launch.share(), launch.tile(), BiasGradient.number(shape.activation()));
    }

    @Override
    public void finish(Doubles totals, Matrix gradients) {
        BiasGradient.sum(kernels, partials.pointer(), GpuMatrix.of(gradients).pointer(offset), width(), blocks);
        kernels.launch(Kernel.TOTALS, 1, TOTALS_THREADS, 1, losses.pointer(), GpuDoubles.pointer(totals,
                Operations.TOTALS), blocks);
    }
}
