package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is said before an experiment. */
class BenchProgressTest {
    @Test
    void aBusyMachineIsPointedOut() {
        assertEquals(Optional.of("the load of the last minute is 14.2 on 2 processors: others compute here too, and "
                + "epochs take longer than they would alone; measure when it is idle"), BenchConsole.busy(14.23, 2));
        assertEquals(Optional.empty(), BenchConsole.busy(2.9, 2));
        assertEquals(Optional.empty(), BenchConsole.busy(-1, 2));
    }
}
