package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.Kernel;
import org.charlstm.cuda.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * The weights of an LSTM in cuDNN's layout. Every forward pass copies them from the flat parameters, since a recorded
 * step cannot know whether these have changed: 0.7 MB for the lab's LSTM.
 */
final class CudnnWeights {
    /** Threads of a block, for tiles of 32 x 32. */
    private static final int LINES = 8;

    private final Kernels kernels;
    private final CudnnLstmLayout layout;
    private final int offset;
    private final GpuInts places;
    private final int tiles;
    private final CudaBuffer weights;
    /** Null in inference. */
    private final @Nullable CudaBuffer gradients;

    /** For parameters that begin at an offset. */
    CudnnWeights(Kernels kernels, GpuMemory memory, CudnnLstmLayout layout, int offset, boolean training) {
        Kernels.requireCountable(Kernel.LSTM_WEIGHTS, layout.bytes() / layout.type().bytes());
        this.kernels = kernels;
        this.layout = layout;
        this.offset = offset;
        GpuMemory spaces = memory.forPurpose("cuDNN weights");
        int[] found = layout.places();
        places = spaces.ints(found.length);
        places.write(found);
        int units = layout.layers().hidden();
        tiles = Math.multiplyExact(Math.ceilDiv(Math.max(layout.layers().inputs(0), units), Kernels.WARP),
                Math.ceilDiv(units, Kernels.WARP));
        weights = spaces.workspace(layout.bytes());
        gradients = training ? spaces.workspace(layout.bytes()) : null;
    }

    private void move(GpuMatrix flat, CudaBuffer space, int back) {
        kernels.launch(Kernel.LSTM_WEIGHTS, Math.multiplyExact(layout.gates().size(), tiles), Kernels.WARP, LINES,
                flat.pointer(offset), space.pointer(), GpuInts.pointer(places), layout.layers().hidden(), tiles, back,
                layout.type().bf16());
    }

    /** Copies the parameters. */
    void pack(GpuMatrix flat) {
        move(flat, weights, 0);
    }

    long pointer() {
        return weights.pointer();
    }

    private CudaBuffer gradients() {
        return Objects.requireNonNull(gradients, "made for training");
    }

    /** A space of zeros, since cuDNN adds to gradients. */
    long zeroGradients() {
        gradients().zero();
        return gradients().pointer();
    }

    /** Copies cuDNN's gradients to the flat gradients. */
    void unpackGradients(GpuMatrix flat) {
        move(flat, gradients(), 1);
    }
}
