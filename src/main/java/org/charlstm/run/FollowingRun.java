package org.charlstm.run;

import java.util.List;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.Trainer;
import org.jspecify.annotations.Nullable;

/** A run on a rank that is not the first: it trains along, and leaves to rank 0 what is decided, said and written. */
final class FollowingRun {
    private FollowingRun() {
    }

    /** Does as it is told, up to the end. The state is the one to go on from; null for a run that begins. */
    @SuppressWarnings("try") // The trainer is closed early, so that its memory serves others.
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
            // Rank 0 sees the same, keeps the model before, and ends all.
        } finally {
            run.ranks().stepsDone();
        }
    }
}
