package org.charlstm.device.gpu.tools;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaKernel;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.KernelSignature;
import org.charlstm.cuda.Resources;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;

/** charlstm's own kernels, loaded on a device. */
public final class Kernels implements AutoCloseable {
    /** Threads of a warp. */
    public static final int WARP = 32;

    private static final int THREADS = 128;
    /** Kernels count elements in 32 bits, and may count past the end by less than this. */
    private static final int MARGIN = 1 << 16;
    private final GpuContext context;
    private final KernelImages images;
    private final Map<Kernel, CudaKernel> kernels = new EnumMap<>(Kernel.class);
    private final Resources resources = new Resources();

    /** Loads the kernels that every model needs; the others load at first use. */
    public Kernels(GpuContext context, KernelImages images) {
        this.context = context;
        this.images = images;
        try {
            Stream.of(Kernel.values()).filter(Kernel::ofEveryModel).forEach(this::loaded);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    private CudaKernel loaded(Kernel kernel) {
        return kernels.computeIfAbsent(kernel, _ -> {
            CudaModule module = images.load(context.cuda(), kernel.entry());
            resources.add(module::close);
            CudaKernel loaded = module.kernel(KernelSignature.ofKinds(kernel.entry(), kernel.kinds()));
            if (kernel.ofLargerClusters()) {
                loaded.allowLargerClusters();
            }
            return loaded;
        });
    }

    /** Loads kernels; returns the failure if one does not load. */
    public Optional<CharlstmException> obstacle(Kernel... needed) {
        try {
            Stream.of(needed).forEach(this::loaded);
            return Optional.empty();
        } catch (CharlstmException e) {
            if (e instanceof CudaException failure) {
                context.requireAfter(failure);
            }
            return Optional.of(e);
        }
    }

    /** Launches threads for {@code n} elements. For a {@link GpuView}, the kernel gets its pointer. */
    public void each(Kernel kernel, long n, Object... arguments) {
        requireCountable(kernel, n);
        int blocks = (int) Math.ceilDiv(n, (long) THREADS * kernel.elements());
        launch(kernel, blocks, THREADS, 1, arguments);
    }

    /** Refuses more elements than a kernel can count. */
    public static void requireCountable(Kernel kernel, long n) {
        if (n > Integer.MAX_VALUE - MARGIN) {
            throw new CharlstmException(kernel.entry() + " would take " + n + " elements; at most "
                    + (Integer.MAX_VALUE - MARGIN) + " are possible: make the batches smaller");
        }
    }

    public void launch(Kernel kernel, int blocks, int threadsX, int threadsY, Object... arguments) {
        launch(kernel, Grid.of(blocks, threadsX, threadsY), arguments);
    }

    public void launchShared(Kernel kernel, int blocks, int threads, int sharedBytes, Object... arguments) {
        launch(kernel, Grid.of(blocks, threads).shared(sharedBytes), arguments);
    }

    /** Clusters of a kernel that run at once; a card's groups of multiprocessors may leave a rest without clusters. */
    public int clustersAtOnce(Kernel kernel, int blocksOfCluster, int threads) {
        return loaded(kernel).clustersAtOnce(Grid.of(blocksOfCluster, threads));
    }

    private void launch(Kernel kernel, Grid grid, Object[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = arguments[i] instanceof GpuView view ? (Object) view.pointer() : arguments[i];
        }
        loaded(kernel).launch(context.early().next() ? grid.early() : grid, arguments);
        context.launches(kernel);
    }

    /** The kernels' number of an activation. */
    public static int number(Activation activation) {
        return switch (activation) {
            case LINEAR -> 0;
            case RELU -> 1;
            case TANH -> 2;
        };
    }

    /** The kernels' number of a gate's activation. */
    public static int number(RecurrentActivation activation) {
        return switch (activation) {
            case SIGMOID -> 0;
            case HARD_SIGMOID -> 1;
        };
    }

    @Override
    public void close() {
        resources.close();
    }
}
