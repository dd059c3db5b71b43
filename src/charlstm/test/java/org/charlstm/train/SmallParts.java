package org.charlstm.train;

import org.charlstm.nn.Model;
import org.charlstm.rank.Collective;
import org.charlstm.text.Corpus;

/** Training in which every layer's gradients are worth a sum over ranks by themselves. */
public final class SmallParts {
    private SmallParts() {
    }

    /**
     * A trainer.
     *
     * @return one that has not begun
     */
    public static Trainer trainer(Model model, Corpus corpus, TrainingOptions options, Collective ranks) {
        return new Trainer(model, corpus, options, ranks, 1);
    }
}
