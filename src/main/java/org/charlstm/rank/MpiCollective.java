package org.charlstm.rank;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;

/**
 * Processes that an MPI launcher started. A sum is made of an exchange of parts, the sum of this rank's part in the
 * order of the ranks, and a gathering of the sums: MPI's own reductions only recommend, and do not promise, that the
 * same values give the same bits, and where ranks lie may decide the order.
 *
 * <p>No call waits within MPI: one that hangs could not be left.
 */
final class MpiCollective implements Collective {
    private static final int SPINS = 2000;
    private static final long NAP = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long LAST_WAIT = 1000;

    private final Mpi mpi;
    private final Object communicator;
    /** MPI is told that one thread at a time calls it. */
    private final ReentrantLock lock = new ReentrantLock();
    private final Arena arena = Arena.ofShared();
    private final Mpi.Request request = Mpi.request(arena);
    private final int rank;
    private final int size;
    private final int localRank;
    /** None until all are known: the watch may ask before. */
    private volatile List<String> hosts = List.of();
    private final Watch watch;
    /** Memory outside the heap for what is exchanged: grown, never shrunk. */
    private Staging staging = new Staging(0);
    private boolean failed;
    private volatile boolean open = true;
    /** The exit code with which this process ends the others. */
    private volatile int exitCode = 1;

    /** Two buffers of a number of bytes, or more. */
    private static final class Staging {
        private final Arena arena = Arena.ofShared();
        private final long bytes;
        private final MemorySegment out;
        private final MemorySegment in;

        Staging(long bytes) {
            this.bytes = bytes;
            out = arena.allocate(bytes, Long.BYTES);
            in = arena.allocate(bytes, Long.BYTES);
        }
    }

    /** Joins the others of a launch. */
    MpiCollective(Mpi mpi, Launch launch, Duration timeout, Duration patience) {
        this.mpi = mpi;
        try (JoinLimit _ = new JoinLimit(launch, timeout)) {
            mpi.start();
            rank = mpi.rank();
            size = mpi.size();
            requireAll(launch);
            communicator = mpi.duplicate();
            watch = new Watch(mpi, mpi.duplicate(), lock, this, timeout, patience);
        }
        watch.start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::endAll, "charlstm leaves its ranks"));
        hosts = gather(mpi.host().getBytes(StandardCharsets.UTF_8)).stream()
                .map(name -> new String(name, StandardCharsets.UTF_8)).toList();
        localRank = launch.localRank() >= 0 ? launch.localRank()
                : (int) IntStream.range(0, rank).filter(r -> hosts.get(r).equals(hosts.get(rank))).count();
    }

    private void requireAll(Launch launch) {
        if (launch.size() > 0 && launch.size() != size) {
            open = false;
            mpi.finish();
            throw new CharlstmException(launch.launcher().title() + " started " + launch.size() + " processes, and "
                    + mpi.title() + " (" + mpi.place() + ") sees " + size
                    + "; name the library of that launcher in CHARLSTM_LIBMPI");
        }
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int localRank() {
        return localRank;
    }

    @Override
    public List<String> hosts() {
        return hosts;
    }

    @Override
    public String name(int other) {
        return hosts.isEmpty() ? "rank " + other : Collective.super.name(other);
    }

    @Override
    public String carrier() {
        return "MPI (" + mpi.title() + ")";
    }

    @Override
    public void sum(MemorySegment floats) {
        long count = floats.byteSize() / Float.BYTES;
        int part = Math.toIntExact((count + size - 1) / size);
        if (part == 0) {
            return;
        }
        long bytes = (long) part * size * Float.BYTES;
        Staging both = staging(bytes);
        MemorySegment.copy(floats, 0, both.out, 0, count * Float.BYTES);
        both.out.asSlice(count * Float.BYTES, bytes - count * Float.BYTES).fill((byte) 0);
        await(() -> mpi.allToAllFloats(both.out, both.in, part, communicator, request));
        RankOrder.sum(both.in, part, size);
        await(() -> mpi.allGatherFloats(both.in, both.out, part, communicator, request));
        MemorySegment.copy(both.out, 0, floats, 0, count * Float.BYTES);
    }

    @Override
    public void sum(double[] values) {
        if (values.length == 0) {
            return;
        }
        Staging both = staging((long) Double.BYTES * values.length * size);
        MemorySegment.copy(values, 0, both.out, ValueLayout.JAVA_DOUBLE, 0, values.length);
        await(() -> mpi.allGatherDoubles(both.out, both.in, values.length, communicator, request));
        for (int i = 0; i < values.length; i++) {
            double sum = both.in.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            for (int r = 1; r < size; r++) {
                sum += both.in.getAtIndex(ValueLayout.JAVA_DOUBLE, (long) r * values.length + i);
            }
            values[i] = sum;
        }
    }

    @Override
    public byte[] broadcast(byte[] bytes) {
        double[] length = {rank == 0 ? bytes.length : 0};
        sum(length);
        int count = (int) length[0];
        Staging both = staging(count);
        if (rank == 0) {
            MemorySegment.copy(bytes, 0, both.out, ValueLayout.JAVA_BYTE, 0, count);
        }
        await(() -> mpi.broadcastBytes(both.out, count, communicator, request));
        byte[] given = both.out.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
        barrier();
        return given;
    }

    @Override
    public List<byte[]> gather(byte[] bytes) {
        double[] lengths = new double[size];
        lengths[rank] = bytes.length;
        sum(lengths);
        int most = 1;
        for (double length : lengths) {
            most = Math.max(most, (int) length);
        }
        int part = most;
        Staging both = staging((long) part * size);
        MemorySegment.copy(bytes, 0, both.out, ValueLayout.JAVA_BYTE, 0, bytes.length);
        await(() -> mpi.allGatherBytes(both.out, both.in, part, communicator, request));
        List<byte[]> all = new ArrayList<>();
        for (int r = 0; r < size; r++) {
            all.add(both.in.asSlice((long) part * r, (long) lengths[r]).toArray(ValueLayout.JAVA_BYTE));
        }
        return all;
    }

    @Override
    public void barrier() {
        await(() -> mpi.barrier(communicator, request));
    }

    /** What fails because other ranks were given up is told as that. */
    @Override
    public void inTime(Runnable work) {
        try {
            work.run();
        } catch (CharlstmException e) {
            watch.check();
            throw e;
        }
        watch.check();
    }

    @Override
    public void step(long step) {
        watch.step(step);
    }

    @Override
    public void endsWith(int code) {
        exitCode = code;
    }

    @Override
    public void stepsDone() {
        watch.stepsDone();
    }

    @Override
    public void alive() {
        watch.alive();
    }

    /** Says how a thread that waits for other ranks elsewhere than in MPI is freed when they are late. */
    void rescueBy(Runnable action) {
        watch.rescueBy(action);
    }

    private Staging staging(long bytes) {
        if (staging.bytes < bytes) {
            Staging before = staging;
            staging = new Staging(bytes);
            before.arena.close();
        }
        return staging;
    }

    /** Starts an operation, and asks for its end until it is there or the watch has found who keeps it. */
    private void await(Runnable start) {
        if (failed || !open) {
            throw new IllegalStateException("the ranks have parted");
        }
        // Until it is done it may yet fail.
        failed = true;
        watch.arrive();
        locked(start);
        int spins = 0;
        while (!isDone()) {
            watch.check();
            if (spins < SPINS) {
                spins++;
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(NAP);
            }
        }
        watch.move();
        failed = false;
    }

    private boolean isDone() {
        lock.lock();
        try {
            return mpi.done(request);
        } finally {
            lock.unlock();
        }
    }

    private void locked(Runnable call) {
        lock.lock();
        try {
            call.run();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        if (!open || failed) {
            return;
        }
        barrier();
        watch.stop();
        mpi.finish();
        open = false;
        staging.arena.close();
        arena.close();
    }

    /** Ends all others with this process. Somebody may be within MPI for good, who is not waited for. */
    private void endAll() {
        if (open) {
            boolean alone = false;
            try {
                alone = lock.tryLock(LAST_WAIT, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            try {
                watch.abort(exitCode);
            } finally {
                if (alone) {
                    lock.unlock();
                }
            }
        }
    }
}
