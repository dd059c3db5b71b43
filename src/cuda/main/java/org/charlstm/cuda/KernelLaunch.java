package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.KernelSignature.Kind;
import org.charlstm.cuda.KernelSignature.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * A launch whose grid and arguments stay until set anew. Setting and launching allocate nothing. Arguments are counted
 * from 0.
 */
public final class KernelLaunch {
    /** The alignment of a slot in bytes; no structure of CUDA's own needs more. */
    private static final int ALIGNMENT = 16;

    private final CudaKernel kernel;
    private final Kind[] kinds;
    /** The array of pointers to the slots, as the driver takes it; the slots follow. */
    private final MemorySegment pointers;
    private final MemorySegment slots;
    private final long[] offsets;
    private final @Nullable CudaBuffer[] buffers;
    private int missing;
    private final boolean[] given;
    private Grid grid;

    KernelLaunch(CudaKernel kernel, Grid grid) {
        this.kernel = kernel;
        this.grid = Objects.requireNonNull(grid, "the grid is null");
        List<Parameter> parameters = kernel.signature().parameters();
        kinds = parameters.stream().map(Parameter::kind).toArray(Kind[]::new);
        buffers = new CudaBuffer[kinds.length];
        given = new boolean[kinds.length];
        offsets = new long[kinds.length];
        missing = kinds.length;
        long end = 0;
        for (int i = 0; i < kinds.length; i++) {
            offsets[i] = end;
            end += Math.ceilDiv(parameters.get(i).bytes(), ALIGNMENT) * ALIGNMENT;
        }
        // Both share an arena: a call keeps only the pointers alive, and thereby the slots.
        Arena arena = Arena.ofAuto();
        pointers = arena.allocate(ValueLayout.ADDRESS, Math.max(1, kinds.length));
        slots = arena.allocate(Math.max(1, end), ALIGNMENT);
        for (int i = 0; i < kinds.length; i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, slots.asSlice(offsets[i]));
        }
    }

    /** Sets the grid. */
    public KernelLaunch grid(Grid other) {
        kernel.cuda().context().requireThread();
        grid = Objects.requireNonNull(other, "the grid is null");
        return this;
    }

    /** Sets all arguments, as {@link CudaKernel#launch} takes them. */
    public KernelLaunch set(Object... arguments) {
        kernel.signature().requireCount(Objects.requireNonNull(arguments, "the array of arguments is null").length);
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case CudaBuffer buffer -> set(i, buffer);
                case CudaTexture texture -> set(i, texture.handle());
                case Integer number -> set(i, number.intValue());
                case Float number -> set(i, number.floatValue());
                case Long number -> set(i, number.longValue());
                case Double number -> set(i, number.doubleValue());
                case Byte number -> set(i, number.byteValue());
                case Short number -> set(i, number.shortValue());
                case Boolean truth -> set(i, truth.booleanValue());
                case MemorySegment bytes -> set(i, bytes);
                case null -> throw kernel.signature().wrong(i, "null");
                default -> throw kernel.signature().wrong(i,
                        "a value of type " + arguments[i].getClass().getSimpleName());
            }
        }
        return this;
    }

    /** Sets an argument to a buffer, which must be open at each launch. */
    public KernelLaunch set(int index, CudaBuffer buffer) {
        Objects.requireNonNull(buffer, "the buffer is null");
        Parameter parameter = kernel.signature().parameter(index);
        boolean typed = parameter.element() == null || parameter.element() == buffer.type();
        boolean fits = isBits(index, Long.BYTES) || (kinds[index] == Kind.POINTER && typed);
        if (!fits) {
            throw kernel.signature().wrong(index, "a buffer of " + buffer.type(), KernelType.of(Kind.POINTER), "void*");
        }
        if (buffer.cuda() != kernel.cuda()) {
            throw kernel.signature().wrong(index, "a buffer of another Cuda, on GPU " + buffer.cuda().number() + ",");
        }
        put(index, buffer.pointer());
        buffers[index] = buffer;
        return this;
    }

    /** Sets an argument to a copy of a structure's bytes, from native or heap memory. */
    public KernelLaunch set(int index, MemorySegment bytes) {
        Parameter parameter = kernel.signature().parameter(index);
        long size = Objects.requireNonNull(bytes, "the memory is null").byteSize();
        if (kinds[index] != Kind.STRUCT && kinds[index] != Kind.BITS) {
            throw kernel.signature().wrong(index, "a MemorySegment");
        }
        if (size != parameter.bytes()) {
            throw kernel.signature().wrong(index, "a MemorySegment of " + size + " bytes");
        }
        kernel.cuda().context().requireThread();
        MemorySegment.copy(bytes, 0, slots, offsets[index], size);
        return given(index);
    }

    /** Sets an argument to an 8-bit integer. */
    public KernelLaunch set(int index, byte value) {
        require(index, "a byte", Kind.BYTE, Kind.BYTE, "signed char");
        return put(index, value);
    }

    /** Sets an argument to a boolean, passed as 0 or 1 of 8 bits. */
    public KernelLaunch set(int index, boolean value) {
        require(index, "a boolean", Kind.BOOL, Kind.BYTE, "bool");
        return put(index, value ? 1 : 0);
    }

    /** Sets an argument to a 16-bit integer, or to the bits of a half or bf16. */
    public KernelLaunch set(int index, short value) {
        Kind kind = kernel.signature().parameter(index).kind();
        if (kind != Kind.HALF && kind != Kind.BFLOAT16) {
            require(index, "a short", Kind.SHORT, Kind.SHORT, "short");
        }
        return put(index, value);
    }

    /** Sets an argument to a 32-bit integer, or to an 8-bit or 16-bit integer that the value fits. */
    public KernelLaunch set(int index, int value) {
        Kind kind = kernel.signature().parameter(index).kind();
        if (kind != Kind.BYTE && kind != Kind.SHORT) {
            require(index, "an int", Kind.INT, Kind.INT, "int");
        } else if (!BufferFill.fits(value, kind.bytes())) {
            throw kernel.signature().wrong(index, "the int " + value + ", for which it has no room,");
        }
        return put(index, value);
    }

    /** Sets an argument to a 64-bit integer, or a pointer to an unchecked device address. */
    public KernelLaunch set(int index, long value) {
        require(index, "a long", Kind.LONG, Kind.POINTER, "long long");
        return put(index, value);
    }

    /** Sets an argument to a float, rounded if the parameter is bf16 or half. */
    public KernelLaunch set(int index, float value) {
        return switch (kernel.signature().parameter(index).kind()) {
            case HALF -> put(index, CudaType.FLOAT16.bits(value));
            case BFLOAT16 -> put(index, CudaType.BFLOAT16.bits(value));
            default -> {
                require(index, "a float", Kind.FLOAT, Kind.FLOAT, "float");
                yield put(index, Float.floatToRawIntBits(value));
            }
        };
    }

    /** Sets an argument to a double. */
    public KernelLaunch set(int index, double value) {
        require(index, "a double", Kind.DOUBLE, Kind.DOUBLE, "double");
        return put(index, Double.doubleToRawLongBits(value));
    }

    /** Checks a parameter's kind; takes two kinds, since a list would be allocated. */
    private void require(int index, String what, Kind one, Kind two, String type) {
        Kind kind = kernel.signature().parameter(index).kind();
        if (kind != one && kind != two && !isBits(index, one.bytes())) {
            throw kernel.signature().wrong(index, what, KernelType.of(one), type);
        }
    }

    private boolean isBits(int index, int bytes) {
        return kinds[index] == Kind.BITS && kernel.signature().parameter(index).bytes() == bytes;
    }

    /** Writes bits to a slot. Every machine with CUDA is little-endian, so smaller types read the low bits. */
    private KernelLaunch put(int index, long bits) {
        kernel.cuda().context().requireThread();
        slots.set(ValueLayout.JAVA_LONG, offsets[index], bits);
        return given(index);
    }

    private KernelLaunch given(int index) {
        buffers[index] = null;
        if (!given[index]) {
            given[index] = true;
            missing--;
        }
        return this;
    }

    /** Enqueues the launch on the current stream. */
    public void launch() {
        if (missing > 0) {
            throw kernel.signature().notSet(IntStream.range(0, given.length).filter(i -> !given[i]).findFirst()
                    .orElseThrow());
        }
        for (CudaBuffer buffer : buffers) {
            if (buffer != null) {
                buffer.pointerFor(kernel.cuda());
            }
        }
        kernel.launch(grid, pointers);
    }
}
