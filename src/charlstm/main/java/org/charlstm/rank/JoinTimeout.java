package org.charlstm.rank;

import module java.base;

/** Ends this process, and so the job, if the other ranks do not join in time: MPI would wait forever. */
final class JoinTimeout implements AutoCloseable {
    /** Each rank waits this much longer than the rank before. The first to end ends the job, so one rank reports. */
    private static final long TURN_MILLIS = 300;
    private static final int MOST_TURNS = 10;
    /** The shortest limit: launchers start processes one after the other, and hosts differ in speed. */
    private static final Duration LEAST = Duration.ofSeconds(10);

    private final CountDownLatch joined = new CountDownLatch(1);

    JoinTimeout(ProcessLaunch launch, Duration timeout) {
        Duration limit = timeout.compareTo(LEAST) < 0 ? LEAST : timeout;
        Thread.ofPlatform().daemon().name("charlstm joins its ranks").start(() -> {
            long turn = TURN_MILLIS * Math.clamp(launch.rank(), 0, MOST_TURNS);
            try {
                if (!joined.await(limit.toMillis() + turn, TimeUnit.MILLISECONDS)) {
                    System.err.println("charlstm: not all " + (launch.size() < 0 ? "" : launch.size() + " ")
                            + "ranks have joined within " + StallDetector.seconds(limit.toNanos())
                            + "; see whether each still runs and can be reached");
                    Runtime.getRuntime().halt(1);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        joined.countDown();
    }
}
