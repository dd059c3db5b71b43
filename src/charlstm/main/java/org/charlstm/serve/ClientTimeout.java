package org.charlstm.serve;

import module java.base;

/**
 * Ends the connection of a client that keeps a thread waiting for too long. If too many clients are sending, the client
 * that has kept its thread waiting longest loses its connection.
 */
final class ClientTimeout implements AutoCloseable {
    /**
     * The limit on clients that are still sending; it leaves most connections to clients whose requests have arrived.
     */
    private static final int MAX_SENDERS = 256;
    /** The time for headers, which fit in one packet, so even a client on a slow line needs no more. */
    private static final long HEADER_MILLIS = 5000;

    private final ScheduledThreadPoolExecutor timer;
    private final long millis;
    private final long headerMillis;
    private final Senders senders = new Senders(MAX_SENDERS);

    @FunctionalInterface
    interface Blocking<T> {
        T run() throws IOException;
    }

    ClientTimeout(long millis) {
        this(millis, HEADER_MILLIS);
    }

    /** A timeout with other limits, for tests. */
    ClientTimeout(long millis, long headerMillis) {
        this.millis = millis;
        this.headerMillis = headerMillis;
        // Starts the timer's thread here: the first request's thread is virtual and has no group for it.
        timer = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("serve timeout").factory());
        timer.prestartCoreThread();
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Runs a call that may block. If the call takes too long, an interrupt closes the channel that it waits for. */
    <T> T within(Blocking<T> call) throws IOException {
        ScheduledFuture<?> interruption;
        try {
            interruption = timer.schedule(Thread.currentThread()::interrupt, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            throw (IOException) new InterruptedIOException("the server has ended").initCause(e);
        }
        try {
            return call.run();
        } finally {
            if (!interruption.cancel(false)) {
                Thread.interrupted();
            }
        }
    }

    /** Runs a request, from its first byte on; {@link #hasHeaders} reports that its headers have arrived. */
    void request(Runnable request) {
        try {
            senders.begin(giveUp -> timer.schedule(giveUp, headerMillis, TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException e) {
            System.getLogger(ClientTimeout.class.getName()).log(System.Logger.Level.DEBUG, "the server has ended", e);
            return;
        }
        try {
            request.run();
        } finally {
            senders.end();
        }
    }

    /** Reports that the headers of this thread's request have arrived. */
    void hasHeaders() {
        senders.end();
    }

    /** Runs a call that receives data still to come from the client, with the time limit of {@link #within}. */
    <T> T receiving(Blocking<T> call) throws IOException {
        senders.begin(_ -> CompletableFuture.completedFuture(null));
        try {
            return within(call);
        } finally {
            senders.end();
        }
    }

    /** Runs a call whose failure no longer matters. */
    void quietly(Blocking<?> call) {
        try {
            within(call);
        } catch (IOException e) {
            System.getLogger(ClientTimeout.class.getName()).log(System.Logger.Level.DEBUG, "a client is gone", e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
