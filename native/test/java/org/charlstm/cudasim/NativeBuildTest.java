package org.charlstm.cudasim;

import java.nio.file.Path;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulated GPU's own self-test. */
@InProcesses
@Order(3)
@Needs({Need.BASH, Need.GXX})
class NativeBuildTest {
    @TempDir
    private Path folder;

    /** Of the rooms that programs meet something: what runs soundly, and rules that are broken. */
    @Test
    void someOfItsPartsPass() {
        build("findings kernels driver cublas cudnn");
    }

    /** Every check fires on a trial kernel or call that breaks the rule. */
    @Test
    @SecondCircle("every part of it")
    void theSimulatedGpusSelfTestPasses() {
        build("");
    }

    private void build(String parts) {
        Bash.run(Path.of("").toAbsolutePath(), "bash native/build.sh --test '" + folder + "' " + parts);
    }
}
