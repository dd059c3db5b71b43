package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stand-in for cuDNN takes the networks that NVIDIA's was found to take, and lays out weights like it. */
@InProcesses
@Needs(Need.SIMULATED_GPU)
class RnnTableTest {
    @TempDir
    private Path folder;

    @Test
    void standInTakesWhatNvidiasTakes() throws IOException, InterruptedException {
        assertEquals(String.join("\n", NvidiaLibraries.recorded("networks.txt")),
                String.join("\n", NvidiaLibraries.run(folder.resolve("printed"), NvidiaLibraries.AS_NVIDIAS,
                        LibraryCalls.class, "panama", NvidiaLibraries.SIMULATED, "networks")));
    }
}
