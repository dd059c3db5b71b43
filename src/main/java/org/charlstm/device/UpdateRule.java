package org.charlstm.device;

import java.util.List;

/** How {@link Operations#update} changes weights by their gradients; the rate is no part of it, since it may vary. */
public sealed interface UpdateRule permits RmsProp {
    /**
     * What the rule keeps of each weight from one update to the next.
     *
     * @return a name for each flat buffer of states, in their order; none for a rule without
     */
    List<String> states();
}
