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

    /** Not the parts that take minutes so. */
    @Test
    @SecondCircle("AddressSanitizer and UndefinedBehaviorSanitizer")
    void sanitizersReportNothing() {
        run("bash native/build.sh --sanitize --test",
                "findings kernels driver functions streams clusters cublas cudnn");
    }

    private void build(String parts) {
        run("bash native/build.sh --test", parts);
    }

    private void run(String command, String parts) {
        Bash.run(Path.of("").toAbsolutePath(), command + " '" + folder + "' " + parts);
    }
}
