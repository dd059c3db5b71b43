package org.charlstm.serve;

import module java.base;

/**
 * The threads that wait for what their clients have still to send: headers, a body, or the rest of one that nobody
 * reads. Of too many the one that has waited longest loses its connection, so that clients which send nothing keep out
 * nobody.
 */
final class Senders {
    private final int most;
    /** The longest-waiting first, each with the alarm that ends its wait. */
    private final Map<Thread, Future<?>> waiting = new LinkedHashMap<>();

    /** Lets so many threads wait at a time. */
    Senders(int most) {
        this.most = most;
    }

    /**
     * The calling thread waits from now on, until {@link #end}.
     *
     * @param alarm sets an alarm that calls what it is given, or sets none
     */
    synchronized void begin(Function<Runnable, Future<?>> alarm) {
        if (waiting.size() >= most) {
            giveUp(waiting.keySet().iterator().next());
        }
        Thread thread = Thread.currentThread();
        waiting.put(thread, alarm.apply(() -> giveUp(thread)));
    }

    /** Ends a thread's wait by an interrupt, which closes the channel that it waits for. */
    private synchronized void giveUp(Thread thread) {
        Future<?> alarm = waiting.remove(thread);
        if (alarm != null) {
            alarm.cancel(false);
            thread.interrupt();
        }
    }

    /** The calling thread waits no more. An interrupt that came too late is taken back. */
    synchronized void end() {
        Future<?> alarm = waiting.remove(Thread.currentThread());
        if (alarm == null) {
            Thread.interrupted();
        } else {
            alarm.cancel(false);
        }
    }
}
