package org.charlstm.rank;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Nccl;
import org.charlstm.device.Matrix;
import org.charlstm.device.gpu.GpuMemory;

/**
 * Processes that torchrun started, without MPI: NCCL carries everything, through the memory of their GPUs. They find
 * each other by NCCL's own means, an address that all of them know, at which rank 0 answers.
 */
final class NcclCollective implements Collective {
    private final CudaContext context;
    private final NcclSum sum;
    private final Launch launch;
    private final Deadline deadline;
    private final GpuMemory memory;
    private final List<String> hosts;

    /**
     * Joins the others of a launch.
     *
     * @param address where torchrun has its own meeting, as HOST:PORT; NCCL takes the port after it
     */
    NcclCollective(CudaContext context, Nccl nccl, Launch launch, String address, Duration timeout) {
        this.context = context;
        this.launch = launch;
        Environment.setIfMissing("NCCL_COMM_ID", address);
        deadline = new Deadline(timeout, launch.size());
        sum = deadline.within(() -> new NcclSum(context, nccl, launch.size(), nccl.addressId(), launch.rank()));
        deadline.rescueBy(sum::abort);
        memory = new GpuMemory(context, CudaType.FLOAT32);
        hosts = gather(host().getBytes(StandardCharsets.UTF_8)).stream()
                .map(name -> new String(name, StandardCharsets.UTF_8)).toList();
    }

    /** NCCL's address beside torchrun's. */
    static String address(String host, String port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + (Integer.parseInt(port) + 1);
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    /** Sums over the same GPUs; to close it ends nothing. */
    RankSum sum() {
        return new Lent(sum);
    }

    private record Lent(NcclSum sum) implements RankSum {
        @Override
        public String carrier() {
            return sum.carrier();
        }

        @Override
        public boolean recordable() {
            return sum.recordable();
        }

        @Override
        public void sum(Matrix flat) {
            sum.sum(flat);
        }

        @Override
        public void begin(Matrix flat, int from, int to) {
            sum.begin(flat, from, to);
        }

        @Override
        public void join() {
            sum.join();
        }

        @Override
        public void close() {
            // It is the collective's.
        }
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

    /** Writes host memory to the device, has all ranks work on it, and reads as many bytes, or more, back. */
    private MemorySegment through(Arena arena, MemorySegment values, long back, Exchange exchange) {
        if (values.byteSize() == 0 && back == 0) {
            return values;
        }
        return deadline.within(() -> {
            CudaBuffer from = memory.workspace(values.byteSize());
            CudaBuffer to = memory.workspace(back);
            // They are whole words, and so is what is read.
            from.zero();
            to.zero();
            from.write(values);
            exchange.over(from.pointer(), to.pointer());
            MemorySegment result = arena.allocate(to.bytes(), Long.BYTES);
            to.read(result);
            sum.check();
            return result;
        });
    }

    /** An operation from one buffer to another. */
    @FunctionalInterface
    private interface Exchange {
        void over(long from, long to);
    }

    @Override
    public void sum(MemorySegment floats) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mine = arena.allocate(floats.byteSize(), Float.BYTES).copyFrom(floats);
            MemorySegment sums = through(arena, mine, floats.byteSize(), (from, to) -> sum.nccl().allReduce(from, to,
                    floats.byteSize() / Float.BYTES, Nccl.FLOAT32, Nccl.SUM, sum.communicator(), context.stream()));
            MemorySegment.copy(sums, 0, floats, 0, floats.byteSize());
        }
    }

    @Override
    public void sum(double[] values) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mine = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values);
            MemorySegment sums = through(arena, mine, mine.byteSize(), (from, to) -> sum.nccl().allReduce(from, to,
                    values.length, Nccl.FLOAT64, Nccl.SUM, sum.communicator(), context.stream()));
            MemorySegment.copy(sums, ValueLayout.JAVA_DOUBLE, 0, values, 0, values.length);
        }
    }

    @Override
    public byte[] broadcast(byte[] bytes) {
        double[] length = {rank() == 0 ? bytes.length : 0};
        sum(length);
        int count = (int) length[0];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mine = rank() == 0 ? arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes) : arena.allocate(count);
            return through(arena, mine, count, (from, to) -> sum.nccl().broadcast(from, to, count, Nccl.BYTE, 0,
                    sum.communicator(), context.stream())).asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Override
    public List<byte[]> gather(byte[] bytes) {
        double[] lengths = new double[size()];
        lengths[rank()] = bytes.length;
        sum(lengths);
        int most = 1;
        for (double length : lengths) {
            most = Math.max(most, (int) length);
        }
        int part = most;
        List<byte[]> all = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mine = arena.allocate(part);
            MemorySegment.copy(bytes, 0, mine, ValueLayout.JAVA_BYTE, 0, bytes.length);
            MemorySegment gathered = through(arena, mine, (long) part * size(), (from, to) -> sum.nccl().allGather(from,
                    to, part, Nccl.BYTE, sum.communicator(), context.stream()));
            for (int r = 0; r < size(); r++) {
                all.add(gathered.asSlice((long) part * r, (long) lengths[r]).toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return all;
    }

    @Override
    public void barrier() {
        sum(new double[1]);
    }

    @Override
    public void inTime(Runnable work) {
        deadline.within(() -> {
            work.run();
            return work;
        });
    }

    @Override
    public void step(long step) {
        deadline.step(step);
    }

    @Override
    public void alive() {
        // Nobody can be told beside the operations.
    }

    @Override
    public void close() {
        if (deadline.passed()) {
            return;
        }
        barrier();
        deadline.close();
        memory.close();
        sum.leave();
    }
}
