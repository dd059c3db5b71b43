package org.charlstm.rank;

/**
 * What frees a thread that waits elsewhere than in the host's own calls, such as for a GPU. It runs in a thread of its
 * own, which nobody waits for: NCCL frees at once who waits, but ends a communicator only when no recorded graph has it
 * any more, and those are the freed thread's to destroy.
 */
final class Rescue {
    private volatile Runnable action = () -> {};

    void by(Runnable frees) {
        action = frees;
    }

    void begin() {
        Thread.ofPlatform().daemon().name("charlstm rescue").start(() -> {
            try {
                action.run();
            } catch (RuntimeException e) {
                // Whoever asked for it ends the process where nobody was freed.
            }
        });
    }
}
