package org.charlstm.serve;

import module java.base;

/**
 * The threads that wait for data from their clients: headers, a body, or the rest of a body that nobody reads. If there
 * are too many, the thread that has waited longest loses its connection, so silent clients block nobody.
 */
final class Senders {
    private final int most;
    /** The waiting threads, longest wait first, each with the alarm that ends its wait. */
    private final Map<Thread, Future<?>> waiting = new LinkedHashMap<>();

    /** Lets up to {@code most} threads wait at a time. */
    Senders(int most) {
        this.most = most;
    }

    /**
     * Registers the calling thread as waiting, until {@link #end}.
     *
     * @param alarm sets an alarm that runs its argument, or sets none
     */
    synchronized void begin(Function<Runnable, Future<?>> alarm) {
        if (waiting.size() >= most) {
            giveUp(waiting.keySet().iterator().next());
        }
        Thread thread = Thread.currentThread();
        waiting.put(thread, alarm.apply(() -> giveUp(thread)));
    }

    /** Ends a thread's wait by an interrupt, which closes the channel that the thread waits for. */
    private synchronized void giveUp(Thread thread) {
        Future<?> alarm = waiting.remove(thread);
        if (alarm != null) {
            alarm.cancel(false);
            thread.interrupt();
        }
    }

    /** Ends the wait of the calling thread. An interrupt that came too late is cleared. */
    synchronized void end() {
        Future<?> alarm = waiting.remove(Thread.currentThread());
        if (alarm == null) {
            Thread.interrupted();
        } else {
            alarm.cancel(false);
        }
    }
}
