package org.charlstm.keras;

import io.jhdf.HdfFile;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel.MapMode;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.jspecify.annotations.Nullable;

/**
 * Reads HDF5 through jHDF, which trusts files: a broken file may make it loop, or allocate memory for false sizes. It
 * therefore runs on its own thread, with bounds on time and allocation. When a bound is exceeded, the file is unmapped;
 * its next access then fails and ends the thread.
 */
final class Hdf5 {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
    /** The bound on processor time; on a busy machine, more wall time passes. */
    private static final Duration MAX_TIME = Duration.ofSeconds(20);
    private static final int MAX_NANOS_PER_BYTE = 200;
    private static final int POLL_MILLIS = 5;

    /** Weights pass through float arrays, double arrays and the reordering of gates; metadata has its own bound. */
    private static final int MAX_BYTES_PER_BYTE = 10;
    private static final long MAX_OTHER_BYTES = 48L << 20;

    static boolean isSignature(byte[] head) {
        return head.length >= SIGNATURE.length
                && Arrays.equals(head, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    static <T> T read(String place, FileChannel channel, Function<Hdf5Group, T> reader) throws IOException {
        Refuse.inputIf(channel.size() > Integer.MAX_VALUE,
                place + " has " + channel.size() + " bytes; no more than 2^31 are read");
        try (Arena arena = Arena.ofShared()) {
            return read(place, channel.map(MapMode.READ_ONLY, 0, channel.size(), arena), reader);
        }
    }

    /** Reads a file's content. The reader's result must not refer to the root group. */
    static <T> T read(String place, MemorySegment content, Function<Hdf5Group, T> reader) {
        FutureTask<T> task = new FutureTask<>(() -> reader
                .apply(new Hdf5Group(place, content.byteSize(), HdfFile.fromByteBuffer(content.asByteBuffer()))));
        try {
            Thread thread = Thread.ofPlatform().daemon().name("charlstm-hdf5").start(task);
            while (true) {
                try {
                    return task.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (isBeyondBounds(thread, content.byteSize())) {
                        throw new CharlstmException(
                                place + " is broken: it takes more memory or time to read than a file of "
                                        + content.byteSize() + " bytes may",
                                e);
                    }
                }
            }
        } catch (ExecutionException e) {
            throw failure(place, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CharlstmException(place + " was not read to its end: interrupted", e);
        }
    }

    private static CharlstmException failure(String place, @Nullable Throwable cause) {
        return switch (cause) {
            case null -> throw new IllegalStateException("a task failed for no reason");
            case CharlstmException refusal -> refusal;
            case OutOfMemoryError memory ->
                new CharlstmException(place + " takes more memory than there is; it is broken, or "
                        + "give the JVM more with JDK_JAVA_OPTIONS=-Xmx...", memory);
            default -> new CharlstmException(place + " cannot be read as HDF5: it is cut short or broken", cause);
        };
    }

    private static boolean isBeyondBounds(Thread thread, long fileBytes) {
        return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads && (threads
                .getThreadAllocatedBytes(thread.threadId()) > MAX_OTHER_BYTES + MAX_BYTES_PER_BYTE * fileBytes
                || threads.getThreadCpuTime(thread.threadId()) > MAX_TIME.toNanos() + MAX_NANOS_PER_BYTE * fileBytes);
    }
}
