package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.KernelSignature.Kind;
import org.jspecify.annotations.Nullable;

/**
 * A launch whose grid and arguments stay until they are set anew. Setting and launching allocate nothing. Indices of
 * arguments count from 0.
 */
public final class KernelLaunch {
    private final CudaKernel kernel;
    private final Kind[] kinds;
    /** A pointer to each slot, as the driver takes them, and the slots. */
    private final MemorySegment pointers;
    private final MemorySegment slots;
    private final @Nullable CudaBuffer[] buffers;
    private int missing;
    private final boolean[] given;
    private Grid grid;

    KernelLaunch(CudaKernel kernel, Grid grid) {
        this.kernel = kernel;
        this.grid = Given.that(grid, "the grid");
        kinds = kernel.signature().parameters().stream().map(KernelSignature.Parameter::kind).toArray(Kind[]::new);
        buffers = new CudaBuffer[kinds.length];
        given = new boolean[kinds.length];
        missing = kinds.length;
        // One arena: a call keeps only the pointers alive, and with them the slots.
        Arena arena = Arena.ofAuto();
        pointers = arena.allocate(ValueLayout.ADDRESS, Math.max(1, kinds.length));
        slots = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, kinds.length));
        for (int i = 0; i < kinds.length; i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, slots.asSlice((long) Long.BYTES * i, Long.BYTES));
        }
    }

    /** Sets the grid. */
    public KernelLaunch grid(Grid other) {
        grid = Given.that(other, "the grid");
        return this;
    }

    /** Sets all arguments, as {@link CudaKernel#launch} takes them. */
    public KernelLaunch set(Object... arguments) {
        kernel.signature().requireCount(Given.that(arguments, "the array of arguments").length);
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case CudaBuffer buffer -> set(i, buffer);
                case Integer number -> set(i, number.intValue());
                case Float number -> set(i, number.floatValue());
                case Long number -> set(i, number.longValue());
                case Double number -> set(i, number.doubleValue());
                case null -> throw kernel.signature().wrong(i, "null");
                default -> throw kernel.signature().wrong(i,
                        "a value of type " + arguments[i].getClass().getSimpleName());
            }
        }
        return this;
    }

    /** Sets an argument to a buffer, which has to be open whenever this is launched. */
    public KernelLaunch set(int index, CudaBuffer buffer) {
        Given.that(buffer, "the buffer");
        KernelSignature.Parameter parameter = kernel.signature().parameter(index);
        boolean typed = parameter.element() == null || parameter.element() == buffer.type();
        boolean fits = kinds[index] == Kind.BITS64 || (kinds[index] == Kind.POINTER && typed);
        if (!fits) {
            throw kernel.signature().wrong(index, "a buffer of " + buffer.type());
        }
        if (buffer.cuda() != kernel.cuda()) {
            throw kernel.signature().wrong(index, "a buffer of another Cuda, on GPU " + buffer.cuda().number() + ",");
        }
        put(index, buffer.pointer());
        buffers[index] = buffer;
        return this;
    }

    /** Sets an argument to a number of 32 bits. */
    public KernelLaunch set(int index, int value) {
        require(index, "an int", Kind.INT, Kind.BITS32, Kind.INT);
        put(index, value & 0xffffffffL);
        return this;
    }

    /** Sets an argument to a number of 64 bits, or a pointer to an address that nobody checks. */
    public KernelLaunch set(int index, long value) {
        require(index, "a long", Kind.LONG, Kind.POINTER, Kind.BITS64);
        put(index, value);
        return this;
    }

    /** Sets an argument to a float. */
    public KernelLaunch set(int index, float value) {
        require(index, "a float", Kind.FLOAT, Kind.BITS32, Kind.FLOAT);
        put(index, Float.floatToRawIntBits(value) & 0xffffffffL);
        return this;
    }

    /** Sets an argument to a double. */
    public KernelLaunch set(int index, double value) {
        require(index, "a double", Kind.DOUBLE, Kind.BITS64, Kind.DOUBLE);
        put(index, Double.doubleToRawLongBits(value));
        return this;
    }

    /** No list of kinds, which would be allocated. */
    private void require(int index, String given, Kind one, Kind two, Kind three) {
        Kind kind = kernel.signature().parameter(index).kind();
        if (kind != one && kind != two && kind != three) {
            throw kernel.signature().wrong(index, given);
        }
    }

    /** The lower half of a slot comes first on every machine that has CUDA. */
    private void put(int index, long bits) {
        slots.setAtIndex(ValueLayout.JAVA_LONG, index, bits);
        buffers[index] = null;
        if (!given[index]) {
            given[index] = true;
            missing--;
        }
    }

    /** Enqueues the launch on the current stream. */
    public void launch() {
        if (missing > 0) {
            throw kernel.signature().notSet(IntStream.range(0, given.length).filter(i -> !given[i]).findFirst()
                    .orElseThrow());
        }
        for (CudaBuffer buffer : buffers) {
            if (buffer != null) {
                buffer.requireLive();
            }
        }
        kernel.launch(grid, pointers);
    }
}
