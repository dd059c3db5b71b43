package org.charlstm.rank;

/**
 * Frees a thread that waits elsewhere than in the host's own calls, such as for a GPU. It does so in a thread of its
 * own, which nobody waits for: NCCL frees a waiting thread at once, but ends a communicator only when no recorded graph
 * has it any more, and the freed thread is to destroy those graphs.
 */
final class Unblocker {
    private volatile Runnable action = () -> {};

    void set(Runnable frees) {
        action = frees;
    }

    void start() {
        Thread.ofPlatform().daemon().name("charlstm unblocker").start(() -> {
            try {
                action.run();
            } catch (RuntimeException e) {
                // The caller ends the process if no thread was freed.
            }
        });
    }
}
