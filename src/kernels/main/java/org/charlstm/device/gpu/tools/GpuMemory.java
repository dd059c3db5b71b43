package org.charlstm.device.gpu.tools;

import java.util.function.Supplier;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Resources;
import org.charlstm.device.CorpusRows;
import org.charlstm.device.DeviceSetting;
import org.charlstm.device.Memory;
import org.charlstm.device.host.Shapes;
import org.charlstm.device.spi.Leases;
import org.jspecify.annotations.Nullable;

/** A scope of device memory and other resources, which end with the scope. A scope may serve several purposes. */
public final class GpuMemory implements Memory {
    /** Tensors in a flat buffer begin at multiples of 64 elements: 256 bytes, the alignment of cuMemAlloc. */
    public static final int ALIGNMENT = 64;
    /** The purpose under which a trainer allocates the text and the order of its rows. */
    private static final String CORPUS = "corpus";

    private final GpuContext context;
    private final Scope scope;
    private final String purpose;
    private final CudaType activations;
    /** Null if each workspace is allocated anew. */
    private final @Nullable Spaces spaces;

    /** Gives workspaces that another object owns. */
    public interface Spaces {
        /** At least {@code bytes} bytes for a purpose, which live as long as the scope. */
        CudaBuffer of(long bytes, String purpose);
    }

    /** The state that all views of a scope share. */
    private static final class Scope {
        private final Leases leases;
        private final Resources resources = new Resources();
        private boolean open = true;

        private Scope(Leases leases) {
            this.leases = leases;
        }
    }

    /** A scope whose matrices have the type {@code activations}; flat buffers are float32. */
    public GpuMemory(GpuContext context, CudaType activations) {
        this(context, activations, new Leases("this memory"));
    }

    /** A scope whose closing waits while another thread has a lease. */
    public GpuMemory(GpuContext context, CudaType activations, Leases leases) {
        this(context, new Scope(leases), "other", activations, null);
    }

    private GpuMemory(GpuContext context, Scope scope, String purpose, CudaType activations, @Nullable Spaces spaces) {
        this.context = context;
        this.scope = scope;
        this.purpose = purpose;
        this.activations = activations;
        this.spaces = spaces;
    }

    @Override
    public GpuMemory forPurpose(String other) {
        return new GpuMemory(context, scope, other, activations, spaces);
    }

    public GpuMemory withSpaces(Spaces others) {
        return new GpuMemory(context, scope, purpose, activations, others);
    }

    public static GpuMemory of(Memory memory) {
        return (GpuMemory) memory;
    }

    /** Memory of zeros that lives as long as the scope. */
    public CudaBuffer zeros(CudaType type, long count) {
        requireOpen();
        return owned(allocated(() -> context.cuda().allocate(type, count, purpose)));
    }

    /** Uninitialised memory, which the caller writes in each step before reading. */
    public CudaBuffer workspace(CudaType type, long count) {
        long bytes = Math.max(1, count) * type.bytes();
        requireOpen();
        return spaces == null ? owned(allocated(() -> context.cuda().uninitialised(type, Math.max(1, count), purpose)))
                : spaces.of(bytes, purpose).as(type);
    }

    public GpuView space(CudaType type, int rows, int columns) {
        return GpuView.of(workspace(type, (long) rows * columns).pointer(), type, rows, columns);
    }

    public CudaBuffer workspace(long bytes) {
        return workspace(CudaType.INT32, Math.ceilDiv(bytes, (long) Integer.BYTES));
    }

    private void requireOpen() {
        if (!scope.open) {
            throw new IllegalStateException("this memory is closed");
        }
    }

    /** Allocates; if the corpus does not fit, the message says to make the corpus smaller. */
    private CudaBuffer allocated(Supplier<CudaBuffer> allocation) {
        try {
            return allocation.get();
        } catch (CudaException e) {
            throw e.outOfMemory() && purpose.equals(CORPUS)
                    ? e.with("take less of the text, or shorter rows, or free the GPU's memory")
                            .mendedBy(DeviceSetting.CORPUS)
                    : e;
        }
    }

    private CudaBuffer owned(CudaBuffer buffer) {
        scope.resources.add(buffer::close);
        return buffer;
    }

    /** Adds something to release when the scope ends. */
    public void own(Runnable release) {
        scope.resources.add(release);
    }

    @Override
    public GpuMatrix matrix(int rows, int columns) {
        Shapes.sizes(rows, columns);
        return new GpuMatrix(rows, columns, activations, zeros(activations, (long) rows * columns));
    }

    @Override
    public GpuMatrix flat(int length) {
        Shapes.sizes(1, length);
        return new GpuMatrix(1, length, CudaType.FLOAT32, zeros(CudaType.FLOAT32, length));
    }

    @Override
    public GpuInts ints(int length) {
        Shapes.length(length);
        return new GpuInts(length, zeros(CudaType.INT32, length));
    }

    @Override
    public GpuDoubles doubles(int length) {
        Shapes.length(length);
        return new GpuDoubles(length, zeros(CudaType.FLOAT64, length));
    }

    @Override
    public GpuCorpus corpus(CorpusRows corpus) {
        return GpuCorpus.of(corpus, forPurpose(CORPUS));
    }

    /** Waits first, since enqueued work may use the memory. */
    @Override
    public void close() {
        scope.leases.release(this::end);
    }

    private void end() {
        if (scope.open) {
            scope.open = false;
            scope.resources.add(context::synchronize);
            scope.resources.close();
        }
    }
}
