package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import module java.base;
import org.charlstm.circle.Circle;

/**
 * Spoilt files, one after the other: a reader makes something of each, or refuses it in one line that names the file,
 * soon and without much memory. For more of them, and others:
 * {@code mvn test -Dtest='*Fuzz*' -Dcharlstm.fuzz.cases=1000000 -Dcharlstm.fuzz.seed=2}. What a case is depends on the
 * seed and its number alone; the file of one that fails stays under {@code target/fuzz}.
 */
public final class Fuzz {
    /** How many cases a test runs; in the first circle a third. */
    public static final int CASES = Integer.getInteger("charlstm.fuzz.cases", Circle.first() ? 200 : 600);

    private static final long SEED = Long.getLong("charlstm.fuzz.seed", 1);
    /** Far more than any takes, on a busy machine too. */
    private static final Duration LONGEST = Duration.ofSeconds(10);
    /** The files are small. */
    private static final long MOST_BYTES = 100L << 20;
    private static final Path KEPT = Path.of("target", "fuzz");

    /** Spoils a file. */
    public interface Mutation {
        /**
         * Spoils it once more.
         *
         * @param random decides how
         * @return other bytes each time
         */
        byte[] next(RandomGenerator random) throws IOException;

        /** One of some at a time. */
        static Mutation any(List<? extends Mutation> mutations) {
            return random -> mutations.get(random.nextInt(mutations.size())).next(random);
        }
    }

    /** The case that is tried. */
    public interface Reader {
        /**
         * Reads a file, and makes of it what comes of it.
         *
         * @throws CharlstmException if it refuses the file
         */
        void read(Path file) throws IOException;
    }

    private Fuzz() {
    }

    /**
     * Runs all cases.
     *
     * @param file     where each is written
     * @param mutation gives their bytes
     * @param reader   reads them
     */
    public static void run(Path file, Mutation mutation, Reader reader) throws IOException {
        int read = 0;
        long slowest = 0;
        for (int number = 0; number < CASES; number++) {
            Files.write(file, mutation.next(new SplittableRandom(31 * SEED + number)));
            long start = System.nanoTime();
            try {
                read += assertTimeoutPreemptively(LONGEST, () -> isRead(file, reader)) ? 1 : 0;
            } catch (Exception | Error e) {
                Files.createDirectories(KEPT);
                Path kept = KEPT.resolve(SEED + "-" + number + "-" + file.getFileName());
                // The reader may have changed it.
                Files.write(kept, mutation.next(new SplittableRandom(31 * SEED + number)));
                throw new AssertionError("case " + number + " of seed " + SEED + ", kept as " + kept, e);
            }
            slowest = Math.max(slowest, System.nanoTime() - start);
        }
        System.out.printf(Locale.ROOT, "%s: %d cases of seed %d, %d read, %d refused; the slowest took %d ms%n",
                file.getFileName(), CASES, SEED, read, CASES - read, slowest / 1_000_000);
    }

    private static boolean isRead(Path file, Reader reader) throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        boolean read = true;
        try {
            reader.read(file);
        } catch (CharlstmException e) {
            Refusals.assertLine(file.toString(), e.getMessage());
            read = false;
        }
        long taken = threads.getCurrentThreadAllocatedBytes() - before;
        if (taken > MOST_BYTES) {
            throw new AssertionError("it took " + taken + " bytes");
        }
        return read;
    }
}
