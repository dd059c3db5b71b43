package org.charlstm.rank;

import module java.base;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.NativeLibrary;
import org.charlstm.cuda.NcclCommunicator;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuMemory;

/** Processes that torchrun started. NCCL carries all values through GPUs; the ranks meet at rank 0's address. */
final class NcclCollective implements Collective {
    /** The sums of gradients; closed with this collective. */
    final NcclAllReduce sum;
    private final ProcessLaunch launch;
    private final NcclTimeout timeout;
    private final GpuMemory memory;
    private final List<String> hosts;

    /** Joins the other processes of a launch at rank 0's address, from {@link #address}. */
    NcclCollective(GpuContext context, ProcessLaunch launch, String address, Duration timeout) {
        this.launch = launch;
        NativeLibrary.setEnvironmentIfMissing("NCCL_COMM_ID", address);
        this.timeout = new NcclTimeout(timeout, launch.size());
        sum = this.timeout.within(() -> new NcclAllReduce(context, launch.size(),
                NcclCommunicator.idOfAddress(context.cuda().installation()), launch.rank(), true));
        this.timeout.unblocker.set(sum::abort);
        memory = new GpuMemory(context, CudaType.FLOAT32);
        hosts = gather(ProcessLaunch.host().getBytes(StandardCharsets.UTF_8)).stream()
                .map(name -> new String(name, StandardCharsets.UTF_8)).toList();
    }

    /** NCCL's address, as HOST:PORT. The port follows the port at which torchrun's own processes meet. */
    static String address(String host, String port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + (Integer.parseInt(port) + 1);
    }

    @Override
    public int rank() {
        return launch.rank();
    }

    @Override
    public int size() {
        return launch.size();
    }

    @Override
    public int localRank() {
        return Math.max(0, launch.localRank());
    }

    @Override
    public List<String> hosts() {
        return hosts;
    }

    @Override
    public String carrier() {
        return sum.carrier();
    }

    /**
     * Copies host memory to the device, sums or gathers over all ranks, and copies the result back: the sums, or with
     * {@code ofAll} the values of all ranks.
     */
    private MemorySegment through(Arena arena, CudaType type, MemorySegment values, boolean ofAll) {
        long count = Math.ceilDiv(values.byteSize(), (long) type.bytes());
        if (count == 0) {
            return values;
        }
        return timeout.within(() -> {
            CudaBuffer from = memory.zeros(type, count);
            from.write(values);
            CudaBuffer to = from;
            if (ofAll) {
                to = memory.zeros(type, count * size());
                sum.communicator.gather(from, to);
            } else {
                sum.communicator.sum(from);
            }
            MemorySegment result = arena.allocate(to.bytes(), Long.BYTES);
            to.read(result);
            sum.check();
            return result;
        });
    }

    @Override
    public void sum(MemorySegment floats) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mine = arena.allocate(floats.byteSize(), Float.BYTES).copyFrom(floats);
            MemorySegment.copy(through(arena, CudaType.FLOAT32, mine, false), 0, floats, 0, floats.byteSize());
        }
    }

    @Override
    public void sum(double[] values) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mine = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values);
            MemorySegment.copy(through(arena, CudaType.FLOAT64, mine, false), ValueLayout.JAVA_DOUBLE, 0, values, 0,
                    values.length);
        }
    }

    @Override
    public List<byte[]> gatherEqual(byte[] bytes) {
        // NCCL gathers whole 32-bit words, so the bytes are padded.
        long part = Math.ceilDiv(bytes.length, Integer.BYTES) * (long) Integer.BYTES;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mine = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            MemorySegment all = through(arena, CudaType.INT32, mine, true);
            return IntStream.range(0, size()).mapToObj(r -> all.asSlice(part * r, bytes.length)
                    .toArray(ValueLayout.JAVA_BYTE)).toList();
        }
    }

    @Override
    public void inTime(Runnable work) {
        timeout.within(() -> {
            work.run();
            return work;
        });
    }

    @Override
    public void step(long step) {
        timeout.step(step);
    }

    @Override
    public void close() {
        if (timeout.passed()) {
            return;
        }
        barrier();
        timeout.close();
        memory.close();
        sum.leave();
    }
}
