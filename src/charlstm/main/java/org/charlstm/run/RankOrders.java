package org.charlstm.run;

import module java.base;
import org.charlstm.rank.Collective;
import org.charlstm.run.folder.RunState;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.Trainer;
import org.jspecify.annotations.Nullable;

/** The orders of rank 0, which the other ranks of a run follow. */
final class RankOrders {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final List<Order> ORDERS = List.of(Order.values());

    private final Collective ranks;
    private long given = System.nanoTime();

    enum Order {
        /** Begin, or resume from the state that all ranks have read. */
        BEGIN,
        /** Take the steps of an epoch, or the remaining steps. */
        EPOCH,
        /** Pass the loss that comes with the order to the schedule. */
        MONITOR,
        /** Keep waiting: rank 0 works alone. */
        WAIT,
        /** Free the trainer's memory; rank 0 continues alone. */
        TRAINED,
        /** Leave; the value is the ordinal of the run's {@link TrainingRun.End}. */
        END
    }

    record Given(Order order, double value) {
    }

    RankOrders(Collective ranks) {
        this.ranks = ranks;
    }

    /** Gives an order; called by rank 0. */
    void give(Order order, double value) {
        if (ranks.size() > 1) {
            ranks.sum(new double[] {ORDERS.indexOf(order), value});
            given = System.nanoTime();
        }
    }

    void give(Order order) {
        give(order, 0);
    }

    /** Shows that rank 0 is at work; called often while rank 0 works alone. */
    void keepWaiting() {
        ranks.alive();
        if (System.nanoTime() - given > PAUSE) {
            give(Order.WAIT);
        }
    }

    /** Waits for an order; called by the other ranks. */
    Given next() {
        double[] received = new double[2];
        ranks.sum(received);
        return new Given(ORDERS.get((int) received[0]), received[1]);
    }

    /** Runs a rank other than 0, from a state if there is one. The rank takes its share and follows rank 0's orders. */
    @SuppressWarnings("try") // The trainer is closed early, to free its memory.
    static TrainingRun.End follow(TrainingRun run, @Nullable RunState state) {
        RankOrders orders = new RankOrders(run.ranks());
        try (Trainer trainer = new Trainer(run.model(), run.text().corpus(), run.setup().training(), run.ranks())) {
            while (true) {
                RankOrders.Given given = orders.next();
                switch (given.order()) {
                    case BEGIN -> {
                        if (state != null) {
                            trainer.restore(state.training());
                        }
                    }
                    case EPOCH -> epoch(run, trainer);
                    case MONITOR -> trainer.monitor(given.value());
                    case WAIT -> {}
                    case TRAINED -> trainer.close();
                    case END -> {
                        return List.of(TrainingRun.End.values()).get((int) given.value());
                    }
                }
            }
        }
    }

    private static void epoch(TrainingRun run, Trainer trainer) {
        try {
            trainer.epoch((done, total, progress) -> !run.isStopped());
        } catch (DivergenceException e) {
            // Rank 0 sees the same divergence, saves the model before it, and ends all ranks.
        } finally {
            run.ranks().stepsDone();
        }
    }
}
