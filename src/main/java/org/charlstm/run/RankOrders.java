package org.charlstm.run;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.charlstm.rank.Collective;

/** What rank 0 of a run tells the other ranks to do, which decide nothing by themselves. */
final class RankOrders {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private static final List<Order> ORDERS = List.of(Order.values());

    private final Collective ranks;
    private long given = System.nanoTime();

    /** What there is to do. */
    enum Order {
        /** Begin, or go on from the state that all have read. */
        BEGIN,
        /** Take the steps of an epoch, or those that are left of it. */
        EPOCH,
        /** Tell the schedule of the learning rate of the loss that comes with the order. */
        MONITOR,
        /** Wait on: rank 0 is at work by itself. */
        WAIT,
        /** Give back what training needs; rank 0 has more to do. */
        TRAINED,
        /** Leave, and know that the run came as far as the number of its {@link TrainingRun.End} says. */
        END
    }

    /** An order as the others have it. */
    record Given(Order order, double value) {
    }

    RankOrders(Collective ranks) {
        this.ranks = ranks;
    }

    /** Gives an order; of rank 0. */
    void give(Order order, double value) {
        if (ranks.size() > 1) {
            ranks.sum(new double[] {ORDERS.indexOf(order), value});
            given = System.nanoTime();
        }
    }

    void give(Order order) {
        give(order, 0);
    }

    /** Shows that rank 0 is getting on with what it does by itself; called as often as there is a chance. */
    void keepWaiting() {
        ranks.alive();
        if (System.nanoTime() - given > PAUSE) {
            give(Order.WAIT);
        }
    }

    /** Waits for an order; of all others. */
    Given next() {
        double[] said = new double[2];
        ranks.sum(said);
        return new Given(ORDERS.get((int) said[0]), said[1]);
    }
}
