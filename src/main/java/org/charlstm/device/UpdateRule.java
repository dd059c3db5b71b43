package org.charlstm.device;

import java.util.List;

/** How {@link Operations#update} changes weights by their gradients; the rate is no part of it, since it may vary. */
public sealed interface UpdateRule permits RmsProp, Sgd, Adam {
    /**
     * What the rule keeps of each weight from one update to the next.
     *
     * @return a name for each flat buffer of states, in their order; none for a rule without
     */
    List<String> states();

    /**
     * What one update takes from device memory beside weights, gradients and states: all that is another from update to
     * update. It is computed here, in double, so that it is the same on every device.
     *
     * @param rate   the learning rate of the update
     * @param update which update of these states it is, from 1
     */
    double[] factors(double rate, long update);
}
