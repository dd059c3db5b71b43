package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * Device memory of elements of one type, or a {@linkplain #view view} of a part of another buffer. {@link #close} frees
 * a buffer; a view ends with its buffer and need not be closed.
 *
 * <p>Copies from and to arrays and segments return when they are done. Copies from and to {@linkplain HostBuffer pinned
 * memory}, copies between buffers, and {@link #fill} are enqueued on the current stream. Offsets and lengths count
 * elements; a copy out of bounds is refused by an {@link IndexOutOfBoundsException}.
 */
public final class CudaBuffer extends CudaObject {
    private final CudaType type;
    private final long count;
    private final long pointer;
    private final DeviceMemory memory;
    /** The buffer or module that this memory is a part of; null for memory of its own. */
    private final @Nullable CudaObject whole;

    /** For {@link Cuda}: uninitialised memory of its own. */
    CudaBuffer(Cuda cuda, CudaType type, long count, String purpose) {
        this(cuda, type, count,
                DeviceMemory.own(cuda, requireCount("a buffer of", type, count) * type.bytes(), purpose));
        opened();
    }

    /** A buffer in existing memory; the count was checked. */
    CudaBuffer(Cuda cuda, CudaType type, long count, DeviceMemory memory) {
        super(cuda, "a buffer of " + count + " elements of " + type);
        this.type = type;
        this.count = count;
        this.memory = memory;
        pointer = memory.address();
        whole = null;
    }

    /**
     * A buffer in another library's memory, such as memory from JCuda's {@code cuMemAlloc}. The memory must outlive the
     * buffer, which does not free it and need not be closed.
     *
     * @param address the device address of the first element
     * @throws IllegalArgumentException  if the address is not of this GPU and its primary context, or not aligned for
     *                                   the type
     * @throws IndexOutOfBoundsException if the memory ends before the last element
     */
    public static CudaBuffer of(Cuda gpu, long address, CudaType type, long count) {
        long bytes = requireCount("a buffer of", type, count) * type.bytes();
        return new CudaBuffer(gpu, type, count,
                DeviceMemory.foreign(Objects.requireNonNull(gpu, "the GPU is null"), address, type, bytes));
    }

    /** Memory that belongs to a buffer or module, and ends with its owner. */
    CudaBuffer(CudaObject whole, String what, CudaType type, long pointer, long count) {
        super(whole.cuda(), what);
        this.type = type;
        memory = whole instanceof CudaBuffer buffer ? buffer.memory : new DeviceMemory.Borrowed(pointer);
        this.whole = whole;
        this.count = count;
        this.pointer = pointer;
    }

    static long requireCount(String what, CudaType type, long count) {
        if (count < 1 || count > Long.MAX_VALUE / Objects.requireNonNull(type, "the type is null").bytes() - 1) {
            throw new IllegalArgumentException(what + " " + count + " elements of " + type + "; "
                    + (count < 1 ? "it needs at least 1" : "its bytes cannot be counted"));
        }
        return count;
    }

    /** Refuses a range of elements beyond the buffer. */
    void requireElements(long at, long many) {
        if (at < 0 || many < 0 || at > count - many) {
            throw new IndexOutOfBoundsException(many + " elements from element " + at + " on, in a buffer of " + count
                    + " of " + type);
        }
    }

    /** The device address of element {@code at}; refuses a segment that ends beyond the buffer. */
    long addressOf(long at, MemorySegment host) {
        requireLive();
        long bytes = Objects.requireNonNull(host, "the memory is null").byteSize();
        if (at < 0 || at > count || bytes > (count - at) * type.bytes()) {
            throw new IndexOutOfBoundsException(bytes + " bytes (" + Math.ceilDiv(bytes, (long) type.bytes())
                    + " elements) from element " + at + " on, in a buffer of " + count + " of " + type);
        }
        return pointer + at * type.bytes();
    }

    /** The type of its elements. */
    public CudaType type() {
        return type;
    }

    /** The number of elements. */
    public long count() {
        return count;
    }

    /** The number of bytes. */
    public long bytes() {
        return Math.multiplyExact(count, (long) type.bytes());
    }

    /** The device address, for other libraries. */
    public long pointer() {
        requireLive();
        return pointer;
    }

    /**
     * The host's view of {@linkplain CudaMemory#managed managed} memory; waits for the current stream's work. The host
     * may use the view until work on this memory is enqueued or the buffer is closed.
     *
     * @throws IllegalStateException if this is not managed memory, or work is recorded
     */
    public MemorySegment segment() {
        requireLive();
        cuda().context().requireThread();
        if (!(memory instanceof DeviceMemory.Managed managed)) {
            throw new IllegalStateException(this + " is memory that the host does not reach; copy it by read and "
                    + "write, or take managed() memory");
        }
        cuda().copies().requireAllowed();
        cuda().synchronize();
        return managed.view().segment().asSlice(pointer - memory.address(), bytes());
    }

    /** Whether neither this buffer, nor the owner of its memory, nor the GPU has been closed. */
    @Override
    public boolean isOpen() {
        return super.isOpen() && (whole == null || whole.isOpen());
    }

    void requireLive() {
        requireOpen();
        if (whole instanceof CudaBuffer buffer) {
            buffer.requireLive();
        } else if (whole != null) {
            whole.requireOpen();
        }
    }

    /** A view of {@code many} elements, at least 1, from element {@code from} on, in the same memory. */
    public CudaBuffer view(long from, long many) {
        requireLive();
        cuda().context().requireThread();
        requireElements(from, requireCount("a view of", type, many));
        return viewAs(type, pointer + from * type.bytes(), many);
    }

    /**
     * The same memory as elements of another type: its bits, not its values.
     *
     * @throws IllegalArgumentException if this buffer has less than one such element, or is not aligned for the type
     */
    public CudaBuffer as(CudaType other) {
        requireLive();
        cuda().context().requireThread();
        long elements = bytes() / Objects.requireNonNull(other, "the type is null").bytes();
        if (elements == 0 || pointer % other.bytes() != 0) {
            throw new IllegalArgumentException(count + " elements of " + type + " cannot be seen as " + other
                    + (elements == 0 ? ", which has " + other.bytes() + " bytes each"
                            : ": they do not begin at a multiple of " + other.bytes() + " bytes"));
        }
        return viewAs(other, pointer, elements);
    }

    /** Registers this buffer as an object that has to be closed, and returns it. */
    CudaBuffer kept() {
        opened();
        return this;
    }

    private CudaBuffer viewAs(CudaType other, long from, long elements) {
        return new CudaBuffer(this, "a view of " + elements + " elements of " + other, other, from, elements);
    }

    /** Sets every element to zero. */
    public void zero() {
        fill(0);
    }

    /**
     * Sets every element to a value, rounded to the type; bf16 and half are rounded from float32.
     *
     * @throws IllegalArgumentException if the elements are integers, and the value is no integer that fits them
     */
    public void fill(double value) {
        BufferFill.fill(this, value);
    }

    /**
     * Sets every element to a whole number, signed or unsigned: 200 and -56 set the same 8 bits.
     *
     * @throws IllegalArgumentException if the elements are integers that the number does not fit
     */
    public void fill(long value) {
        BufferFill.fill(this, value);
    }

    /** Copies floats to the first elements; bf16 and half elements are converted. */
    public void write(float[] values) {
        write(0, values, 0, Objects.requireNonNull(values, "the array is null").length);
    }

    /**
     * Copies floats; bf16 and half elements are converted.
     *
     * @param at   the first element that is written
     * @param from the first value that is copied
     * @param many how many
     */
    public void write(long at, float[] values, int from, int many) {
        Objects.checkFromIndexSize(from, many, Objects.requireNonNull(values, "the array is null").length);
        HostArrays.write(this, at, FloatBuffer.wrap(values, from, many));
    }

    /**
     * Copies the remaining floats to the first elements, converted for bf16 or half; the position moves to the limit.
     */
    public void write(FloatBuffer values) {
        HostArrays.requireRemaining(values);
        HostArrays.write(this, 0, values);
    }

    /** Copies integers to the first elements. */
    public void write(int[] values) {
        write(taken(MemorySegment.ofArray(Objects.requireNonNull(values, "the array is null")), "int[]",
                type == CudaType.INT32));
    }

    /** Copies integers of 64 bits to the first elements. */
    public void write(long[] values) {
        write(taken(MemorySegment.ofArray(Objects.requireNonNull(values, "the array is null")), "long[]",
                type == CudaType.INT64));
    }

    /** Copies integers of 8 bits to the first elements. */
    public void write(byte[] values) {
        write(taken(MemorySegment.ofArray(Objects.requireNonNull(values, "the array is null")), "byte[]",
                type == CudaType.INT8));
    }

    /** Copies doubles to the first elements. */
    public void write(double[] values) {
        write(taken(MemorySegment.ofArray(Objects.requireNonNull(values, "the array is null")), "double[]",
                type == CudaType.FLOAT64));
    }

    /** Copies integers of 16 bits, or the bits of bf16 or half, to the first elements. */
    public void write(short[] values) {
        write(taken(MemorySegment.ofArray(Objects.requireNonNull(values, "the array is null")), "short[]",
                takesShorts()));
    }

    /** Copies bytes unconverted to the first elements; off-heap memory is copied directly. */
    public void write(MemorySegment values) {
        write(0, values);
    }

    /** Copies bytes unconverted to the elements from {@code at} on. */
    public void write(long at, MemorySegment values) {
        HostArrays.write(this, at, values);
    }

    /** Copies the first elements into floats; waits for the current stream's work. */
    public void read(float[] into) {
        read(0, into, 0, Objects.requireNonNull(into, "the array is null").length);
    }

    /**
     * Copies elements into floats; waits for the current stream's work.
     *
     * @param at    the first element that is read
     * @param first where it goes
     * @param many  how many
     */
    public void read(long at, float[] into, int first, int many) {
        Objects.checkFromIndexSize(first, many, Objects.requireNonNull(into, "the array is null").length);
        HostArrays.read(this, at, FloatBuffer.wrap(into, first, many));
    }

    /** Copies the first elements into the remaining floats; the position moves to the limit. */
    public void read(FloatBuffer into) {
        HostArrays.requireRemaining(into);
        HostArrays.read(this, 0, into);
    }

    /** Copies the first elements into integers. */
    public void read(int[] into) {
        read(taken(MemorySegment.ofArray(Objects.requireNonNull(into, "the array is null")), "int[]",
                type == CudaType.INT32));
    }

    /** Copies the first elements into integers of 64 bits. */
    public void read(long[] into) {
        read(taken(MemorySegment.ofArray(Objects.requireNonNull(into, "the array is null")), "long[]",
                type == CudaType.INT64));
    }

    /** Copies the first elements into integers of 8 bits. */
    public void read(byte[] into) {
        read(taken(MemorySegment.ofArray(Objects.requireNonNull(into, "the array is null")), "byte[]",
                type == CudaType.INT8));
    }

    /** Copies the first elements into doubles. */
    public void read(double[] into) {
        read(taken(MemorySegment.ofArray(Objects.requireNonNull(into, "the array is null")), "double[]",
                type == CudaType.FLOAT64));
    }

    /** Copies the first elements, which are integers of 16 bits, or the bits of bf16 or half. */
    public void read(short[] into) {
        read(taken(MemorySegment.ofArray(Objects.requireNonNull(into, "the array is null")), "short[]", takesShorts()));
    }

    /** Copies the first bytes unconverted; off-heap memory is filled directly. */
    public void read(MemorySegment into) {
        read(0, into);
    }

    /** Copies bytes unconverted from the elements from {@code at} on. */
    public void read(long at, MemorySegment into) {
        HostArrays.read(this, at, into);
    }

    /** All elements, which are float32, bf16 or half. */
    public float[] toFloats() {
        return all(new float[Math.toIntExact(count)], this::read);
    }

    /** All elements, which are integers of 32 bits. */
    public int[] toInts() {
        return all(new int[Math.toIntExact(count)], this::read);
    }

    /** All elements, which are integers of 64 bits. */
    public long[] toLongs() {
        return all(new long[Math.toIntExact(count)], this::read);
    }

    /** All elements, which are integers of 16 bits, or the bits of bf16 or half. */
    public short[] toShorts() {
        return all(new short[Math.toIntExact(count)], this::read);
    }

    /** All elements, which are integers of 8 bits. */
    public byte[] toBytes() {
        return all(new byte[Math.toIntExact(count)], this::read);
    }

    /** All elements, which are doubles. */
    public double[] toDoubles() {
        return all(new double[Math.toIntExact(count)], this::read);
    }

    private static <T> T all(T array, Consumer<T> read) {
        read.accept(array);
        return array;
    }

    /** Enqueues a copy of a whole pinned buffer to the first elements. */
    public void writeAsync(HostBuffer from) {
        MemorySegment host = Objects.requireNonNull(from, "the pinned memory is null").segment();
        requireFits(from);
        cuda().driver().copyToDevice(pointerFor(cuda()), host, cuda().current().handle());
    }

    /** Enqueues a copy of the first elements that fills a pinned buffer. */
    public void readAsync(HostBuffer into) {
        MemorySegment host = Objects.requireNonNull(into, "the pinned memory is null").segment();
        requireFits(into);
        cuda().driver().copyToHost(host, pointerFor(cuda()), cuda().current().handle());
    }

    private void requireFits(HostBuffer host) {
        requireLive();
        host.requireOf(cuda());
        cuda().current().uses(host);
        if (host.type() != type) {
            throw refused("pinned memory of " + host.type());
        }
        requireElements(0, host.count());
    }

    /**
     * Enqueues a copy of a whole buffer to the first elements of this buffer.
     *
     * @throws IllegalArgumentException if the elements have another type, or the memory overlaps
     */
    public void copyFrom(CudaBuffer other) {
        requireLive();
        if (Objects.requireNonNull(other, "the other buffer is null").type != type) {
            throw refused("a buffer of " + other.type);
        }
        requireElements(0, other.count);
        requireApart(other.pointer, pointer, other.bytes());
        cuda().driver().cuMemcpyDtoDAsync_v2(pointerFor(cuda()), other.pointerFor(cuda()), other.bytes(),
                cuda().current().handle());
    }

    /** Refuses a copy between overlapping memory, which NVIDIA's documentation of cudaMemcpy forbids. */
    static void requireApart(long from, long to, long bytes) {
        if (Math.abs(from - to) < bytes) {
            throw overlapping();
        }
    }

    static IllegalArgumentException overlapping() {
        return new IllegalArgumentException("a copy between memory that overlaps, whose result nobody promises; copy "
                + "by way of another buffer");
    }

    /** The device address, for work about to be enqueued; a recording notes that the work uses this buffer. */
    long pointerFor(Cuda other) {
        requireLive();
        requireOf(other);
        other.current().uses(this);
        return pointer;
    }

    /** Refuses a buffer whose elements are not float32, bf16 or half. */
    void requireFloats() {
        requireLive();
        if (type != CudaType.FLOAT32 && !type.isHalf()) {
            throw refused("floats");
        }
    }

    private boolean takesShorts() {
        return type == CudaType.INT16 || type.isHalf();
    }

    private MemorySegment taken(MemorySegment array, String given, boolean fits) {
        if (!fits) {
            throw refused(given);
        }
        return array;
    }

    private IllegalArgumentException refused(String given) {
        return new IllegalArgumentException("a buffer of " + type + " does not take " + given + "; give "
                + type.arrays() + ", or memory of " + type
                + (type == CudaType.INT8 ? "; where its bytes are of another type, write by as(type)" : ""));
    }

    @Override
    void withdraw() {
        if (whole == null) {
            memory.withdraw(this);
        }
    }

    @Override
    void release(CudaDriver driver) {
        if (whole == null) {
            memory.release(driver);
        }
    }
}
