package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * Device memory: elements of one type, or a {@linkplain #view view} of some of another buffer's. A buffer is freed by
 * {@link #close}; a view ends with its buffer and need not be closed.
 *
 * <p>Copies from and to arrays and segments return when they are done. Those from and to {@linkplain HostBuffer pinned
 * memory}, between buffers, and {@link #fill} are enqueued on the current stream. Every offset and length is in
 * elements and checked before anything is copied: an {@link IndexOutOfBoundsException} otherwise.
 */
public final class CudaBuffer extends CudaObject {
    private final CudaType type;
    private final long count;
    private final long pointer;
    private final DeviceMemory memory;
    /** A buffer or module whose memory it is a part of; null for memory of its own. */
    private final @Nullable CudaObject whole;

    /** For {@link Cuda}: memory of its own with any content. */
    CudaBuffer(Cuda cuda, CudaType type, long count, String purpose) {
        this(cuda, type, count,
                DeviceMemory.own(cuda, requireCount("a buffer of", type, count) * type.bytes(), purpose));
        opened();
    }

    /** In memory that is there, of a count that was checked. */
    CudaBuffer(Cuda cuda, CudaType type, long count, DeviceMemory memory) {
        super(cuda, "a buffer of " + count + " elements of " + type);
        this.type = type;
        this.count = count;
        this.memory = memory;
        pointer = memory.address();
        whole = null;
    }

    /**
     * Memory that another library has, such as JCuda's {@code cuMemAlloc} gave it. It is not freed here, and has to be
     * there as long as this is used; closing is needless.
     *
     * @param address of its first element
     * @throws IllegalArgumentException  if the address is not of this GPU and its primary context, or not where such
     *                                   elements lie
     * @throws IndexOutOfBoundsException if the memory ends before the last element
     */
    public static CudaBuffer of(Cuda gpu, long address, CudaType type, long count) {
        long bytes = requireCount("a buffer of", type, count) * type.bytes();
        return new CudaBuffer(gpu, type, count,
                DeviceMemory.foreign(Objects.requireNonNull(gpu, "the GPU is null"), address, type, bytes));
    }

    /** Memory that belongs to a buffer or module, and ends with that. */
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

    /** Refuses elements that are not all in it. */
    void requireElements(long at, long many) {
        if (at < 0 || many < 0 || at > count - many) {
            throw new IndexOutOfBoundsException(many + " elements from element " + at + " on, in a buffer of " + count
                    + " of " + type);
        }
    }

    /** Refuses bytes that are not all in it, and returns where they begin. */
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

    /** How many elements it has. */
    public long count() {
        return count;
    }

    /** Bytes of its elements. */
    public long bytes() {
        return Math.multiplyExact(count, (long) type.bytes());
    }

    /** Its address on the device, for libraries beside this one. */
    public long pointer() {
        requireLive();
        return pointer;
    }

    /**
     * The host's view of {@linkplain CudaMemory#managed managed} memory, once the work of the current stream so far is
     * done. The host may use it until more work on it is enqueued, and no longer than the buffer is open.
     *
     * @throws IllegalStateException if this is other memory, or work is recorded
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

    /** Whether it has not been closed, nor the buffer that it is a view of, nor its GPU. */
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

    /** So many of its elements, at least 1, from the element {@code from} on, in the same memory. */
    public CudaBuffer view(long from, long many) {
        requireLive();
        cuda().context().requireThread();
        requireElements(from, requireCount("a view of", type, many));
        return viewAs(type, pointer + from * type.bytes(), many);
    }

    /**
     * The same memory as elements of another type: its bits, not its values.
     *
     * @throws IllegalArgumentException if it is less than one of these, or does not begin where one may lie
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

    /** The same, as something that has to be closed. */
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
     * Sets every element to a value, rounded to the type; for bf16 and half by way of float32.
     *
     * @throws IllegalArgumentException if the elements are integers and the value is none of their size
     */
    public void fill(double value) {
        BufferFill.fill(this, value);
    }

    /**
     * Sets every element to a whole number, such as 200 or -56 of 8 bits: signed or unsigned, its bits are the same.
     *
     * @throws IllegalArgumentException if the elements are integers that have no room for it
     */
    public void fill(long value) {
        BufferFill.fill(this, value);
    }

    /** Copies floats to the first elements, converted where they are bf16 or half. */
    public void write(float[] values) {
        write(0, values, 0, Objects.requireNonNull(values, "the array is null").length);
    }

    /**
     * Copies floats, converted where the elements are bf16 or half.
     *
     * @param at   the first element that is written
     * @param from the first value that is copied
     * @param many how many
     */
    public void write(long at, float[] values, int from, int many) {
        Objects.checkFromIndexSize(from, many, Objects.requireNonNull(values, "the array is null").length);
        HostArrays.write(this, at, FloatBuffer.wrap(values, from, many));
    }

    /** Copies what remains of some floats, whose position moves to its end, converted for bf16 or half. */
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

    /** Copies bytes as they are to the first elements; memory outside the heap without another copy. */
    public void write(MemorySegment values) {
        write(0, values);
    }

    /** Copies bytes as they are, to the element {@code at} and those behind it. */
    public void write(long at, MemorySegment values) {
        HostArrays.write(this, at, values);
    }

    /** Copies the first elements into floats, after all work so far of the current stream. */
    public void read(float[] into) {
        read(0, into, 0, Objects.requireNonNull(into, "the array is null").length);
    }

    /**
     * Copies elements into floats, after all work so far of the current stream.
     *
     * @param at    the first element that is read
     * @param first where it goes
     * @param many  how many
     */
    public void read(long at, float[] into, int first, int many) {
        Objects.checkFromIndexSize(first, many, Objects.requireNonNull(into, "the array is null").length);
        HostArrays.read(this, at, FloatBuffer.wrap(into, first, many));
    }

    /** Copies as many elements as some floats have room for; their position moves to the end. */
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

    /** Copies the first elements, which are integers of 16 bits, bf16 or half: of these the bits. */
    public void read(short[] into) {
        read(taken(MemorySegment.ofArray(Objects.requireNonNull(into, "the array is null")), "short[]", takesShorts()));
    }

    /** Copies the first bytes as they are; into memory outside the heap without another copy. */
    public void read(MemorySegment into) {
        read(0, into);
    }

    /** Copies bytes as they are, from the element {@code at} and those behind it. */
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

    /** All elements, which are integers of 16 bits, bf16 or half: of these the bits. */
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

    /** Enqueues a copy of all of some pinned memory to the first elements. */
    public void writeAsync(HostBuffer from) {
        MemorySegment host = Objects.requireNonNull(from, "the pinned memory is null").segment();
        requireFits(from);
        cuda().driver().copyToDevice(pointerFor(cuda()), host, cuda().current().handle());
    }

    /** Enqueues a copy of the first elements that fills some pinned memory. */
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
     * Enqueues a copy of all elements of another buffer to the first of this one.
     *
     * @throws IllegalArgumentException if the elements have another type, or lie where they would be copied to
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

    /** Refuses a copy between memory that overlaps: of cudaMemcpy NVIDIA says that it may not. */
    static void requireApart(long from, long to, long bytes) {
        if (Math.abs(from - to) < bytes) {
            throw overlapping();
        }
    }

    static IllegalArgumentException overlapping() {
        return new IllegalArgumentException("a copy between memory that overlaps, whose result nobody promises; copy "
                + "by way of another buffer");
    }

    /** Its address, for work that is enqueued on a GPU now; a recording knows then that it uses the buffer. */
    long pointerFor(Cuda other) {
        requireLive();
        requireOf(other);
        other.current().uses(this);
        return pointer;
    }

    /** Refuses a buffer whose elements are not reals that floats become. */
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
