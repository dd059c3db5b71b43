package org.charlstm.serve;

import module java.base;

/**
 * Ends the connection of a client that keeps a thread waiting for too long, or that has sent nothing for longest while
 * too many others wait as well.
 */
final class ClientTimeout implements AutoCloseable {
    /** Of the connections that the server takes, most are left for clients that have sent what they ask. */
    private static final int MAX_SENDERS = 256;
    /** Headers are one packet; a client on a slow line needs no longer. */
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

    /** One of other limits, for tests. */
    ClientTimeout(long millis, long headerMillis) {
        this.millis = millis;
        this.headerMillis = headerMillis;
        // Begun here: the first request's thread, which would begin it otherwise, is a virtual one without a group.
        timer = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("serve timeout").factory());
        timer.prestartCoreThread();
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Runs a call that may block. One that takes too long is interrupted, which closes the channel it waits for. */
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

    /** Runs a request, from its first byte on; {@link #hasHeaders} says when its headers have come. */
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

    /** The headers of this thread's request have come. */
    void hasHeaders() {
        senders.end();
    }

    /** Runs a call that takes what a client has still to send, as {@link #within} does. */
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
