package org.charlstm.rank;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.machine.Signals;

/**
 * The program of a rank in the tests: {@code work} prints what each operation gave; the others get to step 3, in which
 * the last rank hangs, dies, is stopped, or is slow but alive. That one takes its time before and after the steps, too,
 * and then hangs.
 */
final class RankProgram {
    /** Signals that the JVM handles: SIGILL, SIGBUS, SIGFPE, SIGSEGV. */
    private static final List<Integer> SIGNALS = List.of(4, 7, 8, 11);
    private static final int SIGACTION_BYTES = 256;

    private RankProgram() {
    }

    public static void main(String[] arguments) throws Exception {
        Duration timeout = Duration.ofMillis(Long.parseLong(arguments[1]));
        // To hang in a step is found without it.
        Duration patience = arguments[0].equals("slow") ? timeout.multipliedBy(2) : Duration.ofHours(1);
        try {
            List<Long> before = handlers();
            try (Collective ranks = Ranks.open(ProcessLaunch.here(), timeout, patience)) {
                if (!handlers().equals(before)) {
                    throw new AssertionError("MPI has taken the JVM's signal handlers");
                }
                run(arguments[0], ranks, timeout.toMillis() * 3 / 2);
            }
        } catch (CharlstmException e) {
            System.err.println("failed: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void run(String what, Collective ranks, long slowly) throws InterruptedException {
        if (what.equals("work")) {
            work(ranks);
            return;
        }
        boolean last = ranks.rank() == ranks.size() - 1;
        boolean slow = last && what.equals("slow");
        Thread.sleep(slow ? slowly : 0);
        for (int step = 1; step <= 4; step++) {
            ranks.step(step);
            if (step == 3 && last) {
                switch (what) {
                    case "hang" -> new CountDownLatch(1).await();
                    case "die" -> signal("KILL");
                    case "stop" -> signal("STOP");
                    case "slow" -> {
                        for (int i = 0; i < 30; i++) {
                            Thread.sleep(slowly / 30);
                            ranks.alive();
                        }
                    }
                    default -> throw new IllegalArgumentException(what);
                }
            }
            ranks.sum(MemorySegment.ofArray(new float[10]));
        }
        ranks.stepsDone();
        Thread.sleep(slow ? slowly : 0);
        ranks.barrier();
        System.out.println("rank " + ranks.rank() + " did all steps");
        if (slow) {
            new CountDownLatch(1).await();
        }
    }

    private static void signal(String name) throws InterruptedException {
        Signals.send(ProcessHandle.current(), name);
        new CountDownLatch(1).await();
    }

    private static void work(Collective ranks) {
        StringBuilder said = new StringBuilder("rank " + ranks.rank() + " of " + ranks.size() + ", " + ranks.localRank()
                + " here:");
        // Sizes that no number of ranks divides, one of fewer elements than ranks, and none.
        for (int count : new int[] {0, 1, 3, 1001, 300_007}) {
            said.append(' ').append(String.format("%08x", Arrays.hashCode(summed(ranks, count))));
        }
        double[] sums = {ranks.rank() + 0.5, 1};
        ranks.sum(sums);
        said.append(' ').append(Arrays.toString(sums));
        byte[] given = ranks.broadcast(ranks.rank() == 0 ? "weights".getBytes(StandardCharsets.UTF_8) : new byte[0]);
        said.append(' ').append(new String(given, StandardCharsets.UTF_8));
        said.append(' ').append(ranks.gather("x".repeat(ranks.rank()).getBytes(StandardCharsets.UTF_8)).stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList());
        ranks.barrier();
        said.append(' ').append(nullIsStillCaught());
        System.out.println(said);
    }

    /** The sum of what every rank draws, compared with the same sum in the order of the ranks. */
    private static float[] summed(Collective ranks, int count) {
        float[] expected = drawn(0, count);
        for (int r = 1; r < ranks.size(); r++) {
            float[] more = drawn(r, count);
            for (int i = 0; i < count; i++) {
                expected[i] += more[i];
            }
        }
        float[] mine = drawn(ranks.rank(), count);
        ranks.sum(MemorySegment.ofArray(mine));
        if (!Arrays.equals(expected, mine)) {
            throw new AssertionError("the sum of " + count + " is not that in the order of the ranks");
        }
        return mine;
    }

    private static float[] drawn(int rank, int count) {
        Random random = new Random(1000L * rank + count);
        float[] drawn = new float[count];
        for (int i = 0; i < count; i++) {
            drawn[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(8)));
        }
        return drawn;
    }

    /** The JVM finds null by the signal that the processor gives. */
    private static int nullIsStillCaught() {
        int caught = 0;
        for (int i = 0; i < 20_000; i++) {
            try {
                caught += lengthOf(i % 100 == 0 ? null : "x") - 1;
            } catch (NullPointerException e) {
                caught++;
            }
        }
        return caught;
    }

    private static int lengthOf(String text) {
        return text.length();
    }

    @SuppressWarnings("restricted")
    private static List<Long> handlers() {
        Linker linker = Linker.nativeLinker();
        return SIGNALS.stream().map(signal -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment old = arena.allocate(SIGACTION_BYTES, Long.BYTES);
                int status = (int) linker.downcallHandle(linker.defaultLookup().findOrThrow("sigaction"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS,
                                ValueLayout.ADDRESS))
                        .invoke((int) signal, MemorySegment.NULL, old);
                return status == 0 ? old.get(ValueLayout.JAVA_LONG, 0) : -1L;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }).toList();
    }
}
