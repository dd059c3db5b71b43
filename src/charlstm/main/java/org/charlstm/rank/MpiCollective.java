package org.charlstm.rank;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;

/**
 * Processes that an MPI launcher started. A sum exchanges parts, adds up this rank's part in the order of the ranks,
 * and gathers the sums. MPI's own reductions do not guarantee the same bits for the same values; their order may depend
 * on where the ranks run.
 *
 * <p>No call blocks within MPI, since a hung call could not be interrupted.
 */
final class MpiCollective implements Collective {
    /** The number of polls of an operation without a pause; later polls pause first. */
    private static final int SPINS = 2000;
    private static final long PAUSE = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long LAST_WAIT_MILLIS = 1000;
    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private final Mpi mpi;
    private final Mpi.Communicator communicator;
    /** Serialises the calls of MPI, which was started for one thread at a time. */
    private final ReentrantLock lock = new ReentrantLock();
    private final Arena arena = Arena.ofShared();
    private final Mpi.Request request = Mpi.request(arena);
    private final int rank;
    private final int size;
    private final int localRank;
    /** The host of each rank. Empty until all are known; the detector may read it before. */
    private volatile List<String> hosts = List.of();
    final StallDetector stalls;
    /** Off-heap memory for exchanges, which grows and never shrinks. */
    private Staging staging = new Staging(0);
    private boolean failed;
    private volatile boolean open = true;
    /** The exit code with which this process ends the others. */
    private volatile int exitCode = 1;

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

    MpiCollective(Mpi mpi, ProcessLaunch launch, Duration timeout, Duration patience) {
        this.mpi = mpi;
        try (JoinTimeout _ = new JoinTimeout(launch, timeout)) {
            mpi.start();
            rank = mpi.rank();
            size = mpi.size();
            if (launch.size() > 0 && launch.size() != size) {
                open = false;
                mpi.finish();
                throw new CharlstmException(launch.launcher().title() + " started " + launch.size()
                        + " processes, and " + mpi.title() + " (" + mpi.place + ") sees " + size
                        + "; name the library of that launcher in CHARLSTM_LIBMPI");
            }
            communicator = mpi.duplicate();
            stalls = new StallDetector(mpi, mpi.duplicate(), lock, this, timeout, patience);
        }
        stalls.start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::endAll, "charlstm leaves its ranks"));
        hosts = gather(mpi.host().getBytes(StandardCharsets.UTF_8)).stream()
                .map(name -> new String(name, StandardCharsets.UTF_8)).toList();
        localRank = launch.localRank() >= 0 ? launch.localRank()
                : (int) IntStream.range(0, rank).filter(r -> hosts.get(r).equals(hosts.get(rank))).count();
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
        await(() -> mpi.allToAll(both.out, both.in, part, Mpi.Type.FLOAT, communicator, request));
        addUp(both.in, part, size);
        await(() -> mpi.allGather(both.in, both.out, part, Mpi.Type.FLOAT, communicator, request));
        MemorySegment.copy(both.out, 0, floats, 0, count * Float.BYTES);
    }

    /** Adds all parts to the first part, in their order, in float32. */
    private static void addUp(MemorySegment parts, int part, int count) {
        int i = 0;
        for (; i < LANES.loopBound(part); i += LANES.length()) {
            FloatVector sum = FloatVector.fromMemorySegment(LANES, parts, (long) Float.BYTES * i, ORDER);
            for (int r = 1; r < count; r++) {
                sum = sum.add(FloatVector.fromMemorySegment(LANES, parts, Float.BYTES * ((long) part * r + i), ORDER));
            }
            sum.intoMemorySegment(parts, (long) Float.BYTES * i, ORDER);
        }
        for (; i < part; i++) {
            float sum = parts.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            for (int r = 1; r < count; r++) {
                sum += parts.getAtIndex(ValueLayout.JAVA_FLOAT, (long) part * r + i);
            }
            parts.setAtIndex(ValueLayout.JAVA_FLOAT, i, sum);
        }
    }

    @Override
    public void sum(double[] values) {
        if (values.length == 0) {
            return;
        }
        Staging both = staging((long) Double.BYTES * values.length * size);
        MemorySegment.copy(values, 0, both.out, ValueLayout.JAVA_DOUBLE, 0, values.length);
        await(() -> mpi.allGather(both.out, both.in, values.length, Mpi.Type.DOUBLE, communicator, request));
        for (int i = 0; i < values.length; i++) {
            double sum = both.in.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            for (int r = 1; r < size; r++) {
                sum += both.in.getAtIndex(ValueLayout.JAVA_DOUBLE, (long) r * values.length + i);
            }
            values[i] = sum;
        }
    }

    @Override
    public List<byte[]> gatherEqual(byte[] bytes) {
        Staging both = staging((long) bytes.length * size);
        MemorySegment.copy(bytes, 0, both.out, ValueLayout.JAVA_BYTE, 0, bytes.length);
        await(() -> mpi.allGather(both.out, both.in, bytes.length, Mpi.Type.BYTE, communicator, request));
        return IntStream.range(0, size).mapToObj(r -> both.in.asSlice((long) bytes.length * r, bytes.length)
                .toArray(ValueLayout.JAVA_BYTE)).toList();
    }

    /** If work fails because a rank was late, the exception names this reason. */
    @Override
    public void inTime(Runnable work) {
        try {
            work.run();
        } catch (CharlstmException e) {
            stalls.check();
            throw e;
        }
        stalls.check();
    }

    @Override
    public void step(long step) {
        stalls.step(step);
    }

    @Override
    public void endsWith(int code) {
        exitCode = code;
    }

    @Override
    public void stepsDone() {
        stalls.stepsDone();
    }

    @Override
    public void alive() {
        stalls.alive();
    }

    private Staging staging(long bytes) {
        if (staging.bytes < bytes) {
            Staging before = staging;
            staging = new Staging(bytes);
            before.arena.close();
        }
        return staging;
    }

    /** Starts an operation, and waits until it is done or a rank is late. */
    private void await(Runnable start) {
        Refuse.callIf(failed || !open, "the ranks have parted");
        // The operation counts as failed until it is done.
        failed = true;
        stalls.arrive();
        lock.lock();
        try {
            start.run();
        } finally {
            lock.unlock();
        }
        int spins = 0;
        while (!isDone()) {
            stalls.check();
            if (spins < SPINS) {
                spins++;
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE);
            }
        }
        stalls.move();
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

    @Override
    public void close() {
        if (!open || failed) {
            return;
        }
        barrier();
        stalls.stop();
        mpi.finish();
        open = false;
        staging.arena.close();
        arena.close();
    }

    /** Ends all other processes with this one. A hung thread may keep the lock, so the wait for it is limited. */
    private void endAll() {
        if (open) {
            boolean alone = false;
            try {
                alone = lock.tryLock(LAST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            try {
                stalls.abort(exitCode);
            } finally {
                if (alone) {
                    lock.unlock();
                }
            }
        }
    }
}
