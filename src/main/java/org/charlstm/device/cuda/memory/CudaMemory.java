package org.charlstm.device.cuda.memory;

import org.charlstm.device.Leases;
import org.charlstm.device.Memory;
import org.charlstm.device.cuda.binding.CudaType;
import org.charlstm.device.cuda.context.CudaContext;
import org.charlstm.device.cuda.context.Resources;
import org.charlstm.text.Corpus;
import org.jspecify.annotations.Nullable;

/** A scope of device memory, and of whatever else ends with it; several purposes may share one. */
public final class CudaMemory implements Memory {
    private final CudaContext context;
    private final Scope scope;
    private final String purpose;
    private final CudaType activations;
    /** Null where workspaces are allocated for themselves. */
    private final @Nullable Spaces spaces;

    /** Where workspaces come from that are somebody else's. */
    public interface Spaces {
        /** At least so many bytes for a purpose, which live as long as the scope. */
        CudaBuffer of(long bytes, String purpose);
    }

    /** What the views of a scope share. */
    private static final class Scope {
        private final Leases leases;
        private final Resources resources = new Resources();
        private boolean open = true;

        private Scope(Leases leases) {
            this.leases = leases;
        }
    }

    /** A scope whose matrices, but for the flat buffers, hold a type. */
    public CudaMemory(CudaContext context, CudaType activations) {
        this(context, activations, new Leases("this memory"));
    }

    /** The same, which is not closed while another thread has a lease. */
    public CudaMemory(CudaContext context, CudaType activations, Leases leases) {
        this(context, new Scope(leases), "other", activations, null);
    }

    private CudaMemory(CudaContext context, Scope scope, String purpose, CudaType activations,
            @Nullable Spaces spaces) {
        this.context = context;
        this.scope = scope;
        this.purpose = purpose;
        this.activations = activations;
        this.spaces = spaces;
    }

    @Override
    public CudaMemory forPurpose(String other) {
        return new CudaMemory(context, scope, other, activations, spaces);
    }

    /** This scope, with workspaces from elsewhere. */
    public CudaMemory withSpaces(Spaces others) {
        return new CudaMemory(context, scope, purpose, activations, others);
    }

    public static CudaMemory of(Memory memory) {
        return (CudaMemory) memory;
    }

    /** Memory of zeros that lives as long as the scope. */
    public CudaBuffer zeros(long bytes) {
        requireOpen();
        return owned(CudaBuffer.zeros(context, bytes, purpose));
    }

    /** Memory that its user writes before reading it, in each step anew. */
    public CudaBuffer workspace(long bytes) {
        requireOpen();
        return spaces == null ? owned(CudaBuffer.uninitialised(context, bytes, purpose)) : spaces.of(bytes, purpose);
    }

    private void requireOpen() {
        if (!scope.open) {
            throw new IllegalStateException("this memory is closed");
        }
    }

    private CudaBuffer owned(CudaBuffer buffer) {
        scope.resources.add(buffer::close);
        return buffer;
    }

    /** Something else to release when the scope ends. */
    public void own(Runnable release) {
        scope.resources.add(release);
    }

    @Override
    public CudaMatrix matrix(int rows, int columns) {
        return new CudaMatrix(rows, columns, activations, zeros((long) activations.bytes() * rows * columns));
    }

    @Override
    public CudaMatrix flat(int length) {
        return new CudaMatrix(1, length, CudaType.FLOAT32, zeros((long) Float.BYTES * length));
    }

    @Override
    public CudaInts ints(int length) {
        return new CudaInts(length, zeros((long) Integer.BYTES * length));
    }

    @Override
    public CudaDoubles doubles(int length) {
        return new CudaDoubles(length, zeros((long) Double.BYTES * length));
    }

    @Override
    public CudaCorpus corpus(Corpus corpus) {
        CudaMemory resident = forPurpose(CudaBuffer.CORPUS);
        return CudaCorpus.of(corpus, resident.workspace(CudaCorpus.bytes(corpus)),
                corpus.features() == 0 ? null : resident.workspace(CudaCorpus.featureBytes(corpus)));
    }

    /** Work that is still to come may use the memory, so it is waited for first. */
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
